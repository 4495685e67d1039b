"""What a firm or an O&M company reads on the pages of books: nothing of other firms, no names of the bureau's people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from django.test import Client

from bureau.office import Office
from qingyuan.bureau.book.registry import books
from qingyuan.bureau.registers.actions.enterprises import put_enterprise
from qingyuan.bureau.registers.models import Leave, Post

PAGES = ("", "new/", "import/", "template.xlsx", "export.csv", "features.json")


@pytest.fixture
def pages(office: Office) -> list[str]:
    put_enterprise("91350100M000100Y43", "金丝雀化工有限公司", area=office.north)
    officer = office["officer"]
    officer.display_name = "金丝雀队员"
    officer.save()
    Post.objects.create(code="R1", organisation=office.team, person=officer, title="大队长", since=date(2026, 1, 1))
    Leave.objects.create(code="L1", person=officer, since=date(2026, 11, 1), until=date(2026, 11, 30))
    return ["/books/all/", *(f"/books/{book.code}/{page}" for book in books() for page in PAGES)]


def _read(office: Office, who: str, addresses: list[str]) -> Iterator[tuple[str, int, str]]:
    browser = Client()
    browser.force_login(office[who], backend="django.contrib.auth.backends.ModelBackend")
    for address in addresses:
        answer = browser.get(address)
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
        yield address, answer.status_code, content.decode("utf-8", "replace")


@pytest.mark.parametrize("who", ["firm", "operator"])
def test_the_supervised_read_nothing_of_others(office: Office, pages: list[str], who: str) -> None:
    told = {address for address, _, text in _read(office, who, pages) if "金丝雀" in text}
    assert told == set()


@pytest.mark.parametrize("who", ["security", "audit"])
def test_administrators_of_people_and_of_the_trail_read_no_books(office: Office, pages: list[str], who: str) -> None:
    told = {address for address, _, text in _read(office, who, pages) if "金丝雀" in text}
    assert told == set()


def test_the_chief_reads_them(office: Office, pages: list[str]) -> None:
    """The canaries are there to be seen."""
    told = {address for address, _, text in _read(office, "chief", pages) if "金丝雀" in text}
    assert {"/books/enterprises/", "/books/posts/", "/books/leaves/"} <= told
