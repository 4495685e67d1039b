"""What came in and waits to be judged."""

from __future__ import annotations

from dataclasses import dataclass

from qingyuan import process
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.judging.models import DueDay


@dataclass(frozen=True)
class Waiting:
    """What came in and is not judged yet: hours of series, days of points; most: hours when the queue was longest."""

    hours: int
    days: int
    most: int

    @property
    def percent(self) -> int:
        """How much of the hours is done."""
        return 100 * (self.most - self.hours) // self.most if self.most else 100


def waiting_to_be_judged() -> Waiting:
    """How long the queue is just now; its greatest length as the work process saw it."""
    hours = readings().dirty_count()
    beat = process.last_beat("work") or {}
    return Waiting(hours, DueDay.objects.count(), max(hours, int(beat.get("dirty_most") or 0)))
