"""Rolling 8 h ozone beside each hour."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from qingyuan.rules import NoRuleError, RuleBook, rule_book
from qingyuan.science.air._columns import Stamps, opening_time, require
from qingyuan.science.air._figures import sound
from qingyuan.science.figures import joined_reasons
from qingyuan.science.rounding import SCALE_DECIMALS, divide_half_even, scaled_column, unscaled

OZONE = "O3"


def rolling_ozone(hourly: pl.DataFrame, *, stamps: Stamps = "closes", book: RuleBook | None = None) -> pl.DataFrame:
    """The rows with O3_8h, the mean [ug/m3] of the row's hour and the seven before, n_O3_8h (valid hours) and reason.

    Parameters
    ----------
    hourly
        `site`, `time`, O3 [ug/m3]; any order; others are kept. An O3_8h that was there is replaced.
    stamps
        Whether `time` opens or closes its hour.

    Notes
    -----
    At least six of the eight hours must be valid (a rule of data), else null with a reason. Missing, negative,
    implausible hours and text are not valid. Of several rows of one hour the first counts, and all get its value.
    Rounded once, half to even, to the decimals of daily values. The daily maximum, with its 14 windows and the
    exception for exceedance, is `day_values`.

    References
    ----------
    GB 3095-2012, table 4; HJ 663-2013, 6.1.2.
    """
    book = rule_book() if book is None else book
    require(hourly, "site", "time", OZONE)
    clean, doubts = sound(hourly, [OZONE], book)
    values, usable = scaled_column(clean[OZONE])
    hours = opening_time(hourly["time"], "hour", stamps)
    keyed = pl.DataFrame(
        [hourly["site"].alias("site"), hours.alias("hour"), pl.Series("value", values), pl.Series("valid", usable)]
    ).with_columns(pl.when("valid").then("value").otherwise(0).alias("value"), pl.col("valid").cast(pl.Int64))
    single = keyed.filter(pl.col("hour").is_not_null()).unique(["site", "hour"], keep="first", maintain_order=True)
    length = int(book.validity("air.o3_8h.window_hours", book.validity_rows.turning_days[-1]))
    windows = (
        single.sort("site", "hour")
        .rolling("hour", period=f"{length}h", closed="right", group_by="site")
        .agg(pl.col("value").sum().alias("total"), pl.col("valid").sum().alias("count"))
    )
    placed = keyed.select("site", "hour").join(
        windows, on=["site", "hour"], how="left", nulls_equal=True, maintain_order="left"
    )
    count = placed["count"].fill_null(0).to_numpy()
    total = placed["total"].fill_null(0).to_numpy()
    days = hours.dt.date()
    least = {day: _needed(day, book) for day in days.unique()}
    needed = np.array([least[day] for day in days])
    decimals = book.decimals("air_day", "O3_8h", book.decimal_rows.turning_days[-1])
    step = 10 ** (SCALE_DECIMALS - decimals)
    mean = divide_half_even(total, np.maximum(count, 1) * step) * step
    enough = (count >= needed) & (count > 0)
    early = np.isinf(needed) & hours.is_not_null().to_numpy()
    words = pl.DataFrame({"undated": hours.is_null(), "early": early, "short": ~enough}).select(
        pl.when("undated")
        .then(pl.lit("时间缺失或无法识别"))
        .when("early")
        .then(pl.lit("早于任何空气质量标准"))
        .when("short")
        .then(pl.lit(f"{length}小时内有效数据不足"))
        .otherwise(pl.lit(""))
        .alias("words")
    )["words"]
    before = [hourly["reason"]] if "reason" in hourly.columns else []
    return hourly.with_columns(
        unscaled("O3_8h", mean, enough),
        pl.Series("n_O3_8h", count),
        joined_reasons([*before, doubts, words], len(hourly)),
    )


def _needed(day: date | None, book: RuleBook) -> float:
    """Valid hours that a window needs on a date; infinite before any rule and without a date."""
    if day is None:
        return float("inf")
    try:
        return float(book.validity("air.8h.hours", day))
    except NoRuleError:
        return float("inf")
