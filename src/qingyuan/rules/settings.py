"""Single dated numbers by key: validity counts, alert thresholds, decimals."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from qingyuan.rules.dated import Dated
from qingyuan.rules.table import DataFolder, Provenance, Row


@dataclass(frozen=True)
class Number:
    """A dated number with its unit; `name_zh` is empty where only code reads it."""

    key: str
    value: Decimal
    unit: str
    name_zh: str
    origin: Provenance


@dataclass(frozen=True)
class Decimals:
    """How many decimals an item keeps in a context (aqi_input, air_day, water_evaluation, …)."""

    context: str
    item: str
    decimals: int
    origin: Provenance


def numbers(data: DataFolder, file: str) -> Dated[str, Number]:
    """Numbers by key."""

    def read(row: Row) -> tuple[Row, str, Number]:
        key = row.word("key")
        name = row.word("name_zh") if "name_zh" in row.cells else ""
        return row, key, Number(key, row.number_of("value"), row.word("unit"), name, row.provenance())

    return Dated.build("number", map(read, data.rows(file)))


def decimals(data: DataFolder) -> Dated[tuple[str, str], Decimals]:
    """Decimals by (context, item); item `*` holds for all."""

    def read(row: Row) -> tuple[Row, tuple[str, str], Decimals]:
        key = (row.word("context"), row.word("item"))
        return row, key, Decimals(*key, row.integer("decimals"), row.provenance())

    return Dated.build("decimals", map(read, data.rows("decimals.csv")))
