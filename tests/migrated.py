"""A main database with every migration applied: made once, then copied wherever a test needs a fresh one.

On SQLite it is a file of the checkout, named by the digest of what it is made from; on a PostgreSQL server a database
that serves as TEMPLATE. Both are kept for the next run and made anew as soon as a migration is another.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg.sql import SQL, Identifier

from qingyuan.config import REPOSITORY

SOURCE = REPOSITORY / "src" / "qingyuan"
KEPT = REPOSITORY / ".cache"
OTHERS = ("django", "django-axes")  # whose migrations are applied beside our own


def digest_of(source: Path = SOURCE) -> str:
    """Of all files of migrations, the settings that list their apps, and the releases that bring more of them."""
    digest = hashlib.sha256(" ".join(f"{name} {version(name)}" for name in OTHERS).encode())
    files = [*source.rglob("migrations/*.py"), *source.glob("settings.py")]
    for path in sorted(files):
        digest.update(f"\n{path.relative_to(source)} ".encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:20]


def _migrate(more: dict[str, str]) -> None:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("QINGYUAN_")}
    done = subprocess.run(
        [sys.executable, "-m", "django", "migrate", "--no-input", "--verbosity", "0"],
        env=kept | {"PYTHONPATH": str(SOURCE.parent), "DJANGO_SETTINGS_MODULE": "qingyuan.settings"} | more,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process of this checkout at a time."""
    folder.mkdir(exist_ok=True)
    with (folder / "migrated.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@cache
def sqlite_file(folder: Path = KEPT) -> Path:
    """The kept file; the first that asks makes it, others wait meanwhile."""
    made = folder / f"migrated-{digest_of()}.sqlite"
    if made.exists():
        return made
    with _alone(folder):
        if not made.exists():
            for old in folder.glob("migrated-*.sqlite"):
                old.unlink()
            with tempfile.TemporaryDirectory(dir=folder) as data:
                _migrate({"QINGYUAN_DATA_DIR": data})
                (Path(data) / "main.sqlite").rename(made)
    return made


def lay_down(data: Path) -> Path:
    """A data folder whose main database is migrated: what a start in it has not to do. Gives the folder back."""
    data.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(sqlite_file(), data / "main.sqlite")
    return data


def database_on(url: str, name: str) -> str:
    """The address of another database of the same server."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def fresh_on_server(url: str, name: str) -> str:
    """A migrated database of this name, in the place of one that was there; its address."""
    template = f"qingyuan_migrated_{digest_of()}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute("SELECT pg_advisory_lock(hashtext('qingyuan migrated'))")  # let go with the connection
        if not server.execute("SELECT 1 FROM pg_database WHERE datname=%s", [template]).fetchone():
            half = f"{template}_half"
            _dropped(server, half)
            server.execute(SQL("CREATE DATABASE {}").format(Identifier(half)))
            with tempfile.TemporaryDirectory() as data:
                _migrate({"QINGYUAN_DATA_DIR": data, "QINGYUAN_DATABASE_URL": database_on(url, half)})
            server.execute(SQL("ALTER DATABASE {} RENAME TO {}").format(Identifier(half), Identifier(template)))
        _dropped(server, name)
        server.execute(SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(name), Identifier(template)))
    return database_on(url, name)


def _dropped(server: psycopg.Connection[tuple[object, ...]], name: str) -> None:
    server.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))
