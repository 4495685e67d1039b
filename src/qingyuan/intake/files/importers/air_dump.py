"""The daily files of the national network as they are kept in public: date, hour, type and one column per station."""

from __future__ import annotations

from collections.abc import Set

import polars as pl

from qingyuan.intake.files.daily_dump import DUMP_ITEMS, ROLLING, has_points, is_dump
from qingyuan.intake.files.importer import Importer
from qingyuan.intake.files.profile import Profile

PROFILE = Profile(
    name="air-dump",
    kind="air",
    time_columns=("date", "hour"),
    stamps="closes",
    grain="hour",
    columns=DUMP_ITEMS,
    layout="stations",
    item_column="type",
    unused_items=ROLLING,
)


def recognises(names: Set[str], frame: pl.DataFrame) -> bool:
    """Whether the table has this form beyond doubt."""
    return "value" not in names and is_dump(frozenset(names), frame) and not has_points(frame)


IMPORTER = Importer(profile=PROFILE, title="国家空气日文件（站点作列）", order=20, recognises=recognises)
