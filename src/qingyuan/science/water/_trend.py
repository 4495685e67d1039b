"""Trend of an item over periods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import polars as pl

from qingyuan.rules import RuleBook, rule_book
from qingyuan.science.errors import MissingColumnError
from qingyuan.science.figures import sound_figures
from qingyuan.science.stats import FEWEST, Trend, spearman
from qingyuan.science.trends import trend_table
from qingyuan.science.water._cells import numbers_of


def trend(values: Sequence[float], *, on: date | None = None, book: RuleBook | None = None) -> Trend:
    """Whether a figure of at least five equally spaced periods rises or falls, by Spearman's rank correlation.

    Significant only where |r| is greater than the critical value (one-sided, 5 %); for a size between two of
    the table the stricter holds. Values oldest first, none missing. `on`: the day whose rules hold; None: those without an end.

    References
    ----------
    环办〔2011〕22号, trend over several periods (critical values above ten periods from memory).

    >>> trend([1.0, 2.0, 3.0, 4.0, 5.0]).direction, trend([1.0, 2.0, 3.0, 5.0, 4.0]).direction
    ('rising', 'none')
    """
    table = (rule_book() if book is None else book).water_tables.on(on).spearman
    found = spearman(values, [(size.n, float(size.at_05)) for size in table])
    return found if abs(found.r) > found.critical else replace(found, direction="none")


def trends(
    frame: pl.DataFrame, key: str, column: str, when: str = "period", *, book: RuleBook | None = None
) -> pl.DataFrame:
    """As `trend` for each object of a table: key, n, r, critical, trend (上升, 下降, 无显著趋势), reason.

    `frame`: a row for each object and period with `when` and the figure (a non-detect is half its limit), in any
    order.
    """
    missing = [name for name in (key, when, column) if name not in frame.columns]
    if missing:
        raise MissingColumnError(missing, frame.columns)
    clean, doubts = sound_figures(frame, {column: (0, None)}, numbers_of)
    return trend_table(clean, key, when, column, lambda values: trend(values, book=book), doubts, FEWEST)
