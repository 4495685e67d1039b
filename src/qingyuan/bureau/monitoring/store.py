"""The readings store of this installation, opened once per process."""

from __future__ import annotations

from functools import cache

from qingyuan import config
from qingyuan.readings import SqliteStore, open_store


@cache
def _opened(folder: str) -> SqliteStore:
    return open_store(config.data_dir() / "readings")


def readings() -> SqliteStore:
    """The store in the data folder."""
    return _opened(str(config.data_dir()))
