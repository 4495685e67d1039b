"""What is odd about the rows of a file of sections: doubled rows, columns that no rule knows."""

from __future__ import annotations

import polars as pl

from qingyuan.rules import RuleBook, rule_book
from qingyuan.science.figures import unknown_columns
from qingyuan.science.water._cells import numbers_of, sampling_time


def row_doubts(frame: pl.DataFrame, known: frozenset[str] = frozenset(), *, book: RuleBook | None = None) -> pl.Series:
    """What is to be said about each row because of its neighbours or odd columns, empty where nothing.

    Named: rows without a section; rows that share `section` and instant with another (each is computed); filled cells of numeric
    columns that are neither `known` nor an item of the rule book nor a coordinate.
    """
    book = rule_book() if book is None else book
    parts: list[pl.Expr] = [pl.lit("")]
    if "section" in frame.columns:
        parts.append(pl.when(pl.col("section").is_null()).then(pl.lit("缺断面")))
    if {"section", "time"} <= set(frame.columns):
        keyed = frame.select("section", sampling_time(frame["time"]).alias("time"))
        twice = keyed.is_duplicated() & keyed["time"].is_not_null() & keyed["section"].is_not_null()
        parts.append(pl.when(twice).then(pl.lit("同一断面同一时间有多行")))
    for name in unknown_items(frame, known, book=book):
        parts.append(pl.when(numbers_of(frame[name]).is_not_null()).then(pl.lit(f"不认识的项目{name}，未评价")))
    text = pl.concat_str(parts, separator="；", ignore_nulls=True).str.strip_chars_start("；")
    return frame.select(text.alias("doubts"))["doubts"]


def unknown_items(
    frame: pl.DataFrame, known: frozenset[str] = frozenset(), *, book: RuleBook | None = None
) -> list[str]:
    """Columns that hold numbers only, and that are neither `known` nor an item of the rule book."""
    book = rule_book() if book is None else book
    return unknown_columns(frame, {*known, *book.items}, numbers_of)
