"""Better or worse: changes of sections and of basins between two periods."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache

import polars as pl

from qingyuan.rules import RuleBook, rule_book
from qingyuan.science.water._periods import earlier, year_before


def section_change(
    before: str | None, after: str | None, *, on: date | None = None, book: RuleBook | None = None
) -> str | None:
    """The change of a section between two classes, in words; None (cannot tell) where one is missing.

    `on`: the day whose rules hold (the end of the later period); None: those without an end.

    Notes
    -----
    Counted in grades of quality (优 for I and II, 良好, 轻度污染, 中度污染, 重度污染): none 无明显变化, one
    有所好转 or 有所变差, two or more 明显好转 or 明显变差 (settings).

    References
    ----------
    环办〔2011〕22号, comparison of two periods.

    >>> section_change("IV", "II"), section_change("I", "II"), section_change("III", "IV")
    ('明显好转', '无明显变化', '有所变差')
    """
    book = rule_book() if book is None else book
    if before is None or after is None:
        return None
    steps = _grade(after, book) - _grade(before, book)
    if not steps:
        return "无明显变化"
    marked = abs(steps) >= book.water_tables.on(on).number("change.section.marked")
    return ("明显" if marked else "有所") + ("变差" if steps > 0 else "好转")


def basin_change(
    good_before: float,
    bad_before: float,
    good_after: float,
    bad_after: float,
    *,
    on: date | None = None,
    book: RuleBook | None = None,
) -> str:
    """The change of a basin by its shares [%] of classes I to III (good) and beyond V (bad).

    Notes
    -----
    S = change of the good share minus change of the bad share. Up to 10 points none, up to 20 some, above
    20 marked; S above 0 is better.

    References
    ----------
    环办〔2011〕22号, comparison of two periods (bounds: settings).

    >>> basin_change(60.0, 10.0, 75.0, 5.0)
    '有所好转'
    """
    tables = (rule_book() if book is None else book).water_tables.on(on)
    change = (_exact(good_after) - _exact(good_before)) - (_exact(bad_after) - _exact(bad_before))
    if abs(change) <= tables.number("change.basin.some"):
        return "无明显变化"
    marked = abs(change) > tables.number("change.basin.marked")
    return ("明显" if marked else "有所") + ("好转" if change > 0 else "变差")


def with_changes(judged: pl.DataFrame, unit: str, *, book: RuleBook) -> pl.DataFrame:
    """Adds class and change against the period before and the same period last year."""
    known = {(name, period): grade for name, period, grade in judged.select(unit, "period", "class").iter_rows()}
    words = cache(lambda former, grade, day: section_change(former, grade, on=day, book=book))
    columns: dict[str, list[str | None]] = {
        name: [] for name in ("class_before", "change", "class_last_year", "change_last_year")
    }
    periods = judged["period"].unique().to_list()
    befores = {period: (earlier(period), year_before(period)) for period in periods}
    for name, period, grade, day in judged.select(unit, "period", "class", "_until").iter_rows():
        for column, change, other in zip(
            ("class_before", "class_last_year"), ("change", "change_last_year"), befores[period], strict=True
        ):
            former = known.get((name, other)) if other else None
            columns[column].append(former)
            columns[change].append(words(former, grade, day))
    return judged.with_columns(pl.Series(name, found, dtype=pl.String) for name, found in columns.items())


def _grade(name: str, book: RuleBook) -> int:
    """The place of a class among the grades of quality."""
    words = list(dict.fromkeys(known.quality_zh for known in book.water_classes))
    return words.index(book.water_class(name).quality_zh)


def _exact(value: float) -> Decimal:
    return Decimal(str(value))
