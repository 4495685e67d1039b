"""What people decide about readings: a named range is set aside or confirmed, with a reason; each can be undone."""

from __future__ import annotations

import json
from datetime import datetime

from django.db import transaction

from qingyuan import clock
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies.rights import require
from qingyuan.bureau.audit.actions.record import record
from qingyuan.bureau.base.errors import Invalid, Missing, NotAllowed
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.quality.queries.words import OPERATIONS, PERSON
from qingyuan.bureau.registers.models import Point
from qingyuan.bureau.registers.policies import visible_points
from qingyuan.readings import NewFlag, SeriesKey


def operate(
    actor: User,
    point: Point,
    item: str,
    start: datetime,
    end: datetime,
    code: str,
    reason: str,
    *,
    statistic: str = "Avg",
    grain: str = "hour",
) -> int:
    """Set readings of a range aside ("invalid") or confirm them ("valid"); returns the operation's number.

    The readings stay; what was worked out from them is worked out again. A later operation over the same range stands
    above an earlier one. Raises NotAllowed, Missing (no reason), Invalid (unknown operation, empty range, no series).
    """
    _may(actor, point)
    if code not in OPERATIONS:
        raise Invalid(f"操作只能是 {'、'.join(OPERATIONS)}，收到 {code!r}", "code")
    if not reason.strip():
        raise Missing("请写明理由，理由随操作记录一起保存", "reason")
    if end <= start:
        raise Invalid("结束应晚于开始", "end")
    key = SeriesKey(point.code, item, statistic, grain)
    series = readings().series_of([key]).get(key)
    if series is None:
        raise Invalid(f"{point.name} 没有 {item} 的数据（{statistic}，{grain}）", "item")
    now = int(clock.now().timestamp())
    with transaction.atomic():
        record(actor, f"quality.{code}", point, f"{OPERATIONS[code]} {item} {_told(start)} 至 {_told(end)}：{reason}")
    words = json.dumps({"reason": reason.strip()}, ensure_ascii=False)
    (number,) = readings().flag(
        [
            NewFlag(
                series.id,
                int(start.timestamp()),
                int(end.timestamp()),
                code,
                "operation",
                "1",
                words,
                f"{PERSON}{actor.pk}",
                now,
            )
        ]
    )
    return number


def undo(actor: User, point: Point, number: int) -> None:
    """Take an operation back. Raises NotAllowed, Invalid when the point has no such operation or it is undone already."""
    _may(actor, point)
    series = [s.id for s in readings().series_of_points([point.code])]
    found = [f for f in readings().flags(series, 0, 2**40) if f.id == number and f.rule == "operation"]
    if not found or found[0].undone_by:
        raise Invalid("没有这条操作，或已撤销", "number")
    with transaction.atomic():
        record(actor, "quality.undo", point, f"撤销数据操作 {number}（{OPERATIONS.get(found[0].code, found[0].code)}）")
    readings().unflag([number], f"{PERSON}{actor.pk}", int(clock.now().timestamp()))


def _may(actor: User, point: Point) -> None:
    require(actor, "review_data", point.answering_id)
    if not visible_points(actor).filter(pk=point.pk).exists():
        raise NotAllowed(f"{point.name} 不在您的范围内")


def _told(instant: datetime) -> str:
    return clock.beijing(instant).strftime("%Y-%m-%d %H:%M")
