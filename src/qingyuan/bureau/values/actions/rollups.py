"""Minute values into hours, for devices that do not send the hour themselves (or have not yet)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import timedelta

from qingyuan import clock
from qingyuan.bureau.base.models import LoopState
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.values.queries.hours import instant, valid_flags
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
from qingyuan.intake.steps import step_of
from qingyuan.readings import NewReading, Rank, Reading, Series
from qingyuan.rules import rule_book
from qingyuan.science.intervals import beijing_date

MINUTE, HOUR = 60, 3600
GRACE = timedelta(minutes=10)
LOOK_BACK, LONGEST_PAUSE = 3, 72  # hours


def roll_up_minutes(dirty: Iterable[tuple[Series, int]]) -> int:
    """Derive the hours (series of minutes, hour start) that are complete or well past; returns how many changed."""
    store = readings()
    wanted: dict[int, set[int]] = defaultdict(set)
    series_by_id: dict[int, Series] = {}
    for series, hour in dirty:
        if series.key.statistic in METHODS:
            wanted[series.id].add(hour)
            series_by_id[series.id] = series
    if not wanted:
        return 0
    hours = [h for found in wanted.values() for h in found]
    first, last = min(hours), max(hours) + HOUR
    by_hour: dict[tuple[int, int], list[Reading]] = defaultdict(list)
    for r in store.window(list(wanted), first, last):
        hour = r.start - r.start % HOUR
        if hour in wanted[r.series]:
            by_hour[(r.series, hour)].append(r)
    reported = _reported(series_by_id, first, last)
    keys = [series_by_id[number].key for number in wanted]
    outlets, every = waste_outlets(key.point for key in keys), outlets_among(key.point for key in keys)
    methods = {key: method_of(key, outlets, beijing_date(instant(first))) for key in keys}
    weights = Weights(keys, methods, first, last)
    now = int(clock.now().timestamp())
    due: list[tuple[Series, int, list[Reading]]] = []
    portions, covered, lets_count = [], [], valid_flags()
    for (number, hour), rows in by_hour.items():
        minutes, step = _apart(rows)
        expected = max(1, HOUR // step)
        complete = len(minutes) >= expected
        late = now >= hour + HOUR + GRACE.total_seconds()
        if (number, hour) not in reported and hour + HOUR <= now and (complete or late):
            series = series_by_id[number]
            due.append((series, hour, minutes))
            valid = [
                m
                for m in minutes
                if m.value is not None and m.flag in lets_count and counts(series.key, m.value, every)
            ]
            method, given = weighed(methods[series.key], weights.of(series.key, valid))
            portions.append(Portion(method, expected, [m.value for m in valid if m.value is not None], given))
            covered.append(_covered(valid, step) / HOUR)
    results = zip(due, rolled_up(portions), covered, strict=True)
    derived = [_hour(*each, value, min(capture, share), now) for each, (value, capture), share in results]
    return store.append(derived, skip_unchanged=True).added


def _apart(minutes: list[Reading]) -> tuple[list[Reading], int]:
    """One reading for each start, and how long their intervals are [s]: never longer than the readings stand apart.

    What came before the step of a device was known was taken for longer than it was.
    """
    shortest: dict[int, Reading] = {}
    for r in minutes:
        if r.start not in shortest or r.end < shortest[r.start].end:
            shortest[r.start] = r
    told = min(r.end - r.start for r in minutes)
    return list(shortest.values()), max(MINUTE, min(told, step_of(shortest, told)))


def _covered(minutes: Iterable[Reading], step: int) -> int:
    """Seconds of the hour that the union of the intervals covers."""
    total, until = 0, 0
    for start in sorted(r.start for r in minutes):
        begin, end = max(start, until), min(start + step, start - start % HOUR + HOUR)
        total += max(0, end - begin)
        until = max(until, end)
    return total


def _reported(series: dict[int, Series], first: int, last: int) -> set[tuple[int, int]]:
    """(minute series, hour) that the device itself reported."""
    store = readings()
    keys = {s.key._replace(grain="hour"): number for number, s in series.items()}
    hours = store.series_of(list(keys))
    number_of = {found.id: keys[key] for key, found in hours.items()}
    rows = store.window(list(number_of), first, last)
    return {(number_of[r.series], r.start) for r in rows if r.rank >= Rank.REPORTED}


def _hour(
    series: Series, hour: int, minutes: list[Reading], value: float | None, capture: float, now: int
) -> NewReading:
    share = float(rule_book().validity("roll.hour.share", beijing_date(instant(hour))))
    flag = ""
    if capture < share:
        lets_count = valid_flags()
        letters = Counter(m.flag for m in minutes if m.flag not in lets_count)
        flag = letters.most_common(1)[0][0] if letters else "D"
    decimals = max((m.decimals for m in minutes), default=-1)
    return NewReading(
        series.key._replace(grain="hour"),
        hour,
        hour + HOUR,
        None if value is None else round(value, max(decimals, 0) + 3),
        decimals,
        series.unit,
        flag,
        rank=Rank.DERIVED,
        origin=max(m.origin for m in minutes),
        received_at=now,
        capture=capture,
    )


def sweep_hours() -> int:
    """Hours that ended a while ago and are neither complete nor reported: the last three, and all since the last look.

    A mark is settled while its hour is still incomplete; who looks after the hour later is this sweep, also when
    nobody looked for half a day.
    """
    store = readings()
    now = int(clock.now().timestamp())
    this_hour = now - now % HOUR
    state, _ = LoopState.objects.get_or_create(name="hours_swept", defaults={"value": this_hour})
    first = max(this_hour - LONGEST_PAUSE * HOUR, min(int(state.value), this_hour) - LOOK_BACK * HOUR)
    minute_series = [s for s in store.series() if s.key.grain == "minute" and s.key.statistic in METHODS]
    added = roll_up_minutes((s, hour) for s in minute_series for hour in range(first, this_hour, HOUR))
    if state.value != this_hour:
        LoopState.objects.filter(pk=state.pk).update(value=this_hour)
    return added
