"""Means of items over groups of rows, by exact integers; pH by hydrogen ions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qingyuan.rules import RuleBook
from qingyuan.science.rounding import SCALE, Integers, Mask, divide_half_even, round_scaled_keep_digit, scaled
from qingyuan.science.water._cells import read_cells
from qingyuan.science.water._classify import ITEMS

EXTRA = ("TN", "chl_a", "transparency", "water_temperature", "conductivity", "turbidity", "faecal_coliform")
PH = "pH"

Values = dict[str, tuple[Integers, Mask]]


def items_of(frame: pl.DataFrame) -> list[str]:
    """The items of the class that the frame has, then those reported beside it."""
    return [name for name in (*ITEMS, *EXTRA) if name in frame.columns]


def read_values(frame: pl.DataFrame, items: Sequence[str], book: RuleBook) -> tuple[Values, dict[str, Mask]]:
    """Values by item, and the cells that hold something unusable: text, or out of the item's plausible range."""
    values: Values = {}
    bad: dict[str, Mask] = {}
    for item in items:
        scaled_values, usable, unreadable = read_cells(frame[item])
        known = book.items.get(item)
        absurd = usable & (scaled_values < (scaled(known.plausible_low) if known else 0))
        if known:
            absurd |= usable & (scaled_values > scaled(known.plausible_high))
        values[item] = (scaled_values, usable & ~absurd)
        bad[item] = unreadable | absurd
    return values, bad


def mean_values(groups: NDArray[np.int64], n_groups: int, values: Values) -> Values:
    """The mean of each item in each group; a group without a usable value has none.

    Notes
    -----
    Sums are exact integers, the quotient is kept to eight decimals, half to even. pH is -log10 of the mean
    of 10**-pH.
    """
    order = np.argsort(groups, kind="stable")
    ordered = groups[order]
    starts = np.flatnonzero(np.diff(ordered, prepend=-1))
    present = ordered[starts]
    means: Values = {}
    for item, (scaled_values, usable) in values.items():
        count = np.bincount(groups[usable], minlength=n_groups)
        some = count > 0
        if item == PH:
            means[item] = (_ph(groups[usable], scaled_values[usable], count), some)
            continue
        total = np.zeros(n_groups, dtype=np.int64)
        if len(starts):
            total[present] = np.add.reduceat(np.where(usable, scaled_values, 0)[order], starts)
        means[item] = (divide_half_even(total, np.maximum(count, 1)), some)
    return means


def _ph(groups: NDArray[np.int64], values: Integers, count: NDArray[np.int64]) -> Integers:
    order = np.lexsort((values, groups))
    ions = np.bincount(groups[order], 10.0 ** -(values[order] / SCALE), len(count)) / np.maximum(count, 1)
    with np.errstate(divide="ignore"):
        ph = np.where(count > 0, -np.log10(np.where(count > 0, ions, 1.0)), 0.0)
    scaled_ph: Integers = np.rint(ph * SCALE).astype(np.int64)
    return scaled_ph


def columns_of(means: Values, book: RuleBook, rounded: bool = True) -> list[pl.Series]:
    """Means as columns, rounded to the decimals of evaluation (half to even, one digit kept)."""
    day = book.decimal_rows.turning_days[-1]
    columns = []
    for item, (scaled_values, some) in means.items():
        shown = scaled_values
        if rounded:
            shown = round_scaled_keep_digit(scaled_values, book.decimals("water_evaluation", item, day))
        columns.append(pl.Series(item, np.where(some, shown / SCALE, np.nan)).fill_nan(None))
    return columns
