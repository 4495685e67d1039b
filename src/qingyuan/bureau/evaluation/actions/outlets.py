"""Hours of outlets against their limits: the provisional alert on the first valid hour over the limit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from qingyuan.bureau.alerts.actions.reconcile import Observation, Subject, reconcile
from qingyuan.bureau.alerts.models import Alert
from qingyuan.bureau.evaluation.hours import instant
from qingyuan.bureau.evaluation.models import Evaluation
from qingyuan.bureau.evaluation.results import Result, keep
from qingyuan.bureau.monitoring.models import Point
from qingyuan.bureau.monitoring.store import readings
from qingyuan.bureau.sources.models import Limit, Outlet
from qingyuan.bureau.sources.queries import MEDIA, as_rule, limits_of, tags_of
from qingyuan.readings import Reading, Series, SeriesKey
from qingyuan.rules import rule_book
from qingyuan.science.intervals import Interval, beijing_date
from qingyuan.science.sources import Answer, HourValue, Judgement, judge_hour

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
    running = set(
        Alert.objects.filter(rule=Alert.Rule.OUTLET_HOUR, ended_at__isnull=True, point__in=list(dirty)).values_list(
            "subject", flat=True
        )
    )
    opened: list[Alert] = []
    for key, found in series.items():
        point, limit = keys[key]
        hours = [r for r in by_series[found.id] if r.start >= min(dirty[point])]
        if hours:
            opened += _judge_series(point, outlets[point.pk], limit, found, hours, running)
    return opened


def hour_value(reading: Reading, unit: str) -> HourValue:
    """A stored hour as the pure functions take it."""
    minutes = 60
    n_valid = None if reading.capture is None else round(reading.capture * minutes)
    return HourValue(
        Interval(instant(reading.start), instant(reading.end)), reading.value, unit, reading.flag or None, n_valid,
        None if n_valid is None else minutes,
    )  # fmt: skip


def industry_of(outlet: Outlet) -> str:
    """The key by which the rule book picks averaging and tags."""
    return outlet.enterprise.industry_key if outlet.enterprise and outlet.enterprise.industry_key else "*"


def _judge_series(
    point: Point, outlet: Outlet, limit: Limit, series: Series, hours: list[Reading], running: set[str]
) -> list[Alert]:
    rule = as_rule(limit)
    span = Interval(instant(hours[0].start), instant(hours[-1].end))
    tags = tags_of(outlet.pk, limit.item, span)
    judged: list[tuple[Reading, Judgement]] = [
        (
            r,
            judge_hour(
                hour_value(r, series.unit or limit.unit), rule, medium=MEDIA[Outlet.Medium(outlet.medium)],
                industry=industry_of(outlet), tags=tags,
            ),
        )
        for r in hours
    ]  # fmt: skip
    failing = [(r, j) for r, j in judged if j.answer is Answer.FAIL]
    kept_before = Evaluation.objects.filter(
        kind="outlet_hour", point=point, item=limit.item, is_current=True, start__gte=span.start
    ).exists()
    if failing or kept_before:
        results = [
            Result(
                point.pk, "outlet_hour", j.interval.start, j.interval.end, Evaluation.Verdict.FAIL, r.value, RULE_SET,
                r.origin, item=limit.item, limit_ref=f"limit:{limit.pk}", detail={"limit": rule.text()},
            )
            for r, j in failing
        ]  # fmt: skip
        keep("outlet_hour", [point.pk], span.start, span.end, results, limit.item)
    subject_key = f"{point.code}:{limit.item}"
    if not failing and subject_key not in running and not _touched(subject_key, span):
        return []
    bound = limit.upper if limit.upper is not None else limit.lower
    title = point.name
    if failing:
        r, _ = failing[0]
        name = rule_book().item(limit.item).name_zh if limit.item in rule_book().items else limit.item
        title = f"{point.name} {name} {r.value:g} {series.unit}，限值 {rule.text()}".replace(" 1，", "，")
    subject = Subject(
        Alert.Rule.OUTLET_HOUR, subject_key, point.pk, limit.item, Alert.Level.WARNING, title, RULE_SET,
        None if bound is None else float(bound), limit.unit, limit.upper is not None,
        {"limit": limit.pk, "basis": limit.basis, "statistic": limit.statistic},
    )  # fmt: skip
    return reconcile(
        subject,
        [Observation(j.interval.start, j.interval.end, j.answer.value, r.value, r.origin) for r, j in judged],
    )


def _touched(subject_key: str, span: Interval) -> bool:
    """Whether an ended alert of the subject reaches into the span, so that a correction may undo it."""
    return Alert.objects.filter(rule=Alert.Rule.OUTLET_HOUR, subject=subject_key, ended_at__gt=span.start).exists()
