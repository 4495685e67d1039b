"""What people change in the books (tags, limits) makes the hours it bears on due to be judged again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from qingyuan.bureau.monitoring.store import readings


def judge_again(points: Iterable[str], start: datetime, end: datetime) -> int:
    """Mark the hourly readings of the points in [start, end) as changed; returns how many series-hours."""
    store = readings()
    series = [s.id for s in store.series_of_points(list(points)) if s.key.grain == "hour"]
    return store.mark(series, int(start.timestamp()), int(end.timestamp())) if series else 0
