"""The cells of a list of limits as people write them: bounds, ranges, units, dates, words for nothing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from qingyuan.rules import rule_book

PLAIN_UNIT = "1"
PERCENT = "%"
TOO_LARGE = Decimal(10**9)
NOTHING = frozenset({"", "/", "\\", "-", "--", "—", "——", "–", "无", "n/a", "N/A"})
OPEN_END = NOTHING | {"长期", "长期有效", "至今", "无限期"}
_AT_MOST = ("≤", "<=", "=<", "≦", "不超过", "不高于", "不大于", "小于等于")
_BELOW = ("<", "小于", "低于")
_AT_LEAST = ("≥", ">=", "=>", "≧", "不低于", "不小于", "大于等于")
_ABOVE = (">", "大于", "高于")
_SIGNS = sorted((*_AT_MOST, *_BELOW, *_AT_LEAST, *_ABOVE), key=len, reverse=True)
_RANGE = re.compile(r"(\d+(?:\.\d+)?)\s*(?:-|~|～|〜|–|—|至|到)\s*(\d+(?:\.\d+)?)$")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$")
_USUAL = {"ug/m3": "mg/m3"}  # items that the air shares are judged in ug/m3 there
_BRACKETS = re.compile(r"\d.*\(.*\)$")
_NUMBER_HEAD = re.compile(r"[+-]?\d+(?:\.\d+)?\s*[^\d.\s].*$")
_DATE = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{2})(\d{2}))(?:[ T]0?0:00(?::00(?:\.0+)?)?)?$")


class BadCell(Exception):
    """A cell that cannot be used. advice: what to do."""

    def __init__(self, column: str, got: str, expected: str, advice: str = "改正后重新导入") -> None:
        self.column, self.got, self.expected, self.advice = column, got, expected, advice
        super().__init__(column)


@dataclass(frozen=True)
class Remark:
    """A cell that was taken, and how it was read."""

    column: str
    got: str
    expected: str
    advice: str


@dataclass(frozen=True)
class Bounds:
    """What a row allows. remarks: what was read otherwise than written."""

    upper: Decimal | None
    lower: Decimal | None
    remarks: tuple[Remark, ...] = ()


def text_of(cell: str) -> str:
    """A cell in its plain form: full-width signs and compatibility characters as their usual ones."""
    return unicodedata.normalize("NFKC", cell).strip()


def bounds_of(row: Mapping[str, str], unit: str, places: int) -> Bounds:
    """The upper and lower bound of a row, from 35, ≤35, 6-9 (without a unit only) and the like.

    unit: the system's name of the row's unit. A strict sign is read as one that allows equality, and told. Raises BadCell.
    """
    upper, lower = text_of(row.get("upper", "")), text_of(row.get("lower", ""))
    upper, lower = ("" if cell in NOTHING else cell for cell in (upper, lower))
    if unit == PLAIN_UNIT and (match := _RANGE.match(upper)):
        if lower:
            raise BadCell("lower", row["lower"], "空", f"“限值”已写了范围 {row['upper']}；范围和下限只写一处")
        lower, upper = match.groups()
    elif _RANGE.match(upper):
        raise BadCell(
            "upper",
            row["upper"],
            "一个数",
            "只有无量纲的项目（pH）可以写范围；其他项目的下限写在“下限”列，不同工况各写一行",
        )
    remarks: list[Remark] = []
    high, is_least = _bound("upper", upper, unit, places, remarks)
    low, is_most = _bound("lower", lower, unit, places, remarks)
    if is_most:
        raise BadCell("lower", row["lower"], "下限（≥ 或一个数）", "上限写在“限值”列")
    if is_least:
        if low is not None:
            raise BadCell("upper", row["upper"], "上限（≤ 或一个数）", "下限写在“下限”列")
        high, low = None, high
    if high is None and low is None:
        raise BadCell("upper", "空", "上限或下限")
    if high is not None and low is not None and low >= high:
        raise BadCell("lower", str(low), f"小于上限 {high}")
    return Bounds(high, low, tuple(remarks))


def _bound(column: str, text: str, unit: str, places: int, remarks: list[Remark]) -> tuple[Decimal | None, bool]:
    """The number, and whether its sign says the other side than its column."""
    if not text:
        return None, False
    sign = next((s for s in _SIGNS if text.startswith(s)), "")
    value = number(column, text[len(sign) :].strip(), text, unit, places)
    turned = sign in (*_AT_LEAST, *_ABOVE) if column == "upper" else sign in (*_AT_MOST, *_BELOW)
    if sign in (*_BELOW, *_ABOVE):
        kept = "≤" if sign in _BELOW else "≥"
        remarks.append(
            Remark(
                column, text, f"{kept}{value}", f"已按 {kept}{value} 读入：等于限值不算超标；标准确为严于该数的，请改数"
            )
        )
    return value, turned


def number(column: str, text: str, got: str, unit: str, places: int) -> Decimal:
    """A finite decimal of at most so many places. Raises BadCell that says what else the cell holds."""
    if text.endswith(PERCENT):
        if unit != PERCENT:
            raise BadCell(column, got, "不带百分号的数字", "百分号写在“单位”列；限值是百分数的，单位填 %")
        text = text[:-1].strip()
    if _THOUSANDS.match(text):
        text = text.replace(",", "")
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise BadCell(column, got, "数字", _advice(text)) from error
    if not value.is_finite() or abs(value) >= TOO_LARGE or -int(value.as_tuple().exponent) > places:
        raise BadCell(column, got, f"数字，小数至多 {places} 位")
    return value


def _advice(text: str) -> str:
    if _BRACKETS.match(text):
        return "括号里的是另一工况的限值：另起一行，在“工况”列写明"
    if _NUMBER_HEAD.match(text):
        return "只写数字，单位写在“单位”列"
    return "改正后重新导入"


def unit_of(text: str, item: str) -> str:
    """The system's name of a unit, however print writes it: mg/m³, mg/Nm3, MG/L, mg·m-3, 毫克每升.

    Nm3 is m3: limits of flue gas are in the standard state. Empty for an item without a unit. Raises BadCell where it is
    unknown, or measures something else than the item.
    """
    book = rule_book()
    into = book.items[item].unit if item in book.items else book.factors[item].unit if item in book.factors else ""
    plain = text_of(text)
    expected = f"可换算为 {_USUAL.get(into, into) or '系统认识的单位'} 的单位"
    if plain in NOTHING:
        if into == PLAIN_UNIT:
            return PLAIN_UNIT
        raise BadCell("unit", text or "空", expected, "填写单位，如 mg/m3、mg/L")
    known = book.units.get(text) or book.units.get(plain)
    if known is None:
        folded = _folded(plain)
        known = next((unit for name, unit in book.units.items() if _folded(text_of(name)) == folded), None)
    if known is None or (into in book.units and known.dimension != book.units[into].dimension):
        raise BadCell("unit", text, expected, "改正单位；换算不了的限值不能判定")
    return known.name


def _folded(text: str) -> str:
    """What two spellings of a unit have in common."""
    plain = "".join(text.split()).replace("μ", "u").replace("每", "/").replace("^", "").lower()
    plain = re.sub(r"[·.⋅*]?(m3|m|l)-(3|1)$", lambda m: "/m3" if m.group(2) == "3" else f"/{m.group(1)}", plain)
    return plain.replace("nm3", "m3").replace("标立方米", "立方米").replace("标准立方米", "立方米")


def day_of(column: str, cell: str) -> date:
    """A date as 2024-01-01, 2024/1/1, 2024.1.1, 2024年1月1日 or 20240101. Raises BadCell."""
    found = _DATE.match(text_of(cell))
    try:
        if found is None:
            raise ValueError(cell)
        year, month, day, short_month, short_day = found.groups()
        return date(int(year), int(month or short_month), int(day or short_day))
    except ValueError as error:
        raise BadCell(column, cell, "2024-01-01 的形式") from error
