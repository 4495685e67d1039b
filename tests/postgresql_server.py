"""A PostgreSQL server for tests: the one that is named, or a cluster of our own on a socket."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from needs import postgresql


@contextmanager
def server(name: str) -> Iterator[str]:
    """QINGYUAN_TEST_DATABASE_URL, or a cluster run by an unprivileged user; gives its address."""
    given = os.environ.get("QINGYUAN_TEST_DATABASE_URL")
    if given:
        yield given
        return
    with cluster(name) as own:
        yield own.url


@dataclass(frozen=True)
class Cluster:
    """A server of our own, which can go away and come back."""

    url: str
    stop: Callable[[], None]
    start: Callable[[], None]


@contextmanager
def cluster(name: str) -> Iterator[Cluster]:
    """A cluster run by an unprivileged user on a socket."""
    programs = postgresql()
    folder = Path("/tmp") / f"qingyuan-{name}-{os.getpid()}"  # a socket path must be short
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
    control = (str(programs / "pg_ctl"), "-D", data, "-w")

    def start() -> None:
        run(*control, "-o", options, "-l", str(folder / "log"), "start")

    def stop() -> None:
        run(*control, "-m", "immediate", "stop")

    start()
    try:
        yield Cluster(f"postgresql://qingyuan@/postgres?host={folder}", stop, start)
    finally:
        stop()
        shutil.rmtree(folder)
