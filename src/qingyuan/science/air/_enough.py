"""Whether a period has days enough."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from qingyuan.rules import NoRuleError, RuleBook
from qingyuan.science.air._period import MONTHS, Periods, month_numbers
from qingyuan.science.rounding import Integers, Mask

FEBRUARY = 1


class Enough:
    """Tells which periods are valid, by the valid days of one item.

    Notes
    -----
    A month needs 27 valid days, February 25; a quarter the same of each of its months; a year 324 and the
    same of each of its twelve months. A span of any length needs a share (setting) of its calendar days.
    A period without a rule on its last day is not valid.

    References
    ----------
    GB 3095-2012, table 4; HJ 663-2013.
    """

    def __init__(self, days: pl.Series, periods: Periods, book: RuleBook) -> None:
        self._periods = periods
        known: dict[tuple[date | None, date | None], tuple[float, float, float]] = {}
        bounds = list(zip(periods.since.to_list(), periods.until.to_list(), strict=True))
        for pair in dict.fromkeys(bounds):
            known[pair] = _needed(*pair, periods.months, book)
        needed = np.array([known[pair] for pair in bounds], dtype=np.float64).reshape(-1, 3)
        self._least = needed[:, 0]
        if periods.months == 0 or not len(periods):
            return
        month = month_numbers(days)
        starts = np.ones(len(month), dtype=np.bool_)
        starts[1:] = (month[1:] != month[:-1]) | (periods.group[1:] != periods.group[:-1])
        self._first = np.flatnonzero(starts)
        self._owner: Integers = periods.group[self._first]
        february = month[self._first] % MONTHS == FEBRUARY
        self._monthly = np.where(february, needed[self._owner, 2], needed[self._owner, 1])

    def periods(self, valid: Mask) -> Mask:
        """The valid ones, by the valid days of an item."""
        periods = self._periods
        if not len(periods):
            return np.zeros(0, dtype=np.bool_)
        found: Mask = np.add.reduceat(valid, periods.first, dtype=np.int64) >= self._least
        if periods.months == 0:
            return found
        whole = np.add.reduceat(valid, self._first, dtype=np.int64) >= self._monthly
        full: Mask = np.bincount(self._owner[whole], minlength=len(periods)) == periods.months
        return found & full


def _needed(since: date | None, until: date | None, months: int, book: RuleBook) -> tuple[float, float, float]:
    """Least days of the period, of a month, of February."""
    never = (np.inf, np.inf, np.inf)
    if since is None or until is None:
        return never
    try:
        month, february = (float(book.validity(key, until)) for key in ("air.month.days", "air.february.days"))
        if months == MONTHS:
            return float(book.validity("air.year.days", until)), month, february
        if months:
            return 0.0, month, february
        days = (until - since).days + 1
        return max(1.0, float(book.validity("air.span.share", until)) * days), month, february
    except NoRuleError:
        return never
