"""Tables of the embedded engine and how an older file becomes a newer one."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

from qingyuan.readings.errors import StoreTooNew

VERSION = 1

# reading: the clustered key keeps all revisions of an interval together, the one in force last.
_STEPS = {
    1: """
    CREATE TABLE series (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        point TEXT NOT NULL, item TEXT NOT NULL, statistic TEXT NOT NULL, grain TEXT NOT NULL,
        unit TEXT NOT NULL,
        UNIQUE (point, item, statistic, grain)
    );
    CREATE TABLE reading (
        series INTEGER NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL,
        status INTEGER NOT NULL, rank INTEGER NOT NULL, stamp INTEGER NOT NULL, origin INTEGER NOT NULL,
        value REAL, decimals INTEGER NOT NULL, flag TEXT NOT NULL, qualifier TEXT NOT NULL,
        received_at INTEGER NOT NULL, capture REAL,
        PRIMARY KEY (series, start, "end", status, rank, stamp, origin)
    ) WITHOUT ROWID;
    CREATE TABLE latest (
        series INTEGER PRIMARY KEY, start INTEGER NOT NULL, "end" INTEGER NOT NULL,
        value REAL, decimals INTEGER NOT NULL, flag TEXT NOT NULL, origin INTEGER NOT NULL,
        received_at INTEGER NOT NULL
    );
    CREATE TABLE dirty (
        series INTEGER NOT NULL, hour INTEGER NOT NULL, seq INTEGER NOT NULL,
        PRIMARY KEY (series, hour)
    ) WITHOUT ROWID;
    CREATE INDEX dirty_seq ON dirty (seq);
    CREATE TABLE message (
        origin INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, received_at INTEGER NOT NULL,
        station TEXT NOT NULL, command TEXT NOT NULL, outcome TEXT NOT NULL
    );
    CREATE INDEX message_station ON message (station, origin);
    CREATE INDEX message_outcome ON message (outcome, origin);
    CREATE TABLE tally (
        station TEXT NOT NULL, outcome TEXT NOT NULL, count INTEGER NOT NULL, last_at INTEGER NOT NULL,
        PRIMARY KEY (station, outcome)
    ) WITHOUT ROWID;
    CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
    INSERT INTO meta VALUES ('offset', 0), ('seq', 0);
    """,
}


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring the file to this program's schema; several processes may come at once. Raises StoreTooNew."""
    while (version := _version(connection)) < VERSION:
        connection.execute("BEGIN IMMEDIATE")
        try:
            if _version(connection) == version:  # nobody was faster while we waited for the lock
                for statement in _STEPS[version + 1].split(";"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {version + 1}")
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
    if version > VERSION:
        raise StoreTooNew(str(path), version, VERSION)


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def use_wal(connection: sqlite3.Connection) -> None:
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
