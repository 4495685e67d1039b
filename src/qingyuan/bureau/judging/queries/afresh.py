"""Sections and outlets worked out on the spot, from the readings, flags, tags and rules of a moment; kept nowhere."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import polars as pl

from qingyuan.bureau.base.errors import Invalid
from qingyuan.bureau.base.rule_books import book_as_of
from qingyuan.bureau.judging.actions.outlets import industry_of
from qingyuan.bureau.judging.actions.water import target_on, targets_since
from qingyuan.bureau.registers.models import Outlet, Point, Section
from qingyuan.bureau.values.queries.hours import instant, values_by_interval
from qingyuan.bureau.values.queries.limits import MEDIA, as_rule, conditions_in, limit_on, limits_since, tags_beside
from qingyuan.bureau.values.queries.outlet_values import OutletValues, flows_of, reference_of, with_flow
from qingyuan.bureau.values.queries.tags_in_force import counting_tags
from qingyuan.readings import SeriesKey
from qingyuan.science import sources as judging
from qingyuan.science import water
from qingyuan.science.intervals import Interval, beijing_date


def section_water(
    point: Point, since: datetime, until: datetime, as_of: datetime | None = None
) -> list[dict[str, Any]]:
    """Readings of a section in [since, until), classified by the real-time profile, against the target of their day.

    Each row: start, end, values, class, deciding, main_pollutants, standard, reason, target, verdict, watermark.
    as_of: by the readings, quality flags and rule book of that moment. Raises Invalid where the point is no section.
    """
    section = Section.objects.filter(point=point).first()
    if section is None:
        raise Invalid(f"{point} 不是水质断面", "code")
    known = None if as_of is None else int(as_of.timestamp())
    book = book_as_of(known)
    first, last = int(since.timestamp()), int(until.timestamp())
    found = sorted(values_by_interval([point.code], water.ITEMS, first, last, as_of=known).items())
    if not found:
        return []
    items = [i for i in water.ITEMS if any(i in values for _, values in found)]
    types: dict[str, pl.DataType] = {
        "section": pl.String(),
        "time": pl.Datetime("us", "UTC"),
        "body": pl.String(),
    } | dict.fromkeys(items, pl.Float64())
    rows = [
        {"section": code, "time": instant(start), "body": section.body} | {item: v.value for item, v in values.items()}
        for (code, start, _), values in found
    ]
    judged = water.classify(pl.DataFrame(rows, schema=types), "realtime", book=book)
    targets = targets_since({point.pk: section}, beijing_date(since)).get(section.pk, [])
    out = []
    for ((_, start, end), values), row in zip(found, judged.iter_rows(named=True), strict=True):
        target = target_on(targets, beijing_date(instant(start)))
        verdict = "cannot_tell"
        if row["class"] and target:
            verdict = "fail" if water.worse_than(row["class"], target.water_class) else "pass"
        told = {name: row[name] for name in ("class", "deciding", "main_pollutants", "standard", "reason")}
        out.append(
            {"start": instant(start), "end": instant(end), "values": {i: v.value for i, v in values.items()}}
            | told
            | {"target": target.water_class if target else None, "verdict": verdict}
            | {"watermark": max(v.raw.origin for v in values.values())}
        )
    return out


def outlet_hours(
    point: Point,
    since: datetime,
    until: datetime,
    as_of: datetime | None = None,
    item: str = "",
    without: Collection[int] = (),
) -> list[dict[str, Any]]:
    """Hours of an outlet in [since, until) against the limit of their day, each with its trace.

    Each row: item, start, end, value, is_computed, flag, limit, basis, answer, reason, steps, watermark. as_of: by the
    readings, the tags made and neither withdrawn nor refused, and the rule book of that moment. without: keys of tags
    to leave out, to see what they change. Raises Invalid where the point is no outlet.
    """
    outlet = Outlet.objects.filter(point=point).select_related("enterprise").first()
    if outlet is None:
        raise Invalid(f"{point} 不是排放口", "code")
    known = None if as_of is None else int(as_of.timestamp())
    book = book_as_of(known)
    limits = [row for row in limits_since([outlet.pk], beijing_date(since))[outlet.pk] if item in {"", row.item}]
    span = int(since.timestamp()), int(until.timestamp())
    keys = {SeriesKey(point.code, row.item, row.statistic, "hour"): None for row in limits}
    values = OutletValues(keys, *span, as_of=known, book=book)
    water = [point.code] if outlet.medium == Outlet.Medium.WATER else []
    flows = flows_of(water, *span, as_of=known, book=book).get(point.code, {})
    tags = _tags(outlet, since, until, as_of, without)
    medium, industry = MEDIA[Outlet.Medium(outlet.medium)], industry_of(outlet)
    out = []
    for row in limits:
        bearing = tags.get("", []) + tags.get(row.item, [])
        key = SeriesKey(point.code, row.item, row.statistic, "hour")
        for r, value in values.hours(key, row.unit, reference_of(row, outlet)):
            met = conditions_in(bearing, value.interval)
            if limit_on(limits, row.item, beijing_date(value.interval.start), met) is not row:
                continue
            judged = judging.judge_hour(
                with_flow(value, flows.get(r.start)),
                as_rule(row),
                medium=medium,
                industry=industry,
                tags=tags_beside(row, bearing),
                book=book,
            )
            out.append(
                {
                    "item": row.item,
                    "start": value.interval.start,
                    "end": value.interval.end,
                    "value": r.value,
                    "is_computed": value.conversion is not None,
                    "flag": r.flag,
                    "limit": judged.limit.text(),
                    "basis": row.basis,
                    "answer": judged.answer.value,
                    "reason": judged.reason,
                    "steps": [
                        {"name": s.name, "got": s.got, "rule": s.rule, "outcome": s.outcome} for s in judged.steps
                    ],
                    "watermark": r.origin,
                }
            )
    return sorted(out, key=lambda row: (row["start"], row["item"]))


def _tags(
    outlet: Outlet, since: datetime, until: datetime, as_of: datetime | None, without: Collection[int]
) -> Mapping[str, list[judging.Tag]]:
    """By item ("" for all): the tags over the span that counted at that moment."""
    found: dict[str, list[judging.Tag]] = {}
    rows = counting_tags(as_of).filter(outlet=outlet, start__lt=until, end__gt=since).exclude(pk__in=without)
    for row in rows.order_by("start"):
        found.setdefault(row.item, []).append(judging.Tag(Interval(row.start, row.end), row.kind))
    return found
