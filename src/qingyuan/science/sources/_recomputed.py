"""Many longer periods of one series at once: what `period_value` and `period_flag` say of each, by columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qingyuan.rules import RuleBook, rule_book
from qingyuan.science.errors import BadArgumentError
from qingyuan.science.rollup import roll_up_groups
from qingyuan.science.sources._periods import NORMAL, PH_ITEM, Level, Medium, least_parts, period_flag

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Periods:
    """One entry for each longer period: value (NaN: nothing counted), counts of its parts, validity, flag ("" no parts)."""

    value: Floats
    n_valid: Ints
    n_invalid: Ints
    n_missing: Ints
    n_stopped: Ints
    is_valid: NDArray[np.bool_]
    flag: list[str]


def recompute_periods(
    groups: ArrayLike,
    n_groups: int,
    values: ArrayLike,
    flags: Sequence[str],
    expected: int,
    level: Level,
    medium: Medium,
    item: str,
    day: date,
    *,
    flows: ArrayLike | None = None,
    book: RuleBook | None = None,
) -> Periods:
    """As `period_value` and `period_flag` for each group, by the rules of `day`.

    Parameters
    ----------
    groups
        For each part the number of its longer period, 0 to n_groups - 1; at most `expected` parts each.
    values, flags, flows
        Of each part: NaN is missing, an empty flag normal; flows [any one unit] only of waste water, NaN unknown.

    Notes
    -----
    Equal to the row-by-row functions by a property test.

    References
    ----------
    HJ 212-2017, appendix D and notes to tables C.16 to C.18.
    """
    book = book or rule_book()
    group, value = np.asarray(groups, dtype=np.int64), np.asarray(values, dtype=np.float64)
    if len(group) and np.bincount(group, minlength=n_groups).max() > expected:
        raise BadArgumentError("expected", expected, "at least the parts of every period")
    flow = np.full(len(value), np.nan) if flows is None else np.asarray(flows, dtype=np.float64)
    effects = {letter: known.effect for letter, known in book.flags.items()}
    effect = np.array([effects.get(f, "invalid") if f else "valid" for f in flags], dtype=object)
    stopped = effect == "not_counted"
    if medium == "waste_water":
        stopped = stopped | (flow == 0)
    usable = ~stopped & np.isfinite(value) & (value >= 0) & (effect == "valid")
    invalid = ~stopped & ~usable & np.isfinite(value)
    n_stopped, n_valid, n_invalid = (np.bincount(group[m], minlength=n_groups) for m in (stopped, usable, invalid))
    least = np.array([least_parts(level, medium, expected, s, day, book)[0] for s in range(expected + 1)])
    return Periods(
        _means(group, value, flow, usable, n_groups, medium=medium, item=item),
        n_valid,
        n_invalid,
        expected - n_stopped - n_valid - n_invalid,
        n_stopped,
        (n_valid >= least[n_stopped]) | (n_stopped == expected),
        _flags(group, flags, n_groups, medium, day, book),
    )


def _means(
    group: Ints, value: Floats, flow: Floats, usable: NDArray[np.bool_], n_groups: int, *, medium: Medium, item: str
) -> Floats:
    counted = np.where(usable, value, np.nan)

    def rolled(method: str) -> Floats:
        weights = flow if method == "flow_weighted" else None
        made = roll_up_groups(group, n_groups, counted, 1, method, weights=weights)  # type: ignore[arg-type]
        found: Floats = made["value"].fill_null(np.nan).to_numpy()
        return found

    if item == PH_ITEM:
        return rolled("ph")
    mean = rolled("mean")
    if medium != "waste_water":
        return mean
    without = np.bincount(group[usable & ~(flow > 0)], minlength=n_groups)
    if without.all():
        return mean
    return np.where(without == 0, rolled("flow_weighted"), mean)


def _flags(group: Ints, flags: Sequence[str], n_groups: int, medium: Medium, day: date, book: RuleBook) -> list[str]:
    found = [""] * n_groups
    met: dict[int, list[str]] = {}
    for number, flag in zip(group.tolist(), flags, strict=True):
        met.setdefault(number, []).append(flag or NORMAL)
    for number, letters in met.items():
        is_normal = all(letter == NORMAL for letter in letters)
        found[number] = NORMAL if is_normal else period_flag(letters, medium, day, book=book)
    return found
