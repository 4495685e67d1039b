"""Up to when a page with dates shows: now while data come, else where the newest data end; or a day asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from qingyuan import clock
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.registers.models import Point
from qingyuan.clock import BEIJING

PATIENCE = timedelta(days=2)  # data older than this are history: a page of the last days would be blank
EARLIEST = date(2000, 1, 1)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Opening:
    """What a page shows ends at `end` (exclusive). newest: where the data end, None where there are none."""

    end: datetime
    now: datetime
    newest: datetime | None
    is_asked: bool

    @property
    def is_past(self) -> bool:
        """Whether the page shows an earlier time than now."""
        return self.end < self.now

    @property
    def day(self) -> date:
        """The last day shown, in Beijing."""
        return clock.beijing(self.end - timedelta(seconds=1)).date()

    @property
    def is_at_newest(self) -> bool:
        """Whether the newest data are shown."""
        return self.newest is None or self.newest <= self.end


def newest_of(points: Iterable[Point | str]) -> datetime | None:
    """Where the readings of the points end; None where there are none."""
    found = readings().newest([p if isinstance(p, str) else p.code for p in points])
    return datetime.fromtimestamp(max(one.end for one in found.values()), UTC) if found else None


def opening(points: Iterable[Point | str], asked: str = "") -> Opening:
    """Where a page of the points opens. asked: a day as 2019-06-30, shown to its end; one that is no day is passed over."""
    now, newest = clock.now(), newest_of(points)
    try:
        day = date.fromisoformat(asked)
    except ValueError:
        day = None
    if day is not None and day >= EARLIEST:
        end = now if day >= clock.beijing(now).date() else datetime.combine(day + DAY, time.min, BEIJING)
        return Opening(end, now, newest, True)
    if newest is not None and newest < now - PATIENCE:
        return Opening(newest, now, newest, False)
    return Opening(now, now, newest, False)
