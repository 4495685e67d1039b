"""Tables of the tail, and how an older file becomes a newer one.

reading: what has not yet moved to the archive; the clustered key keeps all revisions of an interval together, the one
in force last. batch: the number of the append that brought the row. latest: the revision in force of the newest
interval of each series, wherever it lies.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from qingyuan.readings.errors import StoreTooNew

VERSION = 2

_LATEST = """
    CREATE TABLE latest (
        series {big} PRIMARY KEY, start {big} NOT NULL, "end" {big} NOT NULL,
        status {big} NOT NULL, rank {big} NOT NULL, stamp {big} NOT NULL, origin {big} NOT NULL,
        value {real}, decimals {big} NOT NULL, flag TEXT NOT NULL, qualifier TEXT NOT NULL,
        received_at {big} NOT NULL, capture {real}
    );
"""
_OURS = """
    CREATE TABLE note (name TEXT PRIMARY KEY, content TEXT NOT NULL);
    CREATE TABLE lease (name TEXT PRIMARY KEY, holder TEXT NOT NULL, until {big} NOT NULL);
    CREATE TABLE flag (
        id {serial}, series {big} NOT NULL, start {big} NOT NULL, "end" {big} NOT NULL, code TEXT NOT NULL,
        rule TEXT NOT NULL, version TEXT NOT NULL, parameters TEXT NOT NULL, actor TEXT NOT NULL,
        made_at {big} NOT NULL, undoes {big}
    );
    CREATE INDEX flag_series ON flag (series, start);
    CREATE UNIQUE INDEX flag_undoes ON flag (undoes);
    INSERT INTO meta VALUES ('batch', 0), ('move', 0), ('move_upto', 0)
"""
_SQLITE = {"big": "INTEGER", "real": "REAL", "serial": "INTEGER PRIMARY KEY AUTOINCREMENT"}
_SERVER = {
    "big": "BIGINT",
    "real": "DOUBLE PRECISION",
    "serial": "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
}

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
    2: """
    ALTER TABLE reading ADD COLUMN batch INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE latest RENAME TO latest_before;
    """
    + _LATEST.format(**_SQLITE)
    + """
    INSERT INTO latest SELECT series, start, "end", status, rank, stamp, origin, value, decimals, flag, qualifier,
        received_at, capture FROM (
        SELECT r.*, row_number() OVER (PARTITION BY r.series
            ORDER BY r.status DESC, r.rank DESC, r.stamp DESC, r.origin DESC) AS place
        FROM latest_before AS l JOIN reading AS r ON r.series=l.series AND r.start=l.start AND r."end"=l."end"
    ) WHERE place = 1;
    DROP TABLE latest_before;
    """
    + _OURS.format(**_SQLITE),
}

POSTGRESQL = (
    """
    CREATE TABLE series (
        id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        point TEXT NOT NULL, item TEXT NOT NULL, statistic TEXT NOT NULL, grain TEXT NOT NULL,
        unit TEXT NOT NULL,
        UNIQUE (point, item, statistic, grain)
    );
    CREATE TABLE reading (
        series BIGINT NOT NULL, start BIGINT NOT NULL, "end" BIGINT NOT NULL,
        status BIGINT NOT NULL, rank BIGINT NOT NULL, stamp BIGINT NOT NULL, origin BIGINT NOT NULL,
        value DOUBLE PRECISION, decimals BIGINT NOT NULL, flag TEXT NOT NULL, qualifier TEXT NOT NULL,
        received_at BIGINT NOT NULL, capture DOUBLE PRECISION, batch BIGINT NOT NULL DEFAULT 0,
        PRIMARY KEY (series, start, "end", status, rank, stamp, origin)
    );
    CREATE TABLE dirty (
        series BIGINT NOT NULL, hour BIGINT NOT NULL, seq BIGINT NOT NULL, PRIMARY KEY (series, hour)
    );
    CREATE INDEX dirty_seq ON dirty (seq);
    CREATE TABLE message (
        origin BIGINT PRIMARY KEY, key BYTEA NOT NULL UNIQUE, received_at BIGINT NOT NULL,
        station TEXT NOT NULL, command TEXT NOT NULL, outcome TEXT NOT NULL
    );
    CREATE INDEX message_station ON message (station, origin);
    CREATE INDEX message_outcome ON message (outcome, origin);
    CREATE TABLE tally (
        station TEXT NOT NULL, outcome TEXT NOT NULL, count BIGINT NOT NULL, last_at BIGINT NOT NULL,
        PRIMARY KEY (station, outcome)
    );
    CREATE TABLE meta (name TEXT PRIMARY KEY, value BIGINT NOT NULL);
    """
    f"INSERT INTO meta VALUES ('offset', 0), ('seq', 0), ('schema', {VERSION});"
    + _LATEST.format(**_SERVER)
    + _OURS.format(**_SERVER)
)


def migrate(connection: sqlite3.Connection, path: Path, backups: Path) -> None:
    """Bring the file to this program's schema; several processes may come at once. Raises StoreTooNew.

    A file of an older schema is first copied to `backups`.
    """
    version = _version(connection)
    if 0 < version < VERSION:
        backups.mkdir(parents=True, exist_ok=True)
        _copy(connection, backups / f"{path.stem}-schema-{version}{path.suffix}")
    if version < VERSION:
        connection.execute("BEGIN IMMEDIATE")
        try:
            version = _version(connection)  # somebody may have been faster while we waited for the lock
            for step in range(version + 1, VERSION + 1):
                for statement in _STEPS[step].split(";"):
                    connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {max(version, VERSION)}")
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
    if version > VERSION:
        raise StoreTooNew(str(path), version, VERSION)


def _copy(connection: sqlite3.Connection, target: Path) -> None:
    """A whole copy under its final name only when complete; one that is there already stays."""
    if target.exists():
        return
    part = target.with_name(f"{target.name}.{id(connection)}.part")
    part.unlink(missing_ok=True)
    connection.execute("VACUUM INTO ?", (str(part),))
    part.replace(target)


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
