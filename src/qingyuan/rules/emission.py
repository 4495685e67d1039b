"""Emission limits of standards, dated: what a permit's limit is held against."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from qingyuan.rules.dated import Dated
from qingyuan.rules.table import DataFolder, Provenance, Row

ANY_INDUSTRY = "*"
KEY = ("standard", "industry", "process", "class", "medium", "item", "condition", "averaging")


@dataclass(frozen=True)
class EmissionLimit:
    """One limit of a standard [unit]: for an industry, a process and a class of sources (empty: all), under a condition.

    place: code of the place it holds at, empty for the nation. industries: keys of firms, `*` for a standard of all.
    averaging: hour, day, or test (a manual test, which no device sends). reference_o2 [%], None where there is none.
    """

    place: str
    industries: tuple[str, ...]
    process: str
    source_class: str
    medium: str
    item: str
    condition: str
    lower: Decimal | None
    upper: Decimal | None
    unit: str
    averaging: str
    reference_o2: Decimal | None
    origin: Provenance

    def holds_at(self, place: str) -> bool:
        """Whether it holds at a place (a code; empty: the nation as a whole)."""
        return not self.place or place.startswith(self.place.rstrip("0"))


EmissionLimits = Dated[tuple[str, ...], EmissionLimit]


def emission_limits(data: DataFolder) -> EmissionLimits:
    """Rows by everything that names one. RuleDataError for a row without any bound."""

    def read(row: Row) -> tuple[Row, tuple[str, ...], EmissionLimit]:
        lower, upper, oxygen = (
            row.number_of(name) if row.text(name) else None for name in ("lower", "upper", "reference_o2")
        )
        if lower is None and upper is None:
            raise row.wrong("upper", "an upper or a lower bound")
        return (
            row,
            tuple(row.text(name) for name in KEY),
            EmissionLimit(
                row.text("place"),
                tuple(row.word("industry").split("|")),
                row.text("process"),
                row.text("class"),
                row.word("medium", "flue_gas", "waste_water"),
                row.word("item"),
                row.text("condition"),
                lower,
                upper,
                row.word("unit"),
                row.word("averaging", "hour", "day", "test"),
                oxygen,
                row.provenance(),
            ),
        )

    return Dated.build("emission limit", map(read, data.rows("emission_limits.csv")))
