"""A table with one column per station as a table with one value a row."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from qingyuan.intake.files.profile import Profile

POINT, VALUE, ROW = "站点", "数值", "行"


def station_columns(profile: Profile, frame: pl.DataFrame) -> list[str]:
    """The columns that are stations: all but those of time, item and attributes."""
    own = {*profile.time_columns, profile.item_column, profile.unit_column, *profile.attributes}
    return [name for name in frame.columns if name not in own]


def melted(profile: Profile, frame: pl.DataFrame, first_row: int) -> tuple[Profile, pl.DataFrame, pl.Series]:
    """The long profile and table of a table with stations as columns, and each value's row in the source.

    Cells that hold nothing are left out: a station that is not there has no missing value.
    """
    own = [name for name in frame.columns if name not in set(station_columns(profile, frame))]
    texts = frame.with_columns(pl.col(name).cast(pl.String) for name in station_columns(profile, frame))
    numbered = texts.with_columns(pl.int_range(first_row, first_row + len(frame)).alias(ROW))
    long = numbered.unpivot(index=[*own, ROW], variable_name=POINT, value_name=VALUE)
    long = long.filter(pl.col(VALUE).str.strip_chars().str.len_chars() > 0).sort(ROW, maintain_order=True)
    settled = replace(profile, layout="long", point_columns=(POINT,), name_column="", value_column=VALUE)
    return settled, long.drop(ROW), long[ROW]
