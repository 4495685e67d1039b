"""Air rules: limits of GB 3095, index editions and breakpoints of HJ 633."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from qingyuan.rules.dated import Dated
from qingyuan.rules.errors import RuleDataError
from qingyuan.rules.table import DataFolder, Provenance, Row


@dataclass(frozen=True)
class AirLimit:
    """One row of GB 3095: grade I and II limits of an item for an averaging time (hour, day, year …)."""

    item: str
    averaging: str
    unit: str
    grade1: Decimal
    grade2: Decimal
    origin: Provenance


@dataclass(frozen=True)
class IaqiColumn:
    """Breakpoints of one item: sub-indices and the concentrations they stand for, both rising."""

    item: str
    averaging: str
    unit: str
    iaqi: tuple[int, ...]
    concentration: tuple[Decimal, ...]


@dataclass(frozen=True)
class AqiItem:
    """How one item takes part in the index of one edition.

    `over` says what happens above the last breakpoint: `cap` gives `over_value`, `absent` gives no sub-index,
    `replace` takes the sub-index of item `replaced_by` instead.
    """

    item: str
    column: IaqiColumn
    over: str
    over_value: int | None
    replaced_by: str | None


@dataclass(frozen=True)
class AqiEdition:
    """One edition of HJ 633 with its items for hours and days.

    With missing_rule "na" an incomplete index is only given above `publish_above`, with "maximum" always.
    A primary pollutant is named for an index above `primary_above`.
    """

    standard: str
    missing_rule: str
    publish_above: int | None
    round_before: bool
    primary_above: int
    hour: tuple[AqiItem, ...]
    day: tuple[AqiItem, ...]
    columns: dict[tuple[str, str], IaqiColumn]
    origin: Provenance

    def items(self, averaging: str) -> tuple[AqiItem, ...]:
        """Items of the hourly or daily index, in the order of the standard's table."""
        return self.hour if averaging == "hour" else self.day


@dataclass(frozen=True)
class AqiCategory:
    """A band of the index, both ends included, with its words and colour."""

    aqi_from: int
    aqi_to: int
    level: str
    level_zh: str
    category_zh: str
    category_en: str
    colour_zh: str
    colour: str
    origin: Provenance


def air_limits(data: DataFolder) -> Dated[tuple[str, str], AirLimit]:
    """Limits by (item, averaging)."""

    def read(row: Row) -> tuple[Row, tuple[str, str], AirLimit]:
        key = (row.word("item"), row.word("averaging"))
        limit = AirLimit(*key, row.word("unit"), row.number_of("grade1"), row.number_of("grade2"), row.provenance())
        if limit.grade1 > limit.grade2:
            raise row.wrong("grade1", "not above grade2")
        return row, key, limit

    return Dated.build("air limit", map(read, data.rows("air_limits.csv")))


def _columns(data: DataFolder) -> dict[tuple[str, str, str], IaqiColumn]:
    nodes: dict[tuple[str, str, str], list[tuple[Row, int, Decimal]]] = defaultdict(list)
    for row in data.rows("iaqi_breakpoints.csv"):
        row.provenance()
        key = (row.word("standard"), row.word("item"), row.word("averaging", "hour", "day"))
        nodes[key].append((row, row.integer("iaqi"), row.number_of("concentration")))
    columns = {}
    for key, found in nodes.items():
        for (_, low, start), (row, high, end) in pairwise(found):
            if not (low < high and start < end):
                raise RuleDataError(row.file, row.number, f"node {high} at {end}", f"above {low} at {start}")
        unit = found[0][0].word("unit")
        columns[key] = IaqiColumn(
            key[1], key[2], unit, tuple(iaqi for _, iaqi, _ in found), tuple(value for _, _, value in found)
        )
    return columns


def _aqi_items(
    data: DataFolder, columns: dict[tuple[str, str, str], IaqiColumn]
) -> dict[tuple[str, str], list[AqiItem]]:
    items: dict[tuple[str, str], list[AqiItem]] = defaultdict(list)
    for row in data.rows("aqi_items.csv"):
        row.provenance()
        standard, item = row.word("standard"), row.word("item")
        column = columns.get((standard, item, row.word("column_averaging", "hour", "day")))
        if column is None:
            raise row.wrong("item", "an item with breakpoints in iaqi_breakpoints.csv")
        over = row.word("over_last_node", "cap", "absent", "replace")
        items[standard, row.word("averaging", "hour", "day")].append(
            AqiItem(
                item,
                column,
                over,
                row.integer("over_value") if over == "cap" else None,
                row.word("replaced_by") if over == "replace" else None,
            )
        )
    return items


def aqi_editions(data: DataFolder) -> Dated[str, AqiEdition]:
    """Editions of HJ 633 under the one key "AQI"."""
    columns = _columns(data)
    items = _aqi_items(data, columns)

    def read(row: Row) -> tuple[Row, str, AqiEdition]:
        standard, rule = row.word("standard"), row.word("missing_rule", "maximum", "na")
        edition = AqiEdition(
            standard,
            rule,
            row.integer("missing_publish_above") if rule == "na" else None,
            row.flag("round_before"),
            row.integer("primary_above"),
            tuple(items[standard, "hour"]),
            tuple(items[standard, "day"]),
            {(item, averaging): column for (name, item, averaging), column in columns.items() if name == standard},
            row.provenance(),
        )
        if not edition.hour or not edition.day:
            raise row.wrong("standard", "an edition with items for hours and days in aqi_items.csv")
        return row, "AQI", edition

    return Dated.build("index edition", map(read, data.rows("aqi_editions.csv")))


def aqi_categories(data: DataFolder) -> tuple[AqiCategory, ...]:
    """Bands in rising order, without hole or overlap."""
    return tuple(_bands(data.rows("aqi_categories.csv")))


def _bands(rows: Iterable[Row]) -> Iterable[AqiCategory]:
    expected = 0
    names = ("level", "level_zh", "category_zh", "category_en", "colour_zh", "colour")
    for row in rows:
        low, high = row.integer("aqi_from"), row.integer("aqi_to")
        if low != expected or high < low:
            raise row.wrong("aqi_from", f"{expected}, and not above aqi_to")
        expected = high + 1
        level, level_zh, category_zh, category_en, colour_zh, colour = (row.word(name) for name in names)
        yield AqiCategory(low, high, level, level_zh, category_zh, category_en, colour_zh, colour, row.provenance())
