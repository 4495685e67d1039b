"""The main database on a PostgreSQL server: the bureau's books and the API pass the same tests as on SQLite."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from postgresql_server import server
from qingyuan.config import REPOSITORY

pytestmark = [pytest.mark.postgres, pytest.mark.process, pytest.mark.xdist_group("postgresql")]


@pytest.fixture(scope="module")
def database_url() -> Iterator[str]:
    with server("pg") as url:
        yield url


@pytest.mark.parametrize("part", [p for p in ("tests/bureau", "tests/api", "tests/book") if (REPOSITORY / p).is_dir()])
def test_books_and_api_on_a_server(database_url: str, part: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-x",
            "-p",
            "no:cacheprovider",
            "-p",
            "no:xdist",
            "-m",
            "not slow",
            part,
        ],
        cwd=REPOSITORY,
        env={**os.environ, "QINGYUAN_DATABASE_URL": database_url, "QINGYUAN_DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    assert " passed" in done.stdout
