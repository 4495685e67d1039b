"""空气质量指数超阈值: the hourly index of a station over the threshold of the rule book."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from qingyuan.bureau.judging.models import Evaluation
from qingyuan.bureau.judging.queries.observations import Episodes, Level, Observation, Subject
from qingyuan.bureau.judging.queries.rules import AQI, Changed, WarningRule
from qingyuan.bureau.registers.models import Point, Station
from qingyuan.bureau.values.queries.hours import hour_words, instant
from qingyuan.rules import rule_book
from qingyuan.science.intervals import beijing_date


def watch(changed: Changed, episodes: Episodes) -> list[Any]:
    """Hours over the threshold. Looks at a station's own hours only where something could change."""
    since = episodes.warned_from().timestamp()
    recent = {
        p: young for p, hours in changed.of(Point.Kind.AIR).items() if (young := {h for h in hours if h >= since})
    }
    return _observe(recent, min(min(hours) for hours in recent.values()), episodes) if recent else []


def _observe(dirty: Mapping[Point, set[int]], first: int, episodes: Episodes) -> list[Any]:
    threshold = rule_book().alert_threshold("air.aqi_hour.over", beijing_date(instant(first)))
    limit = float(threshold.value)
    micro = set(
        Station.objects.filter(kind=Station.Kind.MICRO, point__in=list(dirty)).values_list("point_id", flat=True)
    )
    rows: dict[int, list[Evaluation]] = defaultdict(list)
    for e in Evaluation.objects.filter(
        point__in=list(dirty), kind="air_hour", is_current=True, start__gte=instant(first)
    ).only("point_id", "start", "end", "value", "watermark"):
        rows[e.point_id].append(e)
    concerned = episodes.concerned(AQI, instant(first))
    opened: list[Any] = []
    for point, hours in dirty.items():
        since = instant(min(hours))
        seen = [
            Observation(e.start, e.end, _answer(e.value, limit), e.value, e.watermark)
            for e in rows[point.pk]
            if e.start >= since
        ]
        worst = max((o for o in seen if o.answer == "fail"), key=lambda o: o.value or 0, default=None)
        if point.pk in micro or (worst is None and point.code not in concerned):
            continue
        title = point.name
        if worst:
            title = f"{point.name} {hour_words(worst.start)} AQI {worst.value:.0f}，超过 {limit:.0f}"
        level = Level.URGENT if worst and (worst.value or 0) > 200 else Level.WARNING
        standard = threshold.origin.standard
        opened += episodes.take(Subject(AQI, point.code, point.pk, "AQI", level, title, standard, limit), seen)
    if any(row.value is not None and row.value > limit for found in rows.values() for row in found) or concerned:
        episodes.group(AQI, instant(first))
    return opened


def _answer(value: float | None, limit: float) -> str:
    if value is None:
        return "cannot_tell"
    return "fail" if value > limit else "pass"


RULE = WarningRule(code=AQI, name="空气质量指数超阈值", order=20, watch=watch, lead_after="lead.aqi.minutes")
