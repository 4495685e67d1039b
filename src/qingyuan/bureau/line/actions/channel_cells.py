"""What a device list says of one factor: its code as the device sends it, the item it stands for, the unit it comes in.

Any code may be given an item: `PM25`, `A0502408` and the like are of no table. Where the list is silent the tables of
HJ 212 speak, of 2017 or of 2005.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import NamedTuple

from qingyuan.bureau.base.factors import item_of
from qingyuan.intake.files.synonyms import item_of as item_named
from qingyuan.rules import UnknownFactorError, rule_book


class FactorCells(NamedTuple):
    """One factor of a device. code: as it comes on the line."""

    code: str
    item: str
    unit: str


class UnknownCell(Exception):
    """A cell that names nothing known."""

    def __init__(self, column: str, got: str, expected: str) -> None:
        self.column, self.got, self.expected = column, got, expected
        super().__init__(column)


def factor_cells(row: Mapping[str, str]) -> FactorCells:
    """The factor of a row. Raises UnknownCell for an item or a unit that nobody knows."""
    system = row.get("st", "")
    code = _as_sent(unicodedata.normalize("NFKC", row["factor"]).strip(), system)
    item, unit = item_of(code, system)
    if row.get("item"):
        named = _item(row["item"], system)
        if named != item:
            item, unit = named, rule_book().items[named].unit if named in rule_book().items else item_of(named)[1]
    return FactorCells(code, item, _unit(row["unit"]) if row.get("unit") else unit)


def _as_sent(code: str, system: str) -> str:
    """A code of 2005 with the zeros that a spreadsheet took away; a code of 2017 in small letters, as devices send it."""
    book = rule_book()
    if code in book.factors:
        return code
    try:
        found = book.factor(code, system)
    except UnknownFactorError:
        return code
    is_old = code.upper().zfill(len(found.code_2005)) == found.code_2005
    return found.code_2005 if is_old else found.code


def _item(text: str, system: str) -> str:
    """An item by its name, symbol or code."""
    found = item_named(text)
    if not found and text.strip() in rule_book().factors:
        found = item_of(text.strip())[0]
    if not found:
        item = item_of(text.strip(), system)[0]
        found = item if item != text.strip() else ""
    if not found:
        raise UnknownCell("item", text, "系统认识的项目：名称、代号或因子编码，如 化学需氧量、COD、PM2_5、SO2、w01018")
    return found


def _unit(text: str) -> str:
    """A unit by the spelling of the tables or one of its others (μg/m³, 微克/立方米)."""
    units = rule_book().units
    if text in units:
        return units[text].name
    plain = _plain(text)
    found = next((alias for alias in units if _plain(alias) == plain), None)
    if found is None:
        raise UnknownCell("unit", text, "系统认识的单位，如 mg/m3、ug/m3、mg/L、℃、%、kPa、m3/h")
    return units[found].name


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).replace("\u03bc", "u").replace(" ", "").lower()
