"""The main database that is migrated once: it is whole, it is known by all migrations, one process makes it."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

import migrated


def _migrations(root: Path, **texts: str) -> Path:
    for name, text in texts.items():
        path = root / name / "migrations" / "0001_initial.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_any_migration_that_is_another_makes_another_digest(tmp_path: Path) -> None:
    before = migrated.digest_of(_migrations(tmp_path, places="a", cases="b"))
    assert migrated.digest_of(_migrations(tmp_path, cases="b")) == before
    assert migrated.digest_of(_migrations(tmp_path, cases="c")) != before
    _migrations(tmp_path, cases="b")
    (tmp_path / "cases" / "migrations" / "0001_initial.py").rename(tmp_path / "cases" / "migrations" / "0002_more.py")
    assert migrated.digest_of(tmp_path) != before


def test_a_laid_down_folder_waits_for_no_migration(tmp_path: Path) -> None:
    from django.db.migrations.loader import MigrationLoader

    main = migrated.lay_down(tmp_path / "data") / "main.sqlite"
    with closing(sqlite3.connect(main)) as database:
        applied = set(database.execute("SELECT app, name FROM django_migrations"))
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert set(MigrationLoader(None).graph.nodes) <= applied


def test_many_ask_and_one_makes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def migrate(more: dict[str, str]) -> None:
        made.append(more["QINGYUAN_DATA_DIR"])
        (Path(more["QINGYUAN_DATA_DIR"]) / "main.sqlite").write_bytes(b"made")

    monkeypatch.setattr(migrated, "_migrate", migrate)
    old = tmp_path / "migrated-of-yesterday.sqlite"
    old.write_bytes(b"")
    found: list[Path] = []
    threads = [
        threading.Thread(target=lambda: found.append(migrated.sqlite_file.__wrapped__(tmp_path))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert {path.read_bytes() for path in found} == {b"made"}
    assert (len(found), old.exists()) == (4, False)
