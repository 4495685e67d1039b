"""Hours of outlets against their limits: the provisional alert on the first valid hour over the limit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from qingyuan.bureau.alerts.actions.reconcile import Observation, Subject, concerned_subjects, reconcile
from qingyuan.bureau.alerts.models import Alert
from qingyuan.bureau.evaluation.hours import instant
from qingyuan.bureau.evaluation.models import Evaluation
from qingyuan.bureau.evaluation.results import Key, Result, keep
from qingyuan.bureau.monitoring.models import Point
from qingyuan.bureau.monitoring.store import readings
from qingyuan.bureau.sources.models import Limit, Outlet, Tag
from qingyuan.bureau.sources.queries import MEDIA, as_rule, limits_of
from qingyuan.readings import Reading, Series, SeriesKey
from qingyuan.rules import rule_book
from qingyuan.science import sources as judging
from qingyuan.science.intervals import Interval, beijing_date

HOUR = 3600
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
    limits = limits_of([outlets[p.pk].pk for p in dirty], beijing_date(instant(first)))
    keys: dict[SeriesKey, tuple[Point, Limit]] = {}
    for point in dirty:
        outlet = outlets[point.pk]
        for (outlet_id, item), rows in limits.items():
            if outlet_id == outlet.pk:
                limit = rows.get("hour") or rows["day"]
                keys[SeriesKey(point.code, item, limit.statistic, "hour")] = (point, limit)
    series = readings().series_of(list(keys))
    by_series: dict[int, list[Reading]] = defaultdict(list)
    for r in readings().window([s.id for s in series.values()], first, 2**40):
        by_series[r.series].append(r)
    batch = _Batch(first, [outlets[p.pk].pk for p in dirty])
    opened: list[Alert] = []
    for key, found in series.items():
        point, limit = keys[key]
        hours = [r for r in by_series[found.id] if r.start >= min(dirty[point])]
        if hours:
            opened += batch.judge(point, outlets[point.pk], limit, found, hours)
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


class _Batch:
    """Many series judged together: what the books say is asked once for all."""

    def __init__(self, first: int, outlets: list[int]) -> None:
        self._tags: dict[int, list[Tag]] = defaultdict(list)
        for tag in Tag.objects.filter(outlet__in=outlets, withdrawn_at__isnull=True, end__gt=instant(first)):
            self._tags[tag.outlet_id].append(tag)
        self._concerned = concerned_subjects(Alert.Rule.OUTLET_HOUR, instant(first))
        self._failing: list[Result] = []
        self._cleared: list[Key] = []

    def judge(self, point: Point, outlet: Outlet, limit: Limit, series: Series, hours: list[Reading]) -> list[Alert]:
        """One series: its failing hours, and its alerts made to agree; returns alerts that were opened."""
        rule = as_rule(limit)
        tags = [
            judging.Tag(Interval(t.start, t.end), t.kind) for t in self._tags[outlet.pk] if t.item in {"", limit.item}
        ]
        medium, industry = MEDIA[Outlet.Medium(outlet.medium)], industry_of(outlet)
        unit = series.unit or limit.unit
        judged = [
            (r, judging.judge_hour(hour_value(r, unit), rule, medium=medium, industry=industry, tags=tags))
            for r in hours
        ]
        failing = [(r, j) for r, j in judged if j.answer is judging.Answer.FAIL]
        self._failing += [
            Result(
                point.pk, "outlet_hour", j.interval.start, j.interval.end, Evaluation.Verdict.FAIL, r.value, RULE_SET,
                r.origin, item=limit.item, limit_ref=f"limit:{limit.pk}", detail={"limit": rule.text()},
            )
            for r, j in failing
        ]  # fmt: skip
        self._cleared += [
            (point.pk, limit.item, j.interval.start) for _, j in judged if j.answer is not judging.Answer.FAIL
        ]
        key = f"{point.code}:{limit.item}"
        if not failing and key not in self._concerned:
            return []
        seen = [Observation(j.interval.start, j.interval.end, j.answer.value, r.value, r.origin) for r, j in judged]
        return reconcile(_subject(point, limit, rule, unit, failing[0][0] if failing else None), seen)

    def keep(self) -> None:
        """Write the failing hours; hours that no longer fail are current no longer."""
        keep("outlet_hour", self._failing, self._cleared)


def _subject(point: Point, limit: Limit, rule: judging.Limit, unit: str, first: Reading | None) -> Subject:
    bound = limit.upper if limit.upper is not None else limit.lower
    title = point.name
    if first is not None:
        items = rule_book().items
        name = items[limit.item].name_zh if limit.item in items else limit.item
        shown = "" if unit == "1" else f" {unit}"
        title = f"{point.name} {name} {first.value:g}{shown}，限值 {rule.text()}"
    return Subject(
        Alert.Rule.OUTLET_HOUR, f"{point.code}:{limit.item}", point.pk, limit.item, Alert.Level.WARNING, title,
        RULE_SET, None if bound is None else float(bound), limit.unit, limit.upper is not None,
        {"limit": limit.pk, "basis": limit.basis, "statistic": limit.statistic},
    )  # fmt: skip
