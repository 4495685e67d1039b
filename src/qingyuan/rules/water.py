"""Water rules: basic limits of GB 3838, class words and colours."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from qingyuan.rules.dated import Dated
from qingyuan.rules.errors import RuleDataError
from qingyuan.rules.table import DataFolder, Provenance, Row

LIMIT_CLASSES = ("I", "II", "III", "IV", "V")


@dataclass(frozen=True)
class WaterLimit:
    """Limits of one item for classes I to V.

    `compare` is at_most, at_least or range. For a range the limits are empty and `low`, `high` (both
    included) hold for every class. `body` is river, lake or any. `in_class`: one of the 21 items judged.
    `listed_first`: cyanide and heavy metals, which lead the list of main pollutants when they exceed.
    """

    item: str
    name_zh: str
    body: str
    compare: str
    unit: str
    limits: tuple[Decimal, ...]
    low: Decimal | None
    high: Decimal | None
    in_class: bool
    listed_first: bool
    origin: Provenance

    def limit(self, grade: str) -> Decimal | None:
        """The limit of a class I to V; None for a range."""
        return self.limits[LIMIT_CLASSES.index(grade)] if self.limits else None


@dataclass(frozen=True)
class WaterClass:
    """A class with its rank (1 best, 6 beyond V), words and colour."""

    name: str
    rank: int
    name_zh: str
    quality_zh: str
    quality_en: str
    colour_name: str
    colour: str
    origin: Provenance


def water_limits(data: DataFolder) -> Dated[tuple[str, str], WaterLimit]:
    """Limits by (item, body)."""
    return Dated.build("water limit", map(_limit, data.rows("water_limits.csv")))


def _limit(row: Row) -> tuple[Row, tuple[str, str], WaterLimit]:
    compare = row.word("compare", "at_most", "at_least", "range")
    key = (row.word("item"), row.word("body", "any", "river", "lake"))
    limits: tuple[Decimal, ...] = ()
    low = high = None
    if compare == "range":
        texts = {row.word(name) for name in LIMIT_CLASSES}
        if len(texts) != 1:
            raise RuleDataError(row.file, row.number, "different ranges", "one range for all classes")
        first, _, last = texts.pop().partition("..")
        try:
            low, high = Decimal(first), Decimal(last)
        except ArithmeticError:
            raise row.wrong("I", "a range as 6..9") from None
    else:
        limits = tuple(row.number_of(name) for name in LIMIT_CLASSES)
        ordered = sorted(limits, reverse=compare == "at_least")
        if list(limits) != ordered:
            raise RuleDataError(row.file, row.number, f"limits {limits}", "limits that loosen from I to V")
    return (
        row,
        key,
        WaterLimit(
            key[0],
            row.word("name_zh"),
            key[1],
            compare,
            row.word("unit"),
            limits,
            low,
            high,
            row.flag("in_class"),
            row.flag("listed_first"),
            row.provenance(),
        ),
    )


def water_classes(data: DataFolder) -> tuple[WaterClass, ...]:
    """The six classes, best first."""
    classes = []
    for expected, row in enumerate(data.rows("water_classes.csv"), start=1):
        if row.integer("rank") != expected:
            raise row.wrong("rank", str(expected))
        name, name_zh, quality_zh, quality_en, colour_name, colour = (
            row.word(column) for column in ("class", "name_zh", "quality_zh", "quality_en", "colour_name", "colour")
        )
        classes.append(
            WaterClass(name, expected, name_zh, quality_zh, quality_en, colour_name, colour, row.provenance())
        )
    return tuple(classes)
