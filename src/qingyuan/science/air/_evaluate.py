"""From hourly rows of stations to the figures of any period for stations or cities."""

from __future__ import annotations

from typing import Literal

import numpy as np
import polars as pl

from qingyuan.rules import RuleBook, rule_book
from qingyuan.science.air._city import city_values
from qingyuan.science.air._columns import Stamps, require
from qingyuan.science.air._day import day_values
from qingyuan.science.air._deduct import deduct
from qingyuan.science.air._exempt import with_exemptions
from qingyuan.science.air._index import Standard, aqi
from qingyuan.science.air._limits import NO_LIMIT, Limits
from qingyuan.science.air._period import PERIODS, PeriodName
from qingyuan.science.air._statistics import JUDGED, Rules, period_statistics
from qingyuan.science.air._stream import by_stations
from qingyuan.science.civil import civil_time
from qingyuan.science.errors import BadArgumentError
from qingyuan.science.rounding import scaled_column

By = Literal["site", "city"]


def evaluate(
    hourly: pl.DataFrame | pl.LazyFrame,
    by: By = "site",
    period: PeriodName = "day",
    standard: Standard = "auto",
    roster: pl.DataFrame | None = None,
    *,
    stamps: Stamps = "closes",
    grade: int = 2,
    keep_invalid: bool = False,
    deducted: pl.DataFrame | None = None,
    exempt: pl.DataFrame | None = None,
    book: RuleBook | None = None,
) -> pl.DataFrame:
    """Air quality of stations or cities over days, months, quarters, years or the whole span.

    Parameters
    ----------
    hourly
        site, time, and any of SO2, NO2, O3, PM10, PM2_5 [ug/m3], CO [mg/m3]; any order. A lazy frame (a scan of
        Parquet files) is read some stations at a time.
    by
        "site", or "city": daily values of a city are the means of those of its stations.
    period
        "day", "month", "quarter", "year", or "all" (one span from the first to the last day).
    standard
        "auto": index and limits of each date (a period: limits of its last day). A name recomputes all under
        that edition and the limits in force on its first day; so two years compare across a change of rules.
    roster
        site, city, since, until: which stations count when (see `city_values`). Without it, column `city` of
        the hourly rows, for all dates.
    stamps
        Whether `time` opens or closes its hour.
    grade
        1 or 2: the limits of class 1 or class 2 areas.
    keep_invalid
        Keep figures with too few valid days; they are named in `reason` and never judged.
    deducted
        site or city, date, and optionally items: days to take out (sand and dust, exceptional events). All
        figures then come twice, with `_deducted` after the name where days were taken out.
    exempt
        site or city, item, since, until: items not monitored whose lack withholds no index (see `with_exemptions`).

    Returns
    -------
    Day: site or city, time, period, daily values, n_<item>, IAQI_<item>, AQI, primary, category, level,
    standard, exceeding (items above the daily limit), compliant, reason. Else: site or city, period, from,
    to, <item>_mean and <item>_P<percent> with _multiple, n_<item> (valid days), <item>_over_days, <item>_rate
    [%], <item>_compliant, compliant, aqi_days, good_days, heavy_days, good_day_ratio [%], standard, limits,
    reason. A verdict that cannot be given is null.

    Notes
    -----
    Means are of rounded daily values, rounded once more half to even; percentiles are linear. A figure with
    too few valid days is null (27 a month, 25 in February, 324 a year and each month's own; a share of the
    days, as setting, for "all"). Months and quarters are held to the annual limits, as in the ranking rules.
    Good days over days with an index, not over calendar days.

    References
    ----------
    GB 3095-2012 and -2026; HJ 663-2013, table 1, annexes A and C; HJ 633.
    """
    book = rule_book() if book is None else book
    if by not in ("site", "city"):
        raise BadArgumentError("by", by, "site or city")
    if period not in PERIODS:
        raise BadArgumentError("period", period, ", ".join(PERIODS))
    if grade not in (1, 2):
        raise BadArgumentError("grade", grade, "1 or 2")
    if by == "site" and period == "day" and deducted is None:
        return by_stations(
            hourly,
            lambda part: _judged(
                day_values(part, stamps=stamps, book=book), by, period, standard, grade, keep_invalid, book, exempt
            ),
        )
    days = _daily(hourly, by, roster, stamps, book)
    result = _judged(days, by, period, standard, grade, keep_invalid, book, exempt)
    if deducted is None:
        return result
    other = _judged(deduct(days, by, deducted), by, period, standard, grade, keep_invalid, book, exempt)
    keys = {by, "period", "time", "from", "to", "limits"}
    extra = [column.alias(f"{column.name}_deducted") for column in other if column.name not in keys]
    return result.with_columns(column for column in extra if not column.name.startswith("excused_"))


