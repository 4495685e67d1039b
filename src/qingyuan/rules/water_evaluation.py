"""Water rules beyond the class: basin ratings, warnings, trophic state, black-odorous water, blooms, compensation."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from qingyuan.rules import settings
from qingyuan.rules.dated import Dated
from qingyuan.rules.table import DataFolder, Provenance, Row


@dataclass(frozen=True)
class BasinRating:
    """A rating by shares [%]: of sections in class I to III at least, beyond V below; None where not asked."""

    good_from: Decimal | None
    bad_below: Decimal | None
    name_zh: str
    name_en: str
    origin: Provenance


@dataclass(frozen=True)
class WaterWarning:
    """A level of a deterioration warning: classes lost since last year at least, and worse than a class."""

    scheme: str
    level: int
    name_zh: str
    worse_by: int
    worse_than: str
    origin: Provenance


@dataclass(frozen=True)
class TliItem:
    """Sub-index 10 (constant + slope ln x), weighted by r squared."""

    item: str
    name_zh: str
    unit: str
    constant: Decimal
    slope: Decimal
    r: Decimal
    origin: Provenance


@dataclass(frozen=True)
class TliState:
    """A trophic state up to a bound; None: no bound."""

    upper: Decimal | None
    upper_included: bool
    name_zh: str
    name_en: str
    origin: Provenance


@dataclass(frozen=True)
class BlackOdorousLimit:
    """Bounds of light and heavy black-odorous water; direction low: worse below, high: worse above."""

    item: str
    name_zh: str
    unit: str
    direction: str
    light: Decimal
    heavy: Decimal
    origin: Provenance


@dataclass(frozen=True)
class BloomLevel:
    """A bloom level from a cell density [cells/L] and from a share of the area [%]."""

    density_from: Decimal
    area_from: Decimal
    name_zh: str
    origin: Provenance


@dataclass(frozen=True)
class CompensationRule:
    """One row of a section compensation scheme.

    kind load: amount per tonne above the target; kind step: amount for an exceedance multiple above
    `multiple_above` and up to `multiple_to` (None: no bound).
    """

    scheme: str
    kind: str
    item: str
    amount: Decimal
    unit: str
    multiple_above: Decimal | None
    multiple_to: Decimal | None
    origin: Provenance


@dataclass(frozen=True)
class SourceLimit:
    """A limit for drinking-water sources (supplementary or specific items)."""

    code: str
    name_zh: str
    unit: str
    limit: Decimal
    note: str
    origin: Provenance


@dataclass(frozen=True)
class WaterTables:
    """All of them, each in the version without an end. Single numbers in `settings` by key."""

    settings: Dated[str, settings.Number]
    basin_ratings: tuple[BasinRating, ...]
    warnings: tuple[WaterWarning, ...]
    tli_items: tuple[TliItem, ...]
    tli_states: tuple[TliState, ...]
    black_odorous: tuple[BlackOdorousLimit, ...]
    blooms: tuple[BloomLevel, ...]
    compensation: tuple[CompensationRule, ...]
    source_limits: Dated[str, SourceLimit]
    """Drinking-water sources, by Chinese name."""
    spearman: tuple[tuple[int, Decimal], ...]
    """Sizes and one-sided critical values at 5 %."""

    def number(self, key: str) -> Decimal:
        """A setting in its latest version."""
        return self.settings.entries[key][-1][1].value


def water_tables(data: DataFolder) -> WaterTables:
    """Read and check them."""
    return WaterTables(
        settings.numbers(data, "water_settings.csv"),
        tuple(
            BasinRating(_maybe(r, "good_from"), _maybe(r, "bad_below"), r.word("rating_zh"), r.word("rating_en"),
                        r.provenance())
            for r in _current(data, "water_basin_ratings.csv")
        ),
        tuple(
            WaterWarning(r.word("scheme"), r.integer("level"), r.word("name_zh"), r.integer("worse_by"),
                         r.word("worse_than"), r.provenance())
            for r in _current(data, "water_warnings.csv")
        ),
        tuple(
            TliItem(r.word("item"), r.word("name_zh"), r.word("unit"), r.number_of("constant"), r.number_of("slope"),
                    r.number_of("r"), r.provenance())
            for r in _current(data, "water_tli_items.csv")
        ),
        tuple(
            TliState(_maybe(r, "upper"), r.text("upper_included") == "yes", r.word("state_zh"), r.word("state_en"),
                     r.provenance())
            for r in _rising(data, "water_tli_states.csv", "upper")
        ),
        tuple(
            BlackOdorousLimit(r.word("item"), r.word("name_zh"), r.word("unit"), r.word("direction", "low", "high"),
                              r.number_of("light"), r.number_of("heavy"), r.provenance())
            for r in _current(data, "water_black_odorous.csv")
        ),
        tuple(
            BloomLevel(r.number_of("density_from"), r.number_of("area_from"), r.word("name_zh"), r.provenance())
            for r in _rising(data, "water_bloom_levels.csv", "density_from")
        ),
        tuple(
            CompensationRule(r.word("scheme"), r.word("kind", "load", "step"), r.word("item"), r.number_of("amount"),
                             r.word("amount_unit"), _maybe(r, "multiple_above"), _maybe(r, "multiple_to"),
                             r.provenance())
            for r in _current(data, "water_compensation.csv")
        ),
        Dated.build("drinking-source limit", map(_source_limit, data.rows("water_source_limits.csv"))),
        tuple((r.integer("n"), r.number_of("w_p_05")) for r in _rising(data, "water_spearman.csv", "n")),
    )  # fmt: skip


def _source_limit(row: Row) -> tuple[Row, str, SourceLimit]:
    name = row.word("name_zh")
    limit = SourceLimit(
        row.text("code"), name, row.word("unit"), row.number_of("limit"), row.text("note"), row.provenance()
    )
    return row, name, limit


def _maybe(row: Row, column: str) -> Decimal | None:
    return row.number_of(column) if row.text(column) else None


def _current(data: DataFolder, file: str) -> list[Row]:
    """Rows without an end: those that a later row or a pack took over are history."""
    return [row for row in data.rows(file) if row.period().until is None]


def _rising(data: DataFolder, file: str, column: str) -> list[Row]:
    """Current rows whose bound rises; only the last may have none."""
    rows = _current(data, file)
    last: Decimal | None = None
    for row in rows:
        bound = _maybe(row, column)
        if bound is None and row is not rows[-1]:
            raise row.wrong(column, "a bound in every row but the last")
        if bound is not None and last is not None and bound <= last:
            raise row.wrong(column, f"more than {last}")
        last = bound
    return rows
