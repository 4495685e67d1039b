from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from qingyuan import clock
from web.factories import NOW, County, make_county


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[None]:
    """Each test has its own data folder and stands at 08:30 of a November day."""
    monkeypatch.setenv("QINGYUAN_DATA_DIR", str(tmp_path))
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # cheap: Argon2 takes 64 MB a hash
    monkeypatch.setenv("QINGYUAN_BUREAU_COUNTY", "云沚县")
    clock.set_clock(clock.FixedClock(NOW))
    yield
    clock.set_clock(clock.SystemClock())


@pytest.fixture
def county(db: None) -> County:
    """The small county."""
    return make_county()


@pytest.fixture
def chief(county: County) -> Client:
    """A browser signed in as the chief."""
    client = Client()
    client.force_login(county.users["chief"], backend="django.contrib.auth.backends.ModelBackend")
    return client
