"""What every declared book inherits: its samples go in, come out, are seen by who may see them, and stay cheap."""

from __future__ import annotations

import csv
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from bureau.office import Office
from moment import NOW
from qingyuan.bureau.base.errors import BureauError, NotAllowed
from qingyuan.bureau.book.actions import Conflict, save
from qingyuan.bureau.book.checks import check_books, faults
from qingyuan.bureau.book.declaration import Book
from qingyuan.bureau.book.models import RowVersion
from qingyuan.bureau.book.policies import may_do, visible
from qingyuan.bureau.book.queries import count, listed
from qingyuan.bureau.book.registry import book_of, columns_of, declared
from qingyuan.bureau.book.shown import key_of_row
from qingyuan.bureau.book.versions import unproved
from qingyuan.bureau.exchange.bulk import lay_down
from qingyuan.bureau.exchange.exports import export
from qingyuan.bureau.exchange.imports import Choice, import_file

CODES = sorted({book.code for book in declared()} | {"wells", "upper-firms", "sites"})
PEOPLE = (
    "director",
    "chief",
    "officer",
    "monitor",
    "south",
    "north",
    "firm",
    "operator",
    "system",
    "security",
    "audit",
)


@pytest.fixture
def book(office: Office, tmp_path: Path, clock_at: Any, request: pytest.FixtureRequest) -> Book:
    """A book that holds its samples, beside the rows of the county."""
    found = book_of(request.param)
    clock_at(NOW - timedelta(minutes=1))
    lay_down(found)
    clock_at(NOW)
    report = import_file(None, found, samples(found, tmp_path))
    assert (report.added, report.bad) == (len(found.samples), [])
    return found


def samples(book: Book, folder: Path) -> Path:
    titles = list(dict.fromkeys(title for sample in book.samples for title in sample))
    path = folder / "samples.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerows([titles, *([sample.get(title, "") for title in titles] for sample in book.samples)])
    return path


def client_of(office: Office, who: str) -> Client:
    client = Client()
    client.force_login(office[who], backend="django.contrib.auth.backends.ModelBackend")
    return client


every_book = pytest.mark.parametrize("book", CODES, indirect=True)


@pytest.mark.parametrize("code", CODES)
def test_the_declaration_is_sound(office: Office, code: str) -> None:
    assert list(faults(book_of(code))) == []
    assert book_of(code).samples, "give the book rows by which these tests can try it"
    assert book_of(code).name
    assert check_books() == []


@every_book
def test_samples_come_in_once(book: Book, tmp_path: Path) -> None:
    facts = import_file(None, book, samples(book, tmp_path)).facts()
    assert (facts["added"], facts["changed"], facts["unchanged"]) == (0, 0, len(book.samples))
    assert RowVersion.objects.filter(book=book.code).count() == book.rows().count()
    assert unproved(book) == []


@every_book
@pytest.mark.parametrize("form", [".csv", ".xlsx"])
def test_the_way_out_and_in(book: Book, tmp_path: Path, form: str) -> None:
    out = tmp_path / f"out{form}"
    out.write_bytes(export(book, None, form))
    there = book.rows().count()
    assert import_file(None, book, out, Choice(full=bool(book.mirror))).facts() == {
        "rows": there, "added": 0, "changed": 0, "unchanged": there, "rejected": 0, "gone": 0,
    }  # fmt: skip
    for layout in book.layouts:
        assert export(book, None, form, layout=layout)


@every_book
def test_sealed_text_is_in_no_version_page_or_file(book: Book, office: Office) -> None:
    labels = {c.label for c in columns_of(book).values() if c.kind == "sealed"}
    secrets = {text for sample in book.samples for title, text in sample.items() if title in labels}
    page = client_of(office, "chief").get(f"/books/{book.code}/", {"cols": list(columns_of(book))})
    said = page.content.decode() + export(book, None, ".csv").decode("utf-8-sig")
    said += str(list(RowVersion.objects.values_list("values", "key")))
    assert not [secret for secret in secrets if secret in said]


@every_book
@pytest.mark.parametrize("who", PEOPLE)
def test_each_identity_by_page_and_api(book: Book, office: Office, who: str) -> None:
    user, client = office[who], client_of(office, who)
    mine = {key_of_row(book, row) for row in visible(user, book)}
    told = client.get(f"/api/v1/books/{book.code}").json()
    assert {row["key"] for row in told["items"]} == mine
    assert told["count"] == count(book, user).total == len(mine)
    for row in book.rows():
        key = key_of_row(book, row)
        found = 200 if key in mine else 404
        assert client.get(f"/api/v1/books/{book.code}/{key}").status_code == found
        page = client.get(f"/books/{book.code}/row/{key}/").status_code
        assert page == (403 if who in ("security", "audit") else found)
        if not may_do(user, book, "edit", row) or book.mirror:
            with pytest.raises(NotAllowed):
                save(user, book, {}, row)
        for verb in book.verbs:
            if not may_do(user, book, verb.name, row):
                answer = client.post(f"/books/{book.code}/do/{verb.name}/{key}/", {"reason": "x"})
                assert answer.status_code in (403, 404)


@every_book
def test_the_second_editor_is_told(book: Book, office: Office) -> None:
    row = book.rows().first()
    name = next(n for n in book.form if n not in book.key and columns_of(book)[n].kind in ("text", "long"))
    save(None, book, {name: "先"}, row, revision=row.revision)
    with pytest.raises(Conflict):
        save(None, book, {name: "后"}, row, revision=row.revision)


@every_book
def test_filters_sorts_and_pages_answer(book: Book, office: Office, django_assert_max_num_queries: Any) -> None:
    client = client_of(office, "chief")
    client.get(f"/books/{book.code}/")
    for column in columns_of(book).values():
        if column.kind in ("computed", "sealed"):
            with pytest.raises(BureauError):
                list(listed(book, office["south"], {"sort": column.name}))
            continue
        list(listed(book, None, {"sort": f"-{column.name}"}))
        assert sum(count(book, by=column.name).groups.values()) == book.rows().count()
    with django_assert_max_num_queries(13):
        assert client.get(f"/books/{book.code}/", {"sort": book.key[0]}).status_code == 200
    for path in ("all/", f"{book.code}/import/", f"{book.code}/template.xlsx", f"{book.code}/features.json"):
        assert client.get(f"/books/{path}").status_code in (200, 403), path
