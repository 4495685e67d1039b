"""Lists of limits as people really write them: each cell read rightly, or refused with its row and what to do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from bureau.office import Office
from bureau.old_workbook import write_xls
from qingyuan.bureau.base.errors import Invalid
from qingyuan.bureau.values.actions.limits_file import import_limits
from qingyuan.bureau.values.actions.limits_report import LimitsReport, Problem
from qingyuan.bureau.values.models import Limit
from qingyuan.intake.files import NotATableError

pytestmark = pytest.mark.django_db
GAS = {
    "排放口编号": "GAS",
    "监测项目": "SO2",
    "限值": "35",
    "单位": "mg/m3",
    "依据": "排污许可证",
    "执行日期": "2024-01-01",
}
WATER = GAS | {"排放口编号": "WASTE", "监测项目": "NH3N", "限值": "5", "单位": "mg/L"}
PH = WATER | {"监测项目": "pH", "限值": "6-9", "单位": "无量纲"}


def take(office: Office, folder: Path, *rows: dict[str, Any], before: str = "", end: str = "\n") -> LimitsReport:
    path = folder / "限值.csv"
    names = list(dict.fromkeys(k for r in rows for k in r))
    lines = [names, *([f'"{r.get(n, "")}"' for n in names] for r in rows)]
    path.write_text(before + end.join(",".join(line) for line in lines) + end, encoding="utf-8")
    return import_limits(office["chief"], path)


def refused(report: LimitsReport) -> list[Problem]:
    return [p for p in report.problems if p.is_refused]


def bounds(item: str = "SO2") -> tuple[Decimal | None, Decimal | None, str]:
    row = Limit.objects.standing().get(item=item, valid_from=date(2024, 1, 1))
    return row.lower, row.upper, row.unit


UNITS = [
    "mg/m3", "mg/m³", "mg/m^3", "MG/M3", "mg／m3", "mg/Nm3", "mg/Nm³", " mg / m³ ", "㎎/㎥", "mg·m-3", "毫克/立方米",
    "毫克每立方米", "毫克/标立方米",
]  # fmt: skip


class TestUnits:
    @pytest.mark.parametrize("unit", UNITS)
    def test_the_same_unit_written_otherwise(self, office: Office, tmp_path: Path, unit: str) -> None:
        assert take(office, tmp_path, GAS | {"单位": unit}).refused == 0
        assert bounds() == (None, 35, "mg/m3")

    @pytest.mark.parametrize(
        ("unit", "kept"),
        [("μg/m3", "ug/m3"), ("µg/m³", "ug/m3"), ("ug/m3", "ug/m3"), ("UG/M3", "ug/m3"), ("微克每立方米", "ug/m3")],
    )
    def test_micrograms(self, office: Office, tmp_path: Path, unit: str, kept: str) -> None:
        take(office, tmp_path, GAS | {"单位": unit, "限值": "35000"})
        assert bounds() == (None, 35000, kept)

    @pytest.mark.parametrize("unit", ["mg/L", "mg/l", "ug", "mg", "mg/kg", "ppm", "%", "无量纲", ""])
    def test_what_does_not_measure_it(self, office: Office, tmp_path: Path, unit: str) -> None:
        (bad,) = refused(take(office, tmp_path, GAS, GAS | {"监测项目": "dust", "单位": unit}))
        assert (bad.row, bad.column, bad.got) == (3, "单位", unit or "空")
        assert "mg/m3" in bad.expected

    @pytest.mark.parametrize("unit", ["", "无量纲", "-", "—", "/", "1"])
    def test_an_item_without_a_unit(self, office: Office, tmp_path: Path, unit: str) -> None:
        assert take(office, tmp_path, PH | {"单位": unit}).refused == 0
        assert bounds("pH") == (6, 9, "1")

    def test_times_of_colour(self, office: Office, tmp_path: Path) -> None:
        assert take(office, tmp_path, WATER | {"监测项目": "色度", "限值": "50", "单位": "倍"}).refused == 0


class TestBounds:
    @pytest.mark.parametrize("cell", ["≤35", "<=35", "≦ 35", "不超过35", "35", "35.0", "３５", " 35 "])
    def test_at_most(self, office: Office, tmp_path: Path, cell: str) -> None:
        report = take(office, tmp_path, GAS | {"限值": cell})
        assert (report.refused, bounds()) == (0, (None, 35, "mg/m3"))
        assert not [p for p in report.problems if p.kind == "read_as"]

    @pytest.mark.parametrize("cell", ["<35", "＜35", "小于35"])
    def test_a_strict_bound_is_read_as_one_that_allows_equality_and_told(
        self, office: Office, tmp_path: Path, cell: str
    ) -> None:
        report = take(office, tmp_path, GAS | {"限值": cell})
        (said,) = [p for p in report.problems if p.kind == "read_as"]
        assert (said.row, said.column, said.expected, said.is_refused) == (2, "限值", "≤35", False)
        assert "等于限值不算超标" in said.advice
        assert bounds() == (None, 35, "mg/m3")

    def test_thousands(self, office: Office, tmp_path: Path) -> None:
        take(office, tmp_path, GAS | {"限值": "1,250.5"})
        assert bounds() == (None, Decimal("1250.5"), "mg/m3")

    def test_at_least(self, office: Office, tmp_path: Path) -> None:
        take(office, tmp_path, WATER | {"监测项目": "DO", "限值": "≥2"})
        assert bounds("DO") == (2, None, "mg/L")

    @pytest.mark.parametrize("cell", ["6-9", "6~9", "6～9", "6〜9", "6–9", "6—9", "6至9", "6.0 － 9.0"])
    def test_a_range_of_ph(self, office: Office, tmp_path: Path, cell: str) -> None:
        assert take(office, tmp_path, PH | {"限值": cell}).refused == 0
        assert bounds("pH") == (6, 9, "1")

    @pytest.mark.parametrize(
        ("row", "column", "advice"),
        [
            pytest.param(GAS | {"限值": "30-50"}, "限值", "只有无量纲", id="range-of-a-concentration"),
            pytest.param(PH | {"下限": "5"}, "下限", "只写一处", id="range-and-lower"),
            pytest.param(PH | {"限值": "9-6"}, "下限", "", id="range-turned"),
            pytest.param(PH | {"限值": "6-15"}, "限值", "", id="beyond-the-scale"),
            pytest.param(GAS | {"限值": "-35"}, "限值", "", id="negative"),
            pytest.param(GAS | {"下限": "-1"}, "下限", "", id="negative-lower"),
            pytest.param(WATER | {"限值": "5（8）"}, "限值", "另起一行", id="bracket-of-a-condition"),
            pytest.param(GAS | {"限值": "35mg/m3"}, "限值", "单位写在", id="with-its-unit"),
            pytest.param(GAS | {"限值": "90%"}, "限值", "单位填 %", id="percent"),
            pytest.param(GAS | {"限值": "≤"}, "限值", "", id="a-sign-alone"),
            pytest.param(GAS | {"限值": "达标"}, "限值", "", id="a-word"),
            pytest.param(GAS | {"限值": "/"}, "限值", "", id="nothing"),
            pytest.param(GAS | {"限值": "≥35", "下限": "30"}, "限值", "下限写在", id="two-lower-bounds"),
            pytest.param(GAS | {"下限": "≤20"}, "下限", "上限写在", id="upper-in-the-lower-column"),
            pytest.param(GAS | {"基准氧含量": "0.06"}, "基准氧含量", "百分比格式", id="percent-cell-of-oxygen"),
            pytest.param(GAS | {"监测项目": ""}, "监测项目", "", id="no-item"),
            pytest.param(GAS | {"截止日期": "2024-01-01"}, "截止日期", "", id="ends-as-it-begins"),
            pytest.param(GAS | {"截止日期": "2023-12-31"}, "截止日期", "", id="ends-before"),
            pytest.param(GAS | {"执行日期": "45292"}, "执行日期", "", id="a-serial-number"),
        ],
    )
    def test_what_is_refused(
        self, office: Office, tmp_path: Path, row: dict[str, str], column: str, advice: str
    ) -> None:
        before = Limit.objects.count()
        (bad,) = refused(take(office, tmp_path, row))
        assert (bad.row, bad.column) == (2, column)
        assert bad.expected
        assert advice in bad.advice
        assert Limit.objects.count() == before

    def test_percent_where_the_unit_is_percent(self, office: Office, tmp_path: Path) -> None:
        take(office, tmp_path, GAS | {"监测项目": "O2", "限值": "15%", "单位": "％", "基准氧含量": "—"})
        assert bounds("O2") == (None, 15, "%")

    def test_oxygen_with_its_sign(self, office: Office, tmp_path: Path) -> None:
        take(office, tmp_path, GAS | {"基准氧含量": "6%"})
        assert Limit.objects.get(item="SO2").reference_o2 == 6.0

    @pytest.mark.parametrize("day", ["2024年1月1日", "2024/1/1", "2024.1.1", "20240101", "2024-01-01 00:00:00"])
    @pytest.mark.parametrize("end", ["长期", "—", ""])
    def test_dates(self, office: Office, tmp_path: Path, day: str, end: str) -> None:
        take(office, tmp_path, GAS | {"执行日期": day, "截止日期": end})
        assert Limit.objects.get(item="SO2", valid_from=date(2024, 1, 1)).valid_to is None


class TestAgainstStandards:
    """GB 13223-2011, coal in a special area: SO2 50 mg/m3 at 6 % oxygen."""

    ROW = GAS | {"执行标准": "GB 13223-2011", "类别": "特别排放", "工艺": "燃煤锅炉", "基准氧含量": "6"}

    @pytest.mark.parametrize(
        ("upper", "unit", "kinds"),
        [
            pytest.param("50", "mg/m3", set(), id="equal"),
            pytest.param("50.00", "mg/Nm³", set(), id="equal-written-otherwise"),
            pytest.param("50000", "ug/m3", set(), id="equal-in-another-unit"),
            pytest.param("49.9", "mg/m3", set(), id="stricter"),
            pytest.param("50.01", "mg/m3", {"looser"}, id="looser"),
            pytest.param("50001", "ug/m3", {"looser"}, id="looser-in-another-unit"),
        ],
    )
    def test_only_what_is_looser_is_told(
        self, office: Office, tmp_path: Path, upper: str, unit: str, kinds: set[str]
    ) -> None:
        report = take(office, tmp_path, self.ROW | {"限值": upper, "单位": unit})
        assert {p.kind for p in report.problems if p.row} == kinds
        assert report.refused == 0


class TestTables:
    def test_blank_rows_do_not_move_the_numbers(self, office: Office, tmp_path: Path) -> None:
        path = tmp_path / "限值.csv"
        head, good = ",".join(GAS), ",".join(GAS.values())
        path.write_text(f"\n{head}\n\n{good}\n,,,,,\n{good.replace('SO2', '烟味')}\n\n", encoding="gb18030")
        report = import_limits(office["chief"], path)
        assert (report.rows, report.good) == (2, 1)
        assert [p.row for p in refused(report)] == [6]

    def test_the_same_row_twice(self, office: Office, tmp_path: Path) -> None:
        (bad,) = refused(take(office, tmp_path, GAS, WATER, GAS))
        assert (bad.row, bad.expected, bad.advice) == (4, "不与第 2 行重复", "删去重复的一行")

    def test_one_item_twice_with_different_limits(self, office: Office, tmp_path: Path) -> None:
        (bad,) = refused(take(office, tmp_path, GAS, GAS | {"限值": "50"}))
        assert (bad.row, bad.column) == (3, "执行日期")
        assert "第 2 行" in bad.expected

    def test_a_comma_without_quotes(self, office: Office, tmp_path: Path) -> None:
        path = tmp_path / "限值.csv"
        path.write_text(",".join(GAS) + "\nGAS,SO2,1,250,mg/m3,许可证,2024-01-01\n", encoding="utf-8")
        (bad,) = refused(import_limits(office["chief"], path))
        assert (bad.row, bad.column, bad.got) == (2, "（整行）", "2024-01-01")

    def test_a_column_that_means_nothing_is_told(self, office: Office, tmp_path: Path) -> None:
        report = take(office, tmp_path, GAS | {"截至日期": "2025-01-01"})
        (said,) = [p for p in report.problems if p.kind == "ignored"]
        assert (said.row, said.got, said.is_refused) == (1, "截至日期", False)
        assert "截止日期" in said.expected

    def test_two_columns_for_one_thing(self, office: Office, tmp_path: Path) -> None:
        with pytest.raises(Invalid, match="“限值”“上限”"):
            take(office, tmp_path, GAS | {"上限": "50"})

    def test_names_with_their_unit_or_a_star(self, office: Office, tmp_path: Path) -> None:
        names = {"限值": "限值（mg/m3）", "执行日期": "执行 日期*", "单位": "单位\u3000"}
        report = take(office, tmp_path, {names.get(k, k): v for k, v in GAS.items()})
        assert (report.good, report.problems) == (1, [])

    def test_no_header_at_all(self, office: Office, tmp_path: Path) -> None:
        with pytest.raises(Invalid, match="缺少列：排放口编号、监测项目"):
            take(office, tmp_path, {"名称": "x", "单位": "mg/m3"})
        (tmp_path / "空.csv").write_text(" \n\n", encoding="utf-8")
        with pytest.raises(NotATableError):
            import_limits(office["chief"], tmp_path / "空.csv")


# A list as an office prints it: a title over all, a header of two rows, one outlet over two rows.
PRINTED: list[list[str | float | None]] = [
    ["2024 年排污许可限值一览表", *[None] * 6],
    [None] * 7,
    ["排放口编号", "监测项目", "限值", None, "单位", "依据", "执行日期"],
    [None, None, "上限", "下限", None, None, None],
    ["WASTE", "pH", 9.0, 6.0, "无量纲", "许可证", "2024-01-01"],
    [None, "NH3N", 5.0, None, "mg/L", "许可证", "2024-01-01"],
    ["GAS", "SO2", -1.0, None, "mg/m3", "许可证", "2024-01-01"],
]
MERGED = [(0, 0, 0, 6), (2, 2, 2, 3), (4, 5, 0, 0), *[(2, 3, column, column) for column in (0, 1, 4, 5, 6)]]


def write_xlsx(path: Path, rows: list[list[str | float | None]], merged: list[tuple[int, int, int, int]]) -> Path:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("许可")
        for top, bottom, left, right in merged:
            sheet.merge_range(top, left, bottom, right, rows[top][left])
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                if value is not None:
                    sheet.write(number, column, value)
    return path


def check_printed(report: LimitsReport) -> None:
    assert (report.rows, report.good) == (3, 2)
    (bad,) = refused(report)
    assert (bad.row, bad.column, bad.subject) == (7, "限值", "GAS SO2")
    assert bounds("pH") == (6, 9, "1")
    assert bounds("NH3N") == (None, 5, "mg/L")


@pytest.mark.parametrize("write", [write_xlsx, write_xls])
def test_titles_and_merged_cells_in_both_kinds_of_workbook(
    office: Office, tmp_path: Path, write: Callable[..., Path]
) -> None:
    path = tmp_path / f"许可.{write.__name__.removeprefix('write_')}"
    check_printed(import_limits(office["chief"], write(path, PRINTED, MERGED)))
