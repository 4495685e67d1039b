"""Rules that look at one reading alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qingyuan.science.quality._rule import Rule
from qingyuan.science.quality._track import Mask, Track


@dataclass(frozen=True, kw_only=True)
class Sentinel(Rule):
    """The device printed a number that means "no value" (-99, -9999, 999), asked before any conversion of unit."""

    values: tuple[float, ...]
    kind = "sentinel"

    def hits(self, track: Track, usable: Mask) -> Mask:
        found: Mask = (track.raw[:, np.newaxis] == np.asarray(self.values)).any(axis=1)
        return found


@dataclass(frozen=True, kw_only=True)
class DeviceFlag(Rule):
    """The device flagged the reading with one of these letters; with `others`, with any letter not among them."""

    letters: tuple[str, ...]
    others: bool = False
    kind = "device_flag"

    def hits(self, track: Track, usable: Mask) -> Mask:
        known = np.array([letter in self.letters for letter in track.letters], dtype=np.bool_)
        if not self.others:
            return known
        return np.array([bool(letter) for letter in track.letters], dtype=np.bool_) & ~known


@dataclass(frozen=True, kw_only=True)
class Negative(Rule):
    """A value below zero; with `low`, only down to it, where an instrument in clean air may read a little below."""

    low: float | None = None
    replacement: float | None = None
    kind = "negative"

    def hits(self, track: Track, usable: Mask) -> Mask:
        found: Mask = usable & (track.values < 0)
        return found if self.low is None else found & (track.values >= self.low)


@dataclass(frozen=True, kw_only=True)
class Range(Rule):
    """A value outside [low, high]; the bounds themselves are inside."""

    low: float
    high: float
    kind = "range"

    def hits(self, track: Track, usable: Mask) -> Mask:
        found: Mask = usable & ((track.values < self.low) | (track.values > self.high))
        return found


@dataclass(frozen=True, kw_only=True)
class DetectionLimit(Rule):
    """A value below the detection limit; the limit itself is detected."""

    low: float
    kind = "detection_limit"

    def hits(self, track: Track, usable: Mask) -> Mask:
        found: Mask = usable & (track.values < self.low)
        return found
