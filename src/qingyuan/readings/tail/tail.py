"""The unflushed tail: everything that was received lately, and the books that go with it, in one SQL database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from qingyuan.readings.model import DirtyMark, Message, Newest, NewReading, Reading, Receipt, Series, SeriesKey
from qingyuan.readings.precedence import Found
from qingyuan.readings.tail import read, write
from qingyuan.readings.tail.database import Database

_DELETE_AT_ONCE = 20_000


# By series with data of that time, then into the key (series, hour): the marks of a long history are not looked at.
_DIRTY_SINCE = """SELECT d.series, d.hour, d.seq FROM latest AS l CROSS JOIN dirty AS d
    WHERE l."end">=? AND d.series=l.series AND d.hour>=? AND d.seq{} ORDER BY d.seq{} LIMIT ?"""
_KINDS = ((">0", ""), ("<0", " DESC"))
"""Marks of intervals, and those of instants: which numbers they have, and from which on (see `write.put_marks`)."""


class Tail:
    """Rows not yet in the archive; series, latest, dirty marks, message keys and the journal offset."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._cache: dict[SeriesKey, Series] = {}
        self._grains: dict[int, str] = {}

    def append(
        self,
        readings: Iterable[NewReading],
        messages: Sequence[Message],
        offset: tuple[int, int] | None,
        past: write.Past,
        skip_unchanged: bool,
        anew: Sequence[int],
    ) -> Receipt:
        """See `Store.append`; past: see `write.Past`."""
        try:
            with self.database.transaction():
                if offset is not None and self.offset() != offset[0]:
                    return Receipt(0, 0, 0)
                write.forget_messages(self.database, anew)
                doubles = write.record_messages(self.database, messages)
                first = {m.origin for m in messages} - doubles - set(anew)
                rows = write.Given(readings, doubles, first)
                receipt = write.append_rows(self.database, self._cache, rows, past, skip_unchanged)
                if offset is not None:
                    self.database.run("UPDATE meta SET value=? WHERE name='offset'", (offset[1],))
        except BaseException:
            self._cache.clear()  # it may name series that were taken back
            raise
        return receipt._replace(duplicates=len(doubles))

    def series(self, pattern: str) -> list[Series]:
        """See `Store.series`."""
        return read.find_series(self.database, pattern)

    def series_of(self, keys: Sequence[SeriesKey]) -> dict[SeriesKey, Series]:
        """See `Store.series_of`."""
        return read.series_of(self.database, keys)

    def series_by_number(self, numbers: Sequence[int]) -> dict[int, Series]:
        """See `Store.series_by_number`."""
        return {s.id: s for s in read.series_where(self.database, "id", numbers)}

    def series_of_points(self, points: Sequence[str]) -> list[Series]:
        """See `Store.series_of_points`."""
        return read.series_where(self.database, "point", points)

    def grains(self, numbers: Iterable[int]) -> dict[str, list[int]]:
        """The numbers that exist, by grain, each list sorted."""
        wanted = sorted(set(numbers))
        missing = [n for n in wanted if n not in self._grains]
        self._grains.update({n: s.key.grain for n, s in self.series_by_number(missing).items()})
        found: dict[str, list[int]] = {}
        for number in wanted:
            if number in self._grains:
                found.setdefault(self._grains[number], []).append(number)
        return found

    def latest(self, series: Sequence[int]) -> dict[int, Reading]:
        """See `Store.latest`."""
        return read.latest(self.database, series)

    def newest(self, points: Sequence[str]) -> dict[str, Newest]:
        """See `Store.newest`."""
        return read.newest(self.database, points)

    def in_force(self, series: Sequence[int], start: int, end: int, as_of: int | None) -> list[Found]:
        """What the tail alone would answer to `Store.window`."""
        return read.in_force(self.database, series, start, end, as_of)

    def revisions(self, series: Sequence[int], start: int, end: int) -> list[Found]:
        """Every revision in the tail of the intervals that begin in [start, end)."""
        return read.revisions(self.database, series, start, end)

    def hours(self, series: Sequence[int], start: int, end: int) -> set[tuple[int, int]]:
        """The (series, hour) pairs of which the tail holds readings that begin in [start, end)."""
        found: set[tuple[int, int]] = set()
        for part in read.chunks(sorted(set(series))):
            sql = (
                f"SELECT DISTINCT series, start - (start % 3600 + 3600) % 3600 FROM reading "
                f"WHERE series IN ({read.marks(part)}) AND start>=? AND start<?"
            )
            found.update((row[0], row[1]) for row in self.database.rows(sql, (*part, start, end)))
        return found

    def dirty_since(self, limit: int, since: int | None = None, *, instants: bool = True) -> list[DirtyMark]:
        """See `Store.dirty_since`: in order of the hours, so that a flood of old data is worked off oldest first."""
        found: list[DirtyMark] = []
        for which, order in _KINDS if instants else _KINDS[:1]:
            left = limit - len(found)
            if since is None:
                sql = f"SELECT series, hour, seq FROM dirty WHERE seq{which} ORDER BY seq{order} LIMIT ?"
                rows = self.database.rows(sql, (left,))
            else:
                rows = self.database.rows(_DIRTY_SINCE.format(which, order), (since, since, left))
            found += [DirtyMark._make(row) for row in rows]
        return found

    def dirty_count(self) -> int:
        """See `Store.dirty_count`."""
        return int(self.database.rows("SELECT count(*) FROM dirty")[0][0])

    def put_marks(self, hours: set[tuple[int, int]]) -> None:
        """Mark (series, hour) pairs as changed."""
        with self.database.transaction():
            write.put_marks(self.database, hours)

    def settle(self, marks: Sequence[DirtyMark]) -> None:
        """See `Store.settle`."""
        with self.database.transaction():
            if marks:
                self.database.run_many("DELETE FROM dirty WHERE series=? AND hour=? AND seq=?", marks)

    def offset(self) -> int:
        """See `Store.offset`."""
        return int(self.database.rows("SELECT value FROM meta WHERE name='offset'")[0][0])

    def messages(self, station: str, outcome: str, limit: int) -> list[Message]:
        """See `Store.messages`."""
        return read.messages(self.database, station, outcome, limit)

    def origins_since(self, position: int) -> set[int]:
        """See `Store.origins_since`."""
        return {row[0] for row in self.database.rows("SELECT origin FROM message WHERE origin >= ?", (position,))}

    def tallies(self, station: str | None) -> list[tuple[str, str, int, int]]:
        """See `Store.tallies`."""
        where, values = ("", ()) if station is None else (" WHERE station=?", (station,))
        rows = self.database.rows(f"SELECT station, outcome, count, last_at FROM tally{where}", values)
        return [(r[0], r[1], r[2], r[3]) for r in rows]

    # What the move to the archive needs.

    def count(self) -> int:
        """How many rows wait here."""
        return int(self.database.rows("SELECT count(*) FROM reading")[0][0])

    def batch(self) -> int:
        """The number of the newest append."""
        return int(self.database.rows("SELECT value FROM meta WHERE name='batch'")[0][0])

    def noted_move(self) -> tuple[int, int]:
        """The newest move that was begun: its number and the append it reaches to, 0 when it is over."""
        sql = "SELECT value FROM meta WHERE name IN ('move', 'move_upto') ORDER BY name"
        number, upto = (int(row[0]) for row in self.database.rows(sql))
        return number, upto

    def note_move(self, number: int, upto: int) -> None:
        """Note a move before it happens, or (upto 0) that it is over."""
        with self.database.transaction():
            self.database.run("UPDATE meta SET value=? WHERE name='move'", (number,))
            self.database.run("UPDATE meta SET value=? WHERE name='move_upto'", (upto,))

    def note(self, name: str, content: str) -> None:
        """Keep a text under a name, in place of the one before."""
        with self.database.transaction():
            self.database.run(
                "INSERT INTO note (name, content) VALUES (?,?) ON CONFLICT (name) DO UPDATE SET content=excluded.content",
                (name, content),
            )

    def noted(self, name: str) -> str:
        """The text under a name, empty where there is none."""
        rows = self.database.rows("SELECT content FROM note WHERE name=?", (name,))
        return str(rows[0][0]) if rows else ""

    def waiting(self, upto: int) -> dict[str, list[int]]:
        """Series with rows of appends up to that number, by grain, each list sorted."""
        rows = self.database.rows("SELECT DISTINCT series FROM reading WHERE batch<=?", (upto,))
        return self.grains(r[0] for r in rows)

    def rows_upto(self, series: Sequence[int], upto: int) -> Iterator[list[Found]]:
        """Rows of appends up to that number, a list for each series, in the order of the clustered key."""
        sql = (
            f"SELECT {read.COLUMNS}, 1, stamp FROM reading WHERE series=? AND batch<=? "
            'ORDER BY start, "end", status, rank, stamp, origin'
        )
        for number in series:
            yield [Found._make(row) for row in self.database.rows(sql, (number, upto))]

    def delete_upto(self, series: Sequence[int], upto: int) -> int:
        """Forget those rows, some thousands at a time so that no writer waits long; how many."""
        gone = 0
        waiting = list(series)
        while waiting:
            with self.database.transaction():
                part = 0
                while waiting and part < _DELETE_AT_ONCE:
                    part += self.database.run("DELETE FROM reading WHERE series=? AND batch<=?", (waiting.pop(), upto))
            gone += part
        return gone

    def delete_before(self, series: Sequence[int], instant: int) -> int:
        """Forget the rows of these series that begin before the second; how many."""
        gone = 0
        with self.database.transaction():
            for part in read.chunks(list(series)):
                gone += self.database.run(
                    f"DELETE FROM reading WHERE series IN ({read.marks(part)}) AND start<?", (*part, instant)
                )
        return gone

    def close(self) -> None:
        """Close this thread's connection."""
        self.database.close()

    def copy_to(self, target: Path) -> None:
        """See `Database.copy_to`."""
        self.database.copy_to(target)
