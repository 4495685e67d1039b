"""Base samples into what an interval frame carries: mean, extremes, converted mean, cumulated amount, flag."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qingyuan.simulate.instrument import Samples
from qingyuan.simulate.noise import Floats, Seconds
from qingyuan.simulate.records import Device

_NORMAL = ord("N")
_NORMAL_SHARE = 0.75
"""HJ 212-2017, notes to C.16-C.18: flue gas is normal if at least this share of the lower values is."""
_O2_OF_AIR = 21.0
_LEAST_O2_GAP = 1.0  # the conversion is capped where the oxygen is near that of air


@dataclass(frozen=True)
class Intervals:
    """Interval values of one device: starts [n]; by statistic an array [channels, n]; flags [channels, n].

    has_extremes: whether an interval holds more than one base sample, so that its extremes say something.
    """

    starts: Seconds
    length: int
    statistics: dict[str, Floats]
    flags: NDArray[np.uint8]
    has_extremes: bool


def roll_up(device: Device, samples: Samples, length: int, reference_o2: float | None) -> Intervals:
    """Whole intervals of `length` seconds out of base samples that begin and end on interval borders.

    Notes: means are over normal samples, over all of them where none is normal; waste water is weighted by flow. A
    water interval with one abnormal sample is abnormal, a gas interval if its normal share is under three quarters;
    the letter is the most frequent abnormal one.
    """
    per = length // samples.step
    count = len(samples.starts) // per
    channels = len(device.channels)
    values = samples.values[:, : count * per].reshape(channels, count, per)
    flags = samples.flags[:, : count * per].reshape(channels, count, per)
    is_normal = flags == _NORMAL
    use = np.where(is_normal.any(axis=2, keepdims=True), is_normal, True)
    weights = use.astype(np.float64)
    codes = [channel.factor for channel in device.channels]
    flow = values[codes.index("w00000")] if "w00000" in codes else None
    if flow is not None:
        rows = [row for row, code in enumerate(codes) if code not in ("w00000", "w01001")]
        weights[rows] *= np.maximum(flow, 1e-9)[None]
    total = weights.sum(axis=2)
    mean = (values * weights).sum(axis=2) / total
    statistics = {
        "Avg": mean,
        "Min": np.where(use, values, np.inf).min(axis=2),
        "Max": np.where(use, values, -np.inf).max(axis=2),
        "Cou": _cumulated(device, samples.step, values, codes),
    }
    if reference_o2 is not None and "a19001" in codes:
        gap = np.maximum(_O2_OF_AIR - values[codes.index("a19001")], _LEAST_O2_GAP)
        converted = values * ((_O2_OF_AIR - reference_o2) / gap)[None]
        statistics["ZsAvg"] = (converted * weights).sum(axis=2) / total
    rolled = _roll_flags(flags, is_normal, 1.0 if device.kind == "water" else _NORMAL_SHARE)
    return Intervals(samples.starts[: count * per : per], length, statistics, rolled, per > 1)


def _cumulated(device: Device, step: int, values: Floats, codes: list[str]) -> Floats:
    """Flow in m3, pollutants in kg, electricity in kWh, whatever the flag."""
    if device.kind == "power":
        cumulated: Floats = values.sum(axis=2) * step / 3600
        return cumulated
    carrier = {"gas": ("a00000", 1.0), "water": ("w00000", 1e-3)}.get(device.kind)
    if carrier is None:
        return np.zeros(values.shape[:2])
    row = codes.index(carrier[0])
    volume = values[row] * carrier[1] * step  # m3 a sample
    to_kg = 1e-6 if device.kind == "gas" else 1e-3  # mg/m3 or mg/L = g/m3
    amounts: Floats = (values * volume[None]).sum(axis=2) * to_kg
    amounts[row] = volume.sum(axis=1)
    return amounts


def _roll_flags(flags: NDArray[np.uint8], is_normal: NDArray[np.bool_], least: float) -> NDArray[np.uint8]:
    rolled = np.full(flags.shape[:2], _NORMAL, np.uint8)
    for row, column in zip(*np.nonzero(is_normal.mean(axis=2) < least), strict=True):
        letters, counts = np.unique(flags[row, column][~is_normal[row, column]], return_counts=True)
        rolled[row, column] = letters[counts.argmax()]
    return rolled
