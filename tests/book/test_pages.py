"""The pages of a register by browser: every identity, the list, the form with two editors, verbs, files, sealed columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from book.pattern import WELLS, Well
from book.test_files import HEAD, ROWS, sheet
from book.test_local import ROWS as LITTER
from bureau.office import Office
from qingyuan.bureau.book.actions import read_values, save
from qingyuan.bureau.exchange.imports import import_file
from qingyuan.bureau.local.models import LocalColumn, LocalRow

BACKEND = "django.contrib.auth.backends.ModelBackend"


def client_of(office: Office, who: str) -> Client:
    client = Client()
    client.force_login(office[who], backend=BACKEND)
    return client


def make(office: Office, **given: Any) -> Well:
    values = {"code": "J1", "name": "甲井", "area": "城南镇", "keeper": "王望水"} | given
    made: Well = save(None, WELLS, read_values(WELLS, values))
    return made


def text(answer: Any) -> str:
    assert answer.status_code == 200, answer.content[:300]
    return str(answer.content.decode())


@pytest.mark.parametrize(
    ("who", "sees", "writes"),
    [
        ("director", True, False), ("chief", True, True), ("monitor", True, True), ("officer", True, False),
        ("south", True, True), ("north", False, True), ("firm", False, False), ("operator", False, False),
        ("system", True, False),
    ],
)  # fmt: skip
def test_every_identity(office: Office, who: str, sees: bool, writes: bool) -> None:
    make(office)
    client = client_of(office, who)
    page = text(client.get("/books/wells/"))
    assert ("甲井" in page, "/books/wells/new/" in page) == (sees, writes)
    assert client.get("/books/wells/new/").status_code == (200 if writes else 403)
    assert client.get("/books/wells/import/").status_code == (200 if writes else 403)
    assert client.get("/books/wells/row/J1/").status_code == (200 if sees else 404)
    edits = 404 if not sees else 200 if writes else 403
    assert client.get("/books/wells/edit/J1/").status_code == edits
    for form in ("csv", "xlsx"):
        assert client.get(f"/books/wells/export.{form}").status_code == 200
    assert ("甲井" in client.get("/books/wells/export.csv").content.decode()) == sees
    shut = client.post("/books/wells/do/shut/J1/", {"reason": "干了"})
    assert shut.status_code == (302 if who == "chief" else 403 if sees else 404)
    assert Well.objects.get().state == ("shut" if who == "chief" else "in_use")
    assert ("/books/wells/do/shut" in text(client.get("/books/wells/row/J1/"))) is False if sees else True
    assert client.post("/books/wells/unseal/J1/", {"reason": "核对"}).status_code == (
        200 if who == "chief" else 403 if sees else 404
    )
    assert client.get("/books/nothing/").status_code == 404


@pytest.mark.parametrize("who", ["security", "audit"])
def test_administrators_without_data_see_none_of_it(office: Office, who: str) -> None:
    make(office)
    for path in ("all/", "wells/", "wells/new/", "wells/row/J1/", "wells/export.csv", "wells/features.json", "new/"):
        assert client_of(office, who).get(f"/books/{path}").status_code == 403, path


def test_the_list_narrows_sorts_and_stays_within_its_questions(
    office: Office, django_assert_max_num_queries: Any
) -> None:
    for n in range(120):
        save(
            None,
            WELLS,
            read_values(WELLS, {"code": f"J{n:03}", "name": f"井{n:03}", "area": "城南镇", "depth": str(n)}),
        )
    client = client_of(office, "south")
    client.get("/books/wells/")
    with django_assert_max_num_queries(12):
        page = text(client.get("/books/wells/", {"area": "城南镇", "sort": "-depth", "state": "启用"}))
    assert page.index("井119") < page.index("井118")
    assert "共 120 条" in page
    assert "井000" in text(client.get("/books/wells/", {"sort": "name"}))
    assert "井119" in text(client.get("/books/wells/", {"sort": "name", "page": "3"}))
    assert "共 1 条" in text(client.get("/books/wells/", {"q": "井007"}))
    odd = text(client.get("/books/wells/", {"sort": "colour", "area": "火星镇"}))
    assert "没有可筛选的列" in odd
    assert "火星镇" in odd
    assert "成井年" in text(client.get("/books/wells/", {"cols": ["code", "age"]}))


def test_the_second_editor_sees_both_versions_and_loses_nothing(office: Office) -> None:
    make(office)
    first, second = client_of(office, "monitor"), client_of(office, "chief")
    form = {"code": "J1", "name": "甲井", "area": "城南镇", "keeper": "●●●●", "is_deep": "否", "revision": "1"}
    assert first.post("/books/wells/edit/J1/", {**form, "name": "先改的"}).status_code == 302
    told = text(second.post("/books/wells/edit/J1/", {**form, "name": "后改的", "note": "我的备注"}))
    for words in ("两个版本", "先改的", "后改的", "我的备注", 'name="revision" value="2"'):
        assert words in told
    saved = second.post("/books/wells/edit/J1/", {**form, "name": "后改的", "note": "我的备注", "revision": "2"})
    assert saved.status_code == 302
    well = Well.objects.get()
    assert (well.name, well.note, well.revision) == ("后改的", "我的备注", 3)
    page = text(second.get("/books/wells/row/J1/"))
    assert "先改的 → 后改的" in page
    assert "日期" in text(
        second.post("/books/wells/edit/J1/", {**form, "name": "x", "revision": "3", "valid_from": "昨"})
    )
    second.post("/books/wells/edit/J1/", {**form, "name": "丙", "revision": "3", "valid_from": "2026-11-02"})
    assert "2026-11-02" in text(second.get("/books/wells/row/J1/"))
    assert "王望水" not in page
    assert "王望水" in text(second.post("/books/wells/unseal/J1/", {"reason": "核对"}))


def test_a_wrong_value_is_told_beside_its_field(office: Office) -> None:
    client = client_of(office, "south")
    page = text(client.post("/books/wells/new/", {"code": "J9", "name": "x", "area": "城南镇", "depth": "很深"}))
    assert "应为 数字" in page
    assert Well.objects.count() == 0
    refused = client.post("/books/wells/new/", {"code": "J9", "name": "x", "area": "城北镇"})
    assert "城北镇" not in refused.content.decode() or refused.status_code in (200, 403)
    assert Well.objects.count() == 0


def test_a_file_is_tried_then_kept(office: Office, tmp_path: Path) -> None:
    client = client_of(office, "chief")
    content = sheet(tmp_path / "a.xlsx", HEAD, *ROWS, ["J3", "", "火星镇"]).read_bytes()
    page = text(client.post("/books/wells/import/", {"file": SimpleUploadedFile("a.xlsx", content)}))
    assert "还没有写入" in page
    assert "火星镇" in page
    assert Well.objects.count() == 0
    token = page.split('name="token" value="')[1].split('"')[0]
    assert client.post("/books/wells/import/", {"token": token}).status_code == 302
    assert Well.objects.count() == 2
    bad = text(client.post("/books/wells/import/", {"file": SimpleUploadedFile("a.xlsx", b"nothing")}))
    assert "列名" in bad
    assert client.get("/books/wells/template.xlsx").status_code == 200


def test_map_search_and_index(office: Office, tmp_path: Path) -> None:
    make(office, lon="119.3", lat="33.1")
    client = client_of(office, "south")
    (feature,) = client.get("/books/wells/features.json").json()["features"]
    assert (feature["geometry"]["coordinates"], feature["properties"]["name"]) == ([119.3, 33.1], "甲井")
    assert "/books/wells/row/J1/" in text(client.get("/search/?q=甲井"))
    assert "甲井" not in text(client_of(office, "north").get("/search/?q=甲")).replace("“甲", "")
    assert "监测井" in text(client.get("/books/all/"))


def test_a_column_and_a_book_by_browser(office: Office, tmp_path: Path) -> None:
    client = client_of(office, "chief")
    assert (
        client.post("/books/wells/columns/", {"label": "井盖", "kind": "choice", "choices": "铁、水泥"}).status_code
        == 302
    )
    assert "井盖" in text(client.get("/books/wells/new/"))
    column = LocalColumn.objects.get()
    assert client.post("/books/wells/columns/", {"end": str(column.pk)}).status_code == 302
    assert "井盖" not in text(client.get("/books/wells/new/"))
    content = sheet(tmp_path / "l.xlsx", *LITTER).read_bytes()
    page = text(client.post("/books/new/", {"file": SimpleUploadedFile("l.xlsx", content)}))
    token = page.split('name="token" value="')[1].split('"')[0]
    wrong = text(client.post("/books/new/", {"token": token, "code": "Wells", "name": "垃圾点"}))
    assert "小写字母" in wrong
    assert client.post("/books/new/", {"token": token, "code": "litter", "name": "垃圾点"}).status_code == 302
    page = text(client.post("/books/litter/import/", {"file": SimpleUploadedFile("l.xlsx", content)}))
    token = page.split('name="token" value="')[1].split('"')[0]
    assert client.post("/books/litter/import/", {"token": token}).status_code == 302
    assert LocalRow.objects.count() == 9
    assert "点3" in text(client_of(office, "south").get("/books/litter/"))
    for who in ("south", "director", "officer", "firm"):
        assert client_of(office, who).get("/books/new/").status_code == 403
        assert client_of(office, who).get("/books/wells/columns/").status_code == 403


def test_keys_with_odd_signs_have_their_page(office: Office, tmp_path: Path) -> None:
    import_file(None, WELLS, sheet(tmp_path / "a.xlsx", HEAD[:3], ["甲/1 #?", "怪井", "城南镇"]))
    page = text(client_of(office, "south").get("/books/wells/"))
    address = page.split('<td class="name">')[1].split('<a href="')[1].split('"')[0]
    assert "怪井" in text(client_of(office, "south").get(address))
