"""Daily values: worked out when a day has ended, and again when late data touched it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from qingyuan.bureau.base.store import readings
from qingyuan.bureau.judging.actions import air
from qingyuan.bureau.judging.models import DueDay
from qingyuan.bureau.judging.queries.reach import has_rules
from qingyuan.bureau.quality.queries.flags import Verdicts
from qingyuan.bureau.registers.models import Point
from qingyuan.bureau.values.queries.hours import valid_flags
from qingyuan.bureau.values.queries.weighing import (
    METHODS,
    Portion,
    Weights,
    counts,
    method_of,
    outlets_among,
    rolled_up,
    waste_outlets,
    weighed,
)
from qingyuan.readings import NewReading, Rank, Reading
from qingyuan.rules import rule_book
from qingyuan.science.intervals import civil_day

HOURS = 24


def work_off(limit: int = 400, since: date | None = None) -> int:
    """Work out up to `limit` due (point, day) pairs, oldest days first; returns how many. since: only from that day on."""
    rows = DueDay.objects.select_related("point").order_by("day")
    due = list((rows if since is None else rows.filter(day__gte=since))[:limit])
    by_day: dict[date, list[Point]] = defaultdict(list)
    for row in due:
        by_day[row.day].append(row.point)
    for day, points in by_day.items():
        if not has_rules(day):
            continue
        stations = [p for p in points if p.kind == Point.Kind.AIR]
        air.evaluate_days(stations, day)
        _roll_up([p for p in points if p.kind != Point.Kind.AIR], day)
    DueDay.objects.filter(pk__in=[row.pk for row in due]).delete()
    return len(due)


def _roll_up(points: Sequence[Point], day: date) -> None:
    """Daily means with capture rate of outlets, sections and meters; what the device reported stays above it."""
    store = readings()
    codes = [p.code for p in points]
    series = {s.id: s for s in store.series_of_points(codes) if s.key.grain == "hour" and s.key.statistic in METHODS}
    if not series:
        return
    span = civil_day(day)
    start, end = int(span.start.timestamp()), int(span.end.timestamp())
    hours: dict[int, list[Reading]] = defaultdict(list)
    for r in store.window(list(series), start, end):
        hours[r.series].append(r)
    expected = {p.code: HOURS * 60 // max(60, p.expected_minutes or 60) for p in points}
    share = float(rule_book().validity("roll.day.share", day))
    sections = {p.code for p in points if p.kind == Point.Kind.WATER}  # an outlet's hour is judged by flag and tag only
    verdicts = Verdicts([n for n, s in series.items() if s.key.point in sections], start, end)
    outlets, every = waste_outlets(codes), outlets_among(codes)
    methods = {s.key: method_of(s.key, outlets, day) for s in series.values()}
    weights = Weights(methods, methods, start, end)
    portions, lets_count = [], valid_flags()
    for number, found in hours.items():
        key = series[number].key
        judged = key.point in sections
        valid = [
            r
            for r in found
            if r.value is not None
            and r.flag in lets_count
            and counts(key, r.value, every)
            and (not judged or verdicts.of(r.series, r.start).counts)
        ]
        method, given = weighed(methods[key], weights.of(key, valid))
        values = [r.value for r in valid if r.value is not None]
        portions.append(Portion(method, expected[key.point], values, given))
    made = []
    for (number, found), (value, capture) in zip(hours.items(), rolled_up(portions), strict=True):
        decimals = max((r.decimals for r in found), default=-1)
        made.append(
            NewReading(
                series[number].key._replace(grain="day"),
                start,
                end,
                None if value is None else round(value, max(decimals, 0) + 3),
                decimals,
                series[number].unit,
                "" if capture >= share else "D",
                rank=Rank.DERIVED,
                origin=max(r.origin for r in found),
                received_at=max(r.received_at for r in found),
                capture=capture,
            )
        )
    store.append(made, skip_unchanged=True)
