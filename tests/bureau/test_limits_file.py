"""Permits' limits from a file: every fault told by row, dates in order, held against standards, kept, taken back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from bureau.office import Office, put_hours, put_limit
from qingyuan.bureau.audit.models import AuditEntry
from qingyuan.bureau.base.errors import Invalid, NotAllowed, WrongState
from qingyuan.bureau.judging.models import Evaluation
from qingyuan.bureau.loop import step
from qingyuan.bureau.registers.models import Outlet
from qingyuan.bureau.values.actions.limits_file import import_limits, undo_limits
from qingyuan.bureau.values.actions.limits_report import LimitsReport
from qingyuan.bureau.values.models import Limit, LimitImport
from qingyuan.bureau.values.queries.limit_checks import check_outlet
from qingyuan.bureau.values.queries.rates import rates

pytestmark = pytest.mark.django_db
ROW = {
    "排放口编号": "GAS", "监测项目": "a21026", "限值": "35", "单位": "mg/m3", "基准氧含量": "6", "执行标准": "GB 13223-2011",
    "类别": "特别排放", "工艺": "燃煤锅炉", "许可证编号": "9132…001P", "执行日期": "2024-01-01",
}  # fmt: skip
TODAY = date(2026, 11, 21)


def take(office: Office, folder: Path, *rows: dict[str, Any], who: str = "chief", **more: Any) -> LimitsReport:
    path = folder / f"限值{more.pop('suffix', '.csv')}"
    names = list(dict.fromkeys(k for r in rows for k in r))
    frame = pl.DataFrame([{n: r.get(n, "") for n in names} for r in rows])
    (frame.write_csv if path.suffix == ".csv" else frame.write_excel)(path)
    return import_limits(office[who], path, **more)


def standing() -> list[tuple[str, str, Decimal | None, date, date | None]]:
    rows = Limit.objects.order_by("outlet__point__code", "item", "condition", "valid_from")
    return [(r.item, r.condition, r.upper, r.valid_from, r.valid_to) for r in rows if r.valid_to != r.valid_from]


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
@pytest.mark.parametrize("name", ["a21026", "SO2", "二氧化硫"])
def test_a_row_becomes_a_limit(office: Office, tmp_path: Path, suffix: str, name: str) -> None:
    report = take(office, tmp_path, ROW | {"监测项目": name}, suffix=suffix)
    assert (report.rows, report.good, report.count("new"), report.refused) == (1, 1, 1, 0)
    row = office.gas_outlet.limits.get(item="SO2")
    assert (row.upper, row.unit, row.averaging, row.statistic) == (35, "mg/m3", "hour", "ZsAvg")
    assert (row.reference_o2, row.standard, row.permit) == (6.0, "GB 13223-2011", "9132…001P")
    assert row.basis == "GB 13223-2011 特别排放 9132…001P"
    assert AuditEntry.objects.get(verb="limits.import").object_id == str(report.batch)


def test_cells_of_excel_keep_their_kind(office: Office, tmp_path: Path) -> None:
    """Dates as dates, figures as figures, a unit as print writes it."""
    rows = [
        ROW
        | {
            "限值": 35.0,
            "基准氧含量": 6.0,
            "执行日期": date(2024, 1, 1),
            "截止日期": date(2026, 1, 1),
            "单位": "mg/m³",
        },
        ROW | {"限值": 30.5, "基准氧含量": 6.0, "执行日期": date(2026, 1, 1), "截止日期": None, "单位": "毫克/立方米"},
    ]
    path = tmp_path / "限值.xlsx"
    pl.DataFrame(rows).write_excel(path)
    report = import_limits(office["chief"], path)
    assert (report.good, report.refused) == (2, 0)
    found = office.gas_outlet.limits.filter(item="SO2").order_by("valid_from")
    assert [(r.upper, r.unit, r.valid_from, r.valid_to) for r in found] == [
        (35, "mg/m3", date(2024, 1, 1), date(2026, 1, 1)), (Decimal("30.5"), "mg/m3", date(2026, 1, 1), None),
    ]  # fmt: skip


BAD: list[tuple[str, dict[str, Any], str]] = [
    ("unknown-outlet", {"排放口编号": "X9"}, "排放口编号"),
    ("no-outlet", {"排放口编号": ""}, "排放口编号"),
    ("a-station", {"排放口编号": "AIR"}, "排放口编号"),
    ("unknown-item", {"监测项目": "烟味"}, "监测项目"),
    ("unknown-unit", {"单位": "furlong"}, "单位"),
    ("unit-of-water", {"单位": "mg/L"}, "单位"),
    ("no-number", {"限值": "三十五"}, "限值"),
    ("not-finite", {"限值": "nan"}, "限值"),
    ("too-many-places", {"限值": "0.1234567"}, "限值"),
    ("no-bound", {"限值": ""}, "限值"),
    ("turned-range", {"下限": "40"}, "下限"),
    ("bad-date", {"执行日期": "明年"}, "执行日期"),
    ("no-such-day", {"执行日期": "2024-02-30"}, "执行日期"),
    ("ends-before", {"截止日期": "2023-01-01"}, "截止日期"),
    ("bad-averaging", {"评判均值": "年"}, "评判均值"),
    ("bad-statistic", {"统计量": "Max"}, "统计量"),
    ("too-much-oxygen", {"基准氧含量": "21"}, "基准氧含量"),
    ("long-condition", {"工况": "长" * 21}, "工况"),
    ("no-basis", {"执行标准": "", "许可证编号": "", "类别": ""}, "依据"),
]


@pytest.mark.parametrize(("change", "column"), [b[1:] for b in BAD], ids=[b[0] for b in BAD])
def test_a_bad_row_is_told_and_the_others_kept(
    office: Office, tmp_path: Path, change: dict[str, Any], column: str
) -> None:
    before = standing()
    report = take(office, tmp_path, ROW | change, ROW | {"监测项目": "dust", "限值": "10"})
    (bad,) = [p for p in report.problems if p.is_refused]
    assert (bad.row, bad.column) == (2, column)
    assert bad.expected
    assert bad.advice
    assert (report.good, report.refused) == (1, 1)
    assert len(standing()) == len(before) + 1


def test_what_the_standards_say_is_listed_and_refuses_nothing(office: Office, tmp_path: Path) -> None:
    report = take(office, tmp_path, ROW | {"限值": "60"}, ROW | {"监测项目": "dust", "限值": "20", "统计量": "实测"})
    found = {(p.row, p.kind): p for p in report.problems}
    assert set(found) == {(2, "looser"), (3, "wrong_state"), (0, "missing")}
    assert "50 mg/m3" in found[2, "looser"].expected
    assert found[2, "looser"].is_doubtful
    assert report.refused == 0
    assert report.good == 2


def test_a_converted_limit_without_a_reference_is_told(office: Office, tmp_path: Path) -> None:
    bare = ROW | {"基准氧含量": "", "统计量": "折算"}
    report = take(office, tmp_path, bare)
    assert [(p.kind, p.got) for p in report.problems if p.row] == [("wrong_state", "折算值，没有基准氧含量")]
    Outlet.objects.filter(point=office.gas).update(reference_o2=6.0)
    assert [p for p in take(office, tmp_path, bare).problems if p.row] == []


def test_a_new_limit_ends_the_open_one_before(office: Office, tmp_path: Path) -> None:
    take(office, tmp_path, ROW)
    report = take(office, tmp_path, ROW | {"限值": "30", "执行日期": "2026/1/1"})
    assert (report.count("ends"), report.count("new")) == (1, 1)
    rows = [r for r in standing() if r[0] == "SO2"]
    assert [(r[2], r[3], r[4]) for r in rows] == [
        (35, date(2024, 1, 1), date(2026, 1, 1)),
        (30, date(2026, 1, 1), None),
    ]


def test_two_open_rows_of_one_file_follow_each_other(office: Office, tmp_path: Path) -> None:
    report = take(office, tmp_path, ROW | {"执行日期": "2026-01-01", "限值": "30"}, ROW)
    assert report.refused == 0
    rows = [r for r in standing() if r[0] == "SO2"]
    assert [(r[2], r[4]) for r in rows] == [(35, date(2026, 1, 1)), (30, None)]


@pytest.mark.parametrize(
    ("since", "until"), [("2023-01-01", ""), ("2023-01-01", "2024-02-01"), ("2024-06-01", "2024-07-01")]
)
def test_dates_that_overlap_the_register_are_refused(office: Office, tmp_path: Path, since: str, until: str) -> None:
    put_limit(office.gas_outlet, "SO2", 35, "hour", "mg/m3", valid_from=date(2024, 1, 1), valid_to=date(2025, 1, 1))
    report = take(office, tmp_path, ROW | {"执行日期": since, "截止日期": until})
    (bad,) = report.problems
    assert (bad.row, bad.column, bad.is_refused) == (2, "执行日期", True)
    assert "2024-01-01 至 2025-01-01" in bad.expected


def test_dates_that_overlap_in_the_file_are_refused(office: Office, tmp_path: Path) -> None:
    report = take(office, tmp_path, ROW | {"截止日期": "2025-01-01"}, ROW | {"执行日期": "2024-06-01"}, ROW)
    assert [(p.row, p.is_refused) for p in report.problems if p.is_refused] == [(3, True), (4, True)]
    assert "第 2 行" in next(p for p in report.problems if p.is_refused).expected


def test_conditions_are_limits_of_their_own(office: Office, tmp_path: Path) -> None:
    report = take(office, tmp_path, ROW, ROW | {"工况": "启炉", "限值": "100"})
    assert report.count("new") == 2
    assert [(r[1], r[2]) for r in standing() if r[0] == "SO2"] == [("", 35), ("启炉", 100)]


def test_again_changes_nothing(office: Office, tmp_path: Path) -> None:
    take(office, tmp_path, ROW)
    before = standing()
    report = take(office, tmp_path, ROW)
    assert (report.count("same"), report.count("new"), report.count("changed")) == (1, 0, 0)
    assert standing() == before
    assert LimitImport.objects.order_by("-pk")[0].changes == []


def test_a_preview_writes_nothing(office: Office, tmp_path: Path) -> None:
    before = standing()
    report = take(office, tmp_path, ROW, ROW | {"单位": "?"}, dry_run=True)
    assert (report.good, report.refused, report.batch) == (1, 1, None)
    assert report.effects[0]["effect"] == "new"
    assert standing() == before
    assert not LimitImport.objects.exists()
    assert not AuditEntry.objects.exists()


def test_undo_puts_everything_back(office: Office, tmp_path: Path) -> None:
    take(office, tmp_path, ROW)
    before = standing()
    changed = ROW | {"限值": "30", "许可证编号": "新证"}
    report = take(office, tmp_path, changed, ROW | {"监测项目": "NOx", "限值": "45", "执行日期": "2026-01-01"})
    assert standing() != before
    batch = LimitImport.objects.get(pk=report.batch)
    assert undo_limits(office["chief"], batch) == 3
    assert standing() == before
    assert AuditEntry.objects.filter(verb="limits.undo").count() == 1
    with pytest.raises(WrongState, match="已撤回"):
        undo_limits(office["chief"], batch)
    again = take(office, tmp_path, changed)
    assert again.count("changed") == 1


def test_undo_is_refused_after_a_later_change(office: Office, tmp_path: Path) -> None:
    first = take(office, tmp_path, ROW)
    take(office, tmp_path, ROW | {"限值": "30"})
    after = standing()
    with pytest.raises(WrongState, match="之后又改过"):
        undo_limits(office["chief"], LimitImport.objects.get(pk=first.batch))
    assert standing() == after
    assert LimitImport.objects.get(pk=first.batch).undone_at is None


def test_hours_are_judged_by_the_new_limit_and_by_the_old_one_again(office: Office, tmp_path: Path) -> None:
    begin = datetime(2026, 11, 20, 1, tzinfo=UTC)
    put_hours(office.gas, "NOx", begin, [45.0])
    step()
    stricter = ROW | {"监测项目": "NOx", "限值": "40", "统计量": "实测", "基准氧含量": "", "执行日期": "2026-01-01"}

    def failing() -> bool:
        return Evaluation.objects.filter(kind="outlet_hour", is_current=True, start=begin, verdict="fail").exists()

    assert not failing()
    report = take(office, tmp_path, stricter)
    step()
    assert failing()
    undo_limits(office["chief"], LimitImport.objects.get(pk=report.batch))
    step()
    assert not failing()


@pytest.mark.parametrize("who", ["officer", "south", "firm", "security"])
def test_only_who_keeps_the_books(office: Office, tmp_path: Path, who: str) -> None:
    with pytest.raises(NotAllowed):
        take(office, tmp_path, ROW, who=who)


def test_missing_columns_are_named(office: Office, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="执行日期"):
        take(office, tmp_path, {"排放口编号": "GAS", "监测项目": "SO2", "单位": "mg/m3"})


def test_the_register_is_checked_as_it_stands(office: Office) -> None:
    outlet: Outlet = office.gas_outlet
    put_limit(outlet, "SO2", 300, "hour", "mg/m3", basis="GB 13223-2011 燃煤锅炉")
    put_limit(outlet, "SO2", 30, "hour", "mg/m3", basis="许可证", valid_from=TODAY - timedelta(days=9))
    found = check_outlet(outlet, TODAY)
    sulfur = [c for c in found.limits if c.limit.item == "SO2"]
    assert [len(c.overlaps) for c in sulfur] == [1, 1]
    assert [o.check.value for c in sulfur for o in c.outcomes if c.limit.upper == 300] == ["looser", "wrong_state"]
    assert {m.item for m in found.missing} >= {"dust"}
    assert found.to_look_at >= 3


def test_what_was_taken_back_is_seen_nowhere(office: Office, tmp_path: Path) -> None:
    report = take(office, tmp_path, ROW | {"工况": "低负荷", "执行日期": "2026-11-01"})
    outlet = office.gas_outlet
    assert "低负荷" in {row.condition for row in outlet.limits.standing()}
    undo_limits(office["chief"], LimitImport.objects.get(pk=report.batch))
    assert outlet.limits.filter(item="SO2").count() == 1, "the row stays on record"
    assert not outlet.limits.standing().filter(item="SO2").exists()
    assert [c.limit.item for c in check_outlet(outlet, TODAY).limits] == ["NOx"]
    assert {r.item for r in rates(office["chief"], date(2026, 11, 1), TODAY).items if r.outlet == outlet} == {"NOx"}
