"""Which days meet the conditions of a heavy-pollution alert."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from qingyuan.rules import RuleBook, rule_book
from qingyuan.rules.air_evaluation import AirEvaluation, HeavyTrigger, TriggerPart
from qingyuan.science.air._columns import require
from qingyuan.science.civil import civil_time
from qingyuan.science.rounding import Integers, Mask

HOURS_OF_A_DAY = 24


def heavy_levels(
    daily: pl.DataFrame, key: str = "city", place: str = "national", *, book: RuleBook | None = None
) -> pl.DataFrame:
    """The rows with `heavy` (yellow, orange, red; null for none) and `heavy_zh`, by measured or forecast AQI.

    `daily`: `key`, time (date), AQI, in any order; sorted by key and time in the answer. A day belongs to a
    level when it lies in a run of days that meets its condition. A missing day or index breaks a run.
    Daily means stand for the 24 hours that the rule allows to start at any hour.

    References
    ----------
    环大气〔2024〕6号 and city plans of 2023/2024; the rules of 2017-2018 for earlier days.
    """
    rules = (rule_book() if book is None else book).air_evaluation
    require(daily, key, "time", "AQI")
    rows = daily.with_columns(civil_time(daily["time"]).dt.date().alias("_day")).sort(key, "_day", nulls_last=True)
    number = rows["_day"].to_physical().fill_null(-1).cast(pl.Int64).to_numpy()
    value = rows["AQI"].cast(pl.Int64, strict=False).fill_null(-1).to_numpy()
    breaks = rows[key].ne_missing(rows[key].shift(1)).to_numpy().copy()
    breaks[:1] = True
    breaks[1:] |= number[1:] != number[:-1] + 1
    level: list[str | None] = [None] * len(rows)
    words: list[str | None] = [None] * len(rows)
    days = rows["_day"].to_list()
    for trigger in _in_order(rules, place):
        period = trigger.origin.period
        inside = np.array([isinstance(day, date) and period.covers(day) for day in days], dtype=np.bool_)
        for row in np.flatnonzero(inside & _met(trigger, value, breaks)).tolist():
            level[row], words[row] = trigger.level, trigger.name_zh
    return rows.drop("_day").with_columns(
        pl.Series("heavy", level, dtype=pl.String), pl.Series("heavy_zh", words, dtype=pl.String)
    )


def _in_order(rules: AirEvaluation, place: str) -> list[HeavyTrigger]:
    """Mildest first; a place's own levels below the national ones."""
    own = [one for one in rules.triggers if one.place == place and place != "national"]
    return own + [one for one in rules.triggers if one.place == "national"]


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
