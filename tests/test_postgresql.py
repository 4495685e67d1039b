"""The main database on a PostgreSQL server: what databases may do differently passes there as on SQLite.

Those tests carry the mark `on_server`: the races, and of every kind of statement that the books, the API and the pages
send at least one test. The whole of both parts runs there with --full.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from postgresql_server import server
from qingyuan.config import REPOSITORY
from statements import listed

pytestmark = [pytest.mark.postgres, pytest.mark.process, pytest.mark.xdist_group("postgresql")]


@pytest.fixture(scope="module")
def database_url() -> Iterator[str]:
    with server("pg") as url:
        yield url


def run_on(database_url: str, tmp_path: Path, timeout: float, marks: str, *parts: str) -> None:
    """These tests in a pytest of their own, whose main database is on the server."""
    words = ["-q", "-x", "--unjudged", "-p", "no:cacheprovider", "-p", "no:xdist", "-m", marks, *parts]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words],
        cwd=REPOSITORY,
        env={**os.environ, "QINGYUAN_DATABASE_URL": database_url, "QINGYUAN_DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    assert " passed" in done.stdout


def test_conformance_and_races_on_a_server(database_url: str, tmp_path: Path) -> None:
    files = sorted({name.split("::", maxsplit=1)[0] for name in listed()})
    run_on(database_url, tmp_path, 400, "on_server and not slow", *files)


@pytest.mark.slow
@pytest.mark.parametrize("part", ["tests/bureau", "tests/api", "tests/book"])
def test_books_and_api_on_a_server(database_url: str, part: str, tmp_path: Path) -> None:
    run_on(database_url, tmp_path, 900, "not slow", part)
