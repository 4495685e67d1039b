"""Emitted mass kept by day, brought up to date as hours arrive: pages and lists sum days, not hours.

What is kept follows from the readings alone. A quarter is worked out as a whole, for the capture rate is the quarter's,
and every later one with it, since a gap may be filled from the hours before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from qingyuan import clock
from qingyuan.bureau.registers.models import Outlet, Point
from qingyuan.bureau.values.models import EmissionDue, KeptEmission
from qingyuan.bureau.values.queries.emissions import (
    HOWS,
    PERIODS,
    Emission,
    check_span,
    emissions,
    limited_items,
    periods,
    quarter_start,
)
from qingyuan.rules import rule_book
from qingyuan.science.intervals import beijing_date, civil_day

AT_ONCE = 10  # outlets worked off in one go
CHUNK = 500
ONE_DAY = timedelta(days=1)
KINDS = tuple(HOWS.values())


def note_emissions(changed: Mapping[Point, Collection[datetime]]) -> None:
    """The mass of these outlets is due from the earliest changed hour on."""
    since = {point.pk: beijing_date(min(hours)) for point, hours in changed.items() if hours}
    rows = Outlet.objects.filter(point__in=list(since)).values_list("pk", "point_id")
    _note({outlet: since[point] for outlet, point in rows})


def note_all(day: date) -> None:
    """A day has ended: what is missing of it is substituted, so that every outlet is due."""
    _note(dict.fromkeys(Outlet.objects.values_list("pk", flat=True), day))


def _note(since: Mapping[int, date]) -> None:
    known = dict(EmissionDue.objects.filter(outlet__in=list(since)).values_list("outlet_id", "since"))
    rows = [EmissionDue(outlet_id=pk, since=day) for pk, day in since.items() if pk not in known or day < known[pk]]
    EmissionDue.objects.bulk_create(
        rows, batch_size=CHUNK, update_conflicts=True, unique_fields=["outlet"], update_fields=["since"]
    )


def work_off(limit: int = AT_ONCE) -> int:
    """Work out and keep what is due of some outlets, longest waiting first; returns how many."""
    due = list(EmissionDue.objects.select_related("outlet__point", "outlet__enterprise").order_by("pk")[:limit])
    groups: dict[date, list[Outlet]] = defaultdict(list)
    for row in due:
        groups[_from(row)].append(row.outlet)
    for since, outlets in groups.items():
        _keep(outlets, since)
    for row in due:  # what came meanwhile stays due
        EmissionDue.objects.filter(pk=row.pk, since=row.since).delete()
    return len(due)


def _from(due: EmissionDue) -> date:
    """The first quarter to work out: that of the change; of an outlet without kept figures, the first of this year."""
    first = quarter_start(due.since)
    begin = date(clock.beijing(clock.now()).year, 1, 1)
    if begin < first and not KeptEmission.objects.filter(outlet=due.outlet, item="", quarter=begin).exists():
        return begin
    return first


def _quarters(first: date, last: date) -> Iterator[tuple[date, date]]:
    for since, _ in periods(quarter_start(first), last, "quarter"):
        following = quarter_start(since + timedelta(days=95))
        yield since, following - ONE_DAY


def _basis(outlets: Sequence[Outlet], first: date, last: date) -> dict[int, list[Any]]:
    """What a quarter rests on beside readings and rules: the items with a limit, and since and until when it is in use."""
    items = limited_items(outlets, first, last)
    dates = {o.pk: [str(day or "") for day in (o.point.active_from, o.point.active_to)] for o in outlets}
    return {o.pk: [items.get(o.pk, []), *dates[o.pk]] for o in outlets}


def _keep(outlets: list[Outlet], since: date) -> None:
    now = clock.now()
    today = clock.beijing(now).date()
    until, digest = now.replace(minute=0, second=0, microsecond=0), rule_book().digest
    for first, last in _quarters(since, today):
        days: dict[tuple[int, str], list[list[Any]]] = defaultdict(list)
        for found in emissions(outlets, first, min(last, today), "day"):
            counts = [found.hours[kind] for kind in KINDS]
            days[found.outlet.pk, found.item].append([found.measured, found.substituted, *counts])
        basis = _basis(outlets, first, last)
        worked: dict[tuple[int, str], list[Any]] = {(pk, ""): told for pk, told in basis.items()} | dict(days)
        rows = [
            KeptEmission(outlet_id=pk, item=item, quarter=first, until=until, rule_digest=digest, days=own)
            for (pk, item), own in worked.items()
        ]
        with transaction.atomic():
            old = KeptEmission.objects.filter(outlet__in=outlets, quarter=first)
            gone = [row.pk for row in old.only("pk", "outlet_id", "item") if (row.outlet_id, row.item) not in worked]
            KeptEmission.objects.filter(pk__in=gone).delete()
            KeptEmission.objects.bulk_create(
                rows,
                batch_size=CHUNK,
                update_conflicts=True,
                unique_fields=["outlet", "item", "quarter"],
                update_fields=["until", "rule_digest", "days"],
            )


@dataclass(frozen=True)
class Standing:
    """Figures as they stand. until: up to when the oldest of them was worked out; None where nothing is kept of it."""

    rows: list[Emission]
    until: datetime | None


def standing_emissions(outlets: Iterable[Outlet], first: date, last: date, by: str = "month") -> Standing:
    """As `emissions`, from what is kept; outlets whose kept figures are not up to date are worked out on the spot.

    Up to date: nothing is due of the span, the rules are those in use, today has begun in it. Raises as `emissions`.
    """
    check_span(first, last)
    wanted = list(outlets)
    if by not in PERIODS:
        return Standing(emissions(wanted, first, last, by), None)
    kept = _up_to_date(wanted, first, last)
    spot = {o.pk: o for o in wanted if o.pk not in kept}
    today = clock.beijing(clock.now()).date()
    spans = [span for span in periods(first, last, by) if span[0] <= today]
    made: dict[int, list[Emission]] = defaultdict(list)
    for found in emissions(spot.values(), first, last, by) if spot else ():
        made[found.outlet.pk].append(found)
    until = [row.until for rows in kept.values() for row in rows]
    for outlet in wanted:
        if outlet.pk in kept:
            made[outlet.pk] = list(_summed(outlet, kept[outlet.pk], spans))
    return Standing([found for outlet in wanted for found in made[outlet.pk]], min(until, default=None))


def _up_to_date(outlets: list[Outlet], first: date, last: date) -> dict[int, list[KeptEmission]]:
    """By outlet the kept rows of the span, of those outlets of which all of them can be used."""
    today = clock.beijing(clock.now()).date()
    spans = list(_quarters(first, min(last, today))) if first <= today else []
    quarters = [since for since, _ in spans]
    midnight, digest = civil_day(today).start, rule_book().digest
    due = dict(EmissionDue.objects.filter(outlet__in=outlets).values_list("outlet_id", "since"))
    found: dict[int, list[KeptEmission]] = defaultdict(list)
    for row in KeptEmission.objects.filter(outlet__in=outlets, quarter__in=quarters, rule_digest=digest):
        found[row.outlet_id].append(row)
    basis = {since: _basis(outlets, since, until) for since, until in spans}

    def is_usable(outlet: Outlet) -> bool:
        if outlet.pk in due and quarters and quarter_start(due[outlet.pk]) <= quarters[-1]:
            return False
        marks = {row.quarter: row for row in found[outlet.pk] if not row.item}
        return all(
            since in marks
            and marks[since].days == basis[since][outlet.pk]
            and (since != quarter_start(today) or marks[since].until >= midnight)
            for since in quarters
        )

    return {outlet.pk: found[outlet.pk] for outlet in outlets if is_usable(outlet)}


def _summed(outlet: Outlet, rows: list[KeptEmission], spans: list[tuple[date, date]]) -> Iterator[Emission]:
    days: dict[str, dict[date, list[Any]]] = defaultdict(dict)
    for row in rows:
        for number, day in enumerate(row.days):
            days[row.item][row.quarter + number * ONE_DAY] = day
    for item in sorted(name for name in days if name):
        for since, until in spans:
            own = [days[item][day] for day in _days(since, until) if day in days[item]]
            measured, substituted = (sum(day[place] for day in own) for place in (0, 1))
            hours = {kind: sum(day[2 + place] for day in own) for place, kind in enumerate(KINDS)}
            is_known = any(count for kind, count in hours.items() if kind not in {"open", "outside"})
            mass = float(measured + substituted) if is_known else None
            yield Emission(outlet, item, since, until, mass, float(measured), float(substituted), hours)


def _days(since: date, until: date) -> Iterator[date]:
    for number in range((until - since).days + 1):
        yield since + number * ONE_DAY
