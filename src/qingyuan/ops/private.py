"""Files of the data folder are their owner's alone: databases with all that stands beside them, journal, evidence, keys."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

OTHERS = 0o077
_PARTS = ("journal", "evidence", "imports", "backups", "audit", "readings", "run", "keys")
_MOST_SHOWN = 1000


def keep_private() -> None:
    """Whatever this process makes from here on, other accounts cannot read."""
    os.umask(OTHERS)


def make_private(data: Path) -> int:
    """Take the rights of others away from what is there already; returns how many files."""
    done = 0
    for path in open_to_others(data):
        with suppress(OSError):  # another owner's: the doctor says it
            path.chmod(path.stat().st_mode & ~OTHERS & 0o777)
            done += 1
    return done


def open_to_others(data: Path) -> list[Path]:
    """Files that other accounts may read or write."""
    found = []
    for path in _kept(data):
        with suppress(OSError):
            if path.stat().st_mode & OTHERS:
                found.append(path)
                if len(found) >= _MOST_SHOWN:
                    break
    return found


def _kept(data: Path) -> Iterator[Path]:
    """At the top of the folder and in its parts; a very large archive is as deep as its folders, not as its rows."""
    if data.is_dir():
        yield from (path for path in data.iterdir() if path.is_file())
    for part in _PARTS:
        yield from (path for path in (data / part).rglob("*") if path.is_file())