def summarise(
    days: pl.DataFrame,
    by: By = "site",
    period: PeriodName = "month",
    standard: Standard = "auto",
    *,
    grade: int = 2,
    keep_invalid: bool = False,
    book: RuleBook | None = None,
) -> pl.DataFrame:
    """Figures of months to years from daily values, as `evaluate` gives them.

    `days`: site or city, time (date), SO2, NO2, O3_8h, PM10, PM2_5 [ug/m3], CO [mg/m3], any of them; in any
    order; a null is not valid. AQI, level and standard are taken where all three are there, as from
    `evaluate` by day, else worked out.
    """
    book = rule_book() if book is None else book
    if period not in PERIODS or period == "day":
        raise BadArgumentError("period", period, ", ".join(PERIODS[1:]))
    require(days, by, "time")
    lacking = [pl.lit(None, dtype=pl.Float64).alias(item) for item in JUDGED if item not in days.columns]
    days = days.with_columns(civil_time(days["time"]).dt.date().alias("time"), *lacking)
    if not _sorted(days, by):
        days = days.sort(by, "time", nulls_last=False)
    if not {"AQI", "level", "standard"} <= set(days.columns):
        days = aqi(days, "day", standard, book=book)
    return period_statistics(
        days, by, period, Rules(book, book.air_evaluation, Limits(book, standard, grade), keep_invalid)
    )


def _sorted(days: pl.DataFrame, by: By) -> bool:
    """True when the rows stand by key and day, undated days first."""
    before = days.select(pl.col(by, "time").shift(1).name.prefix("_"), by, "time")
    rising = pl.col(by).gt(pl.col(f"_{by}")) | (
        pl.col(by).eq_missing(pl.col(f"_{by}")) & pl.col("time").gt(pl.col("_time")).fill_null(True)
    )
    return bool(before.slice(1).select(rising.fill_null(False).all()).item())


def _daily(
    hourly: pl.DataFrame | pl.LazyFrame, by: By, roster: pl.DataFrame | None, stamps: Stamps, book: RuleBook
) -> pl.DataFrame:
    days = by_stations(hourly, lambda part: day_values(part, stamps=stamps, book=book))
    if by == "site":
        return days
    if roster is None:
        roster = _roster_of(hourly.lazy())
    cities = city_values(days, roster, book=book)
    lost = days.filter(pl.col("time").is_null())
    if len(lost):
        undated = pl.DataFrame({"city": [None], "time": [None], "reason": ["时间缺失或无法识别"]}, strict=False)
        cities = pl.concat([undated.cast({"city": cities["city"].dtype, "time": pl.Date}), cities], how="diagonal")
    return cities.select([name for name in (*cities.columns,) if name != "reason"] + ["reason"])


def _roster_of(hourly: pl.LazyFrame) -> pl.DataFrame:
    require(pl.DataFrame(schema=hourly.collect_schema()), "site", "city")
    pairs = hourly.select("site", "city").unique().drop_nulls().sort("site", "city").collect()
    moved = pairs.filter(pl.col("site").is_duplicated())["site"].unique().sort().to_list()
    if moved:
        raise BadArgumentError("city", moved[0], "one city for each site; give a dated roster for a site that moved")
    dates = [pl.lit(None, dtype=pl.Date).alias("until")]
    return pairs.with_columns(pl.date(1, 1, 1).alias("since"), *dates)


def _judged(
    days: pl.DataFrame,
    by: By,
    period: PeriodName,
    standard: Standard,
    grade: int,
    keep_invalid: bool,
    book: RuleBook,
    exempt: pl.DataFrame | None,
) -> pl.DataFrame:
    said = days["reason"]
    indexed = aqi(days.drop("reason", by), "day", standard, book=book).insert_column(0, days[by])
    if exempt is not None:
        indexed = with_exemptions(indexed, exempt, by, book=book)
    limits = Limits(book, standard, grade)
    if period != "day":
        return period_statistics(indexed, by, period, Rules(book, book.air_evaluation, limits, keep_invalid))
    exceeding, compliant = _day_verdict(indexed, limits)
    both = pl.concat_str(
        [said.alias("said").replace("", None), indexed["reason"].replace("", None)], separator="；", ignore_nulls=True
    )
    return indexed.with_columns(
        pl.col("time").dt.to_string("%Y-%m-%d").alias("period"), exceeding, compliant
    ).with_columns(pl.select(both)["said"].alias("reason"))


def _day_verdict(days: pl.DataFrame, limits: Limits) -> tuple[pl.Series, pl.Series]:
    """Items above the daily limit, and whether all six comply (null where it cannot be told)."""
    words = []
    known = np.ones(len(days), dtype=np.bool_)
    any_over = np.zeros(len(days), dtype=np.bool_)
    for item in JUDGED:
        values, valid = scaled_column(days[item])
        limit = limits.values(item, "day", days["time"])
        judged = valid & (limit != NO_LIMIT)
        over = judged & (values > limit)
        words.append(pl.when(pl.Series(over)).then(pl.lit(item)))
        known &= judged
        any_over |= over
    exceeding = pl.select(pl.concat_str(words, separator=",", ignore_nulls=True).alias("exceeding"))["exceeding"]
    return exceeding, pl.Series("compliant", ~any_over).set(pl.Series(~known & ~any_over), None)
