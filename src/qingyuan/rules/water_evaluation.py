"""Water rules beyond the class: basin ratings, warnings, trophic state, black-odorous water, blooms, compensation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from qingyuan.rules import settings
from qingyuan.rules.dated import Dated, DatedRows, R
from qingyuan.rules.errors import NoRuleError
from qingyuan.rules.table import DataFolder, Row
from qingyuan.rules.water_rows import (
    BasinRating,
    BlackOdorousLimit,
    BloomLevel,
    CompensationRule,
    SourceLimit,
    TliItem,
    TliState,
    TrendSize,
    WaterWarning,
)


@dataclass(frozen=True)
class WaterTables:
    """All of them, in all their versions; `on` picks those of a day."""

    settings: Dated[str, settings.Number]
    basin_ratings: DatedRows[BasinRating]
    warnings: DatedRows[WaterWarning]
    tli_items: DatedRows[TliItem]
    tli_states: DatedRows[TliState]
    black_odorous: DatedRows[BlackOdorousLimit]
    blooms: DatedRows[BloomLevel]
    compensation: DatedRows[CompensationRule]
    source_limits: Dated[str, SourceLimit]
    """Drinking-water sources, by Chinese name."""
    spearman: DatedRows[TrendSize]

    def on(self, day: date | None) -> WaterRules:
        """The tables as they stand on a day; None: as they stand without an end."""
        return WaterRules(self, day)

    @cached_property
    def turning_days(self) -> tuple[date, ...]:
        """Days on which something in them changes, in order."""
        found = {day for rows in self._whole for day in rows.turning_days}
        for periods in self.settings.entries.values():
            found |= {period.since for period, _ in periods}
            found |= {period.until + timedelta(days=1) for period, _ in periods if period.until is not None}
        return tuple(sorted(found))

    @property
    def _whole(self) -> tuple[DatedRows[Any], ...]:
        return (
            self.basin_ratings,
            self.warnings,
            self.tli_items,
            self.tli_states,
            self.black_odorous,
            self.blooms,
            self.compensation,
            self.spearman,
        )


@dataclass(frozen=True)
class WaterRules:
    """The water tables on one day. Each raises NoRuleError where the table has nothing for the day."""

    tables: WaterTables
    day: date | None

    def number(self, key: str) -> Decimal:
        """A setting; without a day its latest version."""
        if self.day is not None:
            return self.tables.settings.on(key, self.day).value
        versions = self.tables.settings.entries.get(key)
        if not versions:
            raise NoRuleError(f"number {key}")
        return versions[-1][1].value

    @property
    def basin_ratings(self) -> tuple[BasinRating, ...]:
        """Best first."""
        return self.tables.basin_ratings.on(self.day)

    @property
    def warnings(self) -> tuple[WaterWarning, ...]:
        """Levels of deterioration warnings."""
        return self.tables.warnings.on(self.day)

    @property
    def tli_items(self) -> tuple[TliItem, ...]:
        """Items of the trophic index."""
        return self.tables.tli_items.on(self.day)

    @property
    def tli_states(self) -> tuple[TliState, ...]:
        """Trophic states, rising."""
        return self.tables.tli_states.on(self.day)

    @property
    def black_odorous(self) -> tuple[BlackOdorousLimit, ...]:
        """Bounds of black-odorous water."""
        return self.tables.black_odorous.on(self.day)

    @property
    def blooms(self) -> tuple[BloomLevel, ...]:
        """Bloom levels, rising."""
        return self.tables.blooms.on(self.day)

    @property
    def compensation(self) -> tuple[CompensationRule, ...]:
        """Rows of all compensation schemes."""
        return self.tables.compensation.on(self.day)

    @property
    def spearman(self) -> tuple[TrendSize, ...]:
        """Critical values of the trend, by rising size."""
        return self.tables.spearman.on(self.day)


def water_tables(data: DataFolder) -> WaterTables:
    """Read and check them."""
    return WaterTables(
        settings.numbers(data, "water_settings.csv"),
        _rows(
            data,
            "basin rating",
            "water_basin_ratings.csv",
            lambda r: BasinRating(
                _maybe(r, "good_from"), _maybe(r, "bad_below"), r.word("rating_zh"), r.word("rating_en"), r.provenance()
            ),
        ),
        _rows(
            data,
            "water warning",
            "water_warnings.csv",
            lambda r: WaterWarning(
                r.word("scheme"),
                r.integer("level"),
                r.word("name_zh"),
                r.integer("worse_by"),
                r.word("worse_than"),
                r.provenance(),
            ),
        ),
        _rows(
            data,
            "trophic index",
            "water_tli_items.csv",
            lambda r: TliItem(
                r.word("item"),
                r.word("name_zh"),
                r.word("unit"),
                r.number_of("constant"),
                r.number_of("slope"),
                r.number_of("r"),
                r.provenance(),
            ),
        ),
        _rows(
            data,
            "trophic state",
            "water_tli_states.csv",
            lambda r: TliState(
                _maybe(r, "upper"),
                r.text("upper_included") == "yes",
                r.word("state_zh"),
                r.word("state_en"),
                r.provenance(),
            ),
            "upper",
        ),
        _rows(
            data,
            "black-odorous water",
            "water_black_odorous.csv",
            lambda r: BlackOdorousLimit(
                r.word("item"),
                r.word("name_zh"),
                r.word("unit"),
                r.word("direction", "low", "high"),
                r.number_of("light"),
                r.number_of("heavy"),
                r.provenance(),
            ),
        ),
        _rows(
            data,
            "bloom level",
            "water_bloom_levels.csv",
            lambda r: BloomLevel(
                r.number_of("density_from"), r.number_of("area_from"), r.word("name_zh"), r.provenance()
            ),
            "density_from",
        ),
        _rows(
            data,
            "water compensation",
            "water_compensation.csv",
            lambda r: CompensationRule(
                r.word("scheme"),
                r.word("kind", "load", "step"),
                r.word("item"),
                r.number_of("amount"),
                r.word("amount_unit"),
                _maybe(r, "multiple_above"),
                _maybe(r, "multiple_to"),
                r.provenance(),
            ),
        ),
        Dated.build("drinking-source limit", map(_source_limit, data.rows("water_source_limits.csv"))),
        _rows(
            data,
            "trend",
            "water_spearman.csv",
            lambda r: TrendSize(r.integer("n"), r.number_of("w_p_05"), r.provenance()),
            "n",
        ),
    )


def _rows(data: DataFolder, what: str, file: str, read: Callable[[Row], R], rising: str | None = None) -> DatedRows[R]:
    """A table that is used whole; the bounds in column `rising` must rise among the rows of each day."""
    rows = list(data.rows(file))
    if rising is not None:
        for day in {row.period().since for row in rows}:
            _must_rise([row for row in rows if row.period().covers(day)], rising)
    return DatedRows(what, tuple(map(read, rows)))


def _source_limit(row: Row) -> tuple[Row, str, SourceLimit]:
    name = row.word("name_zh")
    limit = SourceLimit(
        row.text("code"), name, row.word("unit"), row.number_of("limit"), row.text("note"), row.provenance()
    )
    return row, name, limit


def _maybe(row: Row, column: str) -> Decimal | None:
    return row.number_of(column) if row.text(column) else None


def _must_rise(rows: list[Row], column: str) -> None:
    """RuleDataError unless the bound rises from row to row; only the last may have none."""
    last: Decimal | None = None
    for row in rows:
        bound = _maybe(row, column)
        if bound is None and row is not rows[-1]:
            raise row.wrong(column, "a bound in every row but the last")
        if bound is not None and last is not None and bound <= last:
            raise row.wrong(column, f"more than {last}")
        last = bound
