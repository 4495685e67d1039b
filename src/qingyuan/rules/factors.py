"""Factors: what the codes of HJ 212 measure, the system's own item names, and units."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from qingyuan.rules.table import Certainty, DataFolder

MEDIA = {
    **dict.fromkeys(("21", "24", "26", "32", "33", "34", "52"), "water"),
    **dict.fromkeys(("22", "27", "31", "39", "51"), "air"),
}
"""What is measured under a system code (HJ 212-2017, table 5); the others say nothing of it."""
_OLD_DIGITS = {"water": 3, "air": 2}


@dataclass(frozen=True)
class Factor:
    """A code of HJ 212 (2017, appendix B).

    `unit` is what devices send in practice, `printed_unit` what the table prints (PM is printed in ng/m3);
    an outlet or station may say otherwise. `item` is empty for a code that no rule of ours knows.
    """

    code: str
    item: str
    name_zh: str
    name_en: str
    unit: str
    printed_unit: str
    decimals: int
    medium: str
    code_2005: str
    certainty: Certainty


@dataclass(frozen=True)
class Item:
    """A measured thing by the name used everywhere in the system.

    `unit` and `decimals` are those in which it is judged and shown; below `plausible_low` or above
    `plausible_high` [unit] a value is doubtful.
    """

    name: str
    medium: str
    name_zh: str
    name_en: str
    unit: str
    decimals: int
    code: str
    plausible_low: Decimal
    plausible_high: Decimal


@dataclass(frozen=True)
class Unit:
    """A unit: value in the base unit of its dimension = value * factor + offset."""

    name: str
    dimension: str
    factor: Decimal
    offset: Decimal
    aliases: tuple[str, ...]


class OldCodes:
    """The codes of HJ/T 212-2005 as factors of 2017: 011 is COD. The system code (ST) says which medium is meant."""

    def __init__(self, factors: Iterable[Factor]) -> None:
        self._by_code: dict[str, list[Factor]] = {}
        for factor in factors:
            if factor.code_2005:
                self._by_code.setdefault(factor.code_2005, []).append(factor)

    def find(self, code: str, system: str = "") -> Factor | None:
        """The factor of an old code, also with its letter small or (as spreadsheets have it) without its leading zeros
        where the medium is known; None for a code that is none, or one of another medium than the system's.
        """
        medium = MEDIA.get(system, "")
        if medium and code.isascii() and code.isdigit():
            code = code.zfill(_OLD_DIGITS[medium])
        found = self._by_code.get(code) or self._by_code.get(code.upper(), [])
        return next((one for one in found if medium in ("", one.medium)), None)


def factors(data: DataFolder) -> dict[str, Factor]:
    """Factors by code."""
    found: dict[str, Factor] = {}
    for row in data.rows("factors.csv"):
        code = row.word("code")
        if code in found:
            raise row.wrong("code", "every code once")
        origin = row.provenance()
        found[code] = Factor(
            code,
            row.text("item"),
            row.word("name_zh"),
            row.word("name_en"),
            row.word("unit"),
            row.word("printed_unit"),
            row.integer("decimals"),
            row.word("medium", "air", "water", "noise"),
            row.text("code_2005"),
            origin.certainty,
        )
    return found


def items(data: DataFolder) -> dict[str, Item]:
    """Items by name."""
    found: dict[str, Item] = {}
    for row in data.rows("items.csv"):
        name = row.word("item")
        if name in found:
            raise row.wrong("item", "every item once")
        found[name] = Item(
            name,
            row.word("medium", "air", "weather", "water", "flue_gas"),
            row.word("name_zh"),
            row.word("name_en"),
            row.word("unit"),
            row.integer("decimals"),
            row.text("code"),
            row.number_of("plausible_low"),
            row.number_of("plausible_high"),
        )
    return found


def units(data: DataFolder) -> dict[str, Unit]:
    """Units by name and by every alias."""
    found: dict[str, Unit] = {}
    for row in data.rows("units.csv"):
        aliases = tuple(alias for alias in row.text("aliases").split("|") if alias)
        name = row.word("unit")
        unit = Unit(name, row.word("dimension"), row.number_of("factor"), row.number_of("offset"), aliases)
        for known in {name, *aliases}:
            if known in found:
                raise row.wrong("aliases", f"{known!r} once")
            found[known] = unit
    return found
