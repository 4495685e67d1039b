"""Rates of change, and figures of two periods side by side under one set of rules."""

from __future__ import annotations

import numpy as np
import polars as pl

from qingyuan.rules import RuleBook, rule_book
from qingyuan.science.air._columns import require
from qingyuan.science.errors import BadArgumentError
from qingyuan.science.rounding import divide_half_even, scaled_column


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
    """The yearly rows with <column>_<years>y: the mean of that many years running, ending with the row's.

    A switch, not applied by `evaluate`: HJ 663-2026 speaks of three-year moving means, but which items it
    means and how many valid years it needs was not found. Here all of the years must be there and valid.
    `period` holds the year. Rounded half to even to the decimals of the item's final values.
    """
    book = rule_book() if book is None else book
    newest = book.decimal_rows.turning_days[-1]
    years = int(book.validity("air.moving_mean.years", newest)) if years is None else years
    require(yearly, key, "period", *columns)
    numbered = yearly.with_columns(pl.col("period").cast(pl.Int64).alias("_year")).with_row_index("_row")
    added = []
    for name in columns:
        total, complete = np.zeros(len(yearly), dtype=np.int64), np.ones(len(yearly), dtype=np.bool_)
        for back in range(years):
            past = numbered.select(key, (pl.col("_year") + back).alias("_year"), name)
            joined = numbered.select("_row", key, "_year").join(past, on=[key, "_year"], how="left").sort("_row")
            if len(joined) != len(yearly):
                raise BadArgumentError("yearly", "a key with two rows of one year", "one row for each key and year")
            values, usable = scaled_column(joined[name])
            total += values
            complete &= usable
        item = name.rsplit("_", 1)[0]
        step = 10 ** (8 - book.decimals("air_final", item, newest))
        mean = divide_half_even(total, years * step) * step / 10**8
        added.append(pl.Series(f"{name}_{years}y", np.where(complete, mean, np.nan)).fill_nan(None))
    return yearly.with_columns(added)
