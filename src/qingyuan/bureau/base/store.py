"""The readings store of this installation, opened once per process."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from qingyuan import config
from qingyuan.readings import Limits, Store, open_store


def open_readings(limits: Limits | None = None) -> Store:
    """Open the store of the data folder anew, with what its engine may take of the machine."""
    return _open(config.data_dir(), limits)


def _open(folder: Path, limits: Limits | None) -> Store:
    return open_store(
        folder / "readings",
        database_url=config.READINGS_DATABASE_URL.get(),
        backups=folder / "backups",
        limits=limits,
    )


@cache
def _opened(data_dir: str) -> Store:
    return _open(Path(data_dir), None)


def readings() -> Store:
    """The store in the data folder."""
    return _opened(str(config.data_dir()))
