"""How data arrive: received, parsed, judged; where they stopped; planned stops."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema
from pydantic import Field

from qingyuan.api.auth import user_of, with_right
from qingyuan.api.idempotency import once
from qingyuan.api.identity import Key
from qingyuan.api.paging import Paging, page_of
from qingyuan.api.times import aware
from qingyuan.bureau.base.errors import Invalid
from qingyuan.bureau.monitoring.queries.arrivals import Arrival, arrivals, gateway_last_packet
from qingyuan.bureau.monitoring.queries.availability import LONGEST_DAYS, MOST_POINTS, availability, last_days
from qingyuan.bureau.monitoring.queries.watchdog import watchdog
from qingyuan.bureau.registers.models import Point
from qingyuan.bureau.registers.policies import visible_points
from qingyuan.bureau.values.actions.stops import end_stop, plan_stop
from qingyuan.bureau.values.models import PlannedStop

router = Router(tags=["监测"])


class FreshnessFilter(Schema):
    """Which points. state: fresh, late, silent, never, planned; side: device, link, us, source."""

    point: str = ""
    kind: str = ""
    state: str = ""
    side: str = ""


def _shape(a: Arrival) -> dict[str, Any]:
    return {
        "point": a.point.code,
        "name": a.point.name,
        "kind": a.point.kind,
        "state": a.state,
        "expected_minutes": a.point.expected_minutes,
        "received_at": a.received,
        "parsed_at": a.parsed,
        "evaluated_at": a.evaluated,
        "last_end": a.last_end,
        "cause": {"side": a.cause.side, "words": a.cause.words} if a.cause else None,
        "series": [
            {
                "item": s.item,
                "statistic": s.statistic,
                "grain": s.grain,
                "last_end": s.last_end,
                "received_at": s.last_received,
                "is_silent": s.is_silent,
                "expected_minutes": s.expected.total_seconds() / 60 if s.expected else None,
            }
            for s in a.series
        ],
    }


@router.get("/freshness", summary="数据到达")
def freshness(request: HttpRequest, query: Query[FreshnessFilter], paging: Query[Paging]) -> dict[str, Any]:
    """The worst first: last received, parsed, judged, and where it stopped; with the state of the watchdog itself."""
    rows = visible_points(user_of(request)).exclude(kind=Point.Kind.UNKNOWN)
    if query.point:
        rows = rows.filter(code=query.point)
    if query.kind:
        rows = rows.filter(kind=query.kind)
    found = [
        a
        for a in arrivals(list(rows))
        if query.state in ("", a.state) and (not query.side or (a.cause is not None and a.cause.side == query.side))
    ]
    first = (paging.page - 1) * paging.page_size
    own = watchdog()
    return {
        "items": [_shape(a) for a in found[first : first + paging.page_size]],
        "count": len(found),
        "page": paging.page,
        "page_size": paging.page_size,
        "watchdog": {"state": own.state, "looked_at": own.looked_at, "swept_at": own.swept_at},
        "last_packet_at": gateway_last_packet(),
    }


class GridFilter(Schema):
    """Which series: one point with all items, or one item at the points of a kind (at most 100 points, 31 days)."""

    point: str = ""
    kind: str = "air"
    item: str = ""
    days: int = Field(14, ge=1, le=LONGEST_DAYS)


@router.get("/availability", summary="数据完整率")
def grid(request: HttpRequest, query: Query[GridFilter]) -> dict[str, Any]:
    """By series and Beijing day: hours that count, hours expected by the plan less planned stops, their share."""
    if not query.point and not query.item:
        raise Invalid("point 和 item 须至少填写一个", "item")
    rows = visible_points(user_of(request)).order_by("code")
    rows = rows.filter(code=query.point) if query.point else rows.filter(kind=query.kind)
    days = last_days(query.days)
    return {
        "points": rows.count(),
        "items": [
            {
                "point": r.point.code,
                "item": r.item,
                "share": r.share,
                "days": [
                    {"day": c.day, "valid": c.valid, "expected": c.expected, "share": c.share, "stopped": c.stopped}
                    for c in r.cells
                ],
            }
            for r in availability(list(rows[:MOST_POINTS]), days, query.item)
        ],
    }


class StopIn(Schema):
    """No data is expected in [start, end)."""

    start: datetime
    end: datetime
    reason: str


def _stop(row: PlannedStop) -> dict[str, Any]:
    return {"id": row.pk, "point": row.point.code, "start": row.start, "end": row.end, "reason": row.reason}


@router.get("/points/{code}/planned-stops", summary="计划停运")
def stops(request: HttpRequest, code: str, paging: Query[Paging]) -> dict[str, Any]:
    """Newest first."""
    point = get_object_or_404(visible_points(user_of(request)), code=code)
    return page_of(point.planned_stops.select_related("point").order_by("-start", "-pk"), paging, _stop)


@router.post("/points/{code}/planned-stops", auth=with_right("manage_points"), summary="登记计划停运")
@once
def post_stop(request: HttpRequest, code: str, body: StopIn) -> dict[str, Any]:
    """Silence in that time is no silence."""
    point = get_object_or_404(visible_points(user_of(request)), code=code)
    start, end = aware(body.start), aware(body.end)
    if start is None or end is None:
        raise Invalid("起止时间都须填写", "start")
    return _stop(plan_stop(user_of(request), point, start, end, body.reason))


@router.post("/points/{code}/planned-stops/{stop_id}/end", auth=with_right("manage_points"), summary="结束计划停运")
@once
def post_end(request: HttpRequest, code: str, stop_id: Key) -> dict[str, Any]:
    """Ends now, or never begins if it had not."""
    point = get_object_or_404(visible_points(user_of(request)), code=code)
    return _stop(end_stop(user_of(request), get_object_or_404(PlannedStop, pk=stop_id, point=point)))
