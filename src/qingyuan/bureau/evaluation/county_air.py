"""The county's air from the daily values of the stations on its dated roster: days, year to date, room left."""

from __future__ import annotations

import calendar
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

import polars as pl

from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies import visible_areas, visible_points
from qingyuan.bureau.evaluation.books import book_as_of
from qingyuan.bureau.evaluation.models import Evaluation
from qingyuan.bureau.evaluation.under import station_air
from qingyuan.bureau.monitoring.models import IssuedValue, RosterEntry
from qingyuan.clock import BEIJING, beijing
from qingyuan.rules import RuleBook, RulesError, rule_book
from qingyuan.science import air

ITEMS = ("SO2", "NO2", "CO", "O3_8h", "PM10", "PM2_5")
GOOD_LEVELS = {"I", "II"}
LARGEST_ISSUED = 10_000
# Indicators under which a higher authority's yearly targets are kept as issued values.
TARGET_PM25, TARGET_GOOD_SHARE = "target.PM2_5.year", "target.good_share.year"
# Indicators of figures that it issues; they stand beside ours and are the ones that count.
ISSUED_PM25, ISSUED_GOOD_SHARE = "PM2_5.year", "good_share.year"
ISSUED_DAY = {"AQI.day": "AQI", "PM2_5.day": "PM2_5"}


@dataclass(frozen=True)
class CountyDay:
    """One day of the county: index (None = cannot tell, with the reason), category, primary items, values.

    `issued` holds what a higher authority issued for the day (AQI, PM2_5): it stands beside ours and counts.
    """

    day: date
    aqi: int | None
    category: str
    level: str
    primary: str
    values: dict[str, float | None]
    reason: str
    issued: dict[str, float] = field(default_factory=dict)

    @property
    def taken_aqi(self) -> float | None:
        """The issued index where there is one, else ours."""
        return self.issued.get("AQI", self.aqi)

    @property
    def is_good(self) -> bool | None:
        """优、良 counts as good, by the index that is taken; None if it cannot be told."""
        if "AQI" in self.issued:
            return rule_book().aqi_category(round(self.issued["AQI"])).level in GOOD_LEVELS
        return None if self.aqi is None else self.level in GOOD_LEVELS

    @property
    def differences(self) -> dict[str, float]:
        """Ours minus the issued one, for each that stands on both sides."""
        ours = {"AQI": None if self.aqi is None else float(self.aqi), "PM2_5": self.values.get("PM2_5")}
        return {name: mine - given for name, given in self.issued.items() if (mine := ours[name]) is not None}


@dataclass(frozen=True)
class Target:
    """A target with where it comes from."""

    value: float
    origin: str


@dataclass(frozen=True)
class YearToDate:
    """PM2.5 mean and good days of a year up to yesterday, against the targets, with what is left.

    pm25 [ug/m3] is the unrounded mean of the county's valid days. room_pm25: the mean that the days still to come may
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

    @property
    def good_share(self) -> float | None:
        """Share of good days among those that could be judged, in percent."""
        return None if not self.judged else 100 * self.good / self.judged


def roster_of(user: User, roster: str = RosterEntry.Roster.COUNTY_AIR) -> list[RosterEntry]:
    """The roster's entries at points that the user may see."""
    return list(RosterEntry.objects.filter(roster=roster, point__in=visible_points(user)).select_related("point"))


def county_days(
    user: User, since: date, until: date, standard: air.Standard = "auto", as_of: datetime | None = None
) -> list[CountyDay]:
    """Days in [since, until) in order, each by the stations that count on that day, with what was issued beside it.

    standard: `auto` judges each day by the edition in force on it; a name judges all of them under that edition.
    as_of: by what had been received, flagged, issued and ruled at that moment, worked out anew from the readings.
    """
    entries = roster_of(user)
    if not entries:
        return []
    start, end = (datetime.combine(d, time.min, BEIJING) for d in (since, until))
    issued = _issued_days(user, start, end, as_of)
    days = _kept_days(entries, start, end) if as_of is None else _days_then(entries, start, end, as_of)
    book = book_as_of(None if as_of is None else int(as_of.timestamp()))
    found = {day.day: replace(day, issued=issued.pop(day.day, {})) for day in _computed(entries, days, standard, book)}
    for day, figures in issued.items():
        nothing: dict[str, float | None] = dict.fromkeys(ITEMS)
        found[day] = CountyDay(day, None, "", "", "", nothing, "没有计算值，只有上级发布的数值", figures)
    return [found[day] for day in sorted(found)]


def _kept_days(entries: list[RosterEntry], start: datetime, end: datetime) -> list[dict[str, Any]]:
    """The days of the stations as they were worked out."""
    rows = Evaluation.objects.filter(
        kind="air_day", is_current=True, item="", start__gte=start, start__lt=end,
        point_id__in={e.point_id for e in entries},
    )  # fmt: skip
    codes = {e.point_id: e.point.code for e in entries}
    return [
        {"site": codes[point], "time": beijing(at).date()} | {i: (detail.get("values") or {}).get(i) for i in ITEMS}
        for point, at, detail in rows.values_list("point_id", "start", "detail")
    ]


