"""Noise that depends only on a key and a time, never on when or in which pieces it is asked for."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[Any]
"""Floating-point values, one an instant."""
Seconds = NDArray[np.int64]
"""Instants as seconds since 1970-01-01 UTC."""

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX2 = np.uint64(0x94D049BB133111EB)
_LOW = np.uint64(0xFFFF)


def key(*parts: object) -> int:
    """A 64-bit key of any printable parts, stable between runs and machines."""
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def white(noise_key: int, index: Seconds) -> Floats:
    """Independent values of mean 0 and variance 1 at integer indices; nearly normal, bounded by ±3.5."""
    with np.errstate(over="ignore"):
        z = index.astype(np.uint64) * _GOLDEN + np.uint64(noise_key)
        z ^= z >> np.uint64(30)
        z *= _MIX1
        z ^= z >> np.uint64(27)
        z *= _MIX2
        z ^= z >> np.uint64(31)
    total = (z & _LOW) + ((z >> np.uint64(16)) & _LOW) + ((z >> np.uint64(32)) & _LOW) + (z >> np.uint64(48))
    values: Floats = (total.astype(np.float64) * (1 / 65536) - 2.0) * np.sqrt(3.0)
    return values


def smooth(noise_key: int, seconds: Seconds, period: int) -> Floats:
    """A smooth wandering of mean 0, variance about 1, that forgets itself after `period` seconds."""
    index = seconds // period
    share = (seconds - index * period) / period
    first = int(index.min()) if index.size else 0
    span = (int(index.max()) - first + 2) if index.size else 1
    if span <= 4 * index.size + 8:  # dense: draw the lattice once
        lattice = white(noise_key, np.arange(first, first + span, dtype=np.int64))
        place = index - first
        before, after = lattice[place], lattice[place + 1]
    else:
        before, after = white(noise_key, index), white(noise_key, index + 1)
    weight = share * share * (3 - 2 * share)
    return (before + (after - before) * weight) * 1.15


def bounded(noise_key: int, seconds: Seconds, period: int) -> Floats:
    """Like `smooth`, but never beyond ±1."""
    bent: Floats = np.tanh(smooth(noise_key, seconds, period))
    return bent
