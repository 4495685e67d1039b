"""How full the data are: the share of expected hours that count, by day and series. Planned stops are not expected."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from qingyuan import clock
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.quality.queries.flags import Verdicts
from qingyuan.bureau.registers.models import Point
from qingyuan.bureau.values.models import PlannedStop
from qingyuan.clock import BEIJING
from qingyuan.readings import Series
from qingyuan.rules import rule_book

DAY, HOUR = 86400, 3600
MIDNIGHT = -8 * HOUR  # a second at which a Beijing day begins
LONGEST_DAYS = 31
MOST_POINTS = 100
STATISTIC = "Avg"
SPARSE = ((0.9, "full"), (0.75, "fair"), (0.5, "thin"), (0.0, "poor"))


@dataclass(frozen=True)
class Cell:
    """One day of one series. expected: hours or intervals by the plan, less stops and what lies ahead.

    share None: nothing was expected, or no plan says what to expect.
    """

    day: date
    valid: int
    expected: float | None
    stopped: bool

    @property
    def share(self) -> float | None:
        """Share of the expected intervals that count, at most 1."""
        return min(1.0, self.valid / self.expected) if self.expected else None

    @property
    def percent(self) -> int | None:
        """The share in whole percent, rounded down so that 100 means all."""
        return None if self.share is None else int(self.share * 100 + 1e-9)

    @property
    def tone(self) -> str:
        """full, fair, thin, poor or none."""
        share = self.share
        return "none" if share is None else next(word for least, word in SPARSE if share >= least)


@dataclass(frozen=True)
class Row:
    """One series: a point and an item with a cell for each day."""

    point: Point
    item: str
    cells: list[Cell]

    @property
    def share(self) -> float | None:
        """Over all days."""
        expected = sum(c.expected or 0 for c in self.cells)
        counted = sum(min(c.valid, c.expected) for c in self.cells if c.expected)
        return counted / expected if expected else None

    @property
    def percent(self) -> int | None:
        """The share in whole percent, rounded down."""
        return None if self.share is None else int(self.share * 100 + 1e-9)


def last_days(days: int, last: date | None = None) -> list[date]:
    """Days in Beijing up to `last`, today where none is given; at least one, at most 31."""
    last = last or clock.beijing(clock.now()).date()
    count = min(max(days, 1), LONGEST_DAYS)
    return [last - timedelta(days=n) for n in range(count - 1, -1, -1)]


def availability(points: Sequence[Point], days: Sequence[date], item: str = "") -> list[Row]:
    """Rows by point (in the order given) and item for consecutive days; `item` narrows to one.

    The hourly averages of at most 100 points over at most 31 days are counted in one question to the store. A reading
    counts if it has a value, its device flag is one of a valid value, and neither rules nor people set it aside.
    """
    chosen = {p.code: p for p in points[:MOST_POINTS]}
    store = readings()
    series = [
        s
        for s in store.series_of_points(list(chosen))
        if s.key.grain == "hour" and s.key.statistic == STATISTIC and item in ("", s.key.item)
    ]
    start, end = _midnight(days[0]), _midnight(days[-1]) + DAY
    without = tuple(flag for flag, row in rule_book().flags.items() if row.effect != "valid")
    counts: dict[tuple[int, int], int] = defaultdict(int)
    for bucket in store.buckets([s.id for s in series], start, end, DAY, anchor=MIDNIGHT, without=without):
        counts[bucket.series, bucket.start] += bucket.valid
    for number, midnight, change in _reviewed(series, start, end, without):
        counts[number, midnight] += change
    expected = _expected(list(chosen.values()), days)
    place = {code: n for n, code in enumerate(chosen)}
    rows = [
        Row(
            chosen[s.key.point],
            s.key.item,
            [Cell(day, counts[s.id, _midnight(day)], *expected[s.key.point, day]) for day in days],
        )
        for s in series
    ]
    return sorted(rows, key=lambda r: (place[r.point.code], r.item))


def _reviewed(series: Sequence[Series], start: int, end: int, without: Iterable[str]) -> Iterable[tuple[int, int, int]]:
    """(series, midnight, +1 or -1) where flags say otherwise than the device's own flag."""
    flagged = {
        f.series for f in readings().flags([s.id for s in series], start, end) if f.code != "noted" and not f.undone_by
    }
    if not flagged:
        return
    verdicts = Verdicts(sorted(flagged), start, end)
    invalid = set(without)
    for reading in readings().window(sorted(flagged), start, end):
        if reading.value is None:
            continue
        counted = reading.flag not in invalid
        verdict = verdicts.of(reading.series, reading.start)
        counts = verdict.counts if verdict.flags else counted
        if counts != counted:
            yield reading.series, reading.start - (reading.start - MIDNIGHT) % DAY, 1 if counts else -1


def _expected(points: Sequence[Point], days: Sequence[date]) -> dict[tuple[str, date], tuple[float | None, bool]]:
    """By point and day: how many intervals were due by now, and whether a planned stop touched the day."""
    now = int(clock.now().timestamp())
    stops: dict[int, list[tuple[int, int]]] = defaultdict(list)
    first, last = (datetime.fromtimestamp(_midnight(d), UTC) for d in (days[0], days[-1] + timedelta(days=1)))
    for stop in PlannedStop.objects.filter(point__in=[p.pk for p in points], start__lt=last, end__gt=first):
        stops[stop.point_id].append((int(stop.start.timestamp()), int(stop.end.timestamp())))
    found: dict[tuple[str, date], tuple[float | None, bool]] = {}
    for point in points:
        step = max((point.expected_minutes or 0) * 60, HOUR)
        for day in days:
            begin = _midnight(day)
            in_use = (point.active_from or day) <= day and (point.active_to is None or day < point.active_to)
            due = max(0, min(begin + DAY, now) - begin) if in_use else 0
            idle = _covered(stops[point.pk], begin, begin + due)
            expected = None if point.expected_minutes is None else float((due - idle) // step)
            found[point.code, day] = (expected, _covered(stops[point.pk], begin, begin + DAY) > 0)
    return found


def _covered(spans: Iterable[tuple[int, int]], start: int, end: int) -> int:
    """Seconds of [start, end) that the spans cover together."""
    total, reached = 0, start
    for begin, stop in sorted(spans):
        low, high = max(begin, reached), min(stop, end)
        if high > low:
            total, reached = total + high - low, high
    return total


def _midnight(day: date) -> int:
    return int(datetime.combine(day, time.min, BEIJING).timestamp())
