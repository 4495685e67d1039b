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


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """The machine's own Chromium; ended with its module, because its driver keeps an event loop in this thread."""
    executable = chromium()
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    # The driver's event loop runs in this thread; Django's guard would take our queries for asynchronous ones.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=executable, args=FLAGS)
        yield opened
        opened.close()


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
