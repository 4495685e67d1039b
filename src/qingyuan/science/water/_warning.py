"""Deterioration warning of sections, as along the Yangtze."""

from __future__ import annotations

from datetime import date

import polars as pl

from qingyuan.rules import RuleBook, rule_book
from qingyuan.science.figures import joined_reasons
from qingyuan.science.water._periods import year_before

SCHEME = "yangtze"
TARGET = "target_assessment"


def warning_level(
    month: str | None,
    month_last_year: str | None,
    cumulative: str | None,
    cumulative_last_year: str | None,
    target: str | None,
    *,
    on: date | None = None,
    book: RuleBook | None = None,
) -> str | None:
    """The warning level (一级 the higher, 二级) of a section, "" for none; None: cannot tell.

    A level holds when the class of the month and that of the year so far are each worse than a year before by
    as many classes as the level asks and worse than class III, and the year so far misses the target. `on`: the day whose
    rules hold; None: those without an end.

    References
    ----------
    长江流域水环境质量监测预警办法（试行）, 2018.

    >>> warning_level("V", "III", "V", "III", "III"), warning_level("IV", "III", "IV", "III", "III")
    ('一级', '二级')
    >>> warning_level("III", "I", "III", "I", "II")
    ''
    """
    book = rule_book() if book is None else book
    classes = (month, month_last_year, cumulative, cumulative_last_year, target)
    if any(name is None for name in classes):
        return None
    now, then, year, year_then, goal = (book.water_class(str(name)).rank for name in classes)
    levels = [w for w in book.water_tables.on(on).warnings if w.scheme == SCHEME]
    for level in sorted(levels, key=lambda warning: warning.level):
        bound = book.water_class(level.worse_than).rank
        month_worse = now - then >= level.worse_by and now > bound
        if month_worse and year - year_then >= level.worse_by and year > bound and year > goal:
            return level.name_zh
    return ""


def with_warning(judged: pl.DataFrame, cumulative: pl.DataFrame, *, book: RuleBook) -> pl.DataFrame:
    """Adds class_cumulative (January to the month) and warning to months of sections with targets."""
    year = {(section, month): grade for section, month, grade in cumulative.select("section", "period", "class").rows()}
    so_far: list[str | None] = []
    levels: list[str | None] = []
    said: list[str] = []
    first = book.water_tables.warnings.turning_days[0]
    for section, month, grade, last, goal, day in judged.select(
        "section", "period", "class", "class_last_year", TARGET, "_until"
    ).iter_rows():
        now, before = year.get((section, month)), year.get((section, year_before(month)))
        so_far.append(now)
        early = day is not None and day < first
        said.append("早于恶化预警规则" if early else "")
        levels.append(None if early else warning_level(grade, last, now, before, goal, on=day, book=book))
    return judged.with_columns(
        pl.Series("class_cumulative", so_far, dtype=pl.String),
        pl.Series("warning", levels, dtype=pl.String),
        joined_reasons([judged["reason"], pl.Series(said, dtype=pl.String)], len(judged)),
    )
