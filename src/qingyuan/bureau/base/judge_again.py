"""What people change in the books (tags, limits, targets) makes the readings it bears on due to be judged again."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from qingyuan import clock
from qingyuan.bureau.base.store import readings

HOURS = ("hour",)
SAMPLES = ("hour", "raw")
"""What sections are judged by: hours, or single samples that came by file."""
BACK = timedelta(days=60)
"""How far back is judged again what a change without a date of its own bears on."""


def judge_again(points: Iterable[str], start: datetime, end: datetime, grains: Collection[str] = HOURS) -> int:
    """Mark the readings of the points in [start, end) as changed; returns how many series-hours."""
    store = readings()
    series = [s.id for s in store.series_of_points(list(points)) if s.key.grain in grains]
    return store.mark(series, int(start.timestamp()), int(end.timestamp())) if series else 0


def judge_recent(points: Collection[str]) -> int:
    """Judge the readings of the last weeks again; returns how many series-hours."""
    now = clock.now()
    return judge_again(points, now - BACK, now) if points else 0
