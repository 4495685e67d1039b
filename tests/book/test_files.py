"""Books from files and back: what people bring, trial runs, bad rows, the way out and in again."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from book.pattern import FIRMS, SITES, WELLS, Firm, Site, Well
from bureau.office import Office
from qingyuan.bureau.accounts.models import Area
from qingyuan.bureau.audit.models import AuditEntry
from qingyuan.bureau.base.errors import Invalid, NotAllowed
from qingyuan.bureau.book.actions import read_values, reveal, save
from qingyuan.bureau.book.models import RowVersion
from qingyuan.bureau.book.versions import unproved
from qingyuan.bureau.exchange.bulk import Bulk, lay_down
from qingyuan.bureau.exchange.exports import export, template
from qingyuan.bureau.exchange.imports import Choice, import_file, write_errors
from qingyuan.intake.files import NotATableError

HEAD = ["井号", "井名", "所在镇街", "井深", "成井日期", "看护人"]
ROWS = [["J1", "甲井", "城南镇", 35.5, "2020年5月1日", "王望水"], ["J2", "乙井", "城北镇", "", "2021/3/4", ""]]


def sheet(path: Path, *rows: list[Any], merge: tuple[int, int, int, int, str] | None = None) -> Path:
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False}) as book:
        cover, page = book.add_worksheet("说明"), book.add_worksheet("清单")
        cover.write(0, 0, "请勿修改表头")
        for n, row in enumerate(rows):
            page.write_row(n, 0, row)
        if merge:
            page.merge_range(*merge)
    return path


def facts(*figures: int) -> dict[str, int]:
    return dict(zip(("rows", "added", "changed", "unchanged", "rejected", "gone"), figures, strict=True))


def test_in_twice(office: Office, tmp_path: Path) -> None:
    file = sheet(tmp_path / "a.xlsx", HEAD, *ROWS)
    assert import_file(office["chief"], WELLS, file, Choice(dry_run=True)).facts() == facts(2, 2, 0, 0, 0, 0)
    assert Well.objects.count() == RowVersion.objects.count() == 0
    assert import_file(office["chief"], WELLS, file).facts() == facts(2, 2, 0, 0, 0, 0)
    assert import_file(office["chief"], WELLS, file).facts() == facts(2, 0, 0, 2, 0, 0)
    well = Well.objects.get(code="J1")
    assert (well.area, str(well.depth), str(well.drilled_on), well.revision) == (office.south, "35.5", "2020-05-01", 1)
    assert reveal(office["chief"], WELLS, well, "核对") == {"keeper": "王望水"}
    assert [str(v.valid_from) for v in RowVersion.objects.order_by("key")] == ["2020-05-01", "2021-03-04"]
    assert unproved(WELLS) == []
    assert AuditEntry.objects.filter(verb="book.import").count() == 1


def test_a_table_as_people_make_it(office: Office, tmp_path: Path) -> None:
    """A title over the whole width, a second line of headings, units, notes, a total; other words; odd blanks."""
    file = sheet(
        tmp_path / "b.xlsx",
        ["云沚县监测井一览表"],
        ["编号", "监测井名称", "乡镇", "位置", "位置", "井深（米）"],
        ["", "", "", "东经", "北纬", ""],
        ["", "", "", "°", "°", "m"],
        [" J7 ", "丙 井", "城南镇", "119°48′44″", "33°12′0″", "1,035.5"],
        ["合计", "1 口"],
        ["填表人：王某", "", "审核人：李某"],
    )
    report = import_file(office["chief"], WELLS, file)
    assert report.facts() == facts(1, 1, 0, 0, 0, 0), report.bad
    well = Well.objects.get()
    assert (well.code, well.name, str(well.depth)) == ("J7", "丙 井", "1035.5")
    assert (round(well.lon or 0, 4), well.lat) == (119.8122, 33.2)


def test_bad_rows_go_to_the_file_with_the_reason_for_each_cell(office: Office, tmp_path: Path) -> None:
    file = sheet(
        tmp_path / "c.xlsx", [*HEAD, "颜色"], [*ROWS[0], "红"], ["J3", "", "火星镇", "很深", "昨天", ""], ["J1", "又一"],
        ["", "没有井号"],
    )  # fmt: skip
    report = import_file(office["chief"], WELLS, file)
    assert report.facts() == facts(4, 1, 0, 0, 3, 0)
    assert report.unused == ("颜色",)
    write_errors(tmp_path / "bad.csv", report)
    rows = list(csv.DictReader((tmp_path / "bad.csv").open(encoding="utf-8-sig")))
    assert [row["行"] for row in rows] == ["3", "4", "5"]
    for words in (
        "“所在镇街”：得到 火星镇，应为 已登记",
        "“井深”：得到 很深，应为 数字",
        "“成井日期”：得到 昨天",
        "“井名”：必填",
    ):
        assert words in rows[0]["问题"]
    assert "第 2 行已有" in rows[1]["问题"]
    assert "“井号”：必填" in rows[2]["问题"]
    assert import_file(office["chief"], WELLS, file, Choice(strict=True)).facts() == facts(4, 0, 0, 0, 3, 0)


def test_strict_writes_nothing(office: Office, tmp_path: Path) -> None:
    file = sheet(tmp_path / "d.xlsx", HEAD, *ROWS, ["J3", "", "城南镇"])
    import_file(office["chief"], WELLS, file, Choice(strict=True))
    assert Well.objects.count() == AuditEntry.objects.filter(verb="book.import").count() == 0


@pytest.mark.parametrize("form", [".csv", ".xlsx"])
def test_an_export_comes_in_again_unchanged(office: Office, tmp_path: Path, form: str) -> None:
    """Masked, sealed and computed columns change nothing; what looks like a formula comes back as it was."""
    import_file(None, WELLS, sheet(tmp_path / "a.xlsx", [*HEAD, "备注", "经度", "纬度"],
                                   [*ROWS[0], "=1+1", 119.3, 33.1], [*ROWS[1], "-3", "", ""]))  # fmt: skip
    out = tmp_path / f"out{form}"
    out.write_bytes(export(WELLS, office["south"], form))
    assert import_file(None, WELLS, out).facts() == facts(1, 0, 0, 1, 0, 0)
    out.write_bytes(export(WELLS, None, form))
    assert import_file(None, WELLS, out).facts() == facts(2, 0, 0, 2, 0, 0)
    text = export(WELLS, None, ".csv").decode("utf-8-sig")
    assert "王望水" not in text
    assert "'=1+1" in text
    assert Well.objects.get(code="J1").note == "=1+1"
    heads = text.splitlines()[0].split(",")
    assert heads[:9] == ["井号", "井名", "所在镇街", "负责镇街", "业主", "井深", "深层", "成井日期", "采样日期"]
    blank = tmp_path / "t.xlsx"
    blank.write_bytes(template(WELLS))
    assert import_file(None, WELLS, blank).facts() == facts(0, 0, 0, 0, 0, 0)
    upper = export(WELLS, None, ".csv", layout="省平台").decode("utf-8-sig").splitlines()
    assert upper[:2] == ["测井编号,测井名称,是否封存", "J1,甲井,启用"]
    with pytest.raises(Invalid, match="没有导出版式"):
        export(WELLS, None, ".csv", layout="国家")


def test_only_within_the_own_area(office: Office, tmp_path: Path) -> None:
    file = sheet(tmp_path / "a.xlsx", HEAD, *ROWS, ["J3", "无镇"])
    report = import_file(office["south"], WELLS, file)
    assert report.facts() == facts(3, 1, 0, 0, 2, 0)
    assert all("权限所及" in words for _, _, words in report.bad)
    import_file(None, WELLS, file)
    moved = sheet(tmp_path / "m.xlsx", HEAD[:3], ["J2", "抢来", "城南镇"])
    assert import_file(office["south"], WELLS, moved).facts() == facts(1, 0, 0, 0, 1, 0)
    for who in ("director", "officer", "firm", "operator", "system", "security", "audit"):
        with pytest.raises(NotAllowed):
            import_file(office[who], WELLS, file)


def test_a_mirror_marks_what_is_gone(office: Office, tmp_path: Path) -> None:
    whole = sheet(tmp_path / "a.xlsx", ["编号", "名称"], ["U1", "甲"], ["U2", "乙"])
    part = sheet(tmp_path / "b.xlsx", ["编号", "名称"], ["U1", "甲"])
    assert import_file(None, FIRMS, whole, Choice(full=True)).facts() == facts(2, 2, 0, 0, 0, 0)
    assert import_file(None, FIRMS, part).facts() == facts(1, 0, 0, 1, 0, 0)
    assert import_file(None, FIRMS, part, Choice(full=True)).facts() == facts(1, 0, 0, 1, 0, 1)
    assert Firm.objects.get(code="U2").gone_at is not None
    assert import_file(None, FIRMS, part, Choice(full=True)).facts() == facts(1, 0, 0, 1, 0, 0)
    assert import_file(None, FIRMS, whole, Choice(full=True)).facts() == facts(2, 0, 1, 1, 0, 0)
    assert Firm.objects.get(code="U2").gone_at is None
    with pytest.raises(Invalid, match="不是镜像"):
        import_file(None, WELLS, part, Choice(full=True))


def test_new_places_are_made_where_asked_for(office: Office, tmp_path: Path) -> None:
    file = sheet(tmp_path / "a.xlsx", HEAD, ["J1", "甲", "新生镇"], ["J2", "乙", "新生镇"])
    assert import_file(None, WELLS, file).facts() == facts(2, 0, 0, 0, 2, 0)
    assert import_file(None, WELLS, file, Choice(new_places=True, dry_run=True)).notes == ["新地点：新生镇"]
    assert not Area.objects.filter(name="新生镇")
    assert import_file(None, WELLS, file, Choice(new_places=True)).facts() == facts(2, 2, 0, 0, 0, 0)
    assert {w.area.name for w in Well.objects.all()} == {"新生镇"}
    assert RowVersion.objects.first().values["area"] == "NEW-新生镇"  # type: ignore[union-attr]
    assert unproved(WELLS) == []


def test_a_state_comes_with_a_new_row_and_never_changes_an_old_one(office: Office, tmp_path: Path) -> None:
    first = sheet(tmp_path / "a.xlsx", ["井号", "井名", "状态"], ["J1", "甲", "封存"])
    assert import_file(None, WELLS, first).facts() == facts(1, 1, 0, 0, 0, 0)
    second = sheet(tmp_path / "b.xlsx", ["井号", "井名", "状态"], ["J1", "甲", "启用"])
    report = import_file(None, WELLS, second)
    assert report.facts() == facts(1, 0, 0, 0, 1, 0)
    assert "状态由动作改变" in report.bad[0][2]


def test_who_edits_meanwhile_loses_nothing(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between reading and writing somebody saved a row: the file is compared again, the other's column stays."""
    import_file(None, WELLS, sheet(tmp_path / "a.xlsx", HEAD, *ROWS))
    real, done = Bulk.write, []

    def late(self: Bulk, *args: Any) -> None:
        if not done:
            done.append(save(None, WELLS, {"note": "人改的"}, Well.objects.get(code="J1")))
        real(self, *args)

    monkeypatch.setattr(Bulk, "write", late)
    report = import_file(None, WELLS, sheet(tmp_path / "b.xlsx", HEAD[:2], ["J1", "改名"]))
    assert report.facts() == facts(1, 0, 1, 0, 0, 0)
    well = Well.objects.get(code="J1")
    assert (well.name, well.note, well.revision) == ("改名", "人改的", 3)


