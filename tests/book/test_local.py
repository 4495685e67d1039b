"""A county's own columns and books go through the same machinery: no code, no restart."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from book.pattern import WELLS
from book.test_files import facts, sheet
from bureau.office import Office
from qingyuan.bureau.base.errors import Invalid, Missing, NotAllowed
from qingyuan.bureau.book.actions import read_values, save
from qingyuan.bureau.book.models import RowVersion
from qingyuan.bureau.book.queries import count, listed, shown_columns
from qingyuan.bureau.book.registry import book_of, books
from qingyuan.bureau.book.versions import unproved
from qingyuan.bureau.exchange.exports import export
from qingyuan.bureau.exchange.imports import import_file
from qingyuan.bureau.local.actions import Wanted, add_column, end_column, make_book
from qingyuan.bureau.local.queries import propose

ROWS = [
    ["垃圾点编号", "点名", "所属镇", "企业名称", "清运日期", "类别", "桶数", "经度", "纬度"],
    *([f"L{n}", f"点{n}", "城南镇", "企业1", f"2026-11-{n + 1:02}", "厨余" if n % 2 else "其他", n, 119.3, 33.1]
      for n in range(9)),
]  # fmt: skip


def test_a_column_of_the_countys_own(office: Office, tmp_path: Path) -> None:
    made = add_column(office["chief"], WELLS, "井盖", "choice", ["铁", "水泥"], right="triage")
    name = f"extra.c{made.pk}"
    row = save(office["chief"], WELLS, read_values(WELLS, {"code": "J1", "name": "甲", "area": "城南镇", name: "铁"}))
    assert RowVersion.objects.get().values[name] == "铁"
    with pytest.raises(Invalid, match="铁、水泥"):
        read_values(WELLS, {name: "木"})
    assert count(WELLS, by="井盖").groups == {"铁": 1}
    assert [r.code for r in listed(WELLS, office["chief"], {name: "铁"})] == ["J1"]
    assert name not in {c.name for c in shown_columns(WELLS, office["south"])}
    file = sheet(tmp_path / "a.xlsx", ["井号", "井名", "镇街", "井盖"], ["J1", "甲", "城南镇", "水泥"])
    assert import_file(None, WELLS, file).facts() == facts(1, 0, 1, 0, 0, 0)
    out = tmp_path / "out.csv"
    out.write_bytes(export(WELLS, None, ".csv"))
    assert import_file(None, WELLS, out).facts() == facts(1, 0, 0, 1, 0, 0)
    assert unproved(WELLS) == []
    end_column(office["chief"], made)
    assert name not in {c.name for c in shown_columns(WELLS, None)}
    row.refresh_from_db()
    assert row.extra == {f"c{made.pk}": "水泥"}


def test_a_book_made_of_a_list(office: Office, tmp_path: Path) -> None:
    file = sheet(tmp_path / "l.xlsx", *ROWS)
    columns = propose(file)
    assert {c.label: (c.role, str(c.kind)) for c in columns} == {
        "垃圾点编号": ("key", "text"), "点名": ("", "text"), "所属镇": ("area", "choice"), "企业名称": ("firm", "choice"),
        "清运日期": ("", "date"), "类别": ("", "choice"), "桶数": ("", "integer"), "经度": ("lon", "number"),
        "纬度": ("lat", "number"),
    }  # fmt: skip
    make_book(office["chief"], "litter", "垃圾点", columns)
    book = book_of("垃圾点")
    assert import_file(office["chief"], book, file).facts() == facts(9, 9, 0, 0, 0, 0)
    assert import_file(office["chief"], book, file).facts() == facts(9, 0, 0, 9, 0, 0)
    assert count(book, office["south"], by="类别").groups == {"其他": 5, "厨余": 4}
    assert count(book, office["north"]).total == 0
    assert count(book, office["firm"]).total == 9
    assert count(book, by="所属镇", where=[("桶数", "3")]).groups == {"S": 1}
    out = tmp_path / "out.xlsx"
    out.write_bytes(export(book, None, ".xlsx"))
    assert import_file(None, book, out).facts() == facts(9, 0, 0, 9, 0, 0)
    assert json.dumps(RowVersion.objects.filter(book="litter").first().values)  # type: ignore[union-attr]


@pytest.mark.parametrize("who", ["director", "officer", "south", "firm", "operator", "security", "audit"])
def test_who_may_not_make_them(office: Office, who: str) -> None:
    with pytest.raises(NotAllowed):
        add_column(office[who], WELLS, "井盖", "text")
    with pytest.raises(NotAllowed):
        make_book(office[who], "litter", "垃圾点", [Wanted("编号", role="key")])
    assert [book.code for book in books() if book.code == "litter"] == []


def test_what_is_no_column_and_no_book(office: Office) -> None:
    for label, kind, choices in (("井名", "text", []), ("色", "colour", []), ("色", "choice", []), (" ", "text", [])):
        with pytest.raises((Invalid, Missing)):
            add_column(None, WELLS, label, kind, choices)
    key = Wanted("编号", role="key")
    for code, name, columns in (
        ("Litter", "甲", [key]), ("wells", "甲", [key]), ("devices", "甲", [key]), ("litter", "监测井", [key]),
        ("litter", "甲", []), ("litter", "甲", [key, key]), ("litter", "甲", [key, Wanted("x", role="boss")]),
    ):  # fmt: skip
        with pytest.raises((Invalid, Missing)):
            make_book(None, code, name, columns)
