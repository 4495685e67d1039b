"""The embedded engine's face: the port, answered by one SQLite file."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from qingyuan.readings import exporting
from qingyuan.readings.errors import ReadingsError, StoreFull
from qingyuan.readings.model import DirtyMark, Message, NewReading, Reading, Receipt, Series, SeriesKey
from qingyuan.readings.sqlite import read, schema, write

FILE_NAME = "readings.sqlite"


def open_store(folder: Path) -> SqliteStore:
    """The store in `folder` (made if absent). Raises StoreTooNew."""
    folder.mkdir(parents=True, exist_ok=True)
    return SqliteStore(folder / FILE_NAME)


class SqliteStore:
    """One SQLite file in WAL mode, `synchronous=NORMAL`; one connection a thread.

    The journal offset is inside the transaction, so that what a power cut takes back is parsed again.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._cache: dict[SeriesKey, Series] = {}
        schema.migrate(self._connection, path)

    @property
    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self.path, timeout=30, isolation_level=None)
            schema.use_wal(connection)
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.execute("PRAGMA cache_size=-16000")
            self._local.connection = connection
        return connection

    def close(self) -> None:
        """Close this thread's connection."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._local.connection = None

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        connection = self._connection
        try:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
        except BaseException as error:
            self._cache.clear()
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.OperationalError) and "full" in str(error):
                raise StoreFull(str(self.path), str(error)) from error
            raise

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
        with self._transaction() as connection:
            if offset is not None and self.offset() != offset[0]:
                return Receipt(0, 0, 0)
            write.forget_messages(connection, anew)
            doubles = write.record_messages(connection, messages)
            receipt = write.append_rows(connection, self._cache, readings, doubles, skip_unchanged)
            if offset is not None:
                connection.execute("UPDATE meta SET value=? WHERE name='offset'", (offset[1],))
        return receipt._replace(duplicates=len(doubles))

    def series(self, pattern: str = "*") -> list[Series]:
        """See `Store.series`."""
        return read.find_series(self._connection, pattern)

    def series_of(self, keys: Sequence[SeriesKey]) -> dict[SeriesKey, Series]:
        """See `Store.series_of`."""
        found = {}
        for key in keys:
            row = self._connection.execute(
                "SELECT id, unit FROM series WHERE point=? AND item=? AND statistic=? AND grain=?", key
            ).fetchone()
            if row:
                found[key] = Series(row[0], key, row[1])
        return found

    def series_by_number(self, numbers: Sequence[int]) -> dict[int, Series]:
        """Series of the given numbers."""
        found = {}
        for part in read.chunks(list(numbers)):
            rows = self._connection.execute(
                f"SELECT id, point, item, statistic, grain, unit FROM series WHERE id IN ({read.marks(part)})",
                part,
            )
            found.update({r[0]: Series(r[0], SeriesKey(*r[1:5]), r[5]) for r in rows})
        return found

    def series_of_points(self, points: Sequence[str]) -> list[Series]:
        """All series of the given points."""
        found: list[Series] = []
        for i in range(0, len(points), 500):
            part = points[i : i + 500]
            rows = self._connection.execute(
                "SELECT id, point, item, statistic, grain, unit FROM series "
                f"WHERE point IN ({','.join('?' * len(part))})",
                part,
            )
            found.extend(Series(r[0], SeriesKey(*r[1:5]), r[5]) for r in rows)
        return found

    def latest(self, series: Sequence[int]) -> dict[int, Reading]:
        """See `Store.latest`."""
        found = {}
        for part in read.chunks(list(series)):
            rows = self._connection.execute(
                'SELECT series, start, "end", value, decimals, flag, origin, received_at FROM latest '
                f"WHERE series IN ({read.marks(part)})",
                part,
            )
            for s, start, end, value, decimals, flag, origin, received in rows:
                found[s] = Reading(s, start, end, value, decimals, flag, "", 0, 0, origin, received, None, 1)
        return found

    def window(self, series: Sequence[int], start: int, end: int, *, as_of: int | None = None) -> list[Reading]:
        """See `Store.window`."""
        return read.window(self._connection, series, start, end, as_of)

    def revisions(self, series: int, start: int, end: int) -> list[Reading]:
        """See `Store.revisions`."""
        rows = self._connection.execute(
            'SELECT series, start, "end", value, decimals, flag, qualifier, status, rank, origin, received_at, '
            "capture, 1 FROM reading WHERE series=? AND start>=? AND start<? "
            'ORDER BY start, "end", received_at, origin',
            (series, start, end),
        )
        return [Reading._make(row) for row in rows]

    def coverage(self, series: Sequence[int], start: int, end: int) -> dict[int, int]:
        """See `Store.coverage`."""
        found: dict[int, int] = {}
        for part in read.chunks(list(series)):
            rows = self._connection.execute(
                "SELECT series, count(DISTINCT start) FROM reading WHERE value IS NOT NULL "
                f"AND series IN ({read.marks(part)}) AND start>=? AND start<? GROUP BY series",
                (*part, start, end),
            )
            found.update(dict(rows))
        return found

    def dirty_since(self, limit: int) -> list[DirtyMark]:
        """See `Store.dirty_since`: in order of the hours, so that a flood of old data is worked off oldest first."""
        rows = self._connection.execute("SELECT series, hour, seq FROM dirty ORDER BY seq LIMIT ?", (limit,))
        return [DirtyMark._make(row) for row in rows]

    def dirty_count(self) -> int:
        """How many marks wait."""
        return int(self._connection.execute("SELECT count(*) FROM dirty").fetchone()[0])

    def mark(self, series: Sequence[int], start: int, end: int) -> int:
        """See `Store.mark`."""
        with self._transaction() as connection:
            return write.mark_hours(connection, series, start, end)

    def settle(self, marks: Sequence[DirtyMark]) -> None:
        """See `Store.settle`."""
        with self._transaction() as connection:
            connection.executemany("DELETE FROM dirty WHERE series=? AND hour=? AND seq=?", marks)

    def offset(self) -> int:
        """See `Store.offset`."""
        return int(self._connection.execute("SELECT value FROM meta WHERE name='offset'").fetchone()[0])

    def messages(self, *, station: str = "", outcome: str = "", limit: int = 100) -> list[Message]:
        """See `Store.messages`."""
        where, values = ["1=1"], []
        for column, value in (("station", station), ("outcome", outcome)):
            if value:
                where.append(f"{column}=?")
                values.append(value)
        rows = self._connection.execute(
            "SELECT origin, key, received_at, station, command, outcome FROM message "
            f"WHERE {' AND '.join(where)} ORDER BY origin DESC LIMIT ?",
            (*values, limit),
        )
        return [Message._make(row) for row in rows]

    def tallies(self, station: str | None = None) -> list[tuple[str, str, int, int]]:
        """Messages counted by (station, outcome): count, second of the last one."""
        where, values = ("", ()) if station is None else ("WHERE station=?", (station,))
        return list(self._connection.execute(f"SELECT station, outcome, count, last_at FROM tally {where}", values))

    def export(self, series: Sequence[int], start: int, end: int, out: Path, *, as_of: int | None = None) -> int:
        """See `Store.export`. Raises ReadingsError for a suffix other than .csv, .parquet, .xlsx."""
        if out.suffix.lower() not in exporting.WRITERS:
            raise ReadingsError(f"{out.name}: got suffix {out.suffix!r}, expected one of {sorted(exporting.WRITERS)}")
        names = self.series_by_number(series)
        return exporting.write(names, self.window(series, start, end, as_of=as_of), out)

    def backup_to(self, target: Path) -> None:
        """A consistent copy, made while others read and write."""
        with sqlite3.connect(target) as copy:
            self._connection.backup(copy)
        copy.close()
