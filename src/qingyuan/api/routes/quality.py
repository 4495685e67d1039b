"""Flags on readings, and what people decide about a range of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema

from qingyuan.api.auth import user_of, with_right
from qingyuan.api.idempotency import once
from qingyuan.api.identity import Key
from qingyuan.api.paging import Paging
from qingyuan.api.times import window
from qingyuan.bureau.quality.actions import operations
from qingyuan.bureau.quality.queries.pages import FlagRow, operation_of, recent_flags
from qingyuan.bureau.registers.policies import visible_points

router = Router(tags=["数据质量"])


class FlagFilter(Schema):
    """Which flags. rule: a kind of the rule book, or `operation`; by default those of the last 7 days that stand."""

    point: str = ""
    item: str = ""
    rule: str = ""
    outcome: str = ""
    standing: bool = True
    since: datetime | None = None
    to: datetime | None = None


def _shape(row: FlagRow | None) -> dict[str, Any]:
    if row is None:
        return {}
    return {
        "id": row.id,
        "point": row.point,
        "point_name": row.point_name,
        "item": row.item,
        "statistic": row.statistic,
        "grain": row.grain,
        "start": row.start,
        "end": row.end,
        "outcome": row.outcome,
        "outcome_name": row.outcome_word,
        "rule": row.rule,
        "rule_name": row.rule_word,
        "version": row.version,
        "parameters": row.parameters,
        "actor": row.actor,
        "made_at": row.made_at,
        "stands": row.stands,
        "undone_at": row.undone_at,
    }


@router.get("/flags", summary="数据标记")
def flags(request: HttpRequest, query: Query[FlagFilter], paging: Query[Paging]) -> dict[str, Any]:
    """Flags on readings in a span, newest first; `count` is exact, at most the newest 2,000 can be paged through."""
    since, until = window(query.since, query.to, timedelta(days=7))
    found, count = recent_flags(
        user_of(request),
        since,
        until,
        point=query.point,
        item=query.item,
        rule=query.rule,
        outcome=query.outcome,
        standing=query.standing,
    )
    first = (paging.page - 1) * paging.page_size
    items = [_shape(row) for row in found[first : first + paging.page_size]]
    return {"items": items, "count": count, "page": paging.page, "page_size": paging.page_size}


class OperationIn(Schema):
    """A range of one series and the decision: `invalid` sets it aside, `valid` confirms it. `end` is exclusive."""

    item: str
    start: datetime
    end: datetime
    code: str
    reason: str
    statistic: str = "Avg"
    grain: str = "hour"


@router.post("/points/{code}/operations", auth=with_right("review_data"), summary="审核数据")
@once
def post_operation(request: HttpRequest, code: str, body: OperationIn) -> dict[str, Any]:
    """Set a range aside or confirm it, with a reason; the readings stay, what follows from them is worked out again."""
    point = get_object_or_404(visible_points(user_of(request)), code=code)
    start, end = window(body.start, body.end, timedelta(0))
    number = operations.operate(
        user_of(request),
        point,
        body.item,
        start,
        end,
        body.code,
        body.reason,
        statistic=body.statistic,
        grain=body.grain,
    )
    return _shape(operation_of(point, number))


@router.post("/points/{code}/operations/{operation_id}/undo", auth=with_right("review_data"), summary="撤销审核")
@once
def post_undo(request: HttpRequest, code: str, operation_id: Key) -> dict[str, Any]:
    """Take an operation back; it stays in the history and says when it was undone."""
    point = get_object_or_404(visible_points(user_of(request)), code=code)
    operations.undo(user_of(request), point, operation_id)
    return _shape(operation_of(point, operation_id))