@pytest.mark.parametrize(
    ("rows", "words"),
    [([["甲", "乙"], ["1", "2"]], "没有认得的列名"), ([["井名", "镇街"], ["甲", "城南镇"]], "缺少列：井号")],
)
def test_a_file_that_is_none_of_ours(office: Office, tmp_path: Path, rows: list[list[str]], words: str) -> None:
    with pytest.raises((NotATableError, Invalid), match=words):
        import_file(None, WELLS, sheet(tmp_path / "a.xlsx", *rows))


def test_a_table_that_becomes_a_book_gets_its_first_versions(office: Office, tmp_path: Path) -> None:
    Well.objects.bulk_create([Well(code=f"J{n}", name="旧井", area=office.south) for n in range(3)])
    assert [lay_down(WELLS), lay_down(WELLS)] == [3, 0]
    assert {(v.revision, v.reason, v.values["area"]) for v in RowVersion.objects.all()} == {(1, "转为台账", "S")}
    assert unproved(WELLS) == []
    file = sheet(tmp_path / "a.xlsx", HEAD[:3], ["J1", "旧井", "城南镇"])
    assert import_file(None, WELLS, file).facts() == facts(1, 0, 0, 1, 0, 0)


def test_rows_without_a_key_of_their_own(office: Office, tmp_path: Path) -> None:
    """One credit code with two permits is two sites; a wrong code is left out with a note; who is doubtful is asked."""
    head, code = ["单位名称", "许可证编号", "信用代码"], "91320924MA1XXXXX0A"
    rows = [["甲厂", "P1", code], ["甲厂", "P2", code], ["乙厂", "", "短"]]
    report = import_file(None, SITES, sheet(tmp_path / "a.xlsx", head, *rows))
    assert report.facts() == facts(3, 3, 0, 0, 0, 0), report.bad
    assert [note.startswith("第 4 行 “信用代码”") for note in report.notes] == [True]
    assert sorted(Site.objects.values_list("number", "name", "credit")) == [
        ("S1", "甲厂", code), ("S2", "甲厂", code), ("S3", "乙厂", ""),
    ]  # fmt: skip
    assert import_file(None, SITES, sheet(tmp_path / "a.xlsx", head, *rows)).facts() == facts(3, 0, 0, 3, 0, 0)
    doubtful = import_file(
        None, SITES, sheet(tmp_path / "b.xlsx", head, ["甲厂", "", ""], ["丙厂", "", ""], ["丙厂", "", ""])
    )
    assert doubtful.facts() == facts(3, 1, 0, 0, 2, 0)
    assert "单位名称相同的有 2 行（S1、S2）；请填写编号" in doubtful.bad[0][2]
    assert "文件里第 3 行已有" in doubtful.bad[1][2]
    assert save(None, SITES, read_values(SITES, {"name": "丁厂"})).number == "S5"


@pytest.mark.parametrize("form", [".csv", ".xlsx"])
def test_what_files_cannot_hold_exactly_changes_nothing(office: Office, tmp_path: Path, form: str) -> None:
    at = datetime(2026, 11, 1, 3, 4, 5, 678, tzinfo=UTC)
    Site.objects.create(
        number="S1", name=" 甲厂 ", lon=0.1 + 0.2, seen_at=at, shape={"type": "Point", "coordinates": [119.3, 33.1]}
    )
    out = tmp_path / f"out{form}"
    out.write_bytes(export(SITES, None, form))
    assert import_file(None, SITES, out).facts() == facts(1, 0, 0, 1, 0, 0)


def test_the_whole_of_a_mirror_is_for_who_has_the_whole(office: Office, tmp_path: Path) -> None:
    """A town's whole list would have marked every other town's rows as gone."""
    file = sheet(tmp_path / "a.xlsx", ["编号", "名称", "镇街"], ["U1", "甲", "城南镇"])
    for who in ("south", "officer"):
        with pytest.raises(NotAllowed):
            import_file(office[who], FIRMS, file, Choice(full=True))
    assert import_file(office["chief"], FIRMS, file, Choice(full=True)).facts() == facts(1, 1, 0, 0, 0, 0)
