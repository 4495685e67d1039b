"""The county's year to date against its targets, with what is left; and the targets themselves."""

from __future__ import annotations

import calendar
import math
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from qingyuan.bureau.indicators.queries.county_air import CountyDay, number, of_the_county
from qingyuan.bureau.monitoring.models import IssuedValue
from qingyuan.clock import BEIJING, beijing
from qingyuan.rules import RulesError, rule_book

# Indicators under which a higher authority's yearly targets are kept as issued values.
TARGET_PM25, TARGET_GOOD_SHARE = "target.PM2_5.year", "target.good_share.year"
# Indicators of figures that it issues; they stand beside ours and are the ones that count.
ISSUED_PM25, ISSUED_GOOD_SHARE = "PM2_5.year", "good_share.year"


@dataclass(frozen=True)
class Target:
    """A target with where it comes from."""

    value: float
    origin: str


@dataclass(frozen=True)
class YearToDate:
    """PM2.5 mean and good days of a year up to yesterday, against the targets, with what is left.

    pm25 [ug/m3] is the unrounded mean of the county's valid days. days: those of the year before today; with fewer
    valid ones than `needed_days` nothing is said of the year: pm25 does not stand for it and is held against no
    target. room_pm25: the mean that the days still to come may
    have, None where no target or no day is left. room_days: how many more days may miss 良. issued_pm25 and
    issued_good are what a higher authority issued for the year so far: they win in reports, ours stand beside them.
    """

    year: int
    pm25: float | None
    pm25_days: int
    good: int
    judged: int
    bad: int
    target_pm25: Target | None
    target_good: Target | None
    room_pm25: float | None
    room_days: int | None
    issued_pm25: Target | None = None
    issued_good: Target | None = None
    needed_days: int = 0

    @property
    def is_told(self) -> bool:
        """Whether enough days are valid for a figure of the year so far."""
        return self.pm25_days >= self.needed_days > 0

    @property
    def lack(self) -> str:
        """Why nothing is said of the year so far; empty where something is."""
        if self.is_told:
            return ""
        return f"只有 {self.pm25_days} 个有效日，须有 {self.needed_days} 个"

    @property
    def good_share(self) -> float | None:
        """Share of good days among those that could be judged, in percent."""
        return None if not self.judged else 100 * self.good / self.judged


def _target(indicator: str, on: date) -> Target | None:
    noon = datetime.combine(on, time(12), BEIJING)
    issued = IssuedValue.objects.filter(
        of_the_county(), indicator=indicator, period_start__lte=noon, period_end__gt=noon
    )
    row = issued.order_by("-received_at", "-pk").first()
    return Target(float(row.value_text), row.document or row.issuer) if row else None


def _issued_year(indicator: str, today: date) -> Target | None:
    """The figure issued for a span of this year that ends last, and of these the one received last."""
    since, until = (datetime(year, 1, 1, tzinfo=BEIJING) for year in (today.year, today.year + 1))
    rows = IssuedValue.objects.filter(
        of_the_county(), indicator=indicator, period_start__gte=since, period_end__lte=until
    )
    for row in rows.order_by("-period_end", "-received_at", "-pk"):
        value = number(row.value_text)
        if value is not None:
            last = beijing(row.period_end).date() - timedelta(days=1)
            return Target(value, f"{row.document or row.issuer}，至 {last.isoformat()}")
    return None


def _standard_pm25(on: date) -> Target | None:
    try:
        limit = rule_book().air_limits(on)[("PM2_5", "year")]
    except (RulesError, KeyError):
        return None
    return Target(float(limit.grade2), f"{limit.origin.standard} 二级")


def year_to_date(days: list[CountyDay], today: date) -> YearToDate:
    """The figures of the year that holds the day before `today`, from its days before `today`.

    Targets, and the room left under them, are only told where a share of the days so far is valid (setting
    air.span.share; HJ 663 counts only months and whole years).
    """
    last = today - timedelta(days=1)
    year = last.year
    begin = date(year, 1, 1)
    own = [d for d in days if d.day.year == year and d.day < today]
    pm25 = [v for d in own if (v := d.issued.get("PM2_5", d.values["PM2_5"])) is not None]
    good = sum(1 for d in own if d.is_good)
    judged = sum(1 for d in own if d.is_good is not None)
    target_pm25 = _target(TARGET_PM25, last) or _standard_pm25(last)
    target_good = _target(TARGET_GOOD_SHARE, last)
    issued_pm25, issued_good = (_issued_year(indicator, last) for indicator in (ISSUED_PM25, ISSUED_GOOD_SHARE))
    passed = (today - begin).days
    found = YearToDate(
        year,
        sum(pm25) / len(pm25) if pm25 else None,
        len(pm25),
        good,
        judged,
        judged - good,
        target_pm25,
        target_good,
        None,
        None,
        issued_pm25,
        issued_good,
        needed_days(begin, passed),
    )
    left = (366 if calendar.isleap(year) else 365) - passed
    return replace(found, room_pm25=_room_pm25(found, left), room_days=_room_days(found, left))


def needed_days(since: date, days: int) -> int:
    """How many of so many days must be valid before anything is said of the span."""
    try:
        share = float(rule_book().validity("air.span.share", since))
    except RulesError:
        return 0
    return math.ceil(days * share - 1e-9)


def _room_pm25(found: YearToDate, left: int) -> float | None:
    """The mean [ug/m3] that the days left may have."""
    if found.pm25 is None or found.target_pm25 is None or not left or not found.is_told:
        return None
    count = found.pm25_days
    return (found.target_pm25.value * (count + left) - found.pm25 * count) / left


def _room_days(found: YearToDate, left: int) -> int | None:
    """How many more days may miss 良."""
    if found.target_good is None or not found.judged or not found.is_told:
        return None
    allowed = int((found.judged + left) * (100 - found.target_good.value) / 100 + 1e-9)
    return allowed - found.bad
