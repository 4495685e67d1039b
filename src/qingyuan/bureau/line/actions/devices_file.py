"""The list of devices, channels and limits, from Excel or CSV: one row a factor of a device."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.db import transaction

from qingyuan import clock
from qingyuan.bureau.accounts.models import Area, User
from qingyuan.bureau.accounts.policies.rights import require
from qingyuan.bureau.accounts.queries.areas import county_box
from qingyuan.bureau.audit.actions.record import record
from qingyuan.bureau.base.coordinates import BadPositionError, read_position
from qingyuan.bureau.base.errors import Invalid
from qingyuan.bureau.base.judge_again import judge_again
from qingyuan.bureau.line.actions.channel_cells import FactorCells, UnknownCell, factor_cells
from qingyuan.bureau.line.actions.plan import plan_by_device
from qingyuan.bureau.line.actions.stations import lay_down_register
from qingyuan.bureau.line.models import Channel, Device
from qingyuan.bureau.registers.actions.enterprises import find_enterprise, put_enterprise
from qingyuan.bureau.registers.actions.put_points import (
    find_or_make_outlet,
    find_or_make_point,
    make_section,
    make_town_station,
    put_in_use,
    put_owner,
)
from qingyuan.bureau.registers.models import Outlet, Point
from qingyuan.bureau.values.actions.put_limit import put_limit
from qingyuan.intake.files import open_table
from qingyuan.intake.ledger import is_name

# Column: (what it is called in files, what it holds). The first name is the one in our template.
COLUMNS: dict[str, tuple[tuple[str, ...], str]] = {
    "mn": (("MN", "mn", "设备编码", "数采仪编码"), "数采仪 MN（必填）"),
    "st": (("ST", "st", "系统编码"), "系统编码，如 31 废气、32 废水、21 地表水、22 空气"),
    "kind": (("点位类别", "kind", "类别"), "废气排放口、废水排放口、空气站、水站、用电；空 = 由 ST 推断"),
    "point": (("点位编号", "point", "排放口编号", "站点编号"), "点位编号；空 = 用 MN"),
    "name": (("点位名称", "name", "排放口名称", "站点名称"), "点位名称"),
    "enterprise": (("企业名称", "enterprise"), "企业名称（排放口）"),
    "enterprise_code": (("统一社会信用代码", "enterprise_code", "信用代码"), "统一社会信用代码；空 = 用企业名称"),
    "industry": (("行业", "industry"), "行业"),
    "industry_key": (("评判口径", "industry_key"), "评判口径代码，如 waste_incineration；空 = 一般"),
    "area": (("镇街", "area", "区域"), "区域名称或代码"),
    "lon": (("经度", "lon"), "经度，十进制度或度分秒"),
    "lat": (("纬度", "lat"), "纬度，十进制度或度分秒"),
    "factor": (
        ("因子编码", "factor", "code"),
        "设备上传的因子编码，如 a21026、w01018、011，也可以是任何自定的编码（必填）",
    ),
    "item": (("项目", "监测项目", "监测因子", "item"), "这个编码是哪个项目，如 COD、PM2_5、二氧化硫；空 = 按编码表"),
    "unit": (("单位", "unit"), "设备上传的单位；空 = 编码表的单位"),
    "upper": (("上限", "upper", "限值", "limit"), "限值"),
    "lower": (("下限", "lower"), "下限（pH）"),
    "averaging": (("评判均值", "averaging"), "小时 或 日；空 = 废气小时、废水日"),
    "statistic": (("统计量", "statistic"), "Avg 实测 或 ZsAvg 折算；空 = Avg"),
    "basis": (("依据", "basis"), "限值依据（许可证、标准条款）"),
    "valid_from": (("执行日期", "valid_from", "起"), "限值执行日期，如 2024-01-01；空 = 2000-01-01"),
    "minutes": (("分钟间隔", "minutes"), "分钟数据的间隔（分钟）；空 = 由数据时间得知，未知时 10"),
    "expected": (
        ("应到间隔", "应到间隔（分钟）", "应到间隔(分钟)", "expected_minutes"),
        "多少分钟应到一次数据；空 = 不改，没有的按 60",
    ),
    "reference_o2": (("基准氧含量", "reference_o2"), "基准氧含量 %"),
    "active_from": (("启用日期", "active_from"), "点位启用的日期；空 = 不改"),
    "active_to": (("停用日期", "active_to"), "点位停用的日期（当日起不在用）；空 = 不改"),
}
_REQUIRED = ("mn", "factor")
JUDGED_BACK = timedelta(days=60)
LONG_AGO = date(2000, 1, 1)
_KINDS = {
    "废气排放口": (Point.Kind.OUTLET, Outlet.Medium.GAS),
    "废水排放口": (Point.Kind.OUTLET, Outlet.Medium.WATER),
    "gas": (Point.Kind.OUTLET, Outlet.Medium.GAS),
    "water_outlet": (Point.Kind.OUTLET, Outlet.Medium.WATER),
    "空气站": (Point.Kind.AIR, ""),
    "air": (Point.Kind.AIR, ""),
    "水站": (Point.Kind.WATER, ""),
    "断面": (Point.Kind.WATER, ""),
    "water": (Point.Kind.WATER, ""),
    "用电": (Point.Kind.METER, ""),
    "meter": (Point.Kind.METER, ""),
}
_KIND_OF_ST = {"31": "gas", "32": "water_outlet", "21": "water", "22": "air"}
_LONGEST = {
    "mn": 40, "st": 3, "point": 60, "name": 100, "enterprise": 100, "enterprise_code": 40, "industry": 60,
    "industry_key": 40, "factor": 20, "item": 40, "unit": 20, "basis": 200,
}  # fmt: skip
_LONGEST_INTERVAL = 24 * 60
_USUAL_MINUTES = 10
LONGEST_PLAN = 31 * 24 * 60
_TOO_LARGE = Decimal(10**9)
_AVERAGING = {"小时": "hour", "hour": "hour", "日": "day", "天": "day", "day": "day"}


@dataclass
class DevicesReport:
    """What an import of a device list did, row by row where it failed (row numbers as in the file)."""

    rows: int = 0
    good: int = 0
    devices: int = 0
    channels: int = 0
    limits: int = 0
    errors: list[dict[str, Any]] = field(default_factory=list)
    dry_run: bool = False


class _BadCell(Exception):
    def __init__(self, column: str, got: str, expected: str) -> None:
        self.column, self.got, self.expected = column, got, expected
        super().__init__(column)


def import_devices(actor: User | None, path: Path, dry_run: bool = False) -> DevicesReport:
    """Take a device list in; good rows are kept, bad rows are reported. Running it again changes nothing more.

    Raises Invalid when required columns are absent; read_table's errors for a file that is no table.
    """
    require(actor, "manage_points")
    table = open_table(path)
    frame = table.frame
    headers = {name.strip(): name for name in frame.columns}
    chosen = {key: headers[name] for key, (names, _) in COLUMNS.items() for name in names if name in headers}
    if missing := [COLUMNS[k][0][0] for k in _REQUIRED if k not in chosen]:
        raise Invalid(
            f"缺少列：{'、'.join(missing)}；得到列：{'、'.join(frame.columns)}。"
            "可用 `qingyuan devices template` 取得样表"
        )
    report = DevicesReport(rows=frame.height, dry_run=dry_run)
    seen: dict[str, set[str]] = {"devices": set(), "channels": set(), "limits": set()}
    with transaction.atomic():
        for number, raw in enumerate(frame.iter_rows(named=True), start=table.first_row):
            row = {key: _text(raw[name]) for key, name in chosen.items()}
            if not any(row.values()):
                continue
            noted: dict[str, set[str]] = {key: set() for key in seen}
            try:
                with transaction.atomic():
                    _put_row(row, noted)
                report.good += 1
                for key, names in noted.items():
                    seen[key] |= names
            except _BadCell as bad:
                column = COLUMNS[bad.column][0][0]
                report.errors.append({"row": number, "column": column, "got": bad.got, "expected": bad.expected})
        report.devices, report.channels, report.limits = (len(seen[k]) for k in ("devices", "channels", "limits"))
        if not dry_run:
            target = f"file:{path.name[:60]}"
            record(
                actor,
                "devices.import",
                target,
                f"导入设备清单 {path.name}：{report.good} 行，{len(report.errors)} 行有误",
            )
            transaction.on_commit(lay_down_register)
        transaction.set_rollback(dry_run)
    if not dry_run and seen["limits"]:
        now = clock.now()
        judge_again({text.rsplit("/", 1)[0] for text in seen["limits"]}, now - JUDGED_BACK, now)
    return report


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _checked(row: Mapping[str, str]) -> FactorCells:
    """The factor of a row whose cells can be what they are for."""
    for key in _REQUIRED:
        if not row.get(key):
            raise _BadCell(key, "空", COLUMNS[key][1])
    for key, text in row.items():
        if key in _LONGEST and len(text) > _LONGEST[key]:
            raise _BadCell(key, text[:60], f"至多 {_LONGEST[key]} 个字符")
        if not text.isprintable():
            raise _BadCell(key, text.encode("unicode_escape").decode(), "不含控制字符的文字")
    if not is_name(row["mn"]):
        raise _BadCell("mn", row["mn"], "字母、数字、“_”“.”“-”，至多 40 个")
    try:
        return factor_cells(row)
    except UnknownCell as cell:
        raise _BadCell(cell.column, cell.got, cell.expected) from cell


def _put_row(row: Mapping[str, str], seen: dict[str, set[str]]) -> None:
    factor, mn = _checked(row), row["mn"]
    kind_text = row.get("kind") or _KIND_OF_ST.get(row.get("st", ""), "")
    if kind_text not in _KINDS:
        raise _BadCell("kind", kind_text or "空", "、".join(k for k in _KINDS if not k.isascii()) + "，或填写 ST")
    kind, medium = _KINDS[kind_text]
    area = _area(row.get("area", ""))
    lon, lat = _position(row)
    code = row.get("point") or mn
    point = find_or_make_point(code, row.get("name") or code, kind, area=area, lon=lon, lat=lat)
    if point.kind not in {kind, Point.Kind.UNKNOWN}:
        raise _BadCell("kind", kind_text, f"点位 {point.code} 已登记为{point.get_kind_display()}")
    _put_use(row, point)
    if (expected := _number(row, "expected")) is not None and not 0 < expected <= LONGEST_PLAN:
        raise _BadCell("expected", row["expected"], f"大于 0、不超过 {LONGEST_PLAN} 的分钟数")
    plan_by_device(point, int(expected) if expected else None)
    outlet = _put_place(row, point, kind, medium, area)
    minutes = _number(row, "minutes")
    if minutes is not None and not 0 < minutes <= _LONGEST_INTERVAL:
        raise _BadCell("minutes", row["minutes"], f"大于 0、不超过 {_LONGEST_INTERVAL} 的分钟数")
    device, _ = Device.objects.update_or_create(
        mn=mn,
        defaults={"point": point, "state": Device.State.ACTIVE, "system_type": row.get("st", "")}
        | ({"minute_seconds": int(minutes * 60), "is_minute_given": True} if minutes else {}),
        create_defaults={
            "point": point,
            "system_type": row.get("st", ""),
            "adopted_at": clock.now(),
            "minute_seconds": int((minutes or _USUAL_MINUTES) * 60),
            "is_minute_given": minutes is not None,
        },
    )
    seen["devices"].add(mn)
    Channel.objects.update_or_create(
        device=device, factor_code=factor.code, defaults={"point": point, "item": factor.item, "unit": factor.unit}
    )
    seen["channels"].add(f"{mn}/{factor.code}")
    if row.get("upper") or row.get("lower"):
        if outlet is None:
            raise _BadCell("upper", row.get("upper") or row.get("lower") or "", "只有排放口有限值；其他点位请留空")
        _put_limit(row, outlet, factor.item, factor.unit)
        seen["limits"].add(f"{point.code}/{factor.item}")


def _position(row: Mapping[str, str]) -> tuple[float | None, float | None]:
    """Where the point is: degrees, or degrees with minutes and seconds; checked."""
    try:
        return read_position(row.get("lon", ""), row.get("lat", ""), county_box())
    except BadPositionError as error:
        raise _BadCell("lon", error.got, error.expected) from error


def _put_use(row: Mapping[str, str], point: Point) -> None:
    """Since when the point is in use, and until when; what the list leaves empty stays."""
    given = {name: _date(row, name) for name in ("active_from", "active_to") if row.get(name)}
    since, until = given.get("active_from", point.active_from), given.get("active_to", point.active_to)
    if since is not None and until is not None and until <= since:
        raise _BadCell("active_to", row.get("active_to") or str(until), f"晚于启用日期 {since}")
    put_in_use(point, since, until)


def _date(row: Mapping[str, str], key: str) -> date:
    try:
        return date.fromisoformat(row[key][:10])
    except ValueError as error:
        raise _BadCell(key, row[key], "2024-01-01 的形式") from error


def _put_place(row: Mapping[str, str], point: Point, kind: str, medium: str, area: Area | None) -> Outlet | None:
    if kind == Point.Kind.AIR:
        make_town_station(point)
        return None
    if kind == Point.Kind.WATER:
        make_section(point)
        return None
    if kind != Point.Kind.OUTLET:
        return None
    enterprise = None
    if row.get("enterprise"):
        enterprise = find_enterprise(row.get("enterprise_code", ""), row["enterprise"])
        if enterprise is None:
            told: dict[str, Any] = {
                "industry": row.get("industry", ""),
                "industry_key": row.get("industry_key", ""),
                "area": area,
            }
            try:
                enterprise, _ = put_enterprise(row.get("enterprise_code", ""), row["enterprise"], **told)
            except Invalid as error:
                raise _BadCell(
                    "enterprise_code", row.get("enterprise_code") or row["enterprise"], str(error)
                ) from error
        put_owner(point, enterprise.organisation)
    return find_or_make_outlet(point, enterprise=enterprise, medium=medium, reference_o2=_number(row, "reference_o2"))


def _put_limit(row: Mapping[str, str], outlet: Outlet, item: str, unit: str) -> None:
    default = "hour" if outlet.medium == Outlet.Medium.GAS else "day"
    averaging = _AVERAGING.get(row.get("averaging") or default)
    if averaging is None:
        raise _BadCell("averaging", row["averaging"], "小时 或 日")
    statistic = row.get("statistic") or "Avg"
    if statistic not in {"Avg", "ZsAvg"}:
        raise _BadCell("statistic", statistic, "Avg 或 ZsAvg")
    valid_from = _date(row, "valid_from") if row.get("valid_from") else LONG_AGO
    bounds = {"upper": _decimal(row, "upper"), "lower": _decimal(row, "lower")}
    basis = row.get("basis") or "设备清单"
    put_limit(outlet, item, averaging, valid_from, **bounds, unit=unit, statistic=statistic, basis=basis)


def _area(text: str) -> Area | None:
    if not text:
        return None
    found = Area.objects.filter(code=text).first() or Area.objects.filter(name=text).first()
    if found is None:
        known = "、".join(Area.objects.values_list("name", flat=True)[:12]) or "（系统中还没有区域）"
        raise _BadCell("area", text, f"已登记的区域：{known}；或留空")
    return found


def _decimal(row: Mapping[str, str], key: str) -> Decimal | None:
    if not row.get(key):
        return None
    try:
        value = Decimal(row[key])
    except InvalidOperation as error:
        raise _BadCell(key, row[key], "数字") from error
    if not value.is_finite() or abs(value) >= _TOO_LARGE:
        raise _BadCell(key, row[key], "数字")
    return value


def _number(row: Mapping[str, str], key: str) -> float | None:
    value = _decimal(row, key)
    return None if value is None else float(value)
