"""Hours and days: half-open spans of time, UTC inside, Beijing civil time for their bounds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from qingyuan.science.errors import BadArgumentError

BEIJING = ZoneInfo("Asia/Shanghai")
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass(frozen=True, order=True)
class Interval:
    """start ≤ t < end, both aware and held in UTC. BadArgumentError for naive or unordered times."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        for name in ("start", "end"):
            object.__setattr__(self, name, _utc(name, getattr(self, name)))
        if self.end <= self.start:
            raise BadArgumentError("end", self.end.isoformat(), f"after the start {self.start.isoformat()}")

    @property
    def length(self) -> timedelta:
        """How long it lasts."""
        return self.end - self.start

    def covers(self, instant: datetime) -> bool:
        """True when the instant lies inside; the end does not."""
        return self.start <= instant < self.end

    def overlaps(self, other: Interval) -> bool:
        """True when the two share any time."""
        return self.start < other.end and other.start < self.end

    def hours(self) -> Iterator[Interval]:
        """Its hours in order; the last is cut short where the length is no whole number of hours."""
        start = self.start
        while start < self.end:
            yield Interval(start, min(start + HOUR, self.end))
            start += HOUR


def _utc(name: str, instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise BadArgumentError(name, instant.isoformat(), "an aware instant; attach its time zone first")
    return instant.astimezone(UTC)


def beijing_date(instant: datetime) -> date:
    """The civil date of an aware instant in Beijing."""
    return _utc("instant", instant).astimezone(BEIJING).date()


def minutes_of(instant: datetime, minutes: int) -> Interval:
    """The span of `minutes` (a divisor of 60) that holds an aware instant, counted from the full hour."""
    if minutes < 1 or 60 % minutes:
        raise BadArgumentError("minutes", minutes, "a divisor of 60")
    hour = hour_of(instant)
    steps = (_utc("instant", instant) - hour.start) // timedelta(minutes=minutes)
    start = hour.start + steps * timedelta(minutes=minutes)
    return Interval(start, start + timedelta(minutes=minutes))


def hour_of(instant: datetime) -> Interval:
    """The clock hour that holds an aware instant."""
    start = _utc("instant", instant).replace(minute=0, second=0, microsecond=0)
    return Interval(start, start + HOUR)


def day_of(instant: datetime) -> Interval:
    """The Beijing civil day that holds an aware instant."""
    return civil_day(beijing_date(instant))


def civil_day(day: date) -> Interval:
    """A Beijing civil day, from 00:00 to the next 00:00."""
    start = datetime.combine(day, time(), BEIJING)
    return Interval(start, datetime.combine(day + DAY, time(), BEIJING))
