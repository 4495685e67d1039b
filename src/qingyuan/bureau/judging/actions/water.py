"""Readings of water stations: class by the real-time profile, against the section's targets of that date."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

import polars as pl
from django.db.models import Q

from qingyuan.bureau.judging.actions.results import Result, keep
from qingyuan.bureau.judging.models import Evaluation
from qingyuan.bureau.registers.models import Point, Section, SectionTarget
from qingyuan.bureau.values.queries.hours import instant, values_by_interval
from qingyuan.rules import rule_book
from qingyuan.science import water
from qingyuan.science.intervals import beijing_date

HOUR = 3600


def evaluate(dirty: Mapping[Point, set[int]], grain: str = "hour", statistic: str = "Avg") -> None:
    """Judge what begins in the given hours (epoch seconds) of sections.

    grain, statistic: `hour`, `Avg` as stations send them; `raw`, `Rtd` for samples that came by file.
    """
    if not dirty:
        return
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
        return
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
                point.pk,
                "water",
                instant(start),
                instant(end),
                verdict,
                float(rule_book().water_class(grade).rank) if grade else None,
                row["standard"] or "",
                max(v.raw.origin for v in values.values()),
                label=grade or "",
                primary=row["main_pollutants"] or "",
                limit_ref=f"target:{target.pk}" if target else "",
                detail={
                    "deciding": row["deciding"] or "",
                    "reason": row["reason"] or "",
                    "target": target.water_class if target else "",
                    "values": {i: v.value for i, v in values.items()},
                },
            )
        )
    keep("water", results)


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
