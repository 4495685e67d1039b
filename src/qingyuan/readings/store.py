"""The port, answered by a tail in SQL and an archive of files.

A reader asks the tail first and the archive after it: rows that move between the two in the meantime are then seen
twice, never missed, and a revision met twice counts once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import pairwise
from operator import attrgetter
from pathlib import Path

from qingyuan.readings import exporting, precedence
from qingyuan.readings.archive import Archive, Limits
from qingyuan.readings.archive.asking import Shape
from qingyuan.readings.archive.compacting import compact
from qingyuan.readings.archive.flushing import Reached, flush, recover
from qingyuan.readings.archive.layout import month_after
from qingyuan.readings.as_of import AsOf
from qingyuan.readings.errors import ReadingsError, UnknownSeries
from qingyuan.readings.fullness import said_when_full
from qingyuan.readings.model import (
    Bucket,
    DirtyMark,
    Flag,
    Kept,
    Message,
    Newest,
    NewFlag,
    NewReading,
    Reading,
    Receipt,
    Series,
    SeriesKey,
    State,
)
from qingyuan.readings.precedence import Found
from qingyuan.readings.tail import Database, PostgresqlDatabase, SqliteDatabase, Tail, flags
from qingyuan.readings.tail.lease import Lease
from qingyuan.readings.tail.write import Past

FILE_NAME = "readings.sqlite"
ARCHIVE_NAME = "archive"
SWEEP_HOURS = 48
EXPORT_ROWS = 200_000
EVERY_GRAIN = ("raw", "minute", "hour", "day")


def open_store(
    folder: Path, *, database_url: str = "", backups: Path | None = None, limits: Limits | None = None
) -> TieredStore:
    """The store in `folder` (made if absent). Raises StoreTooNew.

    database_url: a PostgreSQL server for the tail; without it a SQLite file in the folder. backups: where a copy of a
    file of an older version is laid before it is brought up to date; by default beside it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    database: Database
    if database_url:
        database = PostgresqlDatabase(database_url)
    else:
        database = SqliteDatabase(folder / FILE_NAME, backups or folder)
    return TieredStore(database, folder / ARCHIVE_NAME, limits or Limits())


