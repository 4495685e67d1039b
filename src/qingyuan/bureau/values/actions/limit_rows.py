"""One row of a list of limits, from words to a limit: what was got, what was expected, what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from qingyuan.bureau.base.factors import item_of
from qingyuan.bureau.registers.models import Outlet
from qingyuan.bureau.values.actions.limit_cells import (
    NOTHING,
    OPEN_END,
    PERCENT,
    PLAIN_UNIT,
    BadCell,
    Remark,
    bounds_of,
    day_of,
    number,
    text_of,
    unit_of,
)
from qingyuan.bureau.values.models import Limit
from qingyuan.rules import rule_book

# Column: (what it is called in files, what it holds). The first name is the one in our template.
LIMIT_COLUMNS: dict[str, tuple[tuple[str, ...], str]] = {
    "outlet": (("排放口编号", "outlet", "点位编号", "point"), "已登记的排放口（点位）编号（必填）"),
    "item": (("监测项目", "item", "污染物", "因子编码", "factor"), "因子编码（a21026）、代号（SO2）或名称（二氧化硫）（必填）"),
    "upper": (("限值", "upper", "上限", "limit"), "上限"),
    "lower": (("下限", "lower"), "下限（pH）"),
    "unit": (("单位", "unit"), "限值的单位，如 mg/m3、mg/L；无量纲填 1（必填）"),
    "averaging": (("评判均值", "averaging"), "小时 或 日；空 = 废气小时、废水日"),
    "statistic": (("统计量", "statistic"), "实测 或 折算；空 = 有基准氧含量的为折算，否则实测"),
    "condition": (("工况", "condition"), "只在该工况（标记）下适用，如 启炉；空 = 一般"),
    "reference_o2": (("基准氧含量", "reference_o2", "基准含氧量"), "基准氧含量 %"),
    "standard": (("执行标准", "standard"), "标准号，如 GB 13223-2011"),
    "source_class": (("类别", "class"), "标准中的档次，如 特别排放、一级A、直接排放"),
    "process": (("工艺", "process"), "标准中的工艺或燃料，如 燃煤锅炉"),
    "permit": (("许可证编号", "permit"), "排污许可证编号"),
    "basis": (("依据", "basis"), "依据；空 = 执行标准和许可证编号"),
    "valid_from": (("执行日期", "valid_from", "起"), "执行日期，如 2024-01-01（必填）"),
    "valid_to": (("截止日期", "valid_to", "止"), "截止日期（当日起不再执行）；空 = 长期"),
}  # fmt: skip
REQUIRED = ("outlet", "item", "unit", "valid_from")
MAY_BE_EMPTY = {"unit"}  # of an item without a unit
AVERAGING = {
    "小时": "hour",
    "hour": "hour",
    "小时均值": "hour",
    "日": "day",
    "day": "day",
    "日均值": "day",
    "天": "day",
}
STATISTICS = {"实测": "Avg", "Avg": "Avg", "折算": "ZsAvg", "ZsAvg": "ZsAvg"}
MOST_OXYGEN = 21
_PREFIX = {Outlet.Medium.GAS: "a", Outlet.Medium.WATER: "w"}
_SYSTEM = {Outlet.Medium.GAS: "31", Outlet.Medium.WATER: "32"}


@dataclass(frozen=True)
class Draft:
    """A limit as a row of the file says it. number: the row in the file; remarks: cells read otherwise than written."""

    number: int
    outlet: Outlet
    item: str
    averaging: str
    condition: str
    valid_from: date
    valid_to: date | None
    values: dict[str, Any]
    remarks: tuple[Remark, ...] = ()

    @property
    def key(self) -> tuple[int, str, str, str]:
        """What must not hold twice on one day."""
        return (self.outlet.pk, self.item, self.averaging, self.condition)

    def overlaps(self, other: Draft) -> bool:
        """Whether the two share a day."""
        return (self.valid_to is None or other.valid_from < self.valid_to) and (
            other.valid_to is None or self.valid_from < other.valid_to
        )


def read_row(number_in_file: int, row: Mapping[str, str], outlets: Mapping[str, Outlet]) -> Draft:
    """Raises BadCell for the first cell that cannot be used."""
    for key in REQUIRED:
        if not row.get(key) and key not in MAY_BE_EMPTY:
            raise BadCell(key, "空", LIMIT_COLUMNS[key][1])
    outlet = outlets.get(row["outlet"])
    if outlet is None:
        raise BadCell("outlet", row["outlet"], "已登记的排放口编号", "先在设备清单里登记该排放口，或改正编号")
    item = find_item(row["item"], outlet)
    unit = unit_of(row.get("unit", ""), item)
    bounds = bounds_of(row, unit, _places("upper"))
    _check_possible(row, item, bounds.lower, bounds.upper)
    default = Limit.Averaging.HOUR if outlet.medium == Outlet.Medium.GAS else Limit.Averaging.DAY
    averaging = _choice(row, "averaging", AVERAGING, str(default))
    reference = _oxygen(row)
    statistic = _choice(row, "statistic", STATISTICS, "Avg" if reference is None else "ZsAvg")
    since = day_of("valid_from", row["valid_from"])
    until = None if row.get("valid_to", "") in OPEN_END else day_of("valid_to", row["valid_to"])
    if until is not None and until <= since:
        raise BadCell("valid_to", row["valid_to"], f"晚于执行日期 {since}")
    words = {name: _short(row, name) for name in ("standard", "source_class", "process", "permit", "basis")}
    named = (words["standard"], words["source_class"], words["permit"])
    words["basis"] = words["basis"] or " ".join(word for word in named if word)
    if not words["basis"]:
        raise BadCell("basis", "空", "依据、执行标准、许可证编号至少填一项")
    values = {
        "upper": bounds.upper,
        "lower": bounds.lower,
        "unit": unit,
        "statistic": statistic,
        "reference_o2": reference,
    } | words
    return Draft(
        number_in_file, outlet, item, averaging, _short(row, "condition"), since, until, values, bounds.remarks
    )


def find_item(text: str, outlet: Outlet) -> str:
    """The item of a factor code, a symbol or a Chinese name. Raises BadCell for one that nobody knows."""
    for name in dict.fromkeys((text, text_of(text))):
        if found := _item_named(name, outlet):
            return found
    raise BadCell("item", text, "因子编码、代号或名称", "用 HJ 212 的因子编码，如 a21026、w01018")


def _item_named(name: str, outlet: Outlet) -> str:
    """Empty for a name that nobody knows."""
    book = rule_book()
    if name in book.factors:
        return item_of(name)[0]
    if name in book.items:
        return name
    if (of_2005 := item_of(name, _SYSTEM[Outlet.Medium(outlet.medium)])[0]) != name:
        return of_2005
    prefix = _PREFIX[Outlet.Medium(outlet.medium)]
    codes = [f.code for f in book.factors.values() if f.name_zh == name and f.code.startswith(prefix)]
    if codes:
        return item_of(codes[0])[0]
    return next((item for item, known in book.items.items() if known.name_zh == name), "")


def _check_possible(row: Mapping[str, str], item: str, lower: Decimal | None, upper: Decimal | None) -> None:
    """A limit below nothing, or outside the scale of an item without a unit, is a slip of the pen."""
    known = rule_book().items.get(item)
    floor = known.plausible_low if known is not None and known.plausible_low < 0 else Decimal(0)
    for column, bound in (("upper", upper), ("lower", lower)):
        if bound is None:
            continue
        if bound < floor:
            raise BadCell(column, row.get(column) or row.get("upper", ""), f"不小于 {floor} 的数", "改正限值")
        if known is not None and known.unit == PLAIN_UNIT and bound > known.plausible_high:
            raise BadCell(
                column, row.get(column) or row.get("upper", ""), f"不超过 {known.plausible_high} 的数", "改正限值"
            )


def _choice(row: Mapping[str, str], key: str, words: Mapping[str, str], default: str) -> str:
    text = row.get(key, "")
    text = default if text in NOTHING else text
    if text not in words:
        raise BadCell(key, text, LIMIT_COLUMNS[key][1])
    return words[text]


def _short(row: Mapping[str, str], key: str) -> str:
    text = row.get(key, "")
    text = "" if text in NOTHING else text
    most: int = getattr(Limit._meta.get_field(key), "max_length", None) or 0
    if len(text) > most:
        raise BadCell(key, text[:60], f"至多 {most} 个字符")
    return text


def _oxygen(row: Mapping[str, str]) -> float | None:
    text = text_of(row.get("reference_o2", ""))
    if text in NOTHING:
        return None
    value = number("reference_o2", text, row["reference_o2"], PERCENT, _places("reference_o2"))
    if not 0 <= value < MOST_OXYGEN:
        raise BadCell("reference_o2", row["reference_o2"], f"0 到 {MOST_OXYGEN} 之间的百分数")
    if 0 < value < 1:
        raise BadCell("reference_o2", row["reference_o2"], "1 到 21 之间的百分数", "像百分比格式的单元格：6 % 应写 6")
    return float(value)


def _places(key: str) -> int:
    return getattr(Limit._meta.get_field(key), "decimal_places", None) or 3
