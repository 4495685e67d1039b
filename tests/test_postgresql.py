"""The main database on a PostgreSQL server: the bureau's books and the API pass the same tests as on SQLite."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from needs import postgresql
from qingyuan.config import REPOSITORY

pytestmark = [pytest.mark.postgres, pytest.mark.process, pytest.mark.xdist_group("postgresql")]


@pytest.fixture(scope="module")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """QINGYUAN_TEST_DATABASE_URL, or a cluster of our own on a socket, run by an unprivileged user."""
    given = os.environ.get("QINGYUAN_TEST_DATABASE_URL")
    if given:
        yield given
        return
    programs = postgresql()
    folder = Path("/tmp") / f"qingyuan-pg-{os.getpid()}"  # a socket path must be short
    folder.mkdir(mode=0o700)
    user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    if os.geteuid() == 0:
        shutil.chown(folder, user)

    def run(*words: str) -> None:
        as_user = {"user": user, "group": user, "extra_groups": []} if os.geteuid() == 0 else {}
        subprocess.run(words, check=True, cwd=folder, stdout=subprocess.DEVNULL, timeout=60, **as_user)  # type: ignore[call-overload]

    data = str(folder / "data")
    run(str(programs / "initdb"), "-D", data, "-U", "qingyuan", "-A", "trust", "-E", "UTF8", "--no-locale", "-N")
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
    run(str(programs / "pg_ctl"), "-D", data, "-w", "-o", options, "-l", str(folder / "log"), "start")
    try:
        yield f"postgresql://qingyuan@/postgres?host={folder}"
    finally:
        run(str(programs / "pg_ctl"), "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder)


@pytest.mark.parametrize("part", [p for p in ("tests/bureau", "tests/api") if (REPOSITORY / p).is_dir()])
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
