"""Hours of outlets against their limits: the provisional alert on the first valid hour over the limit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

from qingyuan.bureau.alerts.actions.reconcile import Observation, Subject, concerned_subjects, reconcile
from qingyuan.bureau.alerts.models import Alert
from qingyuan.bureau.evaluation.hours import instant
from qingyuan.bureau.evaluation.models import Evaluation
from qingyuan.bureau.evaluation.results import Key, Result, keep
from qingyuan.bureau.monitoring.models import Point
from qingyuan.bureau.monitoring.store import readings
from qingyuan.bureau.sources.models import Limit, Outlet, Tag
from qingyuan.bureau.sources.queries import MEDIA, as_rule, dated_limits, limit_on
from qingyuan.readings import Reading, Series, SeriesKey
from qingyuan.rules import rule_book
from qingyuan.science import sources as judging
from qingyuan.science.intervals import Interval, beijing_date

HOUR, DAY = 3600, 86400
BEIJING_OFFSET = 8 * HOUR
NEAR = 48 * HOUR
RULE_SET = "HJ212-2017+MEE-2022-21"


def evaluate(dirty: Mapping[Point, set[int]]) -> list[Alert]:
    """Judge the changed hours (epoch seconds) of outlets and all later ones; returns alerts that were opened."""
    outlets = {o.point_id: o for o in Outlet.objects.filter(point__in=list(dirty)).select_related("enterprise")}
    chosen = {p: hours for p, hours in dirty.items() if p.pk in outlets}
    if not chosen:
        return []
    newest = max(max(hours) for hours in chosen.values())
    near = {p: h for p, h in chosen.items() if min(h) >= newest - NEAR}
    opened = _evaluate(near, outlets) if near else []
    for point, hours in chosen.items():
        if point not in near:
            opened += _evaluate({point: hours}, outlets)
    return opened


def _evaluate(dirty: Mapping[Point, set[int]], outlets: Mapping[int, Outlet]) -> list[Alert]:
    first = min(min(h) for h in dirty.values())
    limits = dated_limits([outlets[p.pk].pk for p in dirty], beijing_date(instant(first)))
    points = {outlets[p.pk].pk: p for p in dirty}
    keys = {
        SeriesKey(points[outlet].code, item, row.statistic, "hour"): (outlet, item)
        for (outlet, item), rows in limits.items()
        for row in rows
    }
    series = readings().series_of(list(keys))
    by_number = {s.id: s for s in series.values()}
    found: dict[tuple[int, str], list[Reading]] = defaultdict(list)
    for r in readings().window(list(by_number), first, 2**40):
        found[keys[by_number[r.series].key]].append(r)
    batch = _Batch(first, list(points), by_number)
    opened: list[Alert] = []
    for (outlet, item), hours in found.items():
        point = points[outlet]
        changed = [r for r in hours if r.start >= min(dirty[point])]
        opened += batch.judge(point, outlets[point.pk], limits[(outlet, item)], changed)
    batch.keep()
    return opened


def hour_value(reading: Reading, unit: str) -> judging.HourValue:
    """A stored hour as the pure functions take it."""
    minutes = 60
    n_valid = None if reading.capture is None else round(reading.capture * minutes)
    return judging.HourValue(
        Interval(instant(reading.start), instant(reading.end)), reading.value, unit, reading.flag or None, n_valid,
        None if n_valid is None else minutes,
    )  # fmt: skip


def industry_of(outlet: Outlet) -> str:
    """The key by which the rule book picks averaging and tags."""
    return outlet.enterprise.industry_key if outlet.enterprise and outlet.enterprise.industry_key else "*"


class _Judged(NamedTuple):
    """An hour with the limit of its day and what came out."""

    reading: Reading
    unit: str
    limit: Limit
    result: judging.Judgement

    @property
    def is_failing(self) -> bool:
        """Over its limit."""
        return self.result.answer is judging.Answer.FAIL

    @property
    def observation(self) -> Observation:
        """As the alerts see it."""
        span, r = self.result.interval, self.reading
        return Observation(span.start, span.end, self.result.answer.value, r.value, r.origin)


class _Batch:
    """Many series judged together: what the books say is asked once for all."""

    def __init__(self, first: int, outlets: list[int], series: Mapping[int, Series]) -> None:
        self._tags: dict[int, list[Tag]] = defaultdict(list)
        for tag in Tag.objects.filter(outlet__in=outlets, withdrawn_at__isnull=True, end__gt=instant(first)):
            self._tags[tag.outlet_id].append(tag)
        self._concerned = concerned_subjects(Alert.Rule.OUTLET_HOUR, instant(first))
        self._series = series
        self._failing: list[Result] = []
        self._cleared: list[Key] = []

    def judge(self, point: Point, outlet: Outlet, limits: list[Limit], hours: list[Reading]) -> list[Alert]:
        """The hours of one item, each by the limit of its day; its alerts made to agree; returns what was opened."""
        judged = self._judge(outlet, limits, hours)
        if not judged:
            return []
        item = limits[0].item
        failing = [j for j in judged if j.is_failing]
        self._failing += [
            Result(
                point.pk, "outlet_hour", j.result.interval.start, j.result.interval.end, Evaluation.Verdict.FAIL,
                j.reading.value, RULE_SET, j.reading.origin, item=item, limit_ref=f"limit:{j.limit.pk}",
                detail={"limit": j.result.limit.text()},
            )
            for j in failing
        ]  # fmt: skip
        self._cleared += [(point.pk, item, j.result.interval.start) for j in judged if not j.is_failing]
        if not failing and f"{point.code}:{item}" not in self._concerned:
            return []
        return reconcile(_subject(point, failing[0] if failing else judged[-1]), [j.observation for j in judged])

    def _judge(self, outlet: Outlet, limits: list[Limit], hours: list[Reading]) -> list[_Judged]:
        item = limits[0].item
        tags = [judging.Tag(Interval(t.start, t.end), t.kind) for t in self._tags[outlet.pk] if t.item in {"", item}]
        medium, industry = MEDIA[Outlet.Medium(outlet.medium)], industry_of(outlet)
        rules = {limit.pk: as_rule(limit) for limit in limits}
        held: dict[int, Limit | None] = {}
        judged = []
        for r in hours:
            day = (r.start + BEIJING_OFFSET) // DAY
            if day not in held:
                held[day] = limit_on(limits, beijing_date(instant(r.start)))
            limit, series = held[day], self._series[r.series]
            if limit is None or limit.statistic != series.key.statistic:
                continue
            unit = series.unit or limit.unit
            result = judging.judge_hour(hour_value(r, unit), rules[limit.pk], medium=medium, industry=industry, tags=tags)
            judged.append(_Judged(r, unit, limit, result))
        return sorted(judged, key=lambda j: j.reading.start)

    def keep(self) -> None:
        """Write the failing hours; hours that no longer fail are current no longer."""
        keep("outlet_hour", self._failing, self._cleared)


def _subject(point: Point, shown: _Judged) -> Subject:
    limit, unit = shown.limit, shown.unit
    bound = limit.upper if limit.upper is not None else limit.lower
    title = point.name
    if shown.is_failing:
        items = rule_book().items
        name = items[limit.item].name_zh if limit.item in items else limit.item
        value = f"{shown.reading.value:g}" + ("" if unit == "1" else f" {unit}")
        title = f"{point.name} {name} {value}，限值 {shown.result.limit.text()}"
    return Subject(
        Alert.Rule.OUTLET_HOUR, f"{point.code}:{limit.item}", point.pk, limit.item, Alert.Level.WARNING, title,
        RULE_SET, None if bound is None else float(bound), limit.unit, limit.upper is not None,
        {"limit": limit.pk, "basis": limit.basis, "statistic": limit.statistic},
    )  # fmt: skip
