"""Evaluation under a named rule set: worked out on the spot from the readings in force, kept nowhere."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast, get_args

import polars as pl

from qingyuan.bureau.base.errors import Invalid
from qingyuan.bureau.base.rule_books import book_as_of
from qingyuan.bureau.judging.actions.air import ITEMS
from qingyuan.bureau.registers.models import Point
from qingyuan.bureau.values.queries.hours import instant, values_by_interval
from qingyuan.clock import beijing
from qingyuan.science import air

HOUR = 3600
STANDARDS: tuple[str, ...] = get_args(air.Standard)


def standard_of(text: str) -> air.Standard:
    """A rule set by its name; empty means `auto`, by each row's date. Raises Invalid."""
    if (text or "auto") not in STANDARDS:
        raise Invalid(f"得到规则“{text}”，应为：{'、'.join(STANDARDS)}", "standard")
    return cast(air.Standard, text or "auto")


def station_air(
    point: Point,
    since: datetime,
    until: datetime,
    averaging: air.Averaging,
    standard: air.Standard,
    as_of: datetime | None = None,
) -> list[dict[str, Any]]:
    """Hours or Beijing days of an air station in [since, until), judged under a rule set.

    Each row: start, values by item, sub-indices, AQI, category, level, primary, standard, reason, and the watermark
    (largest origin) of the readings it rests on. as_of: by the readings, quality flags and rule book of that moment.
    """
    known = None if as_of is None else int(as_of.timestamp())
    book = book_as_of(known)
    found = values_by_interval([point.code], ITEMS, int(since.timestamp()), int(until.timestamp()), as_of=known)
    hours = [(start, values) for (_, start, end), values in sorted(found.items()) if end - start == HOUR]
    if not hours:
        return []
    rows = [
        {"site": point.code, "time": instant(start)} | {i: values[i].value if i in values else None for i in ITEMS}
        for start, values in hours
    ]
    types: dict[str, pl.DataType] = {"site": pl.String(), "time": pl.Datetime("us", "UTC")}
    frame = pl.DataFrame(rows, schema=types | dict.fromkeys(ITEMS, pl.Float64()))
    origins: dict[Any, int] = {}
    for start, values in hours:
        key = instant(start) if averaging == "hour" else beijing(instant(start)).date()
        origins[key] = max(origins.get(key, 0), *(v.raw.origin for v in values.values()))
    if averaging == "day":
        frame = air.day_values(frame, stamps="opens", book=book)
        frame = frame.rename({"day": "time"}) if "day" in frame.columns else frame
        frame = frame.drop("reason", strict=False)
    judged = air.aqi(frame, averaging, standard, stamps="opens", book=book)
    return [_row(row, origins) for row in judged.iter_rows(named=True)]


def _row(row: dict[str, Any], origins: dict[Any, int]) -> dict[str, Any]:
    at = row["time"]
    key = at.date() if isinstance(at, datetime) and at not in origins else at
    return {
        "start": at,
        "values": {i: row[i] for i in air.ITEMS if row.get(i) is not None},
        "iaqi": {name[5:]: value for name, value in row.items() if name.startswith("IAQI_") and value is not None},
        "aqi": row["AQI"],
        "category": row["category"],
        "level": row["level"],
        "primary": row["primary"],
        "standard": row["standard"],
        "reason": row["reason"],
        "watermark": origins.get(key, 0),
    }
