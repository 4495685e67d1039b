"""Hours and days of air stations: index, category, alert over the threshold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

import polars as pl

from qingyuan import clock
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.judging.actions.results import Result, keep
from qingyuan.bureau.judging.models import Evaluation
from qingyuan.bureau.registers.models import Point
from qingyuan.bureau.values.queries.hours import ItemValue, instant, values_by_interval
from qingyuan.readings import NewReading, Rank, SeriesKey
from qingyuan.rules import rule_book
from qingyuan.science import air
from qingyuan.science.intervals import civil_day

ITEMS = ("SO2", "NO2", "CO", "O3", "PM10", "PM2_5")
HOUR, DAY = 3600, 86400


def evaluate_hours(dirty: Mapping[Point, set[int]]) -> None:
    """Judge the given hours (epoch seconds) of air stations."""
    if not dirty:
        return
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
        return
    judged = air.aqi(_frame(rows), "hour", stamps="opens")
    results = [
        _result(point, "air_hour", instant(start), instant(start + HOUR), row, values)
        for (point, start, values), row in zip(keys, judged.iter_rows(named=True), strict=True)
    ]
    keep("air_hour", results)


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
                NewReading(
                    key,
                    start,
                    end,
                    value,
                    -1,
                    unit,
                    "" if value is not None else "D",
                    rank=Rank.DERIVED,
                    origin=origins[row["site"]],
                    received_at=now,
                    capture=min(1.0, hours / 24),
                )
            )
    readings().append(made, skip_unchanged=True)
