"""Facts for the page about this installation."""

from __future__ import annotations

import shutil
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

VENDORED = Path(__file__).parent / "static" / "vendor" / "VENDORED.toml"


@dataclass(frozen=True)
class DataFolder:
    """Where the data lie and how much room is left, in bytes."""

    path: Path
    free: int
    total: int


def data_folder(path: Path) -> DataFolder | None:
    """The data folder's room; None before the folder is made."""
    if not path.is_dir():
        return None
    usage = shutil.disk_usage(path)
    return DataFolder(path, usage.free, usage.total)


@cache
def vendored() -> list[dict[str, Any]]:
    """The third-party browser parts with version and licence."""
    with VENDORED.open("rb") as handle:
        packages: list[dict[str, Any]] = tomllib.load(handle)["package"]
    return packages
