"""How much of the outlets' hourly data came, and how much counts: by item, outlet, firm and altogether, for a period."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

import numpy as np

from qingyuan import clock
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.base.errors import Invalid
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.registers.models import Outlet
from qingyuan.bureau.registers.policies import visible_points
from qingyuan.bureau.values.models import Limit
from qingyuan.bureau.values.queries.hour_states import HOUR, INVALID, MISSING, STOPPED, VALID, apply_tags, state_of
from qingyuan.bureau.values.queries.in_use import hours_outside
from qingyuan.bureau.values.queries.limits import MEDIA
from qingyuan.bureau.values.queries.outlet_values import FLOW, flows_of
from qingyuan.readings import SeriesKey
from qingyuan.rules import rule_book
from qingyuan.science.intervals import civil_day
from qingyuan.science.sources import Tally, Transmission, together, transmission

NOT_DUE = -1
LONGEST = timedelta(days=100)
HOURS = 24


@dataclass(frozen=True)
class ItemRate:
    """One item of one outlet."""

    outlet: Outlet
    item: str
    rate: Transmission


@dataclass(frozen=True)
class Rates:
    """Rates of a period; `outlets`, `firms` and `total` add counts up before they divide."""

    first: date
    last: date
    items: list[ItemRate]

    @property
    def outlets(self) -> list[tuple[Outlet, Transmission]]:
        """By outlet, the worst first."""
        found: dict[int, list[ItemRate]] = defaultdict(list)
        for row in self.items:
            found[row.outlet.pk].append(row)
        return _worst((rows[0].outlet, together(r.rate for r in rows)) for rows in found.values())

    @property
    def firms(self) -> list[tuple[str, Transmission]]:
        """By enterprise, the worst first."""
        found: dict[str, list[Transmission]] = defaultdict(list)
        for row in self.items:
            found[row.outlet.enterprise.name if row.outlet.enterprise else ""].append(row.rate)
        return _worst((name, together(rows)) for name, rows in found.items())

    @property
    def total(self) -> Transmission:
        """All together."""
        return together(row.rate for row in self.items)


T = TypeVar("T")


def _worst(rows: Iterable[tuple[T, Transmission]]) -> list[tuple[T, Transmission]]:
    return sorted(rows, key=lambda row: 2.0 if row[1].effective is None else row[1].effective)


def rates(user: User, first: date, last: date, outlet: str = "") -> Rates:
    """Effective transmission of the user's outlets from `first` to `last` (both days counted), up to now.

    Every item with a limit in force in the period counts, by its hours. An hour is stopped by the device's flag, by a
    tag that stops or by a planned stop; invalid by flag or tag; hours to come, and those in which the outlet was not in
    use, are not due. Hours without flow are as stopped for what else waste water holds (a setting: HJ 356-2019). Raises
    Invalid for a period that is turned round or longer than a hundred days.
    """
    if not timedelta(0) <= last - first < LONGEST:
        raise Invalid(f"时段得到 {first} 至 {last}，应为正向且不超过 {LONGEST.days} 天", "since")
    points = visible_points(user)
    outlets = {
        o.point.code: o
        for o in Outlet.objects.filter(point__in=points, **({"point__code": outlet} if outlet else {}))
        .select_related("point", "enterprise")
        .order_by("point__code")
    }
    wanted = _items(outlets, first, last)
    span = civil_day(first).start, min(civil_day(last).end, _whole_hour(clock.now()))
    begin, end = (int(at.timestamp()) for at in span)
    hours = max(0, (end - begin) // HOUR)
    series = readings().series_of([SeriesKey(code, item, "Avg", "hour") for code, item in wanted])
    states = {pair: np.full(hours, MISSING, dtype=np.int8) for pair in wanted}
    letters = {letter: flag.effect for letter, flag in rule_book().flags.items()}
    keys = {found.id: (key.point, key.item) for key, found in series.items()}
    for r in readings().window(sorted(keys), begin, end) if hours else ():
        states[keys[r.series]][(r.start - begin) // HOUR] = state_of(r, letters)
    outside = hours_outside(outlets, states, {key[:2]: found.id for key, found in series.items()}, begin)
    apply_tags(states, outlets, begin, end)
    dry = _without_discharge(outlets, begin, end)
    for (code, item), row in states.items():
        row[outside[code]] = NOT_DUE
        places = [] if item == FLOW else dry.get(code, [])
        row[places] = np.where(row[places] == NOT_DUE, NOT_DUE, STOPPED)
    items = []
    for (code, item), row in states.items():
        medium = MEDIA[Outlet.Medium(outlets[code].medium)]
        days = [
            (first + timedelta(days=place), _tally(row[place * HOURS : (place + 1) * HOURS]))
            for place in range(-(-hours // HOURS))
        ]
        items.append(ItemRate(outlets[code], item, transmission(days, item, medium)))
    return Rates(first, last, items)


def _without_discharge(outlets: Mapping[str, Outlet], begin: int, end: int) -> dict[str, list[int]]:
    """By point of waste water the hours in which nothing was discharged: there is nothing to measure in them."""
    water = [code for code, outlet in outlets.items() if outlet.medium == Outlet.Medium.WATER]
    flows = flows_of(water, begin, end) if end > begin else {}
    return {
        code: [(start - begin) // HOUR for start, reading in hours.items() if reading.value == 0]
        for code, hours in flows.items()
    }


def _items(outlets: Mapping[str, Outlet], first: date, last: date) -> list[tuple[str, str]]:
    codes = {o.pk: code for code, o in outlets.items()}
    rows = Limit.objects.standing().filter(outlet__in=list(codes), valid_from__lte=last).exclude(valid_to__lte=first)
    return sorted({(codes[outlet], item) for outlet, item in rows.values_list("outlet_id", "item")})


def _whole_hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def _tally(states: np.ndarray) -> Tally:
    valid, invalid, stopped = (int((states == kind).sum()) for kind in (VALID, INVALID, STOPPED))
    return Tally(int((states != NOT_DUE).sum()), stopped, valid + invalid, valid)
