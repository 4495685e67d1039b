"""A NUL in an address is refused in words on every page and in the API, whatever database is behind."""

from __future__ import annotations

import pytest
from django.db import DataError
from django.test import Client

from qingyuan.web.views import today
from web.factories import County


@pytest.mark.parametrize(
    "path", ["/monitoring/?q=%00", "/books/?area=a%00b", "/search/?q=%00%00", "/cases/?q=x%00", "/sign-in/?next=%00"]
)
def test_pages(county: County, path: str) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(county.users["chief"], backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get(path)
    assert answer.status_code == 400
    assert "NUL" in answer.content.decode()


def test_the_api(county: County) -> None:
    client = Client()
    client.force_login(county.users["chief"], backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get("/api/v1/points?kind=%00")
    assert (answer.status_code, answer.json()["error"]) == (422, "form")


def test_what_the_database_does_not_take_is_no_fault_of_ours(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL answered a NUL in a form with an error, and the page with 500."""

    def full(*_: object) -> None:
        raise DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")

    monkeypatch.setattr(today, "gather", full)
    client = Client(raise_request_exception=False)
    client.force_login(county.users["chief"], backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/").status_code == 400
