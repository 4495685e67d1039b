from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from qingyuan import clock
from reports.story import outlet_case
from web.factories import NOW, County, make_county

from qingyuan.bureau.cases.models import Case  # isort: skip


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[None]:
    """Each test has its own data folder and begins at 08:30 of a November day."""
    monkeypatch.setenv("QINGYUAN_DATA_DIR", str(tmp_path))
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    clock.set_clock(clock.FixedClock(NOW))
    yield
    clock.set_clock(clock.SystemClock())


@pytest.fixture
def county(db: None) -> County:
    """The small county of the page tests."""
    return make_county()


@pytest.fixture
def closed_case(county: County) -> Case:
    """An outlet case worked from a finding to its outcome."""
    return outlet_case(county)
