"""The same, one value a row."""

from __future__ import annotations

from collections.abc import Set

import polars as pl

from qingyuan.intake.files.daily_dump import DUMP_ITEMS, ROLLING, is_dump
from qingyuan.intake.files.importer import Importer
from qingyuan.intake.files.profile import Profile

PROFILE = Profile(
    name="air-melted",
    kind="air",
    time_columns=("date", "hour"),
    stamps="closes",
    grain="hour",
    columns=DUMP_ITEMS,
    point_columns=("site",),
    layout="long",
    item_column="type",
    value_column="value",
    unused_items=ROLLING,
)


def recognises(names: Set[str], frame: pl.DataFrame) -> bool:
    """Whether the table has this form beyond doubt."""
    return {"site", "value"} <= names and is_dump(frozenset(names), frame)


IMPORTER = Importer(profile=PROFILE, title="国家空气日文件（一行一值）", order=30, recognises=recognises)
