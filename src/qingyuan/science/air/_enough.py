"""Whether a period has days enough."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from qingyuan.rules import NoRuleError, RuleBook
from qingyuan.science.air._period import MONTHS, Periods, month_numbers
from qingyuan.science.rounding import Integers, Mask

FEBRUARY = 1


def enough_days(keys: pl.Series, days: pl.Series, periods: Periods, valid: Mask, book: RuleBook) -> Mask:
    """Which periods are valid, by the valid days of one item.

    Notes
    -----
    A month needs 27 valid days, February 25; a quarter the same of each of its months; a year 324 and the
    same of each of its twelve months. A span of any length needs a share (setting) of its calendar days.
    A period without a rule on its last day is not valid.

    References
    ----------
    GB 3095-2012, table 4; HJ 663-2013.
    """
    count = np.add.reduceat(valid.astype(np.int64), periods.first) if len(periods) else np.zeros(0, dtype=np.int64)
    known: dict[tuple[date | None, date | None], tuple[float, float, float]] = {}
    for bounds in zip(periods.since, periods.until, strict=True):
        if bounds not in known:
            known[bounds] = _needed(*bounds, periods.months, book)
    needed = [known[bounds] for bounds in zip(periods.since, periods.until, strict=True)]
    least = np.array([entry[0] for entry in needed], dtype=np.float64)
    found: Mask = count >= least
    if periods.months == 0 or not len(periods):
        return found
    month = month_numbers(days)
    starts = keys.ne_missing(keys.shift(1)).to_numpy().copy()
    starts[:1] = True
    starts[1:] |= (month[1:] != month[:-1]) | (periods.group[1:] != periods.group[:-1])
    first = np.flatnonzero(starts)
    owner: Integers = periods.group[first]
    monthly = np.add.reduceat(valid.astype(np.int64), first)
    ordinary = np.array([entry[1] for entry in needed], dtype=np.float64)[owner]
    short = np.array([entry[2] for entry in needed], dtype=np.float64)[owner]
    whole = monthly >= np.where(month[first] % MONTHS == FEBRUARY, short, ordinary)
    full: Mask = np.bincount(owner[whole], minlength=len(periods)) == periods.months
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
