"""Readings of water stations: class by the real-time profile, against the section's targets of that date."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

import polars as pl
from django.db.models import Q

from qingyuan.bureau.alerts.actions.reconcile import Subject, concerned_subjects, reconcile
from qingyuan.bureau.alerts.actions.runs import Observation
from qingyuan.bureau.alerts.models import Alert
from qingyuan.bureau.evaluation.hours import hour_words, instant, values_by_interval
from qingyuan.bureau.evaluation.models import Evaluation
from qingyuan.bureau.evaluation.results import Result, keep
from qingyuan.bureau.monitoring.models import Point, Section, SectionTarget
from qingyuan.rules import rule_book
from qingyuan.science import water
from qingyuan.science.intervals import beijing_date

HOUR = 3600


def evaluate(dirty: Mapping[Point, set[int]], grain: str = "hour", statistic: str = "Avg") -> list[Alert]:
    """Judge what begins in the given hours (epoch seconds) of sections; returns alerts that were opened.

    grain, statistic: `hour`, `Avg` as stations send them; `raw`, `Rtd` for samples that came by file.
    """
    if not dirty:
        return []
    hours = [h for found in dirty.values() for h in found]
    by_code = {p.code: p for p in dirty}
    sections = {s.point_id: s for s in Section.objects.filter(point__in=list(dirty))}
    found = values_by_interval(by_code, water.ITEMS, min(hours), max(hours) + HOUR, grain, statistic)
    rows, keys = [], []
    for (code, start, end), values in sorted(found.items()):
        point = by_code[code]
        if start - start % HOUR not in dirty[point] or point.pk not in sections:
            continue
        rows.append(
            {"section": code, "time": instant(start), "body": sections[point.pk].body}
            | {item: v.value for item, v in values.items()}
        )
        keys.append((point, start, end, values))
    if not rows:
        return []
    items = [i for i in water.ITEMS if any(i in r for r in rows)]
    types: dict[str, pl.DataType] = {
        "section": pl.String(),
        "time": pl.Datetime("us", "UTC"),
        "body": pl.String(),
    } | dict.fromkeys(items, pl.Float64())
    judged = water.classify(pl.DataFrame(rows, schema=types), "realtime")
    results: list[Result] = []
    targets = targets_since(sections, beijing_date(instant(min(hours))))
    for (point, start, end, values), row in zip(keys, judged.iter_rows(named=True), strict=True):
        grade = row["class"]
        target = target_on(targets.get(sections[point.pk].pk, ()), beijing_date(instant(start)))
        verdict = Evaluation.Verdict.CANNOT_TELL
        if grade and target:
            over = water.worse_than(grade, target.water_class)
            verdict = Evaluation.Verdict.FAIL if over else Evaluation.Verdict.PASS
        results.append(
            Result(
                point.pk, "water", instant(start), instant(end), verdict,
                float(rule_book().water_class(grade).rank) if grade else None, row["standard"] or "",
                max(v.raw.origin for v in values.values()), label=grade or "", primary=row["main_pollutants"] or "",
                limit_ref=f"target:{target.pk}" if target else "",
                detail={"deciding": row["deciding"] or "", "reason": row["reason"] or "",
                        "target": target.water_class if target else "", "values": {i: v.value for i, v in values.items()}},
            )
        )  # fmt: skip
    keep("water", results)
    concerned = concerned_subjects(Alert.Rule.SECTION, instant(min(hours)))
    failing = {r.point for r in results if r.verdict == Evaluation.Verdict.FAIL}
    opened: list[Alert] = []
    for point, changed in dirty.items():
        if point.pk in sections and (point.pk in failing or point.code in concerned):
            opened += _alert(point, min(changed))
    return opened


def targets_since(sections: Mapping[int, Section], since: date) -> dict[int, list[SectionTarget]]:
    """By section key: the assessment targets that hold on that day or later, oldest first."""
    later = Q(valid_to__isnull=True) | Q(valid_to__gt=since)
    rows = SectionTarget.objects.filter(
        later, section__in=[s.pk for s in sections.values()], kind=SectionTarget.Kind.ASSESSMENT
    )
    found: dict[int, list[SectionTarget]] = defaultdict(list)
    for target in rows.order_by("valid_from"):
        found[target.section_id].append(target)
    return found


def target_on(targets: Iterable[SectionTarget], day: date) -> SectionTarget | None:
    return next(
        (t for t in targets if t.valid_from <= day and (t.valid_to is None or day < t.valid_to)),
        None,
    )


def _alert(point: Point, first: int) -> list[Alert]:
    """The section's alerts from `first` on, each reading against the target of its own day."""
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
    level = Alert.Level.URGENT if worst and worst.label == ">V" else Alert.Level.WARNING
    subject = Subject(Alert.Rule.SECTION, point.code, point.pk, "class", level, title, "GB3838-2002", threshold)
    return reconcile(subject, seen)


def _roman(name: str) -> str:
    return rule_book().water_class(name).name_zh
