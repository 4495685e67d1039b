"""Hours and days of air stations: index, category, alert over the threshold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

import polars as pl

from qingyuan import clock
from qingyuan.bureau.alerts.actions.reconcile import Subject, concerned_subjects, reconcile, warned_from
from qingyuan.bureau.alerts.actions.regional import group_regional
from qingyuan.bureau.alerts.actions.runs import Observation
from qingyuan.bureau.alerts.models import Alert
from qingyuan.bureau.evaluation.hours import ItemValue, hour_words, instant, values_by_interval
from qingyuan.bureau.evaluation.models import Evaluation
from qingyuan.bureau.evaluation.results import Result, keep
from qingyuan.bureau.monitoring.models import Point, Station
from qingyuan.bureau.monitoring.store import readings
from qingyuan.readings import NewReading, Rank, SeriesKey
from qingyuan.rules import rule_book
from qingyuan.science import air
from qingyuan.science.intervals import beijing_date, civil_day

ITEMS = ("SO2", "NO2", "CO", "O3", "PM10", "PM2_5")
HOUR, DAY = 3600, 86400


def evaluate_hours(dirty: Mapping[Point, set[int]]) -> list[Alert]:
    """Judge the given hours (epoch seconds) of air stations; returns alerts that were opened."""
    if not dirty:
        return []
    hours = [h for found in dirty.values() for h in found]
    first, last = min(hours), max(hours) + HOUR
    by_code = {p.code: p for p in dirty}
    found = values_by_interval(by_code, ITEMS, first, last)
    rows, keys = [], []
    for (code, start, end), values in sorted(found.items()):
        if end - start == HOUR and start in dirty[by_code[code]]:
            rows.append({"site": code, "time": instant(start)} | {i: _value(values, i) for i in ITEMS})
            keys.append((by_code[code], start, values))
    if not rows:
        return []
    judged = air.aqi(_frame(rows), "hour", stamps="opens")
    results = [
        _result(point, "air_hour", instant(start), instant(start + HOUR), row, values)
        for (point, start, values), row in zip(keys, judged.iter_rows(named=True), strict=True)
    ]
    keep("air_hour", results)
    since = warned_from().timestamp()
    recent = {point: young for point, found in dirty.items() if (young := {h for h in found if h >= since})}
    return _alerts(recent, min(min(found) for found in recent.values())) if recent else []


def _frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    types: dict[str, pl.DataType] = {"site": pl.String(), "time": pl.Datetime("us", "UTC")}
    types |= dict.fromkeys([k for k in rows[0] if k not in types], pl.Float64())
    return pl.DataFrame(rows, schema=types)


def _value(values: Mapping[str, ItemValue], item: str) -> float | None:
    found = values.get(item)
    return found.value if found else None


def _result(
    point: Point, kind: str, start: datetime, end: datetime, row: dict[str, Any], values: Mapping[str, ItemValue]
) -> Result:
    index = row["AQI"]
    return Result(
        point.pk,
        kind,
        start,
        end,
        Evaluation.Verdict.CANNOT_TELL
        if index is None
        else (Evaluation.Verdict.PASS if index <= 100 else Evaluation.Verdict.FAIL),
        None if index is None else float(index),
        row["standard"] or "",
        max((v.raw.origin for v in values.values()), default=0),
        label=row["category"] or "",
        primary=row["primary"] or "",
        detail={"iaqi": {k[5:]: row[k] for k in row if k.startswith("IAQI_")}, "reason": row["reason"] or ""}
        | {"values": {i: v.value for i, v in values.items()}},
    )


def _alerts(dirty: Mapping[Point, set[int]], first: int) -> list[Alert]:
    """Alerts over the hourly threshold. Looks at a station's own hours only where something could change."""
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
    concerned = concerned_subjects(Alert.Rule.AQI, instant(first))
    opened = []
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
        level = Alert.Level.URGENT if worst and (worst.value or 0) > 200 else Alert.Level.WARNING
        standard = threshold.origin.standard
        opened += reconcile(Subject(Alert.Rule.AQI, point.code, point.pk, "AQI", level, title, standard, limit), seen)
    if any(row.value is not None and row.value > limit for found in rows.values() for row in found) or concerned:
        group_regional(instant(first))
    return opened


def _answer(value: float | None, limit: float) -> str:
    if value is None:
        return "cannot_tell"
    return "fail" if value > limit else "pass"


def evaluate_days(points: Iterable[Point], day: date) -> None:
    """Daily values with capture rate, daily index, for one Beijing day of air stations."""
    by_code = {p.code: p for p in points}
    span = civil_day(day)
    start, end = int(span.start.timestamp()), int(span.end.timestamp())
    found = values_by_interval(by_code, ITEMS, start, end)
    rows: list[dict[str, Any]] = []
    origins: dict[str, int] = defaultdict(int)
    for (code, hour, _), values in sorted(found.items()):
        rows.append({"site": code, "time": instant(hour)} | {i: _value(values, i) for i in ITEMS})
        origins[code] = max(origins[code], *(v.raw.origin for v in values.values()))
    if not rows:
        return
    days = air.day_values(_frame(rows), stamps="opens")
    _keep_day_readings(days, origins, start, end)
    judged = air.aqi(days.rename({"day": "time"}) if "day" in days.columns else days, "day")
    results = [
        _result(by_code[row["site"]], "air_day", span.start, span.end, row, {}) for row in judged.iter_rows(named=True)
    ]
    results = [
        Result(**{**r.__dict__, "watermark": origins[row["site"]], "detail": r.detail | {"values": _day_values(row)}})
        for r, row in zip(results, judged.iter_rows(named=True), strict=True)
    ]
    keep("air_day", results)


DAY_ITEMS = ("SO2", "NO2", "CO", "O3_8h", "PM10", "PM2_5")


def _day_values(row: dict[str, Any]) -> dict[str, float | None]:
    return {i: row.get(i) for i in DAY_ITEMS}


def _keep_day_readings(days: pl.DataFrame, origins: Mapping[str, int], start: int, end: int) -> None:
    made = []
    now = int(clock.now().timestamp())
    for row in days.iter_rows(named=True):
        for item in DAY_ITEMS:
            hours = row.get(f"n_{item}") or 0
            value = row.get(item)
            key = SeriesKey(row["site"], item, "Avg", "day")
            unit = rule_book().item(item).unit
            made.append(
                NewReading(key, start, end, value, -1, unit, "" if value is not None else "D", rank=Rank.DERIVED,
                           origin=origins[row["site"]], received_at=now, capture=min(1.0, hours / 24))
            )  # fmt: skip
    readings().append(made, skip_unchanged=True)
