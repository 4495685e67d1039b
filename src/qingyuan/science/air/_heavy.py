"""Which days meet the conditions of a heavy-pollution alert."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import polars as pl

from qingyuan.rules import RuleBook, rule_book
from qingyuan.rules.air_evaluation import HeavyTrigger, TriggerPart
from qingyuan.rules.places import place_code
from qingyuan.science.air._columns import require
from qingyuan.science.air._figures import sound
from qingyuan.science.civil import civil_time
from qingyuan.science.figures import joined_reasons
from qingyuan.science.rounding import Integers, Mask

HOURS_OF_A_DAY = 24


def heavy_levels(
    daily: pl.DataFrame, key: str = "city", place: str | None = None, *, book: RuleBook | None = None
) -> pl.DataFrame:
    """The rows with `heavy` (yellow, orange, red; null for none), `heavy_zh` and reason, by measured or forecast AQI.

    `daily`: `key`, time (date), AQI, in any order; sorted by key and time in the answer. A day belongs to a
    level when it lies in a run of days that meets its condition. A missing day or index breaks a run, and the next
    day says so. Daily means stand for the 24 hours that the rule allows to start at any hour. Of several rows of one
    day the first counts. Named: a time that cannot be read, a day before any rule, an index that is no number or not
    0 to 500. `place`: an administrative code whose local levels count too; None: that of the book.

    References
    ----------
    环大气〔2024〕6号 and city plans of 2023/2024; the rules of 2017-2018 for earlier days.
    """
    book = rule_book() if book is None else book
    require(daily, key, "time", "AQI")
    triggers = book.air_evaluation.triggers_at(book.place if place is None else place_code(place))
    clean, doubts = sound(daily, ["AQI"], book)
    told = clean.with_columns(
        civil_time(daily["time"]).dt.date().alias("_day"), doubts.alias("_doubts"), daily["AQI"].alias("_raw")
    )
    rows = told.sort(key, "_day", nulls_last=True, maintain_order=True)
    later = ~pl.struct(key, "_day").is_first_distinct() & pl.col("_day").is_not_null()
    again = rows.select(later.alias("again"))["again"]
    level, words = _levels(rows.filter(~again), key, triggers)
    kept = np.flatnonzero((~again).to_numpy())
    shown: tuple[list[str | None], list[str | None]] = ([None] * len(rows), [None] * len(rows))
    for row, one, word in zip(kept.tolist(), level, words, strict=True):
        shown[0][row], shown[1][row] = one, word
    return (
        rows.with_columns(pl.col("_raw").alias("AQI"))
        .drop("_day", "_doubts", "_raw", "reason", strict=False)
        .with_columns(
            pl.Series("heavy", shown[0], dtype=pl.String),
            pl.Series("heavy_zh", shown[1], dtype=pl.String),
            _reasons(rows, key, again, triggers),
        )
    )


def _levels(
    rows: pl.DataFrame, key: str, triggers: Sequence[HeavyTrigger]
) -> tuple[list[str | None], list[str | None]]:
    number = rows["_day"].to_physical().fill_null(-1).cast(pl.Int64).to_numpy()
    value = rows["AQI"].fill_null(-1).floor().cast(pl.Int64).to_numpy()
    breaks = rows[key].ne_missing(rows[key].shift(1)).to_numpy().copy()
    breaks[:1] = True
    breaks[1:] |= number[1:] != number[:-1] + 1
    level: list[str | None] = [None] * len(rows)
    words: list[str | None] = [None] * len(rows)
    days = rows["_day"].to_list()
    for trigger in triggers:
        period = trigger.origin.period
        inside = np.array([isinstance(day, date) and period.covers(day) for day in days], dtype=np.bool_)
        for row in np.flatnonzero(inside & _met(trigger, value, breaks)).tolist():
            level[row], words[row] = trigger.level, trigger.name_zh
    return level, words


def _reasons(rows: pl.DataFrame, key: str, again: pl.Series, triggers: Sequence[HeavyTrigger]) -> pl.Series:
    first = min((one.origin.period.since for one in triggers), default=date.max)
    day, before = pl.col("_day"), pl.col("_day").shift(1).over(key)
    words = rows.with_columns(again.alias("_again")).select(
        pl.when(day.is_null()).then(pl.lit("时间缺失或无法识别")).alias("undated"),
        pl.when(day < first).then(pl.lit("早于任何重污染预警规则")).alias("early"),
        pl.when(pl.col("_again")).then(pl.lit("同一对象同一天有多行，取第一行")).alias("again"),
        pl.when(before.is_not_null() & (day > before + pl.duration(days=1)))
        .then(pl.lit("前面缺日期，连续天数从本日算起"))
        .alias("gap"),
        pl.col("_doubts"),
        pl.when(pl.col("AQI").is_null() & (pl.col("_doubts") == ""))
        .then(pl.lit("缺AQI，连续天数在此中断"))
        .alias("lacking"),
    )
    said = [rows["reason"]] if "reason" in rows.columns else []
    return joined_reasons([*said, *words.get_columns()], len(rows))


def _met(trigger: HeavyTrigger, value: Integers, breaks: Mask) -> Mask:
    met = np.zeros(len(value), dtype=np.bool_)
    for parts in trigger.alternatives:
        widest, *others = sorted(parts, key=lambda part: part.aqi_over)
        found, run = _runs(widest, value, breaks)
        for part in others:
            inner, _ = _runs(part, value, breaks)
            found &= np.isin(run, np.unique(run[inner & found]))
        met |= found
    return met


def _runs(part: TriggerPart, value: Integers, breaks: Mask) -> tuple[Mask, Integers]:
    """Days in a run above the value that is long enough, and the number of each day's run."""
    above = value > part.aqi_over
    starts = breaks.copy()
    starts[1:] |= above[1:] != above[:-1]
    run: Integers = np.cumsum(starts)
    length = np.bincount(run, minlength=1)[run] if len(run) else run
    found: Mask = above & (length * HOURS_OF_A_DAY >= part.hours)
    return found, run
