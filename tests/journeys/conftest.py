from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from needs import chromium
from qingyuan import clock
from web.factories import NOW, PASSWORD, County, make_county

FLAGS = [
    "--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


class OneBrowser:
    """The machine's own Chromium, started once for all journeys of this worker.

    The driver keeps an event loop in this thread, in which others could run none: it ends with the last journey in a
    row, not with the session. Django's guard would take our queries for asynchronous ones meanwhile.
    """

    def __init__(self) -> None:
        self._driver: Any = None
        self._opened: Any = None

    def opened(self) -> Any:
        if self._opened is None:
            executable = chromium()
            playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
            os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
            self._driver = playwright.sync_playwright().start()
            self._opened = self._driver.chromium.launch(executable_path=executable, args=FLAGS)
        return self._opened

    def close(self) -> None:
        if self._driver is not None:
            if self._opened is not None:
                self._opened.close()
            self._driver.stop()
            self._driver = self._opened = None
            os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)


ONE = OneBrowser()


@pytest.fixture
def browser() -> Any:
    """The worker's Chromium; what a test opened in it is closed after it."""
    opened = ONE.opened()
    yield opened
    for context in opened.contexts:
        context.close()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    if nextitem is None or nextitem.get_closest_marker("browser") is None:
        ONE.close()


@pytest.fixture
def county(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any, transactional_db: None) -> Iterator[County]:
    """The small county in its own data folder, at 08:30."""
    monkeypatch.setenv("QINGYUAN_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("QINGYUAN_BUREAU_COUNTY", "云沚县")
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    clock.set_clock(clock.FixedClock(NOW))
    yield make_county()
    clock.set_clock(clock.SystemClock())


def sign_in(page: Any, server: str, username: str) -> None:
    """Through the door, as a person."""
    page.goto(f"{server}/sign-in/")
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", PASSWORD)
    page.click("button.main")
    page.wait_for_url(f"{server}/")
