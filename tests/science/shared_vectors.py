"""Where the shared vectors and data lie; tests skip with a reason where they are absent."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def shared() -> Path:
    """The folder named by QINGYUAN_SHARED, relative to the repository's root."""
    return (ROOT / os.environ.get("QINGYUAN_SHARED", "../shared")).resolve()


def vectors(name: str) -> list[dict[str, str]]:
    """Rows of a vector file; empty where it is absent."""
    path = shared() / "vectors" / name
    if not path.is_file():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def cases(name: str, key: str = "id") -> list[object]:
    """Parameters of one vector file with readable ids; one skipped case where the file is absent."""
    rows = vectors(name)
    if not rows:
        reason = f"shared vectors absent: {name} (set QINGYUAN_SHARED)"
        return [pytest.param({}, id="absent", marks=pytest.mark.skip(reason=reason))]
    return [pytest.param(row, id=row[key]) for row in rows]


def data_file(name: str) -> Path:
    """A file of the shared data, or a skip with its reason."""
    path = shared() / "data" / name
    if not path.is_file():
        pytest.skip(f"shared data absent: {name} (set QINGYUAN_SHARED)")
    return path
