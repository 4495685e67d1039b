"""Where the shared packets are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared() -> Path:
    root = Path(__file__).resolve().parents[2]
    folder = (root / os.environ.get("QINGYUAN_SHARED", "../shared")).resolve()
    if not folder.is_dir():
        pytest.skip(f"no shared packets at {folder}: set QINGYUAN_SHARED")
    return folder
