"""The keys of subjects, in a file of their own in the data folder: not in the database, not in a backup.

A destroyed key leaves nothing behind in the file (secure_delete), and no copy in a write-ahead log.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from qingyuan import config

KEY_BYTES = 32
_DIGESTS = "digests"
"""The one key that is no subject's: under it the digests for searching are made."""


def key_file() -> Path:
    """Where the keys lie. Copied by hand and kept elsewhere, or not at all."""
    return config.data_dir() / "keys" / "subjects.sqlite"


@contextmanager
def _opened() -> Iterator[sqlite3.Connection]:
    path = key_file()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    connection = sqlite3.connect(path, timeout=20, isolation_level=None)
    try:
        connection.execute("PRAGMA secure_delete=ON")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE IF NOT EXISTS key (subject TEXT PRIMARY KEY, key BLOB NOT NULL)")
        yield connection
    finally:
        connection.close()


def new_keys(subjects: Iterable[str]) -> dict[str, bytes]:
    """A key for each subject that has none yet; those of all of them."""
    wanted = list(subjects)
    with _opened() as connection:
        connection.execute("BEGIN IMMEDIATE")
        made = [(subject, secrets.token_bytes(KEY_BYTES)) for subject in wanted]
        connection.executemany("INSERT OR IGNORE INTO key VALUES (?, ?)", made)
        connection.execute("COMMIT")
    return keys_of(wanted)


def keys_of(subjects: Iterable[str]) -> dict[str, bytes]:
    """The keys that there are; a destroyed one is not among them."""
    wanted = list(dict.fromkeys(subjects))
    if not wanted or not key_file().is_file():
        return {}
    with _opened() as connection:
        found: dict[str, bytes] = {}
        for at in range(0, len(wanted), 500):
            part = wanted[at : at + 500]
            marks = ",".join("?" * len(part))
            found |= dict(connection.execute(f"SELECT subject, key FROM key WHERE subject IN ({marks})", part))  # noqa: S608
        return found


def digest_key() -> bytes:
    """The key of the digests."""
    return keys_of([_DIGESTS]).get(_DIGESTS) or new_keys([_DIGESTS])[_DIGESTS]


def forget(subject: str) -> bool:
    """Destroy the key of a subject; whether there was one."""
    with _opened() as connection:
        return bool(connection.execute("DELETE FROM key WHERE subject = ?", [subject]).rowcount)
