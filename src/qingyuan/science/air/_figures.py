"""Figures of periods that people bring in files: what they may be, and what is odd about them."""

from __future__ import annotations

import re
from collections.abc import Iterable

import polars as pl

from qingyuan.rules import RuleBook
from qingyuan.science.air._columns import ITEMS
from qingyuan.science.figures import Bounds, sound_figures

AQI_RANGE: Bounds = (0, 500)
SHARE: Bounds = (0, 100)
FIGURE = re.compile(r"_(mean|P\d+)(_deducted)?$")


def item_of(column: str) -> str:
    """The item of a figure's column: PM2_5_mean_deducted is of PM2_5; an item's own column is its own."""
    return FIGURE.sub("", column.removesuffix("_last").removesuffix("_before"))


def bounds_of(column: str, book: RuleBook) -> Bounds:
    """What a figure may be: the plausible range of its item, 0 to 500 for an index, 0 to 100 for a share [%]."""
    item = item_of(column)
    if item in ITEMS and item in book.items:
        known = book.items[item]
        return float(known.plausible_low), float(known.plausible_high)
    if item == "AQI" or item.startswith("IAQI_"):
        return AQI_RANGE
    if column.removesuffix("_last").endswith(("_ratio", "_share")):
        return SHARE
    return None, None


def bounds_by_name(columns: Iterable[str], book: RuleBook) -> dict[str, Bounds]:
    """As `bounds_of`, for many columns."""
    return {name: bounds_of(name, book) for name in columns}


def sound(frame: pl.DataFrame, columns: Iterable[str], book: RuleBook) -> tuple[pl.DataFrame, pl.Series]:
    """As `sound_figures`, with the bounds that the names of the columns tell."""
    return sound_figures(frame, bounds_by_name(columns, book))
