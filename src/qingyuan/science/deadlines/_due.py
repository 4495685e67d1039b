from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from qingyuan.science.deadlines._work_calendar import WorkCalendar

ONE = timedelta(days=1)
LONGEST = timedelta(days=20_000)  # looked at before a limit is called endless: more than fifty years
PAUSED = "中止"


@dataclass(frozen=True)
class Pause:
    """A stretch in which the clock stands, [since, until).

    For limits in days it takes away the days from that of `since` to the day before that of `until`: a day is
    either counted or not, and two pauses that meet are one.
    """

    since: datetime
    until: datetime

    def holds(self, day: date, zone: tzinfo) -> bool:
        """Whether the day is taken away from a limit in days."""
        return self.since.astimezone(zone).date() <= day < self.until.astimezone(zone).date()


@dataclass(frozen=True)
class Skipped:
    """A day that did not count, and why: the name of the day of rest, or the pause."""

    day: date
    name: str
    is_provisional: bool


@dataclass(frozen=True)
class Due:
    """When a limit ends. Provisional: it went over days whose plan is not announced, so that it may move."""

    at: datetime
    is_provisional: bool
    skipped: tuple[Skipped, ...]


def after_working_days(
    start: datetime, count: int, calendar: WorkCalendar, close: time, zone: tzinfo, pauses: Sequence[Pause] = ()
) -> Due:
    """The close of the n-th working day after `start`; the day of `start` is not counted.

    Parameters: count [working days], at least 0 (0: the close of the same day); `close` and `zone`: when offices
    close, and where. Days in a pause do not count, so that a weekend in a pause is left out once, not twice.

    Notes: `between(start, after(start, n)) == n`. Raises ValueError for a negative count or a pause without an end.

    References: Civil Code, articles 201 and 204 (first day not counted; where there are business hours the last day
    ends with them).
    """
    _must_count(count)
    walk = _Walk(start.astimezone(zone).date(), calendar, zone, pauses)
    for _ in range(count):
        walk.on(skipping_rest=True)
    return walk.due(close, is_provisional=walk.met_unannounced)


def after_days(
    start: datetime, count: int, calendar: WorkCalendar, close: time, zone: tzinfo, pauses: Sequence[Pause] = ()
) -> Due:
    """The close of the n-th calendar day after `start`, or of the next working day where that is a day of rest.

    As `after_working_days`, but days of rest count and are named only where they moved the end.

    References: Civil Code, articles 201 to 204; Administrative Penalty Law, article 85, for which limits are which.
    """
    _must_count(count)
    walk = _Walk(start.astimezone(zone).date(), calendar, zone, pauses)
    for _ in range(count):
        walk.on(skipping_rest=False)
    walk.met_unannounced = calendar.on(walk.day).is_provisional  # whether it rests decides, the days before do not
    walk.off_rest()
    return walk.due(close, is_provisional=walk.met_unannounced)


def after_hours(start: datetime, hours: float, pauses: Sequence[Pause] = ()) -> Due:
    """The moment `hours` [h] after `start` with the clock standing in pauses; days of rest count."""
    _must_count(hours)
    left, at = timedelta(hours=hours), start
    for since, until in _joined(pauses):
        if until <= at:
            continue
        if since > at and since - at >= left:
            break
        left -= max(since - at, timedelta(0))
        at = until
    return Due((at + left).astimezone(start.tzinfo), False, ())


def working_days_between(
    start: datetime, end: datetime, calendar: WorkCalendar, zone: tzinfo, pauses: Sequence[Pause] = ()
) -> int:
    """How many working days lie after the day of `start` up to the day of `end`, pauses left out."""
    day, last = (moment.astimezone(zone).date() for moment in (start, end))
    count = 0
    while day < last:
        day += ONE
        count += calendar.on(day).works and not _in_pause(day, pauses, zone)
    return count


class _Walk:
    """Going on day by day, noting each day that did not count."""

    def __init__(self, day: date, calendar: WorkCalendar, zone: tzinfo, pauses: Sequence[Pause]) -> None:
        self.day, self.calendar, self.zone, self.pauses = day, calendar, zone, pauses
        self.last = day + LONGEST
        self.skipped: list[Skipped] = []
        self.met_unannounced = False

    def on(self, *, skipping_rest: bool) -> None:
        """To the next day that counts."""
        self.day += ONE
        while self._stands_still(skipping_rest):
            self.day += ONE

    def off_rest(self) -> None:
        """To the next working day, if this is none."""
        while self._stands_still(True):
            self.day += ONE

    def _stands_still(self, skipping_rest: bool) -> bool:
        if self.day > self.last:
            raise ValueError(f"a limit that does not end by {self.last.isoformat()}; expected pauses that end")
        found, is_paused = self.calendar.on(self.day), _in_pause(self.day, self.pauses, self.zone)
        self.met_unannounced |= found.is_provisional
        if not is_paused and (found.works or not skipping_rest):
            return False
        self.skipped.append(Skipped(self.day, PAUSED if is_paused else found.name, found.is_provisional))
        return True

    def due(self, close: time, *, is_provisional: bool) -> Due:
        """The close of the day arrived at."""
        return Due(datetime.combine(self.day, close, self.zone), is_provisional, tuple(self.skipped))


def _in_pause(day: date, pauses: Iterable[Pause], zone: tzinfo) -> bool:
    return any(pause.holds(day, zone) for pause in pauses)


def _joined(pauses: Iterable[Pause]) -> list[tuple[datetime, datetime]]:
    """Pauses in order, those that overlap or meet as one."""
    joined: list[tuple[datetime, datetime]] = []
    for pause in sorted(pauses, key=lambda p: p.since):
        if joined and pause.since <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], pause.until))
        else:
            joined.append((pause.since, pause.until))
    return joined


def _must_count(count: float) -> None:
    if count < 0:
        raise ValueError(f"a limit of {count}; expected 0 or more")
