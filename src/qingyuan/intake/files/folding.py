"""Columns of units and states that repeat after each item (as UK-AIR writes them) become part of the item's title."""

from __future__ import annotations

import polars as pl

from qingyuan.intake.files.synonyms import is_unit, plain

MARK = "\x00"
_UNITS = ("unit", "units", "单位")


def folded(frame: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """The frame without repeated columns, units in the titles on their left; and the names of the columns left out."""
    if not any(MARK in name for name in frame.columns):
        return frame, []
    doubled = {name.partition(MARK)[0] for name in frame.columns if MARK in name}
    titles: dict[str, str] = {}
    unused: dict[str, None] = {}
    item = ""
    for name in frame.columns:
        title = name.partition(MARK)[0]
        if title not in doubled:
            item = name
            titles[name] = title
        elif plain(title) in _UNITS and item:
            given = frame[name].cast(pl.String).drop_nulls().str.strip_chars()
            said = given.filter(given != "").unique(maintain_order=True)
            if len(said) == 1 and is_unit(said[0]):
                titles[item] = f"{titles[item]}({said[0]})"
        else:
            unused[title] = None
    return frame.select(list(titles)).rename(titles), list(unused)
