"""What came in and waits to be judged."""

from __future__ import annotations

from dataclasses import dataclass

from qingyuan import process
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.judging.models import DueDay

MANY_BYTES, MANY_HOURS, MANY_DAYS = 2_000_000, 20_000, 1_000
"""From so much on it is a history: the present is taken before it."""


@dataclass(frozen=True)
class Waiting:
    """What came in and is not judged yet: hours of series, days of points; most: hours when the queue was longest.

    unread: bytes of the journal that are not read yet; unread_of: of how many that came since the queue was short.
    """

    hours: int
    days: int
    most: int
    unread: int = 0
    unread_of: int = 0

    @property
    def percent(self) -> int:
        """How much of the hours is done."""
        return 100 * (self.most - self.hours) // self.most if self.most else 100

    @property
    def percent_read(self) -> int:
        """How much of what came in is read."""
        return 100 * (self.unread_of - self.unread) // self.unread_of if self.unread_of else 100

    @property
    def is_history(self) -> bool:
        """Whether so much waits that the present is taken before it."""
        return self.unread >= MANY_BYTES or self.hours >= MANY_HOURS or self.days >= MANY_DAYS


def waiting_to_be_judged() -> Waiting:
    """How long the queue is just now; its greatest length as the work process saw it."""
    hours = readings().dirty_count()
    beat = process.last_beat("work") or {}
    most, unread, unread_of = (int(beat.get(key) or 0) for key in ("dirty_most", "unread", "unread_of"))
    return Waiting(hours, DueDay.objects.count(), max(hours, most), unread, max(unread, unread_of))
