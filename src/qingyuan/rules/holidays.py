"""Statutory days off of years whose yearly plan is not announced, as dated data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from qingyuan.rules.errors import RuleDataError
from qingyuan.rules.table import DataFolder, Provenance


@dataclass(frozen=True)
class Holiday:
    """A day off by the general rule. `basis` is `statutory`, or `in_lieu` for one that fell on a day of rest."""

    day: date
    name_zh: str
    name_en: str
    basis: str
    origin: Provenance


def holidays(data: DataFolder) -> Mapping[date, Holiday]:
    """Days off by date. RuleDataError for a day that stands twice."""
    found: dict[date, Holiday] = {}
    for row in data.rows("holidays.csv"):
        day = row.day("day")
        if day is None:
            raise row.wrong("day", "a date as 2027-01-01")
        if day in found:
            raise RuleDataError(row.file, row.number, f"{day.isoformat()} twice", "each day once")
        basis = row.word("basis", "statutory", "in_lieu")
        found[day] = Holiday(day, row.word("name_zh"), row.word("name_en"), basis, row.provenance())
    return found
