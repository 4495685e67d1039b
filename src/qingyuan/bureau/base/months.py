"""Months to choose from on pages of periods: back from where the data are, and any that is asked for."""

from __future__ import annotations

from datetime import date

MONTHS = 24


def month_before(day: date, back: int) -> date:
    """The first day of the month `back` months before the one of `day`; negative: after it."""
    number = day.year * 12 + day.month - 1 - back
    return date(number // 12, number % 12 + 1, 1)


def months_back(last: date, asked: str = "", count: int = MONTHS) -> list[date]:
    """The last months up to that of `last`, newest first, and the one asked for (2019-06) where it is none of them."""
    found = [month_before(last, back) for back in range(count)]
    try:
        wanted = date.fromisoformat(f"{asked}-01")
    except ValueError:
        return found
    return found if wanted in found or wanted.year < 2000 else sorted({*found, wanted}, reverse=True)
