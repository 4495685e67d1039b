"""Trend of an item over periods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from qingyuan.rules import RuleBook, rule_book
from qingyuan.science.stats import Trend, spearman


def trend(values: Sequence[float], *, book: RuleBook | None = None) -> Trend:
    """Whether a figure of at least five equally spaced periods rises or falls, by Spearman's rank correlation.

    Significant only where |r| is greater than the critical value (one-sided, 5 %); for a size between two of
    the table the stricter holds. Values oldest first, none missing.

    References
    ----------
    环办〔2011〕22号, trend over several periods (critical values above ten periods from memory).

    >>> trend([1.0, 2.0, 3.0, 4.0, 5.0]).direction, trend([1.0, 2.0, 3.0, 5.0, 4.0]).direction
    ('rising', 'none')
    """
    table = (rule_book() if book is None else book).water_tables.spearman
    found = spearman(values, [(size, float(bound)) for size, bound in table])
    return found if abs(found.r) > found.critical else replace(found, direction="none")
