"""One turn of the level-triggered loop: what changed in the readings, worked off, oldest change first.

Settling comes last and only clears marks that have not changed meanwhile, so that a crash repeats work and never
loses it; every part is idempotent.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

from qingyuan import clock
from qingyuan.bureau.alerts.actions.findings import review
from qingyuan.bureau.alerts.models import Alert
from qingyuan.bureau.evaluation.actions import air, later, outlets, rollups, water
from qingyuan.bureau.evaluation.hours import instant
from qingyuan.bureau.evaluation.models import DueDay
from qingyuan.bureau.evaluation.reach import has_outlet_rules, has_rules
from qingyuan.bureau.monitoring.models import Point
from qingyuan.bureau.monitoring.store import readings
from qingyuan.bureau.quality import actions as quality
from qingyuan.bureau.sources.figures.kept_emissions import note_all, note_emissions
from qingyuan.readings import DirtyMark, Series
from qingyuan.science.intervals import beijing_date

BATCH = 20_000
PRESENT = timedelta(days=2)
JUDGED = {"Avg", "ZsAvg"}


@dataclass
class Turn:
    """What a turn did."""

    marks: int = 0
    is_full: bool = False
    derived: int = 0
    flagged: int = 0
    opened: list[Alert] = field(default_factory=list)


def step(limit: int = BATCH) -> Turn:
    """Work off up to `limit` dirty marks. Marks of days before the rule book begins are settled without a verdict."""
    store = readings()
    seen = _first(limit)
    if not seen:
        return Turn(flagged=later.work_off())
    known = {hour for hour in {m.hour for m in seen} if has_rules(beijing_date(instant(hour)))}
    marks = [m for m in seen if m.hour in known]
    series = store.series_by_number(sorted({m.series for m in marks}))
    turn = Turn(marks=len(seen), is_full=len(seen) >= limit)
    touched: dict[int, tuple[Series, set[int]]] = {}
    for m in marks:
        touched.setdefault(m.series, (series[m.series], set()))[1].add(m.hour)
    if len(seen) < limit:
        prompt, put_off = _by_urgency(touched)
        turn.flagged = quality.check(prompt)
        later.note(put_off)
    elif touched and later.note_full(touched) >= later.MOST_FULL:
        turn.flagged = later.work_off()
    minutes = [(series[m.series], m.hour) for m in marks if series[m.series].key.grain == "minute"]
    turn.derived = rollups.roll_up_minutes(minutes)
    changed: dict[str, set[int]] = defaultdict(set)
    sampled: dict[str, set[int]] = defaultdict(set)
    for m in marks:
        key = series[m.series].key
        if key.grain == "hour" and key.statistic in JUDGED:
            changed[key.point].add(m.hour)
        elif key.grain == "raw" and key.statistic == "Rtd":
            sampled[key.point].add(m.hour)
    points = _points(list(changed))
    by_kind: dict[str, dict[Point, set[int]]] = defaultdict(dict)
    for point in points:
        hours = changed[point.code]
        if point.kind == Point.Kind.OUTLET:
            hours = {h for h in hours if has_outlet_rules(beijing_date(instant(h)))}
        if hours:
            by_kind[point.kind][point] = hours
    turn.opened += air.evaluate_hours(by_kind[Point.Kind.AIR])
    turn.opened += water.evaluate(by_kind[Point.Kind.WATER])
    turn.opened += _evaluate_samples(sampled)
    turn.opened += outlets.evaluate(by_kind[Point.Kind.OUTLET])
    review({point: [instant(h) for h in hours] for point, hours in by_kind[Point.Kind.OUTLET].items()})
    _note_days(points, changed)
    note_emissions({point: [instant(h) for h in hours] for point, hours in by_kind[Point.Kind.OUTLET].items()})
    store.settle(seen)
    return turn


def _first(limit: int) -> list[DirtyMark]:
    """The marks to work off: the oldest changes; of a flood those of the present first, a history can wait."""
    seen = readings().dirty_since(limit)
    if len(seen) < limit:
        return seen
    return readings().dirty_since(limit, since=int((clock.now() - PRESENT).timestamp())) or seen


def _by_urgency(touched: later.Touched) -> tuple[later.Touched, later.Touched]:
    """What the rules must be asked at once, and what can wait: no verdict on an outlet depends on them, and a history
    has waited for long (flags that rules put over it mark its hours, a few of each week: asked at once, each would have
    whole weeks read again)."""
    codes = {series.key.point for series, _ in touched.values()}
    outlet = set(Point.objects.filter(kind=Point.Kind.OUTLET, code__in=codes).values_list("code", flat=True))
    since = (clock.now() - PRESENT).timestamp()
    prompt: dict[int, tuple[Series, set[int]]] = {}
    waits: dict[int, tuple[Series, set[int]]] = {}
    for number, (series, hours) in touched.items():
        young = set() if series.key.point in outlet else {hour for hour in hours if hour >= since}
        if young:
            prompt[number] = (series, young)
        if old := hours - young:
            waits[number] = (series, old)
    return prompt, waits


def _evaluate_samples(sampled: dict[str, set[int]]) -> list[Alert]:
    """Sections that have single samples only (they came by file): each sample is judged."""
    points = [p for p in _points(list(sampled)) if p.kind == Point.Kind.WATER]
    with_hours = {s.key.point for s in readings().series_of_points([p.code for p in points]) if s.key.grain == "hour"}
    return water.evaluate({p: sampled[p.code] for p in points if p.code not in with_hours}, "raw", "Rtd")


def _points(codes: list[str]) -> list[Point]:
    found: list[Point] = []
    for i in range(0, len(codes), 500):
        found += Point.objects.filter(code__in=codes[i : i + 500])
    return found


def _note_days(points: list[Point], changed: dict[str, set[int]]) -> None:
    """Past days of the changed hours are due; today's is when it has ended."""
    today = beijing_date(clock.now())
    rows = [
        DueDay(point=p, day=day)
        for p in points
        for day in {beijing_date(instant(h)) for h in changed[p.code]}
        if day < today
    ]
    DueDay.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)


def note_day_ended(day: date) -> None:
    """A day has ended: the daily values of every point are due."""
    rows = [DueDay(point_id=pk, day=day) for pk in Point.objects.values_list("pk", flat=True)]
    DueDay.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
    note_all(day)
