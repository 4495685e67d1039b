"""City-day values from the stations that count."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import polars as pl

from qingyuan.rules import NoRuleError, RuleBook, rule_book
from qingyuan.science.air._columns import require
from qingyuan.science.air._validity import DAY_ITEMS, day_rules
from qingyuan.science.rounding import SCALE_DECIMALS, divide_half_even, scaled_column, unscaled


def city_values(days: pl.DataFrame, roster: pl.DataFrame, *, book: RuleBook | None = None) -> pl.DataFrame:
    """Values of each city and day: the mean of the valid values of the stations on its roster that day.

    Parameters
    ----------
    days
        As `day_values` returns them: site, time (date) and items; a null value is not valid.
    roster
        site, city, since, until (dates, both included; null until: still counts). Dated: a station counts
        only on its days. A site may not stand twice on one day.

    Returns
    -------
    city, time, the items, n_<item> (stations with a valid value), n_due (stations that should report),
    reason; sorted by city and date. A city and day without any station row is not there.

    Notes
    -----
    City ozone is the mean of the stations' daily maxima. An item needs 75 % (setting) of the stations due,
    else it is null and named. Rounded once, half to even, to the decimals of daily values. Stations that
    should report but have no row count as missing. On a day before any rule no value is given, and that is said.

    References
    ----------
    HJ 663-2013 (city values; share of stations from memory, hence a setting).
    """
    book = rule_book() if book is None else book
    require(days, "site", "time")
    require(roster, "site", "city", "since", "until")
    items = [item for item in DAY_ITEMS if item in days.columns]
    dates = days.select("time").unique().drop_nulls()
    due = dates.join(roster, how="cross").filter(
        (pl.col("since") <= pl.col("time")) & (pl.col("until").is_null() | (pl.col("time") <= pl.col("until")))
    )
    rows = due.join(days.select("site", "time", *items), on=["site", "time"], how="left")
    keys = rows.select("city", "time").unique().sort("city", "time").with_row_index("group")
    rows = rows.join(keys, on=["city", "time"], how="left")
    group = rows["group"].cast(pl.Int64).to_numpy()
    due_count = np.bincount(group, minlength=len(keys))
    decimals = day_rules(keys["time"], book).decimals
    shares = {day: _share(day, book) for day in dates["time"]}
    needed = np.array([shares[day] for day in keys["time"]]) * due_count
    columns: list[pl.Series] = []
    lacking: list[list[str]] = [[] for _ in range(len(keys))]
    for item in items:
        values, usable = scaled_column(rows[item])
        total = np.zeros(len(keys), dtype=np.int64)
        np.add.at(total, group[usable], values[usable])
        count = np.bincount(group[usable], minlength=len(keys))
        step = 10 ** (SCALE_DECIMALS - decimals[item])
        mean = divide_half_even(total, np.maximum(count, 1) * step) * step
        enough = (count >= needed) & (count > 0)
        columns += [unscaled(item, mean, enough), pl.Series(f"n_{item}", count)]
        for row in np.flatnonzero(~enough).tolist():
            lacking[row].append(item)
    early = [shares[day] == math.inf for day in keys["time"]]
    reason = [
        "早于任何城市值规则" if old else "、".join(names) + "有效站点不足" if names else ""
        for names, old in zip(lacking, early, strict=True)
    ]
    return keys.select("city", "time").with_columns(
        *columns, pl.Series("n_due", due_count), pl.Series("reason", reason, dtype=pl.String)
    )


def _share(day: date, book: RuleBook) -> float:
    """The share of stations that a city value needs; infinite before any rule, so that none is enough."""
    try:
        return float(book.validity("air.city.station_share", day))
    except NoRuleError:
        return math.inf
