"""Findings: what the averaging time of the rule says, once the tags are closed; and again when data changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from qingyuan import clock
from qingyuan.bureau.base.dated import in_force
from qingyuan.bureau.judging.actions.outlets import RULE_SET, industry_of
from qingyuan.bureau.judging.models import Evaluation, Finding
from qingyuan.bureau.judging.queries.observations import Episodes
from qingyuan.bureau.judging.queries.rules import OUTLET_HOUR
from qingyuan.bureau.registers.models import Outlet, Point
from qingyuan.bureau.values.models import Limit, Tag
from qingyuan.bureau.values.queries.limits import MEDIA, as_rule, conditions_in, limits_of, tags_beside, tags_of
from qingyuan.bureau.values.queries.outlet_values import OutletValues, flows_of, reference_of, with_flow
from qingyuan.readings import SeriesKey
from qingyuan.rules import rule_book
from qingyuan.science.intervals import Interval, beijing_date, civil_day
from qingyuan.science.sources import CONDITION_TAG, DEVICE_TAG, Answer, HourValue, Judgement, finding, finding_due

LOOK_BACK = timedelta(days=60)
RECENT_DAYS = timedelta(days=8)


def decide_due(episodes: Episodes, now: datetime | None = None) -> list[Finding]:
    """Decide the findings of failing hours whose tag deadline has passed; returns new exceedances."""
    now = now or clock.now()
    newest_due = now - timedelta(hours=12)
    rows = Evaluation.objects.filter(
        kind="outlet_hour",
        is_current=True,
        verdict=Evaluation.Verdict.FAIL,
        start__gte=now - LOOK_BACK,
        start__lt=newest_due,
    ).select_related("point")
    outlets = _outlets(e.point_id for e in rows)
    decided = set(
        Finding.objects.filter(is_current=True, start__gte=now - LOOK_BACK - timedelta(days=1)).values_list(
            "point_id", "item", "start"
        )
    )
    made = []
    candidates = [(e.point, outlets.get(e.point_id), e.item, e.start) for e in rows if not e.detail.get("no_finding")]
    for point, outlet, item, start in candidates + _over_day_limit(now - RECENT_DAYS, now):
        if outlet is None:
            continue
        span = span_of(outlet, item, start)
        if (point.pk, item, span.start) in decided or finding_due(span) > now:
            continue
        decided.add((point.pk, item, span.start))
        found = decide(point, outlet, item, span, now, episodes)
        if found and found.verdict == Finding.Verdict.EXCEEDANCE:
            made.append(found)
    return made


def _over_day_limit(
    since: datetime, until: datetime, points: Collection[int] | None = None
) -> list[tuple[Point, Outlet | None, str, datetime]]:
    """Hours in [since, until) above a daily limit that keep a looser hourly one: no hour fails, and yet the day may."""
    chosen = Q() if points is None else Q(outlet__point__in=points)
    hourly = Limit.objects.filter(
        in_force(beijing_date(since)),
        outlet=OuterRef("outlet"),
        item=OuterRef("item"),
        condition="",
        averaging=Limit.Averaging.HOUR,
    )
    limits = Limit.objects.filter(
        chosen,
        Exists(hourly),
        in_force(beijing_date(since)),
        averaging=Limit.Averaging.DAY,
        upper__isnull=False,
        condition="",
    ).select_related("outlet__point", "outlet__enterprise")
    rows = list(limits)
    keys = {row.pk: SeriesKey(row.outlet.point.code, row.item, row.statistic, "hour") for row in rows}
    values = OutletValues(keys.values(), int(since.timestamp()), int(until.timestamp()), only_unsent=True)
    found: list[tuple[Point, Outlet | None, str, datetime]] = []
    for row in rows:
        for r, value in values.hours(keys[row.pk], row.unit, reference_of(row, row.outlet)):
            if value.value is not None and row.upper is not None and value.value > float(row.upper):
                found.append((row.outlet.point, row.outlet, row.item, datetime.fromtimestamp(r.start, UTC)))
    return found


def review(changed: Mapping[Point, Collection[datetime]], episodes: Episodes) -> None:
    """Decide again the findings that changed hours (by their start) of outlets belong to; and those that a tag withheld
    which was refused or taken back when `decide_due` no longer looks so far back.
    """
    if not changed:
        return
    now = clock.now()
    earliest = min(min(starts) for starts in changed.values())
    points = {p.pk: p for p in changed}
    rows = [
        f
        for f in Finding.objects.filter(point__in=list(points), is_current=True, end__gt=earliest)
        if any(f.start <= s < f.end for s in changed[points[f.point_id]])
    ]
    outlets = _outlets(f.point_id for f in rows)
    for f in rows:
        if f.point_id in outlets:
            decide(points[f.point_id], outlets[f.point_id], f.item, Interval(f.start, f.end), now, episodes)
    _decide_freed(changed, now, episodes)


def _decide_freed(changed: Mapping[Point, Collection[datetime]], now: datetime, episodes: Episodes) -> None:
    """Old hours under a tag that counts no longer, of which nothing was decided while it did.

    Old hours that merely arrived late stay without a finding: a history brought in raises no leads.
    """
    hour = timedelta(hours=1)
    old = {p.pk: sorted(s for s in starts if s < now - LOOK_BACK) for p, starts in changed.items()}
    old = {point: starts for point, starts in old.items() if starts}
    if not old:
        return
    first, last = min(starts[0] for starts in old.values()), max(starts[-1] for starts in old.values()) + hour
    gone = Tag.objects.filter(
        Q(check_state=Tag.Check.REFUSED) | Q(withdrawn_at__isnull=False),
        outlet__point__in=list(old),
        start__lt=last,
        end__gt=first,
    )
    freed: dict[int, set[datetime]] = defaultdict(set)
    for tag in gone.select_related("outlet"):
        point = tag.outlet.point_id
        freed[point] |= {s for s in old[point] if s < tag.end and s + hour > tag.start}
    if not freed:
        return
    failing = Evaluation.objects.filter(
        kind="outlet_hour",
        is_current=True,
        verdict=Evaluation.Verdict.FAIL,
        point__in=list(freed),
        start__gte=first,
        start__lt=last,
    )
    over = [(e.point_id, e.item, e.start) for e in failing]
    over += [(p.pk, item, start) for p, _, item, start in _over_day_limit(first, last, list(freed))]
    outlets, points = _outlets(freed), {p.pk: p for p in changed}
    for key, item, start in over:
        outlet = outlets.get(key)
        if outlet is None or start not in freed[key]:
            continue
        span = span_of(outlet, item, start)
        known = Finding.objects.filter(point=key, item=item, start=span.start, is_current=True)
        if finding_due(span) <= now and not known.exists():
            decide(points[key], outlet, item, span, now, episodes)


def _outlets(points: Iterable[int]) -> dict[int, Outlet]:
    found = Outlet.objects.filter(point__in=set(points)).select_related("enterprise", "point")
    return {o.point_id: o for o in found}


def span_of(outlet: Outlet, item: str, start: datetime) -> Interval:
    """The hour or the Beijing day that a finding about this hour judges."""
    day = beijing_date(start)
    rule = rule_book().averaging_rule(industry_of(outlet), MEDIA[Outlet.Medium(outlet.medium)], item, day)
    return civil_day(day) if rule.averaging == "day" else Interval(start, start + timedelta(hours=1))


def decide(
    point: Point, outlet: Outlet, item: str, span: Interval, now: datetime, episodes: Episodes
) -> Finding | None:
    """Judge one span of one item and keep the outcome; None if no limit is in force."""
    day = beijing_date(span.start)
    tags = tags_of(outlet.pk, item, span)
    rows = limits_of([outlet.pk], day, conditions_in(tags, span)).get((outlet.pk, item))
    if not rows:
        return None
    averaging = "day" if span.length > timedelta(hours=1) else "hour"
    limit = rows.get(averaging) or next(iter(rows.values()))
    hours, watermark = _hours(point, outlet, limit, span)
    judged = finding(
        hours,
        as_rule(limit),
        span,
        medium=MEDIA[Outlet.Medium(outlet.medium)],
        industry=industry_of(outlet),
        as_of=now,
        tags=tags_beside(limit, tags),
    )
    return _keep(point, limit, averaging, judged, watermark, now, episodes)


def _hours(point: Point, outlet: Outlet, limit: Limit, span: Interval) -> tuple[list[HourValue], int]:
    start, end = int(span.start.timestamp()), int(span.end.timestamp())
    key = SeriesKey(point.code, limit.item, limit.statistic, "hour")
    found = list(OutletValues([key], start, end).hours(key, limit.unit, reference_of(limit, outlet)))
    flows = flows_of([point.code], start, end).get(point.code, {}) if outlet.medium == Outlet.Medium.WATER else {}
    hours = [with_flow(value, flows.get(r.start)) for r, value in found]
    origins = [r.origin for r, _ in found] + [r.origin for r in flows.values()]
    return hours, max(origins, default=0)


def _verdict(judged: Judgement) -> str:
    if judged.answer is Answer.FAIL:
        return Finding.Verdict.EXCEEDANCE
    if judged.answer is Answer.PASS:
        return Finding.Verdict.WITHIN
    exempt = any(s.name in {DEVICE_TAG, CONDITION_TAG} and s.outcome.startswith("标记") for s in judged.steps)
    return Finding.Verdict.EXEMPT if exempt else Finding.Verdict.CANNOT_TELL


def _keep(
    point: Point, limit: Limit, averaging: str, judged: Judgement, watermark: int, now: datetime, episodes: Episodes
) -> Finding | None:
    bound = limit.upper if limit.upper is not None else limit.lower
    value = judged.value
    multiple = None
    if judged.answer is Answer.FAIL and value is not None and limit.upper:
        multiple = max(0.0, (value - float(limit.upper)) / float(limit.upper))
    verdict = _verdict(judged)
    alert = episodes.over(OUTLET_HOUR, f"{point.code}:{limit.item}", judged.interval.start, judged.interval.end)
    with transaction.atomic():
        Point.objects.select_for_update().get(pk=point.pk)  # one at a time, also on a server database
        old = Finding.objects.filter(
            point=point, item=limit.item, averaging=averaging, start=judged.interval.start, is_current=True
        ).first()
        if old and (old.verdict, old.value, old.limit_ref) == (verdict, value, f"limit:{limit.pk}"):
            return old
        if old:
            Finding.objects.filter(pk=old.pk).update(is_current=False)
        return Finding.objects.create(
            point=point,
            item=limit.item,
            averaging=averaging,
            start=judged.interval.start,
            end=judged.interval.end,
            verdict=verdict,
            value=value,
            limit_value=None if bound is None else float(bound),
            unit=limit.unit,
            multiple=multiple,
            limit_ref=f"limit:{limit.pk}",
            rule_set=RULE_SET,
            watermark=watermark,
            trace=[asdict(s) for s in judged.steps]
            + ([{"name": "结论", "got": "", "rule": "", "outcome": judged.reason}] if judged.reason else []),
            deadline=finding_due(judged.interval),
            decided_at=now,
            alert_id=alert,
        )
