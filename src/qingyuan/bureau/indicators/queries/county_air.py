"""The county's air, day by day, from the daily values of the stations on its dated roster."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

import polars as pl
from django.db.models import Max, Min, Q

from qingyuan.bureau.accounts.models import Area
from qingyuan.bureau.base.rule_books import book_as_of
from qingyuan.bureau.indicators.queries.under import station_air
from qingyuan.bureau.judging.models import Evaluation
from qingyuan.bureau.monitoring.models import IssuedValue
from qingyuan.bureau.registers.models import RosterEntry
from qingyuan.clock import BEIJING, beijing
from qingyuan.rules import RuleBook, rule_book
from qingyuan.science import air

ITEMS = ("SO2", "NO2", "CO", "O3_8h", "PM10", "PM2_5")
GOOD_LEVELS = {"I", "II"}
LARGEST_ISSUED = 10_000
WHOLE = (Area.Kind.COUNTY, Area.Kind.CITY)
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


def roster_entries(roster: str = RosterEntry.Roster.COUNTY_AIR) -> list[RosterEntry]:
    """Every entry of the roster: the county's figures are one for all, whatever the reader's own scope."""
    return list(RosterEntry.objects.filter(roster=roster).select_related("point"))


def years_told() -> list[int]:
    """The years in which the county has days, newest first: from the first day of a station on the roster to the last."""
    points = RosterEntry.objects.filter(roster=RosterEntry.Roster.COUNTY_AIR).values("point")
    rows = Evaluation.objects.filter(kind="air_day", is_current=True, item="", point__in=points).order_by()
    ends = rows.aggregate(first=Min("start"), last=Max("start"))
    if ends["first"] is None:
        return []
    first, last = (beijing(ends[end]).year for end in ("first", "last"))
    return list(range(last, first - 1, -1))


def county_days(
    since: date, until: date, standard: air.Standard = "auto", as_of: datetime | None = None
) -> list[CountyDay]:
    """Days in [since, until) in order, each by the stations that count on that day, with what was issued beside it.

    standard: `auto` judges each day by the edition in force on it; a name judges all of them under that edition.
    as_of: by what had been received, flagged, issued and ruled at that moment, worked out anew from the readings.
    """
    entries = roster_entries()
    if not entries:
        return []
    start, end = (datetime.combine(d, time.min, BEIJING) for d in (since, until))
    issued = _issued_days(start, end, as_of)
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
        kind="air_day",
        is_current=True,
        item="",
        start__gte=start,
        start__lt=end,
        point_id__in={e.point_id for e in entries},
    )
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


def of_the_county() -> Q:
    """Figures issued for the county (or city) itself, not for a part of it."""
    return Q(area__kind__in=WHOLE)


def _issued_days(start: datetime, end: datetime, as_of: datetime | None) -> dict[date, dict[str, float]]:
    """Issued daily figures by day and item; the one received last counts, text is passed over."""
    rows = IssuedValue.objects.filter(
        of_the_county(), indicator__in=ISSUED_DAY, period_start__gte=start, period_start__lt=end
    )
    if as_of is not None:
        rows = rows.filter(received_at__lte=as_of)
    found: dict[date, dict[str, float]] = defaultdict(dict)
    for row in rows.order_by("received_at", "pk"):
        value = number(row.value_text)
        if value is not None:
            found[beijing(row.period_start).date()][ISSUED_DAY[row.indicator]] = value
    return found


def number(text: str) -> float | None:
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
