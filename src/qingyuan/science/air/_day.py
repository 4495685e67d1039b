"""Station-day values from hours: means, daily maximum 8 h ozone, validity."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import polars as pl

from qingyuan.rules import RuleBook, rule_book
from qingyuan.science.air._columns import Stamps, opening_time, require
from qingyuan.science.air._validity import DAY_ITEMS, HOURS, DayRules, day_rules
from qingyuan.science.rounding import (
    SCALE_DECIMALS,
    Integers,
    Mask,
    divide_half_even,
    scaled_column,
    unscaled,
)


def day_values(hourly: pl.DataFrame, *, stamps: Stamps = "opens", book: RuleBook | None = None) -> pl.DataFrame:
    """Values of each station and Beijing day, with their counts of valid hours.

    Parameters
    ----------
    hourly
        Columns `site`, `time` (see `aqi`) and any of SO2, NO2, O3, PM10, PM2_5 [ug/m3], CO [mg/m3]; any
        order.
    stamps
        Whether `time` opens or closes its hour; 00:00 closes the last hour of the day before.

    Returns
    -------
    site, time (date), SO2, NO2, CO, O3 (largest hour), O3_8h (largest 8 h mean), PM10, PM2_5, n_<item> (valid
    hours; for O3_8h valid windows), reason; sorted by site and date. An invalid value is null.

    Notes
    -----
    Null, NaN and negative hours are not valid. A mean (and the largest hour) needs 20 valid hours. An 8 h
    mean needs 6 valid hours; the daily maximum needs 14 of the 17 windows that end at 08:00 to 24:00, or is
    above the grade II limit. Values are rounded once, half to even, to the decimals of daily values. The
    first of several rows of one hour is taken, and said. Rows without a readable time come back under a null
    date.

    References
    ----------
    GB 3095-2012, table 4; HJ 663-2013, 6.1.2; GB/T 8170.
    """
    book = rule_book() if book is None else book
    require(hourly, "site", "time")
    opens = opening_time(hourly["time"], "hour", stamps)
    keyed = hourly.select("site").with_columns(
        opens.dt.date().alias("time"), opens.dt.hour().fill_null(0).cast(pl.Int64).alias("hour")
    )
    groups = keyed.select("site", "time").unique().sort("site", "time").with_row_index("group")
    place = keyed.join(groups, on=["site", "time"], how="left", nulls_equal=True, maintain_order="left")
    grid = _Grid.build(len(groups), place["group"].cast(pl.Int64).to_numpy(), place["hour"].to_numpy())
    rules = day_rules(groups["time"], book)
    values: list[pl.Series] = []
    counts: list[pl.Series] = []
    short: dict[str, Mask] = {}
    for item in DAY_ITEMS:
        column = "O3" if item == "O3_8h" else item
        if column not in hourly.columns:
            values.append(pl.Series(item, [None] * len(groups), dtype=pl.Float64))
            counts.append(pl.Series(f"n_{item}", np.zeros(len(groups), dtype=np.int64)))
            continue
        hours = grid.place(hourly[column])
        count, value, enough = _item_value(item, hours, rules, rules.decimals[item])
        values.append(unscaled(item, value, enough))
        counts.append(pl.Series(f"n_{item}", count))
        short[item] = ~enough
    reason = _reasons(short, grid.doubled, groups["time"].is_null().to_numpy())
    return groups.select("site", "time").with_columns(*values, *counts, reason)


@dataclass(frozen=True)
class _Grid:
    """Where each row stands in a table of days by 24 hours."""

    days: int
    slot: Integers
    source: Integers
    doubled: Mask

    @classmethod
    def build(cls, days: int, group: Integers, hour: Integers) -> _Grid:
        slot, source, times = np.unique(group * HOURS + hour, return_index=True, return_counts=True)
        doubled = np.zeros(days, dtype=np.bool_)
        doubled[slot[times > 1] // HOURS] = True
        return cls(days, slot, source.astype(np.int64), doubled)

    def place(self, column: pl.Series) -> tuple[Integers, Mask]:
        values, usable = scaled_column(column)
        usable = usable & (values >= 0)
        table = np.zeros(self.days * HOURS, dtype=np.int64)
        valid = np.zeros(self.days * HOURS, dtype=np.bool_)
        chosen = usable[self.source]
        table[self.slot[chosen]] = values[self.source[chosen]]
        valid[self.slot[chosen]] = True
        return table.reshape(self.days, HOURS), valid.reshape(self.days, HOURS)


def _item_value(
    item: str, hours: tuple[Integers, Mask], rules: DayRules, decimals: int
) -> tuple[Integers, Integers, Mask]:
    """Count of valid hours or windows, value and validity of each day."""
    table, valid = hours
    if item == "O3_8h":
        return _largest_mean(table, valid, rules, decimals)
    count: Integers = valid.sum(axis=1)
    if item == "O3":
        value: Integers = np.where(valid, table, 0).max(axis=1, initial=0)
    else:
        step = 10 ** (SCALE_DECIMALS - decimals)
        value = divide_half_even(table.sum(axis=1), np.maximum(count, 1) * step) * step
    return count, value, count >= rules.hours


def _largest_mean(table: Integers, valid: Mask, rules: DayRules, decimals: int) -> tuple[Integers, Integers, Mask]:
    """Daily maximum of the 8 h means, compared as exact fractions over a common denominator."""
    length = rules.window_hours
    common = math.lcm(*range(rules.least_window_hours, length + 1))
    ends = np.arange(rules.first_window_end, HOURS + 1)
    sums, counts = (np.cumsum(np.pad(part, ((0, 0), (1, 0))), axis=1) for part in (table, valid.astype(np.int64)))
    total, count = (part[:, ends] - part[:, ends - length] for part in (sums, counts))
    whole = count >= rules.least_window_hours
    scaled = np.where(whole, total * (common // np.maximum(count, 1)), 0)
    step = 10 ** (SCALE_DECIMALS - decimals)
    value = divide_half_even(scaled.max(axis=1, initial=0), common * step) * step
    windows: Integers = whole.sum(axis=1)
    return windows, value, (windows >= rules.windows) | ((windows > 0) & (value > rules.ozone_limit))


def _reasons(short: dict[str, Mask], doubled: Mask, undated: Mask) -> pl.Series:
    names = list(short)
    codes = np.zeros(len(doubled), dtype=np.int64)
    for place, flags in enumerate([*short.values(), doubled, undated]):
        codes |= flags.astype(np.int64) << place

    def words(code: int) -> str:
        if code >> len(names) & 2:
            return "时间缺失或无法识别"
        lacking = "、".join(name for place, name in enumerate(names) if code >> place & 1)
        parts = [f"{lacking}有效数据不足"] if lacking else []
        if code >> len(names) & 1:
            parts.append("同一小时有多行，取第一行")
        return "；".join(parts)

    distinct, where = np.unique(codes, return_inverse=True)
    return pl.Series("reason", [words(int(code)) for code in distinct], dtype=pl.String).gather(where)
