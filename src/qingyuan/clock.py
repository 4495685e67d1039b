"""The one source of "now".

Everything in the project asks a Clock, so that replay and accelerated demonstrations are honest. The process-wide
clock is set once at start; tests and replays pass their own.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    """Answers the present instant."""

    def now(self) -> datetime:
        """The present as an aware instant in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The machine's present, UTC."""
        return datetime.fromtimestamp(time.time(), UTC)


@dataclass(frozen=True)
class FixedClock:
    """A clock that stands still, for tests and for figures re-derived as of a date."""

    at: datetime

    def now(self) -> datetime:
        """The fixed instant, in UTC."""
        return self.at.astimezone(UTC)


@dataclass(frozen=True)
class DemoClock:
    """A clock that starts in the past, runs at `speed` and never passes the real present."""

    start: datetime
    speed: float
    real_start: datetime

    def now(self) -> datetime:
        """The demonstration's present, UTC, at most the machine's present."""
        real = SystemClock().now()
        return min(real, self.start + timedelta(seconds=(real - self.real_start).total_seconds() * self.speed))


_current: Clock = SystemClock()


def set_clock(clock: Clock) -> None:
    """Replace the process-wide clock; call once at start."""
    global _current  # noqa: PLW0603
    _current = clock


def now() -> datetime:
    """The present of the process-wide clock, UTC."""
    return _current.now()


def beijing(instant: datetime) -> datetime:
    """The same instant as Beijing civil time. A naive instant is an error."""
    if instant.tzinfo is None:
        raise ValueError(f"got a naive time {instant!r}; expected an aware instant, attach its time zone first")
    return instant.astimezone(BEIJING)
