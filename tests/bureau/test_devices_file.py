"""The list of devices, channels and limits: good rows are taken, bad ones told by row and column, again changes nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from bureau.office import Office
from qingyuan.bureau.audit.models import AuditEntry
from qingyuan.bureau.base.errors import Invalid, NotAllowed
from qingyuan.bureau.line.actions.device_row import DevicesReport
from qingyuan.bureau.line.actions.devices_file import import_devices
from qingyuan.bureau.line.models import Channel, Device
from qingyuan.bureau.registers.models import Enterprise, Outlet, Point
from qingyuan.bureau.values.models import Limit
from qingyuan.bureau.values.queries.limits import limits_of

pytestmark = pytest.mark.django_db
GOOD = {
    "MN": "E" * 24, "ST": "31", "点位编号": "P9", "点位名称": "9 号排口", "企业名称": "新企业", "镇街": "城南镇",
    "因子编码": "a21026", "上限": "35", "依据": "许可证", "执行日期": "2024-01-01",
}  # fmt: skip


def write(folder: Path, rows: list[dict[str, Any]], suffix: str = ".csv") -> Path:
    path = folder / f"设备{suffix}"
    names = list(dict.fromkeys(k for r in rows for k in r))
    frame = pl.DataFrame([{n: r.get(n, "") for n in names} for r in rows])
    (frame.write_csv if suffix == ".csv" else frame.write_excel)(path)
    return path


def take(office: Office, tmp_path: Path, *rows: dict[str, Any], **more: Any) -> DevicesReport:
    return import_devices(office["chief"], write(tmp_path, list(rows)), **more)


def counts() -> list[int]:
    return [m.objects.count() for m in (Device, Channel, Limit, Outlet, Enterprise, Point)]


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_row_becomes_device_channel_limit_outlet_and_firm(office: Office, tmp_path: Path, suffix: str) -> None:
    rows = [GOOD, GOOD | {"因子编码": "a21002", "上限": "50"}]
    report = import_devices(office["chief"], write(tmp_path, rows, suffix), new_places=True)
    assert (report.rows, report.good, report.devices, report.channels, report.limits) == (2, 2, 1, 2, 2)
    assert report.errors == []
    device = Device.objects.get(mn="E" * 24)
    assert (device.state, device.point.code if device.point else "", device.system_type) == ("active", "P9", "31")
    outlet = Outlet.objects.get(point__code="P9")
    assert (outlet.medium, outlet.enterprise.name if outlet.enterprise else "") == ("gas", "新企业")
    assert outlet.point.area == office.south
    limit = outlet.limits.get(item="SO2")
    assert (limit.upper, limit.averaging, limit.unit, limit.valid_from) == (35, "hour", "mg/m3", date(2024, 1, 1))


def test_again_changes_nothing(office: Office, tmp_path: Path) -> None:
    take(office, tmp_path, GOOD)
    before = counts()
    assert take(office, tmp_path, GOOD).good == 1
    assert counts() == before


def test_since_when_a_point_is_in_use(office: Office, tmp_path: Path) -> None:
    take(office, tmp_path, GOOD | {"启用日期": "2026-08-10"})
    take(office, tmp_path, GOOD | {"停用日期": "2026-11-01"})
    point = Point.objects.get(code="P9")
    assert (point.active_from, point.active_to) == (date(2026, 8, 10), date(2026, 11, 1)), "what is empty stays"
    (early,) = take(office, tmp_path, GOOD | {"停用日期": "2026-08-10"}).errors
    (odd,) = take(office, tmp_path, GOOD | {"启用日期": "去年"}).errors
    assert (early["column"], odd["column"]) == ("停用日期", "启用日期")
    assert "2026-08-10" in early["expected"]


def test_dry_run_writes_nothing(office: Office, tmp_path: Path) -> None:
    before = counts()
    report = take(office, tmp_path, GOOD, GOOD | {"因子编码": ""}, dry_run=True)
    assert (report.good, len(report.errors), report.dry_run) == (1, 1, True)
    assert counts() == before
    assert not AuditEntry.objects.exists()


BAD: list[tuple[str, dict[str, Any], str]] = [
    ("no-mn", {"MN": ""}, "MN"),
    ("long-mn", {"MN": "E" * 41}, "MN"),
    ("no-factor", {"因子编码": ""}, "因子编码"),
    ("unknown-kind", {"ST": "77"}, "点位类别"),
    ("unknown-area", {"镇街": "火星镇"}, "镇街"),
    ("limit-no-number", {"上限": "五十"}, "上限"),
    ("limit-not-finite", {"上限": "inf"}, "上限"),
    ("limit-too-large", {"上限": "1e20"}, "上限"),
    ("bad-date", {"执行日期": "明年"}, "执行日期"),
    ("bad-averaging", {"评判均值": "年"}, "评判均值"),
    ("bad-statistic", {"统计量": "Max"}, "统计量"),
    ("bad-longitude", {"经度": "东经"}, "经度"),
    ("unknown-unit", {"单位": "furlong"}, "单位"),
    ("minutes-zero", {"分钟间隔": "0"}, "分钟间隔"),
    ("minutes-negative", {"分钟间隔": "-10"}, "分钟间隔"),
    ("long-name", {"点位名称": "长" * 101}, "点位名称"),
    ("long-basis", {"依据": "长" * 201}, "依据"),
]


@pytest.mark.parametrize(("change", "column"), [b[1:] for b in BAD], ids=[b[0] for b in BAD])
def test_bad_row_is_told_and_leaves_nothing(
    office: Office, tmp_path: Path, change: dict[str, Any], column: str
) -> None:
    other = GOOD | {"MN": "F" * 24, "点位编号": "P10"}
    before = counts()
    report = take(office, tmp_path, GOOD | {"点位编号": "P9"} | change, other)
    (error,) = report.errors
    assert (error["row"], error["column"]) == (2, column)
    assert error["expected"]
    assert error["got"]
    assert (report.rows, report.good, report.devices, report.channels, report.limits) == (2, 1, 1, 1, 1)
    assert not Point.objects.filter(code="P9").exists()
    assert [n - m for n, m in zip(counts(), before, strict=True)] == [1, 1, 1, 1, 0, 1]


def test_limit_of_a_station_is_refused(office: Office, tmp_path: Path) -> None:
    report = take(office, tmp_path, GOOD | {"ST": "22", "因子编码": "a34004"})
    assert [e["column"] for e in report.errors] == ["上限"]


def test_point_of_another_kind_is_refused(office: Office, tmp_path: Path) -> None:
    report = take(office, tmp_path, GOOD | {"点位编号": "AIR"})
    assert "已登记为空气站" in report.errors[0]["expected"]


def test_new_limit_ends_the_one_before(office: Office, tmp_path: Path) -> None:
    """A stricter limit from a list left the old one in force beside it; which of the two judged was luck."""
    take(office, tmp_path, GOOD)
    take(office, tmp_path, GOOD | {"上限": "20", "执行日期": "2026-01-01"})
    take(office, tmp_path, GOOD | {"上限": "30", "执行日期": "2025-01-01"})
    outlet = Outlet.objects.get(point__code="P9")
    rows = outlet.limits.order_by("valid_from").values_list("upper", "valid_from", "valid_to")
    assert [(int(u), a.year, b.year if b else None) for u, a, b in rows if u is not None] == [
        (35, 2024, 2025), (30, 2025, 2026), (20, 2026, None),
    ]  # fmt: skip
    held = limits_of([outlet.pk], date(2025, 6, 1))[(outlet.pk, "SO2")]
    assert held["hour"].upper == 30


def test_required_columns(office: Office, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"缺少列：MN、因子编码。?.*得到列：甲"):
        take(office, tmp_path, {"甲": "1"})


def test_waiting_station_comes_into_use(office: Office, tmp_path: Path) -> None:
    Device.objects.create(mn="E" * 24, state="waiting")
    take(office, tmp_path, GOOD)
    assert Device.objects.get(mn="E" * 24).state == "active"


@pytest.mark.parametrize("who", ["director", "officer", "south", "firm", "security", "audit"])
def test_who_may_not(office: Office, tmp_path: Path, who: str) -> None:
    with pytest.raises(NotAllowed):
        import_devices(office[who], write(tmp_path, [GOOD]))
    assert not AuditEntry.objects.exists()


def test_one_audit_line(office: Office, tmp_path: Path) -> None:
    take(office, tmp_path, GOOD, GOOD | {"MN": ""})
    (entry,) = AuditEntry.objects.exclude(verb__startswith="book.")  # the firm and its body have versions of their own
    assert (entry.verb, entry.actor_label) == ("devices.import", "chief")
    assert "1 行，1 行有误" in entry.summary
