from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

WEEKEND = {5: "星期六", 6: "星期日"}


@dataclass(frozen=True)
class Day:
    """What a day is: worked or not, why not (or why though it is a weekend), and whether a plan could change it."""

    works: bool
    name: str
    is_provisional: bool


@dataclass(frozen=True)
class WorkCalendar:
    """Working days of offices.

    `plans`: by announced year the days that differ from the week, each (works, name). `expected`: days off by the
    general rule in years that are not announced; what a plan will move (joined days, worked weekends) is not in it,
    so that every day of such a year is provisional.
    """

    plans: Mapping[int, Mapping[date, tuple[bool, str]]]
    expected: Mapping[date, str]

    def on(self, day: date) -> Day:
        """What the day is."""
        plan = self.plans.get(day.year)
        weekend = WEEKEND.get(day.weekday(), "")
        if plan is not None:
            works, name = plan.get(day, (not weekend, weekend))
            return Day(works, name, False)
        name = self.expected.get(day, weekend)
        return Day(not name, name, True)
