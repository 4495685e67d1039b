"""The embedded database: one SQLite file in WAL mode, `synchronous=NORMAL`, one connection a thread.

The journal offset is inside the transaction, so that what a power cut takes back is parsed again.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from qingyuan.readings.errors import StoreFull
from qingyuan.readings.tail import schema
from qingyuan.readings.tail.database import Row


class SqliteDatabase:
    """See `Database`."""

    def __init__(self, path: Path, backups: Path) -> None:
        self.path, self.name = path, str(path)
        self._local = threading.local()
        schema.migrate(self.connection, path, backups)

    @property
    def connection(self) -> sqlite3.Connection:
        """This thread's connection."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self.path, timeout=30, isolation_level=None)
            _use_wal(connection)
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.execute("PRAGMA cache_size=-16000")
            self._local.connection = connection
        return connection

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        """See `Database.rows`."""
        return self.connection.execute(sql, values).fetchall()

    def run(self, sql: str, values: Sequence[object] = ()) -> int:
        """See `Database.run`."""
        return self.connection.execute(sql, values).rowcount

    def run_many(self, sql: str, many: Iterable[Sequence[object]]) -> int:
        """See `Database.run_many`."""
        return self.connection.executemany(sql, many).rowcount

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """See `Database.transaction`."""
        connection = self.connection
        try:
            connection.execute("BEGIN IMMEDIATE")
            yield
            connection.execute("COMMIT")
        except BaseException as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.OperationalError) and "full" in str(error):
                raise StoreFull(self.name, str(error)) from error
            raise

    def like(self, column: str) -> str:
        """See `Database.like`."""
        return f"{column} GLOB ?"

    def pattern(self, text: str) -> str:
        """See `Database.pattern`: `[` and `?` stand for themselves."""
        return text.replace("[", "[[]").replace("?", "[?]")

    def moment(self) -> int:
        """See `Database.moment`."""
        return int(self.rows("SELECT CAST(strftime('%s', 'now') AS INTEGER)")[0][0])

    def close(self) -> None:
        """See `Database.close`."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._local.connection = None

    def copy_to(self, target: Path) -> None:
        """See `Database.copy_to`."""
        with closing(sqlite3.connect(target)) as copy:
            self.connection.backup(copy, pages=2000)


def _use_wal(connection: sqlite3.Connection) -> None:
    """Write-ahead logging. The first switch needs the file alone and does not wait by itself, so it is asked again."""
    deadline = time.monotonic() + 30
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
