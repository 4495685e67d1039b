from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bureau.office import Office, make_office


@pytest.fixture(autouse=True)
def _place(data_dir: Path, clock_at: Any, cheap_passwords: None) -> None:
    """Each test has its own data folder and stands at 08:30 of a Saturday in November 2026."""


@pytest.fixture
def office(db: None) -> Office:
    """A county with two towns, its bureau, two firms with outlets, a station, a section, and a person per role."""
    return make_office()
