"""Cells of lists of points, firms and people: columns by their headings, rows as text; the words of a list of points."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

import polars as pl

from qingyuan.bureau.registers.models import Outlet, Point, RosterEntry, SectionTarget, Station
from qingyuan.intake.files import Table
from qingyuan.intake.files.class_words import CLASS_WORDS
from qingyuan.intake.files.synonyms import plain
from qingyuan.rules import LIMIT_CLASSES
from qingyuan.science.civil import civil_time

Columns = Mapping[str, tuple[tuple[str, ...], str]]
# Column: (what it is called in files, what it holds). The first name is the one in our template.
POINT_COLUMNS: Columns = {
    "code": (
        (
            "点位编码", "点位编号", "点位代码", "站点编码", "站点编号", "站点代码", "站号", "断面编码", "断面编号", "断面代码",
            "测站编码", "编码", "编号", "code", "station_code", "section_code", "site_code", "station_id", "site_id", "id",
        ),
        "点位编码；空 = 用名称",
    ),
    "name": (
        (
            "点位名称", "站点名称", "断面名称", "水站名称", "测站名称", "站名", "名称", "站点", "断面", "点位", "name",
            "station_name", "section_name", "site_name", "station", "site", "section",
        ),
        "点位名称",
    ),
    "kind": (("点位类别", "类别", "点位类型", "kind", "type", "类型"), "空气站、断面、废气或废水排放口；没有此列时另选"),
    "lon": (("经度", "东经", "lon", "lng", "longitude", "x"), "经度，十进制度或度分秒"),
    "lat": (("纬度", "北纬", "lat", "latitude", "y"), "纬度，十进制度或度分秒"),
    "position": (("经纬度", "坐标", "position", "geometry"), "经度和纬度写在一格时"),
    "area": (("区域", "镇街", "所属区域", "所属镇街", "乡镇", "街道", "area", "town"), "区域名称或代码；须已登记"),
    "answers": (("负责区域", "负责镇街", "管辖镇街", "责任区域", "属地", "answers"), "负责的区域，与所在区域不同时填写"),
    "district": (("区县", "县区", "所在区县", "district", "county"), "区县名称；没有登记的不采用"),
    "city": (("城市", "地市", "所在城市", "city", "prefecture", "设区市"), "城市名称；没有登记的不采用"),
    "station_kind": (("站点类型", "空气站类型", "station_kind", "标准站或微型站"), "标准站、乡镇站、微型站；空 = 标准站"),
    "body": (("水体类型", "水体类别", "body"), "河流 或 湖库；空 = 河流"),
    "roster": (("名册", "roster"), "县域空气、国考断面、省考断面；空气站空 = 县域空气"),
    "roster_from": (("名册起", "列入名册", "评价起", "roster_from", "since"), "从哪天起列入名册"),
    "roster_to": (("名册止", "退出名册", "评价止", "roster_to", "until"), "到哪天为止（当日起不计）；空 = 至今"),
    "target": (("目标类别", "水质目标", "考核目标", "target"), "断面目标，如 Ⅲ"),
    "target_kind": (("目标种类", "target_kind"), "考核、水功能区、激励；空 = 考核"),
    "target_from": (("目标起", "target_from"), "目标从哪天起；空 = 2021-01-01"),
    "basis": (("依据", "basis"), "名册或目标的依据"),
    "expected_minutes": (
        ("应到间隔", "应到间隔（分钟）", "应到间隔(分钟)", "expected_minutes"),
        "多少分钟应到一次数据，如 60；空 = 没有（接入设备时按设备定）",
    ),
    "active_from": (("启用日期", "active_from"), "启用的日期"),
    "active_to": (("停用日期", "active_to"), "停用的日期（当日起不在用）"),
}  # fmt: skip
_AIR, _WATER, _OUTLET = Point.Kind.AIR.value, Point.Kind.WATER.value, Point.Kind.OUTLET.value
KINDS: dict[str, str] = {
    **dict.fromkeys(("空气站", "空气", "大气", "环境空气", "air", "空气自动站"), _AIR),
    **dict.fromkeys(("断面", "水站", "地表水", "水站、断面", "水质站", "water", "section", "水质断面"), _WATER),
    **dict.fromkeys(("排放口", "废气排放口", "废水排放口", "废气", "废水", "outlet"), _OUTLET),
    **dict.fromkeys(("用电", "用电监控点", "meter"), Point.Kind.METER.value),
}
MEDIA: dict[str, str] = {
    **dict.fromkeys(("废气排放口", "废气"), Outlet.Medium.GAS.value),
    **dict.fromkeys(("废水排放口", "废水"), Outlet.Medium.WATER.value),
}
STATION_KINDS: dict[str, str] = {
    **dict.fromkeys(("标准站", "标准", "国控", "省控", "国控站", "省控站", "standard"), Station.Kind.STANDARD.value),
    **dict.fromkeys(("乡镇站", "乡镇", "镇站", "town"), Station.Kind.TOWN.value),
    **dict.fromkeys(("微型站", "微站", "微型", "micro"), Station.Kind.MICRO.value),
}
ROSTERS: dict[str, str] = {
    **dict.fromkeys(("县域空气", "县域空气评价点位", "是", "county_air"), RosterEntry.Roster.COUNTY_AIR.value),
    **dict.fromkeys(("国考断面", "国考", "national_sections"), RosterEntry.Roster.NATIONAL_SECTIONS.value),
    **dict.fromkeys(("省考断面", "省考", "provincial_sections"), RosterEntry.Roster.PROVINCIAL_SECTIONS.value),
}
TARGET_KINDS: dict[str, str] = {
    **dict.fromkeys(("考核", "考核目标", "assessment"), SectionTarget.Kind.ASSESSMENT.value),
    **dict.fromkeys(("水功能区", "水功能区目标", "function_zone"), SectionTarget.Kind.FUNCTION_ZONE.value),
    **dict.fromkeys(("激励", "激励目标", "incentive"), SectionTarget.Kind.INCENTIVE.value),
}

LONGEST_PLAN = 31 * 24 * 60


class BadCell(Exception):
    """A cell that cannot be taken: column key, what was got, what is expected."""

    def __init__(self, column: str, got: str, expected: str) -> None:
        self.column, self.got, self.expected = column, got, expected
        super().__init__(f"{column}：得到 {got}，应为 {expected}")


def columns_of(titles: Iterable[str], columns: Columns) -> dict[str, str]:
    """Column key to the title in the file; of several titles for one column the one named first."""
    there = {plain(title): title for title in reversed(list(titles))}
    return {
        key: there[plain(name)]
        for key, (names, _) in columns.items()
        for name in reversed(names)
        if plain(name) in there
    }


def cell_text(value: Any) -> str:
    """A cell as the text that a person sees; nothing is empty."""
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def rows_of(table: Table, columns: Mapping[str, str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows that hold something, with their number in the file: column key to text."""
    for number, raw in enumerate(table.frame.iter_rows(named=True), start=table.first_row):
        row = {key: cell_text(raw[title]) for key, title in columns.items()}
        if any(row.values()):
            yield number, row


