"""Months, quarters and years of sampling times."""

from __future__ import annotations

from typing import Literal

import polars as pl

from qingyuan.science.errors import BadArgumentError
from qingyuan.science.notes import noted, split_doubts
from qingyuan.science.water._cells import sampling_time

Period = Literal["month", "quarter", "year", "all"]
PERIODS: tuple[Period, ...] = ("month", "quarter", "year", "all")


def with_period(frame: pl.DataFrame, period: Period) -> pl.DataFrame:
    """The frame with `_time` (civil time), `_month` (2026-01) and `period` (2026-01, 2026-Q1, 2026, all).

    Null where the time cannot be read.
    """
    if period not in PERIODS:
        raise BadArgumentError("period", period, ", ".join(PERIODS))
    timed = frame.with_columns(sampling_time(frame["time"]).alias("_time"))
    time = pl.col("_time")
    year, month = time.dt.strftime("%Y"), time.dt.strftime("%Y-%m")
    label = {
        "month": month,
        "quarter": pl.concat_str([year, time.dt.quarter().cast(pl.String)], separator="-Q"),
        "year": year,
        "all": pl.when(time.is_not_null()).then(pl.lit("all")),
    }[period]
    return timed.with_columns(month.alias("_month"), label.alias("period"))


def with_doubts_of_rows(
    result: pl.DataFrame, frame: pl.DataFrame, doubts: pl.Series, period: Period, key: str
) -> pl.DataFrame:
    """A result of `evaluate` whose reasons also count what was odd about the rows behind it (`doubts`, one a row)."""
    keyed = with_period(frame, period).select(
        pl.col(key).cast(pl.String).alias("_key"), pl.col("period").alias("_period"), doubts.alias("_doubts")
    )
    return noted(result, key, split_doubts(keyed))


def earlier(label: str | None) -> str | None:
    """The label of the period of the same kind just before."""
    if label is None or label == "all":
        return None
    year, _, part = label.partition("-")
    if not part:
        return str(int(year) - 1)
    if part.startswith("Q"):
        return f"{year}-Q{int(part[1:]) - 1}" if part != "Q1" else f"{int(year) - 1}-Q4"
    return f"{year}-{int(part) - 1:02d}" if part != "01" else f"{int(year) - 1}-12"


def year_before(label: str | None) -> str | None:
    """The label of the same period a year before."""
    if label is None or label == "all":
        return None
    year, dash, part = label.partition("-")
    return f"{int(year) - 1}{dash}{part}"
