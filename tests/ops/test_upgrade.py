"""An installation of the first edition (79bed61, with its demo) is brought up in place: nothing lost, nothing asked."""

from __future__ import annotations

import json
import lzma
import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from qingyuan.ops.upgrade.house import MOVED

KEPT = Path(__file__).parent / "kept" / "main-79bed61.sqlite.xz"


def _run(
    folder: Path, *command: str, settings: str = "qingyuan.settings", url: str = ""
) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"QINGYUAN_DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": settings}
    env["QINGYUAN_DATABASE_URL"] = url
    return subprocess.run(
        [sys.executable, "-W", "ignore", *command], env=env, capture_output=True, text=True, timeout=120, check=False
    )


def _rows(path: Path, columns: dict[str, list[str]] | None = None) -> dict[str, list[tuple[Any, ...]]]:
    """Every table's rows (of the columns named), without those of the framework that an upgrade adds to."""
    said = {name: ", ".join(f'"{c}"' for c in named) for name, named in (columns or {}).items()}
    with sqlite3.connect(path) as base:
        names = [n for (n,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        mine = [n for n in names if not n.startswith(("sqlite_", "django_", "auth_"))]
        return {
            n: [tuple(sorted(map(repr, r))) for r in base.execute(f'SELECT {said.get(n, "*")} FROM "{n}" ORDER BY 1')]
            for n in mine
        }


def _columns(path: Path) -> dict[str, list[str]]:
    """The columns of every table."""
    with sqlite3.connect(path) as base:
        names = [n for (n,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {n: [r[1] for r in base.execute(f'PRAGMA table_info("{n}")')] for n in names}


def _shape(path: Path) -> dict[str, tuple[Any, ...]]:
    """Columns, references, indexes and checks of every table, whatever order and name they were made in."""
    made: dict[str, tuple[Any, ...]] = {}
    with sqlite3.connect(path) as base:
        for name, sql in base.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall():
            columns = sorted(r[1:4] + r[5:6] for r in base.execute(f'PRAGMA table_info("{name}")'))
            keys = sorted(r[2:5] for r in base.execute(f'PRAGMA foreign_key_list("{name}")'))
            indexes = sorted(
                (r[2], r[4], tuple(c[2] for c in base.execute(f'PRAGMA index_info("{r[1]}")')))
                for r in base.execute(f'PRAGMA index_list("{name}")')
            )
            made[name] = (columns, keys, indexes, sorted(re.findall(r'CONSTRAINT "(\w+)"', sql or "")))
    return made


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder as the first edition left it: its main database, its format."""
    folder = tmp_path_factory.mktemp("first-edition")
    (folder / "main.sqlite").write_bytes(lzma.decompress(KEPT.read_bytes()))
    (folder / "FORMAT").write_text('{"format": 1, "id": "kept", "made_by": "0.1.0"}')
    (folder / "secret.key").write_text("k" * 48)
    for part in ("backups", "readings", "journal", "evidence", "imports", "run"):
        (folder / part).mkdir()
    return folder


@pytest.fixture(scope="module")
def before(kept: Path) -> dict[str, list[tuple[Any, ...]]]:
    """What the old database holds."""
    return _rows(kept / "main.sqlite")


@pytest.fixture(scope="module")
def columns(kept: Path, before: dict[str, list[tuple[Any, ...]]]) -> dict[str, list[str]]:
    """The columns that the old database has, by today's names of its tables: an upgrade may add others."""
    return {MOVED.get(name, name): found for name, found in _columns(kept / "main.sqlite").items()}


@pytest.fixture(scope="module")
def raised(kept: Path, before: dict[str, list[tuple[Any, ...]]], columns: dict[str, list[str]]) -> Path:
    """The same folder after the set-up that every start runs."""
    assert before, "read before it is changed"
    done = _run(kept, "-m", "qingyuan", "_setup")
    assert done.returncode == 0, done.stderr
    return kept


@pytest.mark.process
def test_every_row_is_there(
    raised: Path, before: dict[str, list[tuple[Any, ...]]], columns: dict[str, list[str]]
) -> None:
    after = _rows(raised / "main.sqlite", columns)
    known = {MOVED.get(name, name): rows for name, rows in before.items()}
    assert set(known) <= set(after)
    counts = {name: (len(rows), len(after[name])) for name, rows in known.items()}
    assert {name: n for name, n in counts.items() if n[1] < n[0]} == {}
    assert counts["registers_outlet"][0] == 99
    unchanged = ("registers_point", "accounts_area", "accounts_organisation", "registers_reach", "judging_evaluation")
    assert {name: after[name] for name in unchanged} == {name: known[name] for name in unchanged}


@pytest.mark.process
@pytest.mark.parametrize(
    ("book", "table"),
    [
        ("areas", "accounts_area"),
        ("organisations", "accounts_organisation"),
        ("enterprises", "registers_enterprise"),
    ],
)
def test_rows_that_were_there_begin_their_history(raised: Path, book: str, table: str) -> None:
    """What became a book has a first version of every row, proved by one audit line; the next start adds none."""
    with sqlite3.connect(raised / "main.sqlite") as base:
        rows = base.execute(f"SELECT revision FROM {table}").fetchall()
        versions = base.execute("SELECT count(*) FROM book_rowversion WHERE book = ?", [book]).fetchone()
        lines = base.execute("SELECT count(*) FROM audit_auditentry WHERE object_kind = ?", [book]).fetchone()
    assert (set(rows), versions, lines) == ({(1,)}, (len(rows),), (1,))


@pytest.mark.process
def test_the_old_state_is_kept_beside_and_an_older_program_keeps_out(raised: Path) -> None:
    (copy,) = (raised / "backups").glob("main-before-migration-*.sqlite")
    assert "places_area" in _rows(copy)
    assert json.loads((raised / "FORMAT").read_text())["format"] == 2


@pytest.mark.process
def test_a_raised_database_has_the_shape_of_a_new_one(raised: Path, tmp_path: Path) -> None:
    """A column, an index or a check that the old way leaves out would come up at the first bureau that upgrades."""
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    done = _run(fresh, "-m", "django", "migrate", "-v0")
    assert done.returncode == 0, done.stderr
    assert _shape(raised / "main.sqlite") == _shape(fresh / "main.sqlite")


@pytest.mark.process
def test_a_second_start_changes_nothing(raised: Path) -> None:
    before = _rows(raised / "main.sqlite")
    done = _run(raised, "-m", "qingyuan", "_setup")
    assert done.returncode == 0, done.stderr
    assert _rows(raised / "main.sqlite") == before
    assert len(list((raised / "backups").glob("main-before-migration-*.sqlite"))) == 1


@pytest.mark.process
def test_an_upgrade_cut_short_goes_on(tmp_path: Path) -> None:
    """Killed after the old migrations and before the tables were renamed: the next start finishes."""
    (tmp_path / "main.sqlite").write_bytes(lzma.decompress(KEPT.read_bytes()))
    (tmp_path / "backups").mkdir()
    half = "import django; django.setup()\nfrom qingyuan.ops.upgrade.house import finish_old_migrations as f; f()"
    assert _run(tmp_path, "-c", half, settings="qingyuan.ops.upgrade.settings").returncode == 0
    assert "sources_outlet" in _rows(tmp_path / "main.sqlite")
    done = _run(tmp_path, "-m", "qingyuan", "_setup")
    assert done.returncode == 0, done.stderr
    assert len(_rows(tmp_path / "main.sqlite")["registers_outlet"]) == 99


@pytest.mark.postgres
@pytest.mark.process
@pytest.mark.xdist_group("postgresql")
def test_on_postgresql_too(tmp_path: Path) -> None:
    """The old migrations to their end, rows under the old names, then the set-up that every start runs."""
    from postgresql_server import server

    first = (
        "import django; django.setup()\n"
        "from qingyuan.ops.upgrade.house import finish_old_migrations as f; f()\n"
        "from django.db import connection\n"
        "sql = \"INSERT INTO places_area (code, name, kind) VALUES ('321299', '云沚县', 'county')\"\n"
        "connection.cursor().execute(sql)"
    )
    asked = "import django; django.setup()\nfrom qingyuan.bureau.accounts.models import Area\nprint(Area.objects.get().code)"
    (tmp_path / "backups").mkdir()
    with server("up") as url:
        for command in (("-c", first), ("-m", "qingyuan", "_setup"), ("-c", asked), ("-m", "qingyuan", "_setup")):
            settings = "qingyuan.ops.upgrade.settings" if command[1] == first else "qingyuan.settings"
            done = _run(tmp_path, *command, settings=settings, url=url)
            assert done.returncode == 0, done.stderr
            if command[1] == asked:
                assert done.stdout.strip() == "321299"


@pytest.mark.process
def test_an_upgrade_that_fails_says_so_and_what_to_do(tmp_path: Path) -> None:
    """A table that stands in the way of a new name: one line, exit 1, nothing renamed."""
    (tmp_path / "main.sqlite").write_bytes(lzma.decompress(KEPT.read_bytes()))
    (tmp_path / "backups").mkdir()
    with sqlite3.connect(tmp_path / "main.sqlite") as base:
        base.execute("CREATE TABLE values_limit (id INTEGER)")
    done = _run(tmp_path, "-m", "qingyuan", "_setup")
    assert done.returncode == 1
    assert "升级数据库时出错" in done.stderr
    assert "backups" in done.stderr
    assert "places_area" in _rows(tmp_path / "main.sqlite")