class TieredStore:
    """See `Store`. One a process; each thread gets its own connections by itself."""

    def __init__(self, database: Database, archive: Path, limits: Limits) -> None:
        self._tail = Tail(database)
        self._archive = Archive(archive, limits, self._tail)

    def append(
        self,
        readings: Iterable[NewReading],
        *,
        messages: Sequence[Message] = (),
        offset: tuple[int, int] | None = None,
        skip_unchanged: bool = False,
        anew: Sequence[int] = (),
    ) -> Receipt:
        """See `Store.append`."""
        past = Past(self._archive.last_origin, self._archived)
        return self._tail.append(readings, messages, offset, past, skip_unchanged, anew)

    def _archived(self, intervals: Sequence[tuple[int, int, int]]) -> list[Found]:
        if not self._archive.log.pieces():
            return []
        by_grain = self._tail.grains({i[0] for i in intervals})
        grains = {number: grain for grain, numbers in by_grain.items() for number in numbers}
        return self._archive.of_intervals(grains, intervals)

    def series(self, pattern: str = "*") -> list[Series]:
        """See `Store.series`."""
        return self._tail.series(pattern)

    def series_of(self, keys: Sequence[SeriesKey]) -> dict[SeriesKey, Series]:
        """See `Store.series_of`."""
        return self._tail.series_of(keys)

    def series_by_number(self, numbers: Sequence[int]) -> dict[int, Series]:
        """See `Store.series_by_number`."""
        return self._tail.series_by_number(numbers)

    def series_of_points(self, points: Sequence[str]) -> list[Series]:
        """See `Store.series_of_points`."""
        return self._tail.series_of_points(points)

    def latest(self, series: Sequence[int]) -> dict[int, Reading]:
        """See `Store.latest`."""
        return self._tail.latest(series)

    def newest(self, points: Sequence[str]) -> dict[str, Newest]:
        """See `Store.newest`."""
        return self._tail.newest(points)

    def window(self, series: Sequence[int], start: int, end: int, *, as_of: int | None = None) -> list[Reading]:
        """See `Store.window`."""
        late = self._tail.in_force(series, start, end, as_of)
        if not self._archive.log.pieces():
            return [f.reading() for f in late]
        old = self._archive.in_force(self._tail.grains(series), start, end, as_of)
        if not late:
            return [f.reading() for f in old]
        both = precedence.contested(late, old)
        found = late + old
        if both:
            found = [f for f in found if f[:3] not in both] + self._ranked_again(both, as_of)
        found.sort()  # by series, start, end: of each interval there is one
        return [f.reading() for f in found]

    def _ranked_again(self, intervals: Collection[tuple[int, int, int]], as_of: int | None) -> list[Found]:
        """The winners of intervals of which both tail and archive hold revisions."""
        if not intervals:
            return []
        first, last = min(i[1] for i in intervals), max(i[1] for i in intervals)
        rows = self._all_revisions(sorted({i[0] for i in intervals}), first, last + 1)
        return precedence.in_force(r for r in rows if r.key in intervals and (as_of is None or r.received_at <= as_of))

    def _all_revisions(self, series: Sequence[int], start: int, end: int) -> list[Found]:
        rows = self._tail.revisions(series, start, end)
        return rows + self._archive.revisions(self._tail.grains(series), start, end)

    def revisions(self, series: int, start: int, end: int) -> list[Reading]:
        """See `Store.revisions`."""
        rows = precedence.without_doubles(self._all_revisions([series], start, end))
        rows.sort(key=attrgetter("start", "end", "received_at", "origin"))
        return [f.reading() for f in rows]

    def buckets(
        self,
        series: Sequence[int],
        start: int,
        end: int,
        width: int,
        *,
        anchor: int = 0,
        step: int = 0,
        without: Sequence[str] = (),
        as_of: int | None = None,
    ) -> list[Bucket]:
        """See `Store.buckets`."""
        if width <= 0:
            raise ReadingsError(f"buckets: got a width of {width} s, expected more than 0")
        late = self._tail.in_force(series, start, end, as_of)
        shape = Shape(width, anchor, step, tuple(without))
        return self._archive.buckets(self._tail.grains(series), (start, end, as_of), late, shape)

    def coverage(self, series: Sequence[int], start: int, end: int, *, as_of: int | None = None) -> dict[int, int]:
        """See `Store.coverage`."""
        late = self._tail.in_force(series, start, end, as_of)
        return self._archive.coverage(self._tail.grains(series), (start, end, as_of), late)

    def as_of(self, second: int) -> AsOf:
        """See `Store.as_of`."""
        return AsOf(self, second)

    def dirty_since(self, limit: int, *, since: int | None = None, instants: bool = True) -> list[DirtyMark]:
        """See `Store.dirty_since`."""
        return self._tail.dirty_since(limit, since, instants=instants)

    def dirty_count(self) -> int:
        """See `Store.dirty_count`."""
        return self._tail.dirty_count()

    def mark(self, series: Sequence[int], start: int, end: int) -> int:
        """See `Store.mark`."""
        hours = self._tail.hours(series, start, end)
        hours |= self._archive.hours(self._tail.grains(series), start, end)
        self._tail.put_marks(hours)
        return len(hours)

    def settle(self, marks: Sequence[DirtyMark]) -> None:
        """See `Store.settle`."""
        self._tail.settle(marks)

    def flag(self, new: Sequence[NewFlag], *, quiet: bool = False) -> list[int]:
        """See `Store.flag`."""
        return flags.put(self._tail.database, new, quiet)

    def unflag(self, ids: Sequence[int], actor: str, at: int, *, quiet: bool = False) -> int:
        """See `Store.unflag`."""
        return flags.take_back(self._tail.database, ids, actor, at, quiet)

    def flags(self, series: Sequence[int], start: int, end: int, *, as_of: int | None = None) -> list[Flag]:
        """See `Store.flags`."""
        return flags.find(self._tail.database, series, start, end, as_of)

    def offset(self) -> int:
        """See `Store.offset`."""
        return self._tail.offset()

    def messages(self, *, station: str = "", outcome: str = "", limit: int = 100) -> list[Message]:
        """See `Store.messages`."""
        return self._tail.messages(station, outcome, limit)

    def origins_since(self, position: int) -> set[int]:
        """See `Store.origins_since`."""
        return self._tail.origins_since(position)

    def tallies(self, station: str | None = None) -> list[tuple[str, str, int, int]]:
        """See `Store.tallies`."""
        return self._tail.tallies(station)

    def waiting(self) -> int:
        """See `Store.waiting`."""
        return self._tail.count()

    def compact(self, *, fully: bool = False, reached: Reached = lambda step: None) -> Kept:
        """See `Store.compact`."""
        with said_when_full(str(self._archive.folder)), Lease(self._tail.database) as lease:
            moved = flush(self._tail, self._archive, lease, reached)
            kept = compact(self._archive, lease, reached, fully=fully)
            self._archive.log.sweep(SWEEP_HOURS)
            self._archive.engine.sweep()
        self._tail.database.give_back()
        return kept._replace(moved=moved)

    def drop_before(self, grain: str, instant: int) -> int:
        """See `Store.drop_before`."""
        if grain not in EVERY_GRAIN:
            raise UnknownSeries(f"*/*/*/{grain}")
        with Lease(self._tail.database) as lease:
            recover(self._tail, self._archive, lease)
            old = [p for p in self._archive.log.pieces() if p.grain == grain and month_after(p.month) <= instant]
            if old:
                self._archive.log.drop(grain, sorted({p.month for p in old}))
            numbers = [s.id for s in self._tail.series("*") if s.key.grain == grain]
            gone = self._tail.delete_before(numbers, _month_start(instant))
        return gone + sum(p.rows for p in old)

    def export(
        self,
        series: Sequence[int],
        start: int,
        end: int,
        out: Path,
        *,
        as_of: int | None = None,
        progress: Callable[[int, int], None] = lambda done, total: None,
    ) -> int:
        """See `Store.export`. Raises ReadingsError for a suffix other than .csv, .parquet, .xlsx."""
        if out.suffix.lower() not in exporting.WRITERS:
            raise ReadingsError(f"{out.name}: got suffix {out.suffix!r}, expected one of {sorted(exporting.WRITERS)}")
        names = self.series_by_number(series)
        wanted = sorted(names)
        spans = list(self._spans(wanted, start, end))

        def parts() -> Iterator[list[Reading]]:
            for done, (some, a, b) in enumerate(spans):
                progress(done, len(spans))
                yield self.window(some, a, b, as_of=as_of)
            progress(len(spans), len(spans))

        return exporting.write(names, parts(), out)

    def _spans(self, series: Sequence[int], start: int, end: int) -> Iterator[tuple[Sequence[int], int, int]]:
        """Parts of a window that come one after the other and are each small enough to hold in memory."""
        if not series:
            return
        first, last, rows = self._archive.extent(self._tail.grains(series), start, end)
        each = rows // len(
            series
        )  # rows of series that were not asked for count too: parts turn out smaller, not larger
        at_once = max(1, EXPORT_ROWS // max(1, each))
        cuts = max(1, each // EXPORT_ROWS + 1)
        inner = [first + (last - first) * n // cuts for n in range(1, cuts)]
        edges = [start, *inner, end]
        for i in range(0, len(series), at_once):
            for a, b in pairwise(edges):
                yield series[i : i + at_once], a, b

    def state(self) -> State:
        """See `Store.state`."""
        pieces = self._archive.log.pieces()
        rows, size = sum(p.rows for p in pieces), sum(p.size for p in pieces)
        return State(len(pieces), rows, size, self._tail.count(), self._archive.broken())

    def faults(self) -> dict[str, str]:
        """By path below the archive: files whose content is not what was written; each is read."""
        return self._archive.faults()

    def files(self) -> list[Path]:
        """See `Store.files`."""
        return self._archive.files()

    def backup_to(self, target: Path) -> None:
        """See `Store.backup_to`."""
        self._tail.copy_to(target)

    def close(self) -> None:
        """See `Store.close`."""
        self._tail.close()


def _month_start(instant: int) -> int:
    from qingyuan.readings.archive.layout import month_begin, month_of

    return month_begin(month_of(instant))
