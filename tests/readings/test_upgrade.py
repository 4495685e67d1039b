"""A data folder of the first release opens: copied aside, brought up to date, and its rows move like all others."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from qingyuan.readings import open_store
from qingyuan.readings.tail import schema
from readings.samples import HOUR, KEY, T0


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A store as schema 1 left it: two hours, the second with a re-sent and a reported revision."""
    folder = tmp_path / "readings"
    folder.mkdir()
    with closing(sqlite3.connect(folder / "readings.sqlite")) as file:
        file.executescript(schema._STEPS[1])
        file.execute("PRAGMA user_version=1")
        file.execute("INSERT INTO series VALUES (7, ?, ?, ?, ?, 'mg/m3')", KEY)
        rows = [(0, 1, 5, 1.5, ""), (1, 2, 6, 2.5, "late"), (1, 1, 7, 9.0, "")]
        for hour, rank, origin, value, qualifier in rows:
            start = T0 + hour * HOUR
            file.execute(
                "INSERT INTO reading VALUES (7, ?, ?, 0, ?, 0, ?, ?, 1, 'N', ?, ?, 0.5)",
                (start, start + HOUR, rank, origin, value, qualifier, start + HOUR),
            )
        file.execute("INSERT INTO latest VALUES (7, ?, ?, 2.5, 1, 'N', 6, ?)", (T0 + HOUR, T0 + 2 * HOUR, T0))
        file.execute("UPDATE meta SET value=42 WHERE name='offset'")
        file.commit()
    return folder


def test_old_store_answers_as_before_and_is_copied_aside(old: Path, tmp_path: Path) -> None:
    store = open_store(old, backups=tmp_path / "backups")
    assert [(r.value, r.revisions) for r in store.window([7], 0, 2**40)] == [(1.5, 1), (2.5, 2)]
    newest = store.latest([7])[7]
    assert (newest.value, newest.rank, newest.qualifier, newest.capture) == (2.5, 2, "late", 0.5)
    assert store.offset() == 42
    with closing(sqlite3.connect(tmp_path / "backups" / "readings-schema-1.sqlite")) as copy:
        assert copy.execute("PRAGMA user_version").fetchone() == (1,)
        assert copy.execute("SELECT count(*) FROM reading").fetchone() == (3,)


def test_rows_of_an_old_store_move_to_the_archive(old: Path) -> None:
    store = open_store(old)
    before = (store.window([7], 0, 2**40), store.revisions(7, 0, 2**40))
    assert store.compact().moved == 3
    assert store.waiting() == 0
    assert (store.window([7], 0, 2**40), store.revisions(7, 0, 2**40)) == before


def test_store_of_today_is_not_copied(tmp_path: Path) -> None:
    open_store(tmp_path / "r", backups=tmp_path / "backups").close()
    open_store(tmp_path / "r", backups=tmp_path / "backups").close()
    assert not (tmp_path / "backups").exists()
