"""Rates of change, and figures of two periods side by side under one set of rules."""

from __future__ import annotations

import numpy as np
import polars as pl

from qingyuan.rules import RuleBook, rule_book
from qingyuan.science.air._columns import require
from qingyuan.science.air._figures import item_of, sound
from qingyuan.science.errors import BadArgumentError
from qingyuan.science.figures import joined_reasons
from qingyuan.science.rounding import SCALE_DECIMALS, divide_half_even, scaled_column, unscaled


def change_rate(now: pl.Series, before: pl.Series, *, book: RuleBook | None = None) -> pl.Series:
    """(now - before) / before [%], half to even at one decimal; null where either is missing or before is 0.

    References
    ----------
    Published year-on-year rates; HJ 663-2013 (decimals from memory, hence a setting).

    >>> change_rate(pl.Series([21.0]), pl.Series([16.0])).to_list()
    [31.2]
    """
    book = rule_book() if book is None else book
    new, has_new = scaled_column(now)
    old, has_old = scaled_column(before)
    power = 10 ** book.decimals("rate", "*", book.decimal_rows.turning_days[-1])
    usable = has_new & has_old & (old > 0)
    rate = divide_half_even((new - old) * 100 * power, np.where(usable, old, 1)) / power
    return pl.Series(now.name, np.where(usable, rate, np.nan)).fill_nan(None)


def compare(
    now: pl.DataFrame, before: pl.DataFrame, key: str, columns: list[str], *, book: RuleBook | None = None
) -> pl.DataFrame:
    """Figures of two results of `evaluate` side by side: key, <column>, <column>_before, <column>_change [%].

    Both must be judged by the same rules: BadArgumentError when `standard` or `limits` differ. Then evaluate
    both under one named edition first. A key that stands on one side only has null on the other.
    """
    for frame in (now, before):
        require(frame, key, *columns)
    for name in ("standard", "limits"):
        if name in now.columns and name in before.columns:
            sides = [set(frame[name].drop_nulls()) for frame in (now, before)]
            if all(sides) and len(sides[0] | sides[1]) > 1:
                raise BadArgumentError(
                    name, " / ".join(",".join(sorted(side)) for side in sides), "one; evaluate both under one edition"
                )
    joined = now.select(key, *columns).join(
        before.select(key, *columns), on=key, how="full", coalesce=True, suffix="_before", maintain_order="left_right"
    )
    told = [
        pl.Series(f"{name}_change", change_rate(joined[name], joined[f"{name}_before"], book=book)) for name in columns
    ]
    return joined.with_columns(told)


def moving_mean(
    yearly: pl.DataFrame, key: str, columns: list[str], years: int | None = None, *, book: RuleBook | None = None
) -> pl.DataFrame:
    """The yearly rows with <column>_<years>y: the mean of that many years running, ending with the row's; and reason.

    A switch, not applied by `evaluate`: HJ 663-2026 speaks of three-year moving means, but which items it
    means and how many valid years it needs was not found. Here all of the years must be there and valid.
    `period` holds the year. Rounded half to even to the decimals of the item's final values. Figures of deducted
    days (<column>_deducted) are averaged beside those of all days, never in place of them. A year that cannot be
    read, two rows of one year, an odd cell and a missing year leave the mean null, and the reason says which.
    """
    book = rule_book() if book is None else book
    newest = book.decimal_rows.turning_days[-1]
    years = int(book.validity("air.moving_mean.years", newest)) if years is None else years
    if years < 1:
        raise BadArgumentError("years", years, "1 or more")
    require(yearly, key, "period", *columns)
    clean, doubts = sound(yearly, columns, book)
    year = pl.col("period").cast(pl.String).str.strip_chars().str.extract(r"^(\d{4})(?:\.0)?年?$", 1).cast(pl.Int64)
    numbered = clean.with_columns(year.alias("_year")).with_row_index("_row")
    unread = numbered["_year"].is_null()
    twice = numbered.select(key, "_year").is_duplicated() & ~unread
    single = numbered.filter(~twice & ~unread)
    added, lacking = [], []
    for name in columns:
        total, complete = np.zeros(len(yearly), dtype=np.int64), (~twice & ~unread).to_numpy().copy()
        for back in range(years):
            past = single.select(key, (pl.col("_year") + back).alias("_year"), pl.col(name).alias("_past"))
            joined = numbered.select("_row", key, "_year").join(
                past, on=[key, "_year"], how="left", nulls_equal=False, maintain_order="left"
            )
            values, usable = scaled_column(joined["_past"])
            total += values
            complete &= usable
        step = 10 ** (SCALE_DECIMALS - book.decimals("air_final", item_of(name), newest))
        mean = divide_half_even(total, years * step) * step
        added.append(unscaled(f"{name}_{years}y", mean, complete))
        lacking.append(pl.select(pl.when(pl.Series(~complete)).then(pl.lit(name)).alias(name))[name])
    short = pl.DataFrame(lacking).select(pl.concat_str(pl.all(), separator="、", ignore_nulls=True).alias("short"))
    words = pl.DataFrame([unread.alias("unread"), twice.alias("twice"), short["short"]]).select(
        pl.when("unread")
        .then(pl.lit("period不是年份，不求滑动均值"))
        .when("twice")
        .then(pl.lit("同一对象同一年有多行，不求滑动均值"))
        .when(pl.col("short") != "")
        .then(pl.format("{}近" + str(years) + "年不全", "short"))
        .alias("words")
    )["words"]
    said = [yearly["reason"]] if "reason" in yearly.columns else []
    return yearly.with_columns(*added, joined_reasons([*said, doubts, words], len(yearly)))
