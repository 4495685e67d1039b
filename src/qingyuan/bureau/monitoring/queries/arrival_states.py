"""How the data of a point arrive, in one word: fresh, late, silent, never, planned, unplanned or history."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.monitoring.queries.opening import PATIENCE
from qingyuan.bureau.monitoring.queries.values import Freshness, freshness
from qingyuan.bureau.registers.models import Point
from qingyuan.bureau.registers.policies import visible_points

LATE_INTERVALS = 2  # an interval may arrive up to one interval after its end before it is called late


ARRIVAL_WORDS = {
    "fresh": "正常",
    "late": "迟到",
    "silent": "数据中断",
    "never": "尚无数据",
    "planned": "计划停运",
    "unplanned": "未定应到间隔",
    "history": "历史数据",
}


EXPECTED = ("silent", "late", "fresh")


def arrival_state(fresh: Freshness, now: datetime) -> str:
    """fresh, late, silent, never or planned (a stop that holds), by the point's own expected interval.

    Without one, or with nothing but an old file, a point is neither in time nor late: `unplanned` while data come,
    `history` when they are days old.
    """
    if fresh.is_stopped:
        return "planned"
    if fresh.last_end is None:
        return "never"
    if not fresh.expected or fresh.is_history:
        return "history" if now - fresh.last_end > PATIENCE else "unplanned"
    if fresh.is_silent:
        return "silent"
    if now - fresh.last_end > fresh.expected * LATE_INTERVALS:
        return "late"
    return "fresh"


def arrival_summary(user: User, now: datetime) -> dict[str, Any]:
    """How many visible points are fresh, late, silent; the newest interval end. For the dot in the frame.

    worst: of those of which data are expected; `history` where none are, `never` where nothing has come at all.
    """
    fresh = freshness(list(visible_points(user).exclude(kind=Point.Kind.UNKNOWN)))
    states = [arrival_state(f, now) for f in fresh.values()]
    counts = {name: states.count(name) for name in ARRIVAL_WORDS}
    newest = max((f.last_end for f in fresh.values() if f.last_end), default=None)
    worst = next((name for name in EXPECTED if counts[name]), "history" if newest else "never")
    return {"counts": counts, "newest": newest, "worst": worst, "total": len(fresh)}


def silent_points(user: User, now: datetime) -> list[tuple[Point, Freshness]]:
    """The visible points that have gone silent, the longest silence first."""
    points = list(visible_points(user).exclude(kind=Point.Kind.UNKNOWN).select_related("area", "owner"))
    fresh = freshness(points)
    silent = [(p, fresh[p.code]) for p in points if arrival_state(fresh[p.code], now) == "silent"]
    return sorted(silent, key=lambda pair: pair[1].last_end or now)
