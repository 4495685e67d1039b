"""Cells of the list of devices: its columns, and what a cell stands for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from qingyuan.bureau.accounts.models import Area
from qingyuan.bureau.accounts.queries.areas import county_box
from qingyuan.bureau.base.coordinates import BadPositionError, read_position
from qingyuan.bureau.line.actions.channel_cells import FactorCells, UnknownCell, factor_cells
from qingyuan.bureau.registers.models import Outlet, Point
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
    "permit": (
        ("排污许可证编号", "permit", "许可证编号", "排污许可证号"),
        "排污许可证编号；一个代码两个许可证是两处厂址",
    ),
    "industry": (("行业", "industry"), "行业"),
    "industry_key": (("评判口径", "industry_key"), "评判口径代码，如 waste_incineration；空 = 一般"),
    "area": (("镇街", "area", "区域"), "区域名称或代码"),
    "answers": (("负责区域", "answers", "负责镇街", "属地"), "负责的区域，与所在区域不同时填写；空 = 同企业"),
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
REQUIRED = ("mn", "factor")
LONG_AGO = date(2000, 1, 1)
KINDS = {
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
KIND_OF_ST = {"31": "gas", "32": "water_outlet", "21": "water", "22": "air"}
_LONGEST = {
    "mn": 40, "st": 3, "point": 60, "name": 100, "enterprise": 100, "enterprise_code": 40, "industry": 60,
    "industry_key": 40, "permit": 40, "factor": 20, "item": 40, "unit": 20, "basis": 200,
}  # fmt: skip
LONGEST_INTERVAL = 24 * 60
USUAL_MINUTES = 10
LONGEST_PLAN = 31 * 24 * 60
_TOO_LARGE = Decimal(10**9)
AVERAGING = {"小时": "hour", "hour": "hour", "日": "day", "天": "day", "day": "day"}


class BadDeviceCell(Exception):
    """A cell that cannot be taken: column key, what was got, what is expected."""

    def __init__(self, column: str, got: str, expected: str) -> None:
        self.column, self.got, self.expected = column, got, expected
        super().__init__(column)


def checked(row: Mapping[str, str]) -> FactorCells:
    """The factor of a row whose cells can be what they are for."""
    for key in REQUIRED:
        if not row.get(key):
            raise BadDeviceCell(key, "空", COLUMNS[key][1])
    for key, text in row.items():
        if key in _LONGEST and len(text) > _LONGEST[key]:
            raise BadDeviceCell(key, text[:60], f"至多 {_LONGEST[key]} 个字符")
        if not text.isprintable():
            raise BadDeviceCell(key, text.encode("unicode_escape").decode(), "不含控制字符的文字")
    if not is_name(row["mn"]):
        raise BadDeviceCell("mn", row["mn"], "字母、数字、“_”“.”“-”，至多 40 个")
    try:
        return factor_cells(row)
    except UnknownCell as cell:
        raise BadDeviceCell(cell.column, cell.got, cell.expected) from cell


def position(row: Mapping[str, str]) -> tuple[float | None, float | None]:
    """Where the point is: degrees, or degrees with minutes and seconds; checked."""
    try:
        return read_position(row.get("lon", ""), row.get("lat", ""), county_box())
    except BadPositionError as error:
        raise BadDeviceCell("lon", error.got, error.expected) from error


def date_in(row: Mapping[str, str], key: str) -> date:
    try:
        return date.fromisoformat(row[key][:10])
    except ValueError as error:
        raise BadDeviceCell(key, row[key], "2024-01-01 的形式") from error


def area_in(row: Mapping[str, str], column: str) -> Area | None:
    text = row.get(column, "")
    if not text:
        return None
    found = Area.objects.filter(code=text).first() or Area.objects.filter(name=text).first()
    if found is None:
        known = "、".join(Area.objects.values_list("name", flat=True)[:12]) or "（系统中还没有区域）"
        raise BadDeviceCell(column, text, f"已登记的区域：{known}；或留空")
    return found


def decimal_in(row: Mapping[str, str], key: str) -> Decimal | None:
    if not row.get(key):
        return None
    try:
        value = Decimal(row[key])
    except InvalidOperation as error:
        raise BadDeviceCell(key, row[key], "数字") from error
    if not value.is_finite() or abs(value) >= _TOO_LARGE:
        raise BadDeviceCell(key, row[key], "数字")
    return value


def number_in(row: Mapping[str, str], key: str) -> float | None:
    value = decimal_in(row, key)
    return None if value is None else float(value)
