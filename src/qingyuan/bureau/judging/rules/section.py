"""断面劣于目标: a reading of a section worse than its target, by as many classes as the rule book asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qingyuan.bureau.judging.models import Evaluation
from qingyuan.bureau.judging.queries.observations import Episodes, Level, Observation, Subject
from qingyuan.bureau.judging.queries.rules import SECTION, Changed, WarningRule
from qingyuan.bureau.registers.models import Point
from qingyuan.bureau.values.queries.hours import hour_words, instant
from qingyuan.rules import rule_book
from qingyuan.science.intervals import beijing_date

HOUR = 3600


def watch(changed: Changed, episodes: Episodes) -> list[Any]:
    """Sections of whose changed readings one fails, or whose episode runs or may have ended by them."""
    since = int(episodes.warned_from().timestamp())
    opened: list[Any] = []
    for dirty in (changed.of(Point.Kind.WATER), changed.samples):
        recent = {point: hours for point, hours in dirty.items() if max(hours) + HOUR > since}
        if not recent:
            continue
        failing = _failing(recent)
        concerned = episodes.concerned(SECTION, instant(min(min(hours) for hours in recent.values())))
        for point, hours in recent.items():
            if point.pk in failing or point.code in concerned:
                opened += _observe(point, min(hours), episodes)
    return opened


def _failing(dirty: Mapping[Point, set[int]]) -> set[int]:
    """The keys of points of whose readings between the first and the last change one fails."""
    hours = [hour for found in dirty.values() for hour in found]
    rows = Evaluation.objects.filter(
        point__in=list(dirty),
        kind="water",
        is_current=True,
        verdict=Evaluation.Verdict.FAIL,
        start__gte=instant(min(hours)),
        start__lt=instant(max(hours) + HOUR),
    )
    return set(rows.values_list("point_id", flat=True))


def _observe(point: Point, first: int, episodes: Episodes) -> list[Any]:
    """The section from `first` on, each reading held against the target of its own day."""
    book = rule_book()
    setting = book.alert_threshold("water.class.worse_by", beijing_date(instant(first)))
    allowed = int(setting.value) - 1
    rows = Evaluation.objects.filter(point=point, kind="water", is_current=True, start__gte=instant(first))
    seen: list[Observation] = []
    worst: Evaluation | None = None
    for r in rows.order_by("start"):
        answer, target = r.verdict, r.detail.get("target")
        if answer == "fail" and target and (r.value or 0) <= book.water_class(target).rank + allowed:
            answer = "pass"  # worse than the target, but by less than is warned of
        seen.append(Observation(r.start, r.end, answer, r.value, r.watermark))
        if answer == "fail" and (worst is None or (r.value or 0) > (worst.value or 0)):
            worst = r
    title, threshold = point.name, None
    if worst is not None and (target := worst.detail.get("target")):
        threshold = float(book.water_class(target).rank + allowed)
        title = f"{point.name} {hour_words(worst.start)} 水质 {_roman(worst.label)}，劣于考核目标 {_roman(target)}"
        if worst.primary:
            title += f"（{worst.primary}）"
    level = Level.URGENT if worst and worst.label == ">V" else Level.WARNING
    subject = Subject(SECTION, point.code, point.pk, "class", level, title, "GB3838-2002", threshold)
    return episodes.take(subject, seen)


def _roman(name: str) -> str:
    return rule_book().water_class(name).name_zh


RULE = WarningRule(code=SECTION, name="断面劣于目标", order=30, watch=watch, lead_after="lead.section.minutes")
