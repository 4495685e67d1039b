"""The way of the data, once, in its order: check, roll up, judge, warn, find, lead; level-triggered, oldest change first.

Settling comes last and only clears marks that have not changed meanwhile, so that a crash repeats work and never
loses it; every part is idempotent.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from qingyuan import clock
from qingyuan.bureau.alerts.actions.episodes import AlertEpisodes
from qingyuan.bureau.alerts.models import Alert
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.cases.actions.automatic import leads_from_findings
from qingyuan.bureau.cases.models import Lead
from qingyuan.bureau.judging.actions import air, water
from qingyuan.bureau.judging.actions.due import note_day_of_all, note_days
from qingyuan.bureau.judging.actions.findings import decide_due, review
from qingyuan.bureau.judging.models import Finding
from qingyuan.bureau.judging.queries.reach import has_outlet_rules, has_rules
from qingyuan.bureau.judging.queries.rules import Changed, warning_rules
from qingyuan.bureau.quality.actions import check as quality
from qingyuan.bureau.quality.actions import later
from qingyuan.bureau.registers.models import Point
from qingyuan.bureau.values.actions import rollups
from qingyuan.bureau.values.actions.kept_emissions import note_all, note_emissions
from qingyuan.bureau.values.queries.hours import instant
from qingyuan.readings import DirtyMark, Series
from qingyuan.science.intervals import beijing_date

BATCH = 20_000
PRESENT = timedelta(days=2)
JUDGED = {"Avg", "ZsAvg"}
EPISODES = AlertEpisodes()


@dataclass
class Turn:
    """What a turn did."""

    marks: int = 0
    is_full: bool = False
    derived: int = 0
    flagged: int = 0
    opened: list[Alert] = field(default_factory=list)


def step(limit: int = BATCH, *, instants: bool = True) -> Turn:
    """Work off up to `limit` dirty marks. Marks of days before the rule book begins are settled without a verdict.

    instants: also the marks of instants. They judge nothing but sections that have samples only, and may wait for more.
    """
    store = readings()
    seen = _first(limit, instants)
    if not seen:
        return Turn(flagged=later.work_off()) if instants else Turn()
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
    what = Changed(by_kind, _sampled(sampled))
    air.evaluate_hours(what.of(Point.Kind.AIR))
    water.evaluate(what.of(Point.Kind.WATER))
    water.evaluate(what.samples, "raw", "Rtd")
    for rule in warning_rules().values():
        if rule.watch is not None:
            turn.opened += rule.watch(what, EPISODES)
    review({point: [instant(h) for h in hours] for point, hours in what.of(Point.Kind.OUTLET).items()}, EPISODES)
    note_days({p: {beijing_date(instant(h)) for h in changed[p.code]} for p in points})
    note_emissions({point: [instant(h) for h in hours] for point, hours in by_kind[Point.Kind.OUTLET].items()})
    store.settle(seen)
    return turn


def _first(limit: int, instants: bool) -> list[DirtyMark]:
    """The marks to work off: the oldest changes; of a flood those of the present first, a history can wait."""
    seen = readings().dirty_since(limit, instants=instants)
    if len(seen) < limit:
        return seen
    return readings().dirty_since(limit, since=int((clock.now() - PRESENT).timestamp()), instants=instants) or seen


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


def _sampled(sampled: dict[str, set[int]]) -> dict[Point, set[int]]:
    """Sections that have single samples only (they came by file): each sample is judged."""
    points = [p for p in _points(list(sampled)) if p.kind == Point.Kind.WATER]
    with_hours = {s.key.point for s in readings().series_of_points([p.code for p in points]) if s.key.grain == "hour"}
    return {p: sampled[p.code] for p in points if p.code not in with_hours}


def _points(codes: list[str]) -> list[Point]:
    found: list[Point] = []
    for i in range(0, len(codes), 500):
        found += Point.objects.filter(code__in=codes[i : i + 500])
    return found


def decide_findings(now: datetime | None = None) -> list[Finding]:
    """Decide what is due by the averaging time of its rule; returns new exceedances."""
    return decide_due(EPISODES, now)


def find(now: datetime | None = None) -> list[Lead]:
    """Findings that are due, and the leads of those that have none; returns the new leads."""
    decide_findings(now)
    return leads_from_findings()


def note_day_ended(day: date) -> None:
    """A day has ended: the daily values of every point are due."""
    note_day_of_all(day)
    note_all(day)
