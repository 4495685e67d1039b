"""From short intervals to long ones: means with their capture rate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from qingyuan.science.errors import BadArgumentError
from qingyuan.science.rounding import LARGEST, SCALE

Method = Literal["mean", "ph", "flow_weighted", "vector", "sum", "minimum", "maximum"]
METHODS: tuple[Method, ...] = ("mean", "ph", "flow_weighted", "vector", "sum", "minimum", "maximum")
FULL_TURN = 360.0

Floats = NDArray[np.float64]
Groups = NDArray[np.int64]


@dataclass(frozen=True)
class Rollup:
    """One value for a longer interval. `value` is None when no valid value was there."""

    value: float | None
    n_valid: int
    n_expected: int

    @property
    def capture(self) -> float:
        """Capture rate: valid values over expected ones, at most 1 [ratio]."""
        return min(1.0, self.n_valid / self.n_expected)


def roll_up(values: ArrayLike, n_expected: int, method: Method = "mean", weights: ArrayLike | None = None) -> Rollup:
    """One interval's value from the values inside it.

    Notes
    -----
    NaN is missing and never counts. `mean`: arithmetic, by exact integers, so that order does not matter.
    `ph`: -log10 of the mean hydrogen-ion activity. `flow_weighted`: sum(C Q) / sum(Q); a value without flow,
    or with a flow of 0, is not valid. `vector`: mean direction [deg] of unit vectors, or of vectors as long
    as the weights (wind speed); NaN where they cancel out. No rounding.

    References
    ----------
    HJ 212-2017, appendix D (flow weighting); 环办监测函〔2020〕82号 (pH).

    >>> round(roll_up([6.5, 7.9, 8.8, 9, 6.78, 8.87], 6, "ph").value, 2)
    7.08
    """
    groups = np.zeros(np.size(values), dtype=np.int64)
    row = roll_up_groups(groups, 1, values, n_expected, method, weights=weights).row(0, named=True)
    return Rollup(row["value"], row["n_valid"], n_expected)


def roll_up_groups(
    groups: ArrayLike,
    n_groups: int,
    values: ArrayLike,
    n_expected: int,
    method: Method = "mean",
    *,
    weights: ArrayLike | None = None,
) -> pl.DataFrame:
    """As `roll_up` for many intervals at once.

    `groups` names the interval of each value, 0 to n_groups - 1. Returns a row per interval, in order:
    group, value, n_valid, n_expected, capture [ratio].
    """
    if method not in METHODS:
        raise BadArgumentError("method", method, ", ".join(METHODS))
    if n_expected < 1:
        raise BadArgumentError("n_expected", n_expected, "at least 1")
    if method == "flow_weighted" and weights is None:
        raise BadArgumentError("weights", None, "the flow of each value")
    group = np.asarray(groups, dtype=np.int64)
    value = np.asarray(values, dtype=np.float64)
    weighed = weights is not None and method in ("flow_weighted", "vector")
    weight = np.asarray(weights, dtype=np.float64) if weighed else np.ones_like(value)
    usable = np.isfinite(value) & np.isfinite(weight) & (np.abs(value) < LARGEST)
    usable &= weight >= 0 if method == "vector" else weight > 0
    order = np.lexsort((weight[usable], value[usable], group[usable]))
    group, value, weight = group[usable][order], value[usable][order], weight[usable][order]
    count = np.bincount(group, minlength=n_groups)
    result = _combine(method, group, value, weight, n_groups)
    result[count == 0] = np.nan
    return pl.DataFrame(
        {
            "group": np.arange(n_groups),
            "value": pl.Series(result, dtype=pl.Float64).fill_nan(None),
            "n_valid": count,
            "n_expected": np.full(n_groups, n_expected),
            "capture": np.minimum(1.0, count / n_expected),
        }
    )


def _combine(method: Method, group: Groups, value: Floats, weight: Floats, n_groups: int) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        if method in ("mean", "sum"):
            return _exact(group, value, n_groups, method == "mean")
        if method in ("minimum", "maximum"):
            edge = np.full(n_groups, np.inf if method == "minimum" else -np.inf)
            (np.minimum if method == "minimum" else np.maximum).at(edge, group, value)
            return edge
        total = np.bincount(group, weight, n_groups)
        if method == "ph":
            ions: Floats = np.bincount(group, 10.0**-value, n_groups) / total
            ph: Floats = -np.log10(ions)
            return ph
        if method == "flow_weighted":
            mean: Floats = np.bincount(group, weight * value, n_groups) / total
            return mean
        return _direction(group, value, weight, n_groups)


def _exact(group: Groups, value: Floats, n_groups: int, mean: bool) -> Floats:
    """Sums of scaled integers, whole and fractional parts apart, so that no group overflows."""
    scaled = np.rint(value * SCALE).astype(np.int64)
    whole, part = np.divmod(scaled, SCALE)
    wholes, parts = np.zeros(n_groups, dtype=np.int64), np.zeros(n_groups, dtype=np.int64)
    np.add.at(wholes, group, whole)
    np.add.at(parts, group, part)
    count = np.bincount(group, minlength=n_groups) if mean else np.ones(n_groups, dtype=np.int64)
    total: Floats = wholes.astype(np.float64) * SCALE + parts
    result: Floats = total / (count * SCALE)
    return result


def _direction(group: Groups, degrees: Floats, weight: Floats, n_groups: int) -> Floats:
    angle = np.deg2rad(degrees)
    east = np.bincount(group, weight * np.sin(angle), n_groups)
    north = np.bincount(group, weight * np.cos(angle), n_groups)
    total = np.bincount(group, weight, n_groups)
    turned = np.rad2deg(np.arctan2(east, north)) % FULL_TURN
    calm = np.hypot(east, north) <= total * 1e-12
    direction: Floats = np.where(calm, np.nan, turned)
    return direction
