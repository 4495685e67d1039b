"""Readings as pages, API and reports ask for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from qingyuan import clock
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.monitoring.models import IssuedValue
from qingyuan.bureau.registers.models import Point
from qingyuan.clock import beijing
from qingyuan.readings import Newest, Reading, SeriesKey, Status
from qingyuan.rules import NoRuleError, rule_book


def _instant(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


def _second(instant: datetime) -> int:
    return int(instant.timestamp())


def _as_dict(reading: Reading) -> dict[str, Any]:
    return {
        "start": _instant(reading.start),
        "end": _instant(reading.end),
        "value": reading.value,
        "decimals": reading.decimals,
        "flag": reading.flag,
        "qualifier": reading.qualifier,
        "capture": reading.capture,
        "revised": reading.revisions > 1,
        "status": Status(reading.status).name.lower(),
        "origin": reading.origin,
        "received_at": _instant(reading.received_at),
    }


def series_values(
    point: Point | str,
    item: str,
    grain: str,
    start: datetime,
    end: datetime,
    statistic: str = "Avg",
    as_of: datetime | None = None,
) -> list[dict[str, Any]]:
    """The readings in force of one series whose intervals begin in [start, end), oldest first."""
    code = point if isinstance(point, str) else point.code
    key = SeriesKey(code, item, statistic, grain)
    found = readings().series_of([key]).get(key)
    if found is None:
        return []
    known = _second(as_of) if as_of else None
    return [_as_dict(r) for r in readings().window([found.id], _second(start), _second(end), as_of=known)]


def reported_beside(
    point: Point, item: str, grain: str, start: datetime, end: datetime, statistic: str = "Avg"
) -> dict[datetime, float | None]:
    """Our own value of intervals where an audited or issued one was taken instead, by their start; the newest of ours."""
    key = SeriesKey(point.code, item, statistic, grain)
    found = readings().series_of([key]).get(key)
    if found is None:
        return {}
    taken: dict[int, int] = {}
    for r in readings().window([found.id], _second(start), _second(end)):
        if r.status != Status.REALTIME:
            taken[r.start] = r.status
    if not taken:
        return {}
    ours: dict[datetime, float | None] = {}
    for r in readings().revisions(found.id, min(taken), max(taken) + 1):
        if r.start in taken and r.status == Status.REALTIME:
            ours[_instant(r.start)] = r.value
    return ours


def series_of_point(point: Point | str) -> list[dict[str, str]]:
    """The series that a point has: item, statistic, grain, unit."""
    code = point if isinstance(point, str) else point.code
    return [
        {"item": s.key.item, "statistic": s.key.statistic, "grain": s.key.grain, "unit": s.unit}
        for s in readings().series_of_points([code])
    ]


_FRESHER_FIRST = {"raw": 0, "minute": 1, "hour": 2, "day": 3}
_SHOWN = {"Rtd", "Avg"}


def latest_values(points: Iterable[Point | str]) -> dict[tuple[str, str], dict[str, Any]]:
    """By (point code, item): the value that is newest in time, real-time before hourly."""
    codes = [p if isinstance(p, str) else p.code for p in points]
    series = [s for s in readings().series_of_points(codes) if s.key.statistic in _SHOWN and s.key.grain != "day"]
    newest = readings().latest([s.id for s in series])
    out: dict[tuple[str, str], dict[str, Any]] = {}
    for s in sorted(series, key=lambda s: _FRESHER_FIRST.get(s.key.grain, 9)):
        reading = newest.get(s.id)
        known = out.get((s.key.point, s.key.item))
        if reading and (known is None or _instant(reading.end) > known["end"]):
            out[(s.key.point, s.key.item)] = {**_as_dict(reading), "unit": s.unit, "grain": s.key.grain}
    return out


@dataclass(frozen=True)
class Freshness:
    """When a point's data last came, and whether that is as expected. expected None = no plan is set.

    is_stopped: a planned stop holds, no data is expected. is_history: the newest data came long after their time (a
    file of old data), so that nothing has been heard of the point itself yet. is_catching_up: silent by the time of its
    data, which came so late that they were old then, and came just now.
    """

    point: str
    last_end: datetime | None
    last_received: datetime | None
    expected: timedelta | None
    is_silent: bool
    is_stopped: bool = False
    is_history: bool = False
    is_catching_up: bool = False


NOTHING = Newest(0, 0, 0)
SILENT_AFTER_INTERVALS = 3
GRACE = timedelta(minutes=10)


def freshness(points: Sequence[Point]) -> dict[str, Freshness]:
    """By point code. Silent: nothing received for three expected intervals and ten minutes; planned stops excluded.

    A reading whose interval ends after it was received (a clock was ahead) counts by its receipt.
    """
    now = clock.now()
    newest = readings().newest([p.code for p in points])
    horizon = rule_book().alert_threshold("alert.horizon.days", clock.beijing(now).date())
    long_after = timedelta(days=float(horizon.value)).total_seconds()
    stopped = set(
        Point.objects.filter(
            pk__in=[p.pk for p in points], planned_stops__start__lte=now, planned_stops__end__gt=now
        ).values_list("code", flat=True)
    )
    out = {}
    for p in points:
        end, received, delay = newest.get(p.code, NOTHING)
        expected = timedelta(minutes=p.expected_minutes) if p.expected_minutes else None
        is_history = delay > long_after
        patience = expected * SILENT_AFTER_INTERVALS + GRACE if expected else timedelta.max
        silent = bool(
            end
            and expected
            and not is_history
            and p.code not in stopped
            and now - _instant(min(end, received)) > patience
        )
        out[p.code] = Freshness(
            p.code,
            _instant(end) if end else None,
            _instant(received) if received else None,
            expected,
            silent,
            p.code in stopped,
            is_history,
            silent and delay > patience.total_seconds() and now - _instant(received) <= patience,
        )
    return out


@dataclass(frozen=True)
class IssuedClass:
    """The class of a section and month as a higher authority issued it, with the month's first day."""

    name: str
    month: date


def issued_classes(points: Iterable[Point]) -> dict[int, IssuedClass]:
    """The newest issued monthly class of each point by key; of one month the one received last. Other text is passed over."""
    found: dict[int, IssuedClass] = {}
    rows = IssuedValue.objects.filter(indicator="class.month", point__in=list(points))
    for row in rows.order_by("period_start", "received_at", "pk"):
        try:
            known = rule_book().water_class(row.value_text.strip().removesuffix("类"))
        except NoRuleError:
            continue
        if row.point_id is not None:
            found[row.point_id] = IssuedClass(known.name, beijing(row.period_start).date())
    return found
