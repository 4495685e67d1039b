"""Hours of outlets against their limits: the provisional alert on the first valid hour over the limit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from qingyuan.bureau.base.store import readings
from qingyuan.bureau.judging.actions.results import Key, Result, keep
from qingyuan.bureau.judging.models import Evaluation
from qingyuan.bureau.judging.queries.observations import Episodes, Level, Observation, Subject
from qingyuan.bureau.judging.queries.rules import OUTLET_HOUR
from qingyuan.bureau.registers.models import Outlet, Point
from qingyuan.bureau.values.models import Limit, Tag
from qingyuan.bureau.values.queries.hours import hour_words, instant
from qingyuan.bureau.values.queries.limits import MEDIA, as_rule, conditions_in, limit_on, limits_since, tags_beside
from qingyuan.bureau.values.queries.outlet_values import OutletValues, flows_of, reference_of, with_flow
from qingyuan.bureau.values.queries.tags_in_force import counting_tags
from qingyuan.readings import Reading, SeriesKey
from qingyuan.rules import rule_book
from qingyuan.science import sources as judging
from qingyuan.science.intervals import Interval, beijing_date

HOUR = 3600
NEAR = 48 * HOUR
AHEAD = 12 * HOUR
FAR = 2**40
RULE_SET = "HJ212-2017+MEE-2022-21"


def evaluate(dirty: Mapping[Point, set[int]], episodes: Episodes) -> list[Any]:
    """Judge the changed hours (epoch seconds) of outlets and tell what is seen; returns what began.

    Later hours are judged again up to the first that passes, which ends what runs before it.
    """
    outlets = {o.point_id: o for o in Outlet.objects.filter(point__in=list(dirty)).select_related("enterprise")}
    chosen = {p: hours for p, hours in dirty.items() if p.pk in outlets}
    if not chosen:
        return []
    newest = max(max(hours) for hours in chosen.values())
    near = {p: h for p, h in chosen.items() if min(h) >= newest - NEAR}
    opened = _evaluate(near, outlets, episodes) if near else []
    for point, hours in chosen.items():
        if point not in near:
            opened += _evaluate({point: hours}, outlets, episodes)
    return opened


def _evaluate(
    dirty: Mapping[Point, set[int]], outlets: Mapping[int, Outlet], episodes: Episodes, end: int = 0
) -> list[Any]:
    first = min(min(h) for h in dirty.values())
    batch = _Batch(first, {p.pk: outlets[p.pk] for p in dirty}, episodes)
    keys = [
        SeriesKey(p.code, limit.item, limit.statistic, "hour")
        for p in dirty
        for limit in batch.limits[outlets[p.pk].pk]
    ]
    end = end or _end(keys, max(max(h) for h in dirty.values()) + HOUR)
    values = OutletValues(keys, first, end, changed={p.code: hours for p, hours in dirty.items()})
    water = [p.code for p in dirty if outlets[p.pk].medium == Outlet.Medium.WATER]
    flows = flows_of(water, first, end)
    opened: list[Any] = []
    further: dict[Point, set[int]] = {}
    for point, changed in dirty.items():
        items = dict.fromkeys(limit.item for limit in batch.limits[outlets[point.pk].pk])
        flow = flows.get(point.code, {})
        judged = [batch.judge(point, item, changed, values, flow) for item in items]
        if end != FAR and not all(j.until for j in judged):
            further[point] = changed
            continue
        for item, course in zip(items, judged, strict=True):
            opened += batch.observe(point, item, course)
    batch.keep()
    for point, changed in further.items():
        opened += _evaluate({point: changed}, outlets, episodes, FAR)
    return opened


def _end(keys: Iterable[SeriesKey], last: int) -> int:
    """How far to read: some hours on, where the first hour that passes will mostly be found; FAR where there are few."""
    numbers = [s.id for s in readings().series_of(list(dict.fromkeys(keys))).values()]
    newest = max((r.start for r in readings().latest(numbers).values()), default=0)
    return last + AHEAD if newest > last + 2 * AHEAD else FAR


def industry_of(outlet: Outlet) -> str:
    """The key by which the rule book picks averaging and tags."""
    return outlet.judged_as or "*"


@dataclass(frozen=True)
class _Judged:
    """One hour with the limit row in force in it."""

    reading: Reading
    limit: Limit
    unit: str
    answer: judging.Judgement
    is_computed: bool


@dataclass(frozen=True)
class _Course:
    """The judged hours of an item in order. until: the start of the last, where it passes beyond the last change."""

    hours: list[_Judged]
    until: datetime | None


class _Batch:
    """Many series judged together: what the books say is asked once for all."""

    def __init__(self, first: int, outlets: Mapping[int, Outlet], episodes: Episodes) -> None:
        self._outlets, self._episodes = outlets, episodes
        keys = [o.pk for o in outlets.values()]
        self._tags: dict[int, list[Tag]] = defaultdict(list)
        for tag in counting_tags().filter(outlet__in=keys, end__gt=instant(first)):
            self._tags[tag.outlet_id].append(tag)
        self.limits = limits_since(keys, beijing_date(instant(first)))
        self._concerned = episodes.concerned(OUTLET_HOUR, instant(first))
        self._book = rule_book()
        self._day_of = cache(lambda start: beijing_date(instant(start)))
        self._failing: list[Result] = []
        self._cleared: list[Key] = []

    def judge(
        self, point: Point, item: str, changed: Collection[int], values: OutletValues, flows: Mapping[int, Reading]
    ) -> _Course:
        """The hours of one item from the first change to the first pass after the last one, each by its day's limit."""
        since, last = min(changed), max(changed)
        outlet = self._outlets[point.pk]
        medium, industry = MEDIA[Outlet.Medium(outlet.medium)], industry_of(outlet)
        tags = [judging.Tag(Interval(t.start, t.end), t.kind) for t in self._tags[outlet.pk] if t.item in {"", item}]
        judged = []
        rows = [row for row in self.limits[outlet.pk] if row.item == item]
        has_conditions = any(row.condition for row in rows)
        held = cache(lambda day, met: limit_on(rows, item, day, met))
        for limit in rows:
            key = SeriesKey(point.code, item, limit.statistic, "hour")
            rule, bearing = as_rule(limit), tags_beside(limit, tags)
            for r, value in values.hours(key, limit.unit, reference_of(limit, outlet)):
                if r.start < since:
                    continue
                met = conditions_in(tags, value.interval) if has_conditions else frozenset()
                if held(self._day_of(r.start), met) is not limit:
                    continue
                hour = with_flow(value, flows.get(r.start))
                found = judging.judge_hour(
                    hour, rule, medium=medium, industry=industry, tags=bearing, book=self._book, explained=False
                )
                judged.append(_Judged(r, limit, value.unit, found, value.conversion is not None))
        judged.sort(key=lambda j: j.reading.start)
        for place, j in enumerate(judged):
            if j.reading.start > last and j.answer.answer is judging.Answer.PASS:
                return _Course(judged[: place + 1], j.answer.interval.start)
        return _Course(judged, None)

    def _note(self, point: Point, item: str, judged: list[_Judged]) -> None:
        for j in judged:
            span = j.answer.interval
            if j.answer.answer is not judging.Answer.FAIL:
                self._cleared.append((point.pk, item, span.start))
                continue
            self._failing.append(
                Result(
                    point.pk,
                    "outlet_hour",
                    span.start,
                    span.end,
                    Evaluation.Verdict.FAIL,
                    j.reading.value,
                    RULE_SET,
                    j.reading.origin,
                    item=item,
                    limit_ref=f"limit:{j.limit.pk}",
                    detail={"limit": j.answer.limit.text()} | ({"computed": True} if j.is_computed else {}),
                )
            )

    def observe(self, point: Point, item: str, course: _Course) -> list[Any]:
        """Note the failing hours and tell what is seen of the item; returns what began."""
        judged = course.hours
        self._note(point, item, judged)
        failing = [j for j in judged if j.answer.answer is judging.Answer.FAIL]
        if not judged or (not failing and f"{point.code}:{item}" not in self._concerned):
            return []
        seen = [
            Observation(
                j.answer.interval.start, j.answer.interval.end, j.answer.answer.value, j.reading.value, j.reading.origin
            )
            for j in judged
        ]
        return self._episodes.take(_subject(point, (failing or judged)[0], bool(failing)), seen, course.until)

    def keep(self) -> None:
        """Write the failing hours; hours that no longer fail are current no longer."""
        keep("outlet_hour", self._failing, self._cleared)


def _subject(point: Point, judged: _Judged, is_failing: bool) -> Subject:
    limit, rule = judged.limit, judged.answer.limit
    bound = rule.upper if rule.upper is not None else rule.lower
    title = point.name
    if is_failing:
        items = rule_book().items
        name = items[limit.item].name_zh if limit.item in items else limit.item
        shown = "" if judged.unit == "1" else f" {judged.unit}"
        hour = hour_words(judged.answer.interval.start)
        title = f"{point.name} {hour} {name} {judged.reading.value:g}{shown}，限值 {rule.text()}"
    return Subject(
        OUTLET_HOUR,
        f"{point.code}:{limit.item}",
        point.pk,
        limit.item,
        Level.WARNING,
        title,
        RULE_SET,
        None if bound is None else float(bound),
        limit.unit,
        limit.upper is not None,
        {"limit": limit.pk, "basis": limit.basis, "statistic": limit.statistic},
    )
