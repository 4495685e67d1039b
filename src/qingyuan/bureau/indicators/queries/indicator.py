"""What an indicator declares: one file each in `indicators/figures/`, found by declaration. See docs/adding-an-indicator.md.

A figure is worked out in one place and opened from everywhere: page, API and papers ask the same declaration for the
value, for what a higher authority issued, for the target, and for the rows behind it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, cached_property

from qingyuan.bureau.indicators.queries.county_air import CountyDay, county_days
from qingyuan.bureau.indicators.queries.county_year import Target, YearToDate, year_to_date
from qingyuan.declared import declared


@dataclass
class Asked:
    """The county as it is asked about on a day (Beijing): what several indicators need is worked out once."""

    on: date

    @property
    def last(self) -> date:
        """The last whole day."""
        return self.on - timedelta(days=1)

    @cached_property
    def days(self) -> list[CountyDay]:
        """The county's days of the year that holds the last whole day."""
        return county_days(date(self.last.year, 1, 1), self.on)

    @cached_property
    def year(self) -> YearToDate:
        """That year to date."""
        return year_to_date(self.days, self.on)

    @property
    def day(self) -> CountyDay | None:
        """The last whole day, if anything is known of it."""
        return next((d for d in self.days if d.day == self.last), None)


@dataclass(frozen=True)
class Figure:
    """What an indicator comes to. value: ours, unrounded, None where it cannot be told, with the reason.

    issued: what a higher authority issued for the same time; it wins in papers. target: what it is held against.
    """

    value: float | None
    reason: str = ""
    issued: Target | None = None
    target: Target | None = None

    @property
    def taken(self) -> float | None:
        """The issued value where there is one, else ours."""
        return self.issued.value if self.issued is not None else self.value


@dataclass(frozen=True)
class Behind:
    """A row behind a figure: what it is of, its value, and whether an issued one took the place of ours."""

    label: str
    value: float | None
    is_issued: bool = False
    note: str = ""


@dataclass(frozen=True)
class Indicator:
    """A figure of the county: how it is called, in which unit, over which period, and how it is worked out.

    issued, target: names under which a higher authority's figure and target are entered; the target's code is `target.`
    and the indicator's. figure: the value of a day; rows: the rows behind it. None: it is only issued. meaning: one
    sentence for the page, with the standard and clause.
    """

    code: str
    name: str
    unit: str
    period: str
    order: int
    decimals: int = 0
    issued: str = ""
    target: str = ""
    is_number: bool = True
    figure: Callable[[Asked], Figure] | None = None
    rows: Callable[[Asked], list[Behind]] | None = None
    meaning: str = ""

    @property
    def target_code(self) -> str:
        """Under which its target is kept."""
        return f"target.{self.code}"


@cache
def indicators() -> dict[str, Indicator]:
    """All indicators by code, in their order. Raises ValueError where two have one code."""
    found = declared("qingyuan.bureau.indicators.figures", "INDICATOR")
    if len({one.code for one in found}) != len(found):
        raise ValueError(f"indicators: two with one code among {sorted(one.code for one in found)}")
    return {one.code: one for one in sorted(found, key=lambda one: (one.order, one.code))}
