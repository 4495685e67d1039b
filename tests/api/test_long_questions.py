"""Free questions over long spans are answered one at a time for each session; pages of the navigation always are."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client

from qingyuan.api.routes import sources
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.values.actions.kept_emissions import Standing
from web.factories import County, make_county

pytestmark = pytest.mark.django_db(transaction=True)
LONG = {"since": "2026-01-01", "to": "2026-11-20"}


@pytest.fixture
def county() -> County:
    return make_county()


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch, county: County) -> Iterator[Client]:
    """A session whose long question is being answered."""
    client, asked, free = signed_in(county.users["chief"]), threading.Event(), threading.Event()
    real = sources.standing_emissions

    def slow(*words: object) -> Standing:
        if not asked.is_set():
            asked.set()
            assert free.wait(20)
        return real(*words)  # type: ignore[arg-type]

    monkeypatch.setattr(sources, "standing_emissions", slow)
    answers: list[int] = []

    def ask() -> None:
        answers.append(client.get("/api/v1/emissions", LONG).status_code)
        connection.close()

    thread = threading.Thread(target=ask)
    thread.start()
    assert asked.wait(20)
    yield client
    free.set()
    thread.join(20)
    assert answers == [200]


def test_a_second_long_one_of_the_session_is_told_to_wait(held: Client, county: County) -> None:
    """One reader's question over a year kept the sign-in page waiting for fourteen seconds."""
    for path in ("/api/v1/emissions", "/api/v1/transmission", "/api/v1/county-air"):
        answer = held.get(path, LONG)
        assert answer.status_code == 429, path
        assert "还没有答完" in answer.json()["message"]
        assert answer["Retry-After"]
    assert held.get("/books/emissions/export.csv", {"by": "year"}).status_code == 429


def test_short_ones_other_sessions_and_pages_are_answered(held: Client, county: County) -> None:
    assert held.get("/api/v1/emissions", {"since": "2026-11-01", "to": "2026-11-20"}).status_code == 200
    other = signed_in(county.users["chief"])
    assert other.get("/api/v1/emissions", LONG).status_code == 200
    for page in ("/", "/books/emissions/?by=year", "/books/transmission/", "/evaluation/", "/monitoring/", "/map/"):
        assert held.get(page).status_code == 200, page


def test_afterwards_the_next_is_answered(county: County) -> None:
    client = signed_in(county.users["chief"])
    for _ in range(3):
        assert client.get("/api/v1/emissions", LONG).status_code == 200
