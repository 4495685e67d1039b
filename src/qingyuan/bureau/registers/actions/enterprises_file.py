"""Firms from a list, such as the list of key units that a bureau publishes. Running it again changes nothing more."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import transaction

from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies.rights import require_everywhere
from qingyuan.bureau.accounts.queries.areas import county_box
from qingyuan.bureau.audit.actions.record import record
from qingyuan.bureau.base.coordinates import BadPositionError, read_position
from qingyuan.bureau.base.errors import BureauError, Invalid
from qingyuan.bureau.registers.actions.area_of import AreaFinder
from qingyuan.bureau.registers.actions.enterprises import put_enterprise
from qingyuan.bureau.registers.actions.points_cells import BadCell, Columns, columns_of, rows_of
from qingyuan.bureau.registers.credit_code import doubt_of
from qingyuan.intake.files import open_table

# Column: (what it is called in files, what it holds). The first name is the one in our template.
ENTERPRISE_COLUMNS: Columns = {
    "name": (
        ("单位名称", "企事业单位名称", "企业名称", "单位", "企业", "污染源名称", "排污单位名称", "name", "enterprise"),
        "单位名称（必填）",
    ),
    "code": (
        ("统一社会信用代码", "信用代码", "社会信用代码", "组织机构代码", "code", "enterprise_code", "credit_code"),
        "统一社会信用代码；空 = 用名称",
    ),
    "industry": (("所属行业", "行业", "行业类别", "行业名称", "industry"), "行业"),
    "key_unit": (
        ("重点排污单位类别", "重点单位类别", "名录类别", "类别", "key_unit"),
        "大气环境、水环境、土壤污染、地下水、噪声、环境风险管控、其他；可多个，用顿号隔开",
    ),
    "permit_class": (("许可管理类别", "排污许可管理类别", "管理类别", "permit_class"), "重点管理、简化管理、登记管理"),
    "area": (("区域", "镇街", "所属镇街", "乡镇", "街道", "area", "town"), "区域名称或代码；须已登记"),
    "district": (
        ("所在区县", "区县", "县区", "所在行政区域", "行政区域", "district", "county"),
        "区县名称；没有登记的不采用",
    ),
    "lon": (("经度", "东经", "lon", "lng", "longitude", "x"), "经度，十进制度或度分秒"),
    "lat": (("纬度", "北纬", "lat", "latitude", "y"), "纬度，十进制度或度分秒"),
    "position": (("经纬度", "坐标", "position", "geometry"), "经度和纬度写在一格时"),
}  # fmt: skip
LONGEST = {"name": 100, "code": 40, "industry": 60}
KEY_UNITS = {
    "大气环境": ("大气", "废气"),
    "水环境": ("水", "废水", "水污染"),
    "土壤污染": ("土壤",),
    "地下水污染防治": ("地下水",),
    "噪声": ("噪音",),
    "环境风险管控": ("环境风险", "风险"),
    "其他": (),
}
"""What a unit is listed for, by the word kept and other words for it (环境监管重点单位名录管理办法, art. 2, and lists as
bureaus publish them)."""
PERMIT_CLASSES = ("重点管理", "简化管理", "登记管理")
_ENDING = re.compile(r"(重点)?(排污单位|监管单位|管控单位|监管|重点)+$")


@dataclass
class EnterprisesReport:
    """What a list of firms did, or would do; `doubtful` codes are kept and told."""

    rows: int = 0
    new: int = 0
    changed: int = 0
    same: int = 0
    dry_run: bool = False
    unused: list[str] = field(default_factory=list)
    no_area: list[str] = field(default_factory=list)
    doubtful: list[str] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)

    @property
    def good(self) -> int:
        """Rows that were taken."""
        return self.new + self.changed + self.same


def import_enterprises(
    actor: User | None, path: Path, dry_run: bool = False, *, sheet: str = "", header_row: int = 0
) -> EnterprisesReport:
    """Take a list of firms in (CSV, Excel, GeoJSON, KML). Rows with a wrong cell are told and left out.

    An empty cell leaves what is there. Raises Invalid when there is no column of names; NotATableError for a bad file.
    """
    require_everywhere(actor, "manage_points")
    table = open_table(path, sheet=sheet or None, header_row=header_row or None)
    columns = columns_of(table.frame.columns, ENTERPRISE_COLUMNS)
    if "name" not in columns:
        raise Invalid(
            f"缺少列：单位名称；得到列：{'、'.join(table.frame.columns[:20])}。可用 `qingyuan enterprises template` 取得样表",
            "file",
        )
    report = EnterprisesReport(rows=len(table.frame), dry_run=dry_run)
    report.unused = [name for name in table.frame.columns if name not in columns.values()]
    keeper = _Keeper(actor, report)
    with transaction.atomic():
        for number, row in rows_of(table, columns):
            keeper.take(number, row)
        if not dry_run:
            words = f"导入企业 {path.name}：新增 {report.new}、改动 {report.changed}，{len(report.errors)} 处有误"
            record(actor, "enterprises.import", f"file:{path.name[:60]}", words)
        transaction.set_rollback(dry_run)
    return report


class _Keeper:
    """Puts one row after another into the register."""

    def __init__(self, actor: User | None, report: EnterprisesReport) -> None:
        self._actor, self._report = actor, report
        self._areas, self._box = AreaFinder(), county_box()
        self._seen: dict[str, int] = {}

    def take(self, number: int, row: dict[str, str]) -> None:
        """One row, whole or not at all."""
        try:
            values = self._values(row)
            key = row.get("code") or row["name"]
            if key in self._seen:
                raise BadCell("code" if row.get("code") else "name", key, f"每家一行；第 {self._seen[key]} 行已有")
            self._seen[key] = number
            with transaction.atomic():
                _, outcome = put_enterprise(row.get("code", ""), row["name"], self._actor, **values)
        except BadCell as bad:
            column = ENTERPRISE_COLUMNS[bad.column][0][0]
            self._report.errors.append({"row": number, "column": column, "got": bad.got, "expected": bad.expected})
            return
        except BureauError as error:
            got = row.get("code") or row["name"]
            self._report.errors.append({"row": number, "column": "", "got": got, "expected": str(error)})
            return
        if row.get("code") and (doubt := doubt_of(row["code"])):
            self._report.doubtful.append(f"第 {number} 行：{doubt}")
        if not values.get("area"):
            self._report.no_area.append(row["name"])
        setattr(self._report, outcome, getattr(self._report, outcome) + 1)

    def _values(self, row: dict[str, str]) -> dict[str, Any]:
        if not row["name"]:
            raise BadCell("name", "空", "单位名称")
        row["code"] = row.get("code", "").upper().replace(" ", "")
        for key, most in LONGEST.items():
            if len(row.get(key, "")) > most:
                raise BadCell(key, row[key][:40], f"至多 {most} 个字符")
        try:
            lon, lat = read_position(row.get("lon") or row.get("position", ""), row.get("lat", ""), self._box)
        except BadPositionError as error:
            raise BadCell("lon", error.got, error.expected) from error
        values: dict[str, Any] = {"industry": row.get("industry", ""), "key_unit": _key_units(row.get("key_unit", ""))}
        permit = row.get("permit_class", "")
        if permit and permit not in PERMIT_CLASSES:
            raise BadCell("permit_class", permit, "、".join(PERMIT_CLASSES))
        values["permit_class"] = permit
        values |= {"area": self._areas.find(row, lon, lat), "lon": lon, "lat": lat}
        return {key: value for key, value in values.items() if value not in ("", None)}


def _key_units(text: str) -> str:
    """The categories of a cell, in the order of the list; an ending as 重点排污单位 is left off. Raises BadCell."""
    words = [_ENDING.sub("", word.strip()) for word in re.split(r"[、,，;；/ ]+", text) if word.strip()]
    found = set()
    for word in words:
        kept = next((kept for kept, others in KEY_UNITS.items() if word == kept or word in others), None)
        if kept is None:
            raise BadCell("key_unit", text[:40], "、".join(KEY_UNITS))
        found.add(kept)
    return "、".join(kept for kept in KEY_UNITS if kept in found)
