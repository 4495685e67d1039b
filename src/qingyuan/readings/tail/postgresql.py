"""The server database: a schema of our own in PostgreSQL, one connection a thread. psycopg is imported only here."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from qingyuan.readings.errors import ReadingsError, StoreFull, StoreTooNew
from qingyuan.readings.tail import schema
from qingyuan.readings.tail.database import Row

# Writers take turns, as they do in SQLite: an append reads what it compares with before it writes.
_WRITER = 0x51_59_52_44


class PostgresqlDatabase:
    """See `Database`. `url`: a libpq address; `namespace`: the schema that holds our tables."""

    def __init__(self, url: str, namespace: str = "qingyuan_readings") -> None:
        self._url, self._namespace = url, namespace
        self.name = f"postgresql schema {namespace}"
        self._local = threading.local()
        with self.transaction():
            self.run(f"CREATE SCHEMA IF NOT EXISTS {namespace}")
            if not self.rows(
                "SELECT 1 FROM information_schema.tables WHERE table_schema=? AND table_name='meta'", (namespace,)
            ):
                for statement in schema.POSTGRESQL.split(";"):
                    self.run(statement)
        got = int(self.rows("SELECT value FROM meta WHERE name='schema'")[0][0])
        if got > schema.VERSION:
            raise StoreTooNew(self.name, got, schema.VERSION)

    @property
    def connection(self) -> Any:
        """This thread's psycopg connection."""
        connection = getattr(self._local, "connection", None)
        if connection is None or connection.closed:
            import psycopg

            connection = psycopg.connect(self._url, autocommit=True)
            connection.execute(f"SET search_path TO {self._namespace}")
            self._local.connection = connection
        return connection

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        """See `Database.rows`. Asked again over a new connection where the server had left the old one meanwhile: a
        question by itself, which changes nothing.
        """
        from psycopg import OperationalError, pq

        connection = self.connection
        is_alone = connection.info.transaction_status == pq.TransactionStatus.IDLE
        try:
            return list(connection.execute(_own(sql), _plain(values)).fetchall())
        except OperationalError:
            if not (is_alone and connection.closed and sql.lstrip().startswith("SELECT")):
                raise
        return list(self.connection.execute(_own(sql), _plain(values)).fetchall())

    def run(self, sql: str, values: Sequence[object] = ()) -> int:
        """See `Database.run`."""
        return int(self.connection.execute(_own(sql), _plain(values)).rowcount)

    def run_many(self, sql: str, many: Iterable[Sequence[object]]) -> int:
        """See `Database.run_many`."""
        with self.connection.cursor() as cursor:
            cursor.executemany(_own(sql), map(_plain, many))
            return max(0, int(cursor.rowcount))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """See `Database.transaction`."""
        from psycopg import errors

        self.rows("SELECT 1")  # a connection that the server left is made anew before anything depends on it
        try:
            with self.connection.transaction():
                self.connection.execute("SELECT pg_advisory_xact_lock(%s)", (_WRITER,))
                yield
        except errors.DiskFull as error:
            raise StoreFull(self.name, str(error)) from error

    def give_back(self) -> None:
        """See `Database.give_back`: the server does so by itself."""

    def like(self, column: str) -> str:
        """See `Database.like`."""
        return f"{column} LIKE ?"

    def pattern(self, text: str) -> str:
        """See `Database.pattern`: backslash, `%` and `_` stand for themselves."""
        plain = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        return plain.replace("*", "%")

    def moment(self) -> int:
        """See `Database.moment`."""
        return int(self.rows("SELECT extract(epoch FROM clock_timestamp())::bigint")[0][0])

    def close(self) -> None:
        """See `Database.close`."""
        connection = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._local.connection = None

    def copy_to(self, target: Path) -> None:
        """See `Database.copy_to`."""
        raise ReadingsError(f"{self.name}: got {target} to copy to; use pg_dump for a database on a server")


def _plain(values: Sequence[object]) -> Sequence[object]:
    """Text without NUL, which the server does not take: one odd packet must not stop the line."""
    if any(isinstance(v, str) and "\0" in v for v in values):
        return [v.replace("\0", "\ufffd") if isinstance(v, str) else v for v in values]
    return values


@lru_cache(maxsize=512)
def _own(sql: str) -> str:
    return sql.replace("%", "%%").replace("?", "%s")
