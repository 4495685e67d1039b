"""The embedded database: one SQLite file in WAL mode, `synchronous=NORMAL`, one connection a thread.

The journal offset is inside the transaction, so that what a power cut takes back is parsed again.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from qingyuan.readings.errors import StoreFull
from qingyuan.readings.tail import schema
from qingyuan.readings.tail.database import Row

log = logging.getLogger(__name__)
INCREMENTAL = 2
WAL_BYTES = 64 * 1024 * 1024
"""What is left of the write-ahead file once it is written back."""
REWRITTEN_BYTES = 512 * 1024 * 1024
FREE_PAGES, AT_ONCE = 2000, 500
"""More free pages than so are given back, so many in a transaction."""


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
            connection.execute(f"PRAGMA auto_vacuum={INCREMENTAL}")  # counts only while the file is new
            _use_wal(connection)
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.execute("PRAGMA cache_size=-16000")
            connection.execute(f"PRAGMA journal_size_limit={WAL_BYTES}")
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

    def give_back(self) -> None:
        """See `Database.give_back`. A file of before is rewritten once, where nobody holds it and it is not too large: who
        writes waits meanwhile.
        """
        if self._free() <= FREE_PAGES:
            return
        try:
            if self.rows("PRAGMA auto_vacuum")[0][0] != INCREMENTAL:
                if self.path.stat().st_size > REWRITTEN_BYTES:
                    return
                self.connection.execute(f"PRAGMA auto_vacuum={INCREMENTAL}")
                self.connection.execute("VACUUM")
            while self._free() > FREE_PAGES:
                before = self._free()
                self.rows(f"PRAGMA incremental_vacuum({AT_ONCE})")
                if self._free() >= before:
                    break
            self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.OperationalError as error:  # somebody reads or writes just now: the next time
            log.info("%s: free pages stay for now (%s)", self.name, error)

    def _free(self) -> int:
        return int(self.rows("PRAGMA freelist_count")[0][0])

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