def _days_then(entries: list[RosterEntry], start: datetime, end: datetime, as_of: datetime) -> list[dict[str, Any]]:
    """The days of the stations as they came out at a moment."""
    return [
        {"site": point.code, "time": row["start"]} | {i: row["values"].get(i) for i in ITEMS}
        for point in {e.point_id: e.point for e in entries}.values()
        for row in station_air(point, start, end, "day", "auto", as_of)
    ]


def _computed(
    entries: list[RosterEntry], days: list[dict[str, Any]], standard: air.Standard, book: RuleBook
) -> list[CountyDay]:
    """The county's days by the stations of its roster."""
    if not days:
        return []
    types = {"site": pl.String, "time": pl.Date} | dict.fromkeys(ITEMS, pl.Float64)
    last = timedelta(days=1)
    roster = pl.DataFrame(
        [
            {"site": e.point.code, "city": "county", "since": e.valid_from, "until": e.valid_to and e.valid_to - last}
            for e in entries
        ],
        schema={"site": pl.String, "city": pl.String, "since": pl.Date, "until": pl.Date},
    )
    city = air.city_values(pl.DataFrame(days, schema=types), roster, book=book).rename({"reason": "lacking"})
    judged = air.aqi(city.rename({"city": "site"}), "day", standard, book=book)
    return [_day(row) for row in judged.iter_rows(named=True)]


def _issued_days(user: User, start: datetime, end: datetime, as_of: datetime | None) -> dict[date, dict[str, float]]:
    """Issued daily figures of the user's areas by day and item; the one received last counts, text is passed over."""
    rows = IssuedValue.objects.filter(
        indicator__in=ISSUED_DAY, area__in=visible_areas(user), period_start__gte=start, period_start__lt=end
    )
    if as_of is not None:
        rows = rows.filter(received_at__lte=as_of)
    found: dict[date, dict[str, float]] = defaultdict(dict)
    for row in rows.order_by("received_at", "pk"):
        value = _number(row.value_text)
        if value is not None:
            found[beijing(row.period_start).date()][ISSUED_DAY[row.indicator]] = value
    return found


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value <= LARGEST_ISSUED else None


def _day(row: dict[str, Any]) -> CountyDay:
    reason = "；".join(text for text in (row["lacking"], row["reason"]) if text)
    values = {i: row.get(i) for i in ITEMS}
    return CountyDay(
        row["time"], row["AQI"], row["category"] or "", row["level"] or "", row["primary"] or "", values, reason
    )


def _target(indicator: str, on: date) -> Target | None:
    noon = datetime.combine(on, time(12), BEIJING)
    issued = IssuedValue.objects.filter(indicator=indicator, period_start__lte=noon, period_end__gt=noon)
    row = issued.order_by("-received_at", "-pk").first()
    return Target(float(row.value_text), row.document or row.issuer) if row else None


def _issued_year(indicator: str, today: date) -> Target | None:
    """The figure issued for a span of this year that ends last, and of these the one received last."""
    since, until = (datetime(year, 1, 1, tzinfo=BEIJING) for year in (today.year, today.year + 1))
    rows = IssuedValue.objects.filter(indicator=indicator, period_start__gte=since, period_end__lte=until)
    for row in rows.order_by("-period_end", "-received_at", "-pk"):
        value = _number(row.value_text)
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
    """The figures of the year of `today` from its days before `today`."""
    year = today.year
    own = [d for d in days if d.day.year == year and d.day < today]
    pm25 = [v for d in own if (v := d.issued.get("PM2_5", d.values["PM2_5"])) is not None]
    good = sum(1 for d in own if d.is_good)
    judged = sum(1 for d in own if d.is_good is not None)
    target_pm25 = _target(TARGET_PM25, today) or _standard_pm25(today)
    target_good = _target(TARGET_GOOD_SHARE, today)
    length = 366 if calendar.isleap(year) else 365
    left = length - (today - date(year, 1, 1)).days
    mean = sum(pm25) / len(pm25) if pm25 else None
    room_pm25 = None
    if mean is not None and target_pm25 is not None and left:
        room_pm25 = (target_pm25.value * (len(pm25) + left) - mean * len(pm25)) / left
    room_days = None
    if target_good is not None and judged:
        allowed = int((judged + left) * (100 - target_good.value) / 100 + 1e-9)
        room_days = allowed - (judged - good)
    bad = judged - good
    issued = (_issued_year(indicator, today) for indicator in (ISSUED_PM25, ISSUED_GOOD_SHARE))
    return YearToDate(year, mean, len(pm25), good, judged, bad, target_pm25, target_good, room_pm25, room_days, *issued)
