"""Rows judged by the rules of their own date: a table cut where a rule changes, worked on, and put together again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import polars as pl

from qingyuan.rules import NoRuleError, RuleBook
from qingyuan.science.figures import joined_reasons
from qingyuan.science.water._cells import sampling_time

_LABEL = r"^(\d{4})(?:[-/年]?(Q)?(\d{1,2}))?"
_ROW = "_row"
UNDATED = "时间缺失或无法识别，按现行规则"


def dates_of(frame: pl.DataFrame) -> pl.Series | None:
    """The date that picks the rules of each row; None where the table has no column of times.

    `time` (an instant, a date, a month or a year), else `until` or `to`, else the last day of `period` (2025, 2025-Q1,
    2025Q1, 2025-01).
    """
    for name in ("time", "until", "to"):
        if name in frame.columns:
            days = sampling_time(frame[name]).dt.date()
            return days if name != "time" else _filled(days, _last_days(frame[name]))
    return _last_days(frame["period"]) if "period" in frame.columns else None


def _filled(days: pl.Series, other: pl.Series) -> pl.Series:
    return pl.DataFrame([days.alias("a"), other.alias("b")]).select(pl.coalesce("a", "b").alias("day"))["day"]


def _last_days(labels: pl.Series) -> pl.Series:
    """The last day of each labelled period, null where the label is none."""
    if labels.dtype.is_temporal():
        return labels.cast(pl.Date)
    text = labels.cast(pl.String).str.strip_chars().str.replace(r"\.0$", "").alias("label")
    parts = text.str.extract_groups(_LABEL).alias("part").to_frame()
    year, quarter, number = (pl.col("part").struct[place] for place in range(3))
    ordinal = number.cast(pl.Int32, strict=False)
    month = pl.when(quarter.is_not_null()).then(ordinal * 3).otherwise(ordinal).fill_null(12)
    first = pl.date(year.cast(pl.Int32, strict=False), month, 1)
    valid = year.is_not_null() & month.is_between(1, 12)
    return parts.select(pl.when(valid).then(first.dt.month_end()).alias("day"))["day"]


def by_era(
    frame: pl.DataFrame, book: RuleBook, what: str, work: Callable[[pl.DataFrame, date | None], pl.DataFrame]
) -> pl.DataFrame:
    """`work` done on each part of a table that stands under one set of water rules; rows come back in their order.

    Parameters
    ----------
    work
        Gets some rows and a day under whose rules they stand (None: the rules without an end); gives the rows back
        with its columns and `reason`. NoRuleError from it leaves the columns null and says that no rule is that old.
    what
        The name of the rules, for that reason.

    Notes
    -----
    Rows of a table without any column of times take the rules without an end; so do rows whose time cannot be read,
    and these say so.
    """
    days = dates_of(frame)
    if days is None:
        return work(frame, None)
    turns = sorted({*book.water_tables.turning_days, *book.water_limit_rows.turning_days})
    places = np.searchsorted([_number(day) for day in turns], days.to_physical().fill_null(0).to_numpy(), side="right")
    place = pl.DataFrame([days.alias("day"), pl.Series("place", places)]).select(
        pl.when(pl.col("day").is_not_null()).then("place").alias("place")
    )["place"]
    numbered = frame.with_row_index(_ROW)
    parts = [work(numbered.clear(), None)]
    for era in place.unique().sort(nulls_last=True).to_list():
        rows = numbered.filter(place.is_null() if era is None else (place == era).fill_null(False))
        day = None if era is None else turns[era - 1] if era else turns[0] - timedelta(days=1)
        try:
            part = work(rows, day)
        except NoRuleError:
            part = rows.with_columns(pl.lit(f"早于任何{what}").alias("reason"))
        if era is None:
            part = part.with_columns(joined_reasons([part["reason"], pl.Series([UNDATED] * len(part))], len(part)))
        parts.append(part)
    return pl.concat(parts, how="diagonal_relaxed").sort(_ROW).drop(_ROW)


def _number(day: date) -> int:
    return (day - date(1970, 1, 1)).days
