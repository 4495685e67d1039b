"""Acts on planned stops: times in which no data is expected from a point."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from qingyuan import clock
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies.rights import require
from qingyuan.bureau.audit.actions.record import record
from qingyuan.bureau.base.errors import Invalid, Missing, WrongState
from qingyuan.bureau.registers.models import Point
from qingyuan.bureau.values.models import PlannedStop


def plan_stop(actor: User | None, point: Point, start: datetime, end: datetime, reason: str) -> PlannedStop:
    """No data is expected from the point in [start, end). Raises NotAllowed, Missing (no reason), Invalid (no span)."""
    require(actor, "manage_points", point.answering_id)
    if not reason.strip():
        raise Missing("请写明停运原因", "reason")
    if end <= start:
        raise Invalid("结束应晚于开始", "end")
    with transaction.atomic():
        row = PlannedStop.objects.create(point=point, start=start, end=end, reason=reason.strip()[:200])
        record(actor, "stop.plan", point, f"{point} 计划停运 {_told(start)} 至 {_told(end)}：{reason.strip()}")
    return row


def end_stop(actor: User | None, stop: PlannedStop) -> PlannedStop:
    """A stop ends now, or never begins if it had not. Raises NotAllowed, WrongState when it is over already."""
    require(actor, "manage_points", stop.point.answering_id)
    now = clock.now()
    if stop.end <= now or stop.end <= stop.start:
        raise WrongState(f"计划停运已于 {_told(stop.end)} 结束")
    with transaction.atomic():
        stop.end = max(stop.start, now)
        stop.save(update_fields=["end"])
        record(actor, "stop.end", stop.point, f"{stop.point} 计划停运提前结束：{stop.reason}")
    return stop


def _told(instant: datetime) -> str:
    return clock.beijing(instant).strftime("%Y-%m-%d %H:%M")
