"""The readings store of this installation, opened once per process."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from qingyuan import config
from qingyuan.readings import Store, open_store


@cache
def _opened(data_dir: str) -> Store:
    folder = Path(data_dir)
    return open_store(
        folder / "readings",
        database_url=os.environ.get("QINGYUAN_READINGS_DATABASE_URL", ""),
        backups=folder / "backups",
    )


def readings() -> Store:
    """The store in the data folder."""
    return _opened(str(config.data_dir()))
