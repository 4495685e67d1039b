"""Trend of the yearly figures of stations or cities."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from qingyuan.rules import RuleBook, rule_book
from qingyuan.science.air._columns import require
from qingyuan.science.air._figures import sound
from qingyuan.science.stats import Trend, spearman
from qingyuan.science.trends import trend_table


def trends(
    frame: pl.DataFrame, key: str, column: str, when: str = "period", *, book: RuleBook | None = None
) -> pl.DataFrame:
    """Whether a figure rises or falls over the years, for each object: key, n, r, critical, trend, reason.

    `frame`: a row for each object and year with `when` and the figure, in any order. At least five years
    (setting); significant where |r| reaches the critical value, one-sided 5 %, for a number of years between
    two of the table the stricter.

    References
    ----------
    HJ 663-2013, annex B (fewest years and critical values from memory, hence settings).
    """
    book = rule_book() if book is None else book
    require(frame, key, when, column)
    critical = [(entry.n, float(entry.at_05)) for entry in book.air_evaluation.spearman]
    least = int(book.validity("air.trend.years", book.validity_rows.turning_days[-1]))

    def judge(values: Sequence[float]) -> Trend:
        return spearman(values, critical, least)

    clean, doubts = sound(frame, [column], book)
    return trend_table(clean, key, when, column, judge, doubts, least)
