"""What was odd about the hours behind a figure, told beside the figure."""

from __future__ import annotations

import polars as pl

from qingyuan.rules import RuleBook
from qingyuan.science.air._columns import Stamps, opening_time
from qingyuan.science.air._doubts import cell_doubts, time_doubts
from qingyuan.science.air._period import PeriodName
from qingyuan.science.figures import joined_reasons
from qingyuan.science.notes import noted, split_doubts

LABELS = {"day": "%Y-%m-%d", "month": "%Y-%m", "year": "%Y"}
TIMES = ("时间次序颠倒", "时区写法与其他行不同，按所写时区换算（未写按北京时间）", "不认识的项目", "缺站点")
UNPLACED = "站点不在名册（或没有城市），未计入"


def hour_doubts(hourly: pl.DataFrame, *, book: RuleBook | None = None) -> pl.Series:
    """What is odd about each hourly row: its time, its neighbours, its cells; empty where nothing."""
    return joined_reasons([time_doubts(hourly), cell_doubts(hourly, book=book)], len(hourly))


def with_notes(
    result: pl.DataFrame,
    hourly: pl.DataFrame,
    doubts: pl.Series,
    by: str,
    period: PeriodName,
    roster: pl.DataFrame | None = None,
    *,
    stamps: Stamps = "closes",
) -> pl.DataFrame:
    """A result of `evaluate` whose reasons also tell how many of the hours behind each row were odd.

    Parameters
    ----------
    result, hourly, by, period, roster, stamps
        As `evaluate` gave and took them.
    doubts
        As `hour_doubts` gives them.

    Returns
    -------
    The result; hours that belong to no row of it (of a station that no city counts, without a site) stand in rows of
    their own at the end, with nothing but key, period and reason. Reasons of days tell of cells already; these add
    order, zones and unknown columns.
    """
    keyed = _placed(hourly, by, roster, stamps).with_columns(doubts.alias("_doubts"))
    keyed = keyed.with_columns(_label(period).alias("_period"))
    lost = keyed.filter(pl.col("_key").is_null()) if by == "city" else keyed.clear()
    parts = split_doubts(keyed)
    if period == "day":
        parts = parts.filter(pl.any_horizontal(pl.col("part").str.starts_with(word) for word in TIMES))
    return noted(result, by, pl.concat([parts, lost.select("_key", "_period", pl.lit(UNPLACED).alias("part"))]))


def _placed(hourly: pl.DataFrame, by: str, roster: pl.DataFrame | None, stamps: Stamps) -> pl.DataFrame:
    """Key (site, or the city that counts the site on that day) and date of each hourly row."""
    days = opening_time(hourly["time"], "hour", stamps).dt.date()
    rows = pl.DataFrame([hourly["site"].cast(pl.String).alias("_site"), days.alias("_day")])
    if by == "site":
        return rows.rename({"_site": "_key"})
    if roster is None:
        return rows.with_columns(hourly["city"].cast(pl.String).alias("_key"))
    known = roster.select(
        pl.col("site").cast(pl.String).alias("_site"), pl.col("city").cast(pl.String).alias("_key"), "since", "until"
    )
    joined = rows.with_row_index("_row").join(known, on="_site", how="left", nulls_equal=False)
    since, until, day = pl.col("since"), pl.col("until"), pl.col("_day")
    counts = (since <= day) & (until.is_null() | (day <= until))
    hit = joined.filter(counts).unique("_row", maintain_order=True).select("_row", "_key")
    return rows.with_row_index("_row").join(hit, on="_row", how="left", maintain_order="left").drop("_row")


def _label(period: PeriodName) -> pl.Expr:
    day = pl.col("_day")
    if period == "all":
        return pl.when(day.is_not_null()).then(pl.lit("all"))
    if period == "quarter":
        return pl.concat_str(day.dt.year().cast(pl.String), pl.lit("Q"), day.dt.quarter().cast(pl.String))
    return day.dt.to_string(LABELS[period])
