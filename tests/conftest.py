from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import migrated
from moment import NOW
from qingyuan import clock

pytest_plugins = ["ledger", "statements"]


def pytest_collection_finish() -> None:
    """What was loaded and collected stays to the end: the collector of garbage need not go through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """The test database is there before Django looks for it: a copy of the one that is migrated once (`migrated`)."""
    return True


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The test database is a file: the browser's server threads and the workers open it beside the test.

    It need not outlive a power cut, so nothing waits for the disk.
    """
    from django.conf import settings

    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        folder = migrated.lay_down(tmp_path_factory.mktemp("database"))
        database["TEST"]["NAME"] = str(folder / "main.sqlite")
        options = database["OPTIONS"]
        options["init_command"] = options["init_command"].replace("synchronous=FULL", "synchronous=OFF")
    else:
        name = f"test_{database['NAME']}_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
        migrated.fresh_on_server(os.environ["QINGYUAN_DATABASE_URL"], name)
        database["TEST"]["NAME"] = name


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data folder of its own, with a readings store of its own."""
    from qingyuan.bureau.base.store import _opened

    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.setenv("QINGYUAN_DATA_DIR", str(folder))
    _opened.cache_clear()
    yield folder
    _opened.cache_clear()


@pytest.fixture(autouse=True)
def nothing_counted() -> None:
    """Counts that another test kept say nothing of this one's rows, which have the same numbers."""
    from qingyuan.web import context

    context._kept.clear()


@pytest.fixture
def clock_at() -> Iterator[Any]:
    """Sets the time; without a call the clock stands at NOW. The system clock comes back afterwards."""

    def put(at: datetime) -> None:
        clock.set_clock(clock.FixedClock(at))

    put(NOW)
    yield put
    clock.set_clock(clock.SystemClock())


@pytest.fixture
def cheap_passwords(settings: Any) -> None:
    """Argon2 takes 64 MB a hash; tests need no strength."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
