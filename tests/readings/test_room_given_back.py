"""What has moved to the archive leaves no file as large as it was: free pages are given back, the write-ahead file is cut."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from qingyuan.readings import NewReading, SeriesKey, open_store
from qingyuan.readings.tail import sqlite
from qingyuan.readings.tail.sqlite import INCREMENTAL, WAL_BYTES, SqliteDatabase

HOUR = 3600


def fill(folder: Path, monkeypatch: pytest.MonkeyPatch) -> SqliteDatabase:
    monkeypatch.setattr(sqlite, "FREE_PAGES", 50)
    store = open_store(folder)
    key = SeriesKey("P", "NOx", "Avg", "hour")
    store.append(
        NewReading(key, n * HOUR, (n + 1) * HOUR, float(n), 1, "mg/m3", "N", origin=n, received_at=n)
        for n in range(9000)
    )
    database = store._tail.database
    assert isinstance(database, SqliteDatabase)
    store.settle(store.dirty_since(10_000))
    before = database.rows("PRAGMA page_count")[0][0]
    store.compact(fully=True)
    assert database.rows("PRAGMA page_count")[0][0] < before / 2
    assert (folder / "readings.sqlite").stat().st_size < before * 4096 / 2
    assert len(store.window([1], 0, 2**40)) == 9000
    return database


def test_free_pages_are_given_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = fill(tmp_path, monkeypatch)
    assert database.rows("PRAGMA auto_vacuum") == [(INCREMENTAL,)]
    assert database.rows("PRAGMA freelist_count")[0][0] <= 50
    assert database.rows("PRAGMA journal_size_limit") == [(WAL_BYTES,)]
    assert (tmp_path / "readings.sqlite-wal").stat().st_size == 0


def test_a_file_of_before_is_rewritten_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_store(tmp_path).close()
    with closing(sqlite.sqlite3.connect(tmp_path / "readings.sqlite")) as old:
        old.execute("PRAGMA journal_mode=DELETE")
        old.execute("PRAGMA auto_vacuum=0")
        old.execute("VACUUM")
        assert old.execute("PRAGMA auto_vacuum").fetchone() == (0,)
    assert fill(tmp_path, monkeypatch).rows("PRAGMA auto_vacuum") == [(INCREMENTAL,)]


def test_a_large_file_of_before_is_left_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_store(tmp_path).close()
    with closing(sqlite.sqlite3.connect(tmp_path / "readings.sqlite")) as old:
        old.execute("PRAGMA journal_mode=DELETE")
        old.execute("PRAGMA auto_vacuum=0")
        old.execute("VACUUM")
    database = SqliteDatabase(tmp_path / "readings.sqlite", tmp_path)
    database.run("CREATE TABLE ballast (x BLOB)")
    database.run_many("INSERT INTO ballast VALUES (zeroblob(4000))", [()] * 300)
    database.run("DROP TABLE ballast")
    monkeypatch.setattr(sqlite, "FREE_PAGES", 50)
    monkeypatch.setattr(sqlite, "REWRITTEN_BYTES", 1)
    free = database.rows("PRAGMA freelist_count")
    database.give_back()
    assert database.rows("PRAGMA freelist_count") == free
    monkeypatch.setattr(sqlite, "REWRITTEN_BYTES", 10**9)
    database.give_back()
    assert database.rows("PRAGMA freelist_count") < free


def test_who_reads_meanwhile_is_not_disturbed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(sqlite.sqlite3.connect(tmp_path / "other")) as _:
        database = fill(tmp_path, monkeypatch)
    database.run("CREATE TABLE ballast (x BLOB)")
    database.run_many("INSERT INTO ballast VALUES (zeroblob(4000))", [()] * 300)
    with closing(sqlite.sqlite3.connect(tmp_path / "readings.sqlite", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM ballast").fetchone() == (300,)
        database.run("DROP TABLE ballast")
        database.connection.execute("PRAGMA busy_timeout=50")
        database.give_back()
        assert reader.execute("SELECT count(*) FROM ballast").fetchone() == (300,)
        reader.execute("COMMIT")
    database.give_back()
    assert database.rows("PRAGMA freelist_count")[0][0] <= 50