def kind_by_headings(titles: Iterable[str]) -> str:
    """The kind of points that the headings speak of; empty where they do not."""
    words = " ".join(map(plain, titles))
    if "断面" in words or "section" in words or "水站" in words:
        return _WATER
    return _AIR if "station" in words or "空气" in words or "站点" in words else ""


def word_of(row: Mapping[str, str], key: str, words: Mapping[str, str], *, strict: bool = True) -> str:
    """What a word stands for; empty for an empty cell. Raises BadCell for another word, where it is strict."""
    text = row.get(key, "")
    if not text:
        return ""
    found = {plain(word): value for word, value in words.items()}.get(plain(text))
    if found is None and strict:
        raise BadCell(key, text, "、".join(word for word in words if not word.isascii()))
    return found or ""


def day_of(row: Mapping[str, str], key: str) -> date | None:
    """The day in a cell; None for an empty one. Raises BadCell for no day."""
    if not row.get(key):
        return None
    found = civil_time(pl.Series([row[key]]))[0]
    if found is None:
        raise BadCell(key, row[key], "日期，如 2026-01-01")
    return found.date()  # type: ignore[no-any-return]


def minutes_of(row: Mapping[str, str], key: str) -> int | None:
    """A span in whole minutes, at most a month; None for an empty cell. Raises BadCell for another one."""
    text = row.get(key, "")
    if not text:
        return None
    if not text.isascii() or not text.isdecimal() or not 0 < int(text) <= LONGEST_PLAN:
        raise BadCell(key, text[:40], f"1 到 {LONGEST_PLAN} 的整数（分钟）")
    return int(text)


def class_of(text: str) -> str:
    """The name of a target class. Raises BadCell for none."""
    rank = CLASS_WORDS.get(text)
    if rank is None or not 1 <= rank <= len(LIMIT_CLASSES):
        raise BadCell("target", text, "Ⅰ、Ⅱ、Ⅲ、Ⅳ、Ⅴ")
    return LIMIT_CLASSES[int(rank) - 1]
