"""The rule book: everything a figure is judged by, picked by date."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache, cached_property
from pathlib import Path

from qingyuan import config
from qingyuan.rules import (
    air,
    air_compensation,
    air_evaluation,
    emission,
    holidays,
    packs,
    places,
    quality,
    settings,
    sources,
    water,
    water_evaluation,
)
from qingyuan.rules import factors as factor_tables
from qingyuan.rules.dated import Dated
from qingyuan.rules.errors import NoRuleError, UnknownFactorError
from qingyuan.rules.periods import check_periods
from qingyuan.rules.protocol import Protocol, load_protocol
from qingyuan.rules.table import DataFolder


@dataclass(frozen=True)
class RuleSet:
    """What holds on a day at a place, by the names of standards and schemes; None where nothing does yet."""

    day: date
    place: str
    aqi: str | None
    air_limits: str | None
    air_composite: str | None
    water_limits: str | None
    packs: tuple[str, ...]
    digest: str


@dataclass(frozen=True)
class RuleBook:
    """Dated rules of one place, immutable. `digest` names this edition of the data files in stored results.

    `place` is a code as `place_code` gives it, empty for the nation; `packs` the marks (name@digest) of the local
    packs in it, in the order in which they were laid over.
    """

    digest: str
    place: str
    packs: tuple[str, ...]
    air_limit_rows: Dated[tuple[str, str], air.AirLimit]
    aqi_editions: Dated[str, air.AqiEdition]
    aqi_categories: tuple[air.AqiCategory, ...]
    air_evaluation: air_evaluation.AirEvaluation
    air_compensation: Mapping[str, air_compensation.CompensationScheme]
    water_limit_rows: Dated[tuple[str, str], water.WaterLimit]
    water_classes: tuple[water.WaterClass, ...]
    water_tables: water_evaluation.WaterTables
    validity_rows: Dated[str, settings.Number]
    alert_rows: Dated[str, settings.Number]
    request_rows: Dated[str, settings.Number]
    decimal_rows: Dated[tuple[str, str], settings.Decimals]
    quality_rows: quality.QualityRules
    averaging_rows: sources.AveragingRules
    tag_rows: sources.TagRules
    mass_substitutions: sources.SubstitutionRows
    emission_limit_rows: emission.EmissionLimits
    flags: Mapping[str, sources.DataFlag]
    factors: Mapping[str, factor_tables.Factor]
    items: Mapping[str, factor_tables.Item]
    units: Mapping[str, factor_tables.Unit]
    protocol: Protocol
    holidays: Mapping[date, holidays.Holiday]

    def rule_set(self, day: date) -> RuleSet:
        """What holds on a day at this book's place; None for what has no rule yet on that day."""
        air_rows, water_rows = self.air_limit_rows.all_on(day), self.water_limit_rows.all_on(day)
        index = self.aqi_editions.get("AQI", day)
        schemes = (s for s in self.air_evaluation.schemes.values() if s.default)
        scheme = next((s.name for s in schemes if s.terms[0].origin.period.covers(day)), None)
        return RuleSet(
            day,
            self.place,
            None if index is None else index.standard,
            _standards(row.origin.standard for row in air_rows.values()),
            scheme,
            _standards(row.origin.standard for row in water_rows.values()),
            self.packs,
            self.digest,
        )

    def aqi_standard(self, day: date) -> str:
        """The edition of HJ 633 in force, as "HJ633-2012" or "HJ633-2026". NoRuleError before the first."""
        return self.aqi_editions.on("AQI", day).standard

    def aqi_edition(self, standard: str) -> air.AqiEdition:
        """An edition by name, for evaluation under a chosen rule set."""
        for _, edition in self.aqi_editions.entries["AQI"]:
            if edition.standard == standard:
                return edition
        raise NoRuleError(f"index edition {standard!r}")

    def aqi_category(self, aqi: int) -> air.AqiCategory:
        """The band of an index 0 to 500."""
        for band in self.aqi_categories:
            if band.aqi_from <= aqi <= band.aqi_to:
                return band
        raise NoRuleError(f"an index of {aqi}; expected 0 to {self.aqi_categories[-1].aqi_to}")

    def air_limits(self, day: date) -> Mapping[tuple[str, str], air.AirLimit]:
        """Limits of GB 3095 in force, by (item, averaging); O3_8h has averaging "day"."""
        limits = self.air_limit_rows.all_on(day)
        if not limits:
            raise NoRuleError("air limits", day)
        return limits

    def water_limits(self, day: date) -> Mapping[tuple[str, str], water.WaterLimit]:
        """Limits of GB 3838 in force, by (item, body); body is "any" where rivers and lakes share one."""
        limits = self.water_limit_rows.all_on(day)
        if not limits:
            raise NoRuleError("water limits", day)
        return limits

    def water_limit(self, item: str, body: str, day: date) -> water.WaterLimit:
        """The limit row of one item for a river or a lake."""
        row = self.water_limit_rows.get((item, body), day) or self.water_limit_rows.get((item, "any"), day)
        if row is None:
            raise NoRuleError(f"a water limit of {item} for body {body!r}", day)
        return row

    def water_class(self, name: str) -> water.WaterClass:
        """A class by name, "I" to ">V"; the Chinese names (Ⅲ, 劣Ⅴ) are understood too."""
        for known in self.water_classes:
            if name in (known.name, known.name_zh):
                return known
        raise NoRuleError(f"a water class {name!r}; expected I, II, III, IV, V or >V")

    def validity(self, key: str, day: date) -> Decimal:
        """A validity count or share, for instance `air.day.hours`."""
        return self.validity_rows.on(key, day).value

    def alert_threshold(self, key: str, day: date) -> settings.Number:
        """A threshold of provisional alerts, with unit, Chinese name and certainty."""
        return self.alert_rows.on(key, day)

    def decimals(self, context: str, item: str, day: date) -> int:
        """Decimals kept for `item` in `context`; a row for all items (`*`) stands in for a missing one."""
        row = self.decimal_rows.get((context, item), day) or self.decimal_rows.on((context, "*"), day)
        return row.decimals

    def quality_rules(self, item: str, grain: str, point_kind: str, day: date) -> tuple[quality.QualityRule, ...]:
        """What a reading of an item is checked by: at most one row of each kind, the most particular one."""
        return quality.applying(self.quality_rows, item, grain, point_kind, day)

    def averaging_rule(self, industry: str, medium: str, item: str, day: date) -> sources.AveragingRule:
        """By which averaging time a finding is judged; medium is flue_gas or waste_water."""
        return sources.pick_averaging(self.averaging_rows, industry, medium, item, day)

    def substitution_rows(self, day: date, medium: str = "flue_gas") -> tuple[sources.SubstitutionRow, ...]:
        """How missing emitted mass is substituted, in force on a date."""
        return tuple(row for row in self.mass_substitutions.all_on(day).values() if row.medium == medium)

    def emission_limits(self, day: date) -> tuple[emission.EmissionLimit, ...]:
        """The emission limits of all standards in force on a date, of whatever place."""
        return tuple(self.emission_limit_rows.all_on(day).values())

    def tag_rule(self, name_zh: str, industry: str, day: date) -> sources.TagRule | None:
        """What a tag does in an industry; None for a tag that no rule knows (it then changes nothing)."""
        return self.tag_rows.get((name_zh, industry), day) or self.tag_rows.get((name_zh, "*"), day)

    @cached_property
    def _old_codes(self) -> factor_tables.OldCodes:
        return factor_tables.OldCodes(self.factors.values())

    def factor(self, code: str, system: str = "") -> factor_tables.Factor:
        """A factor by its HJ 212 code, of 2017 or of 2005; system: the ST under which it came, which says the medium.

        UnknownFactorError when no table has it.
        """
        found = self.factors.get(code) or self._old_codes.find(code, system) or self.factors.get(code.lower())
        if found is None:
            raise UnknownFactorError(code)
        return found

    def item(self, name: str) -> factor_tables.Item:
        """An item by the system's name. UnknownFactorError when the table has none."""
        if name not in self.items:
            raise UnknownFactorError(name)
        return self.items[name]

    def convert(self, value: float, unit: str, into: str) -> float:
        """`value` [unit] expressed in `into`. NoRuleError when the two measure different things."""
        scale, shift = self.conversion(unit, into)
        return value * scale + shift

    def conversion(self, unit: str, into: str) -> tuple[float, float]:
        """(scale, shift) so that value * scale + shift turns `unit` into `into`."""
        source, target = self.units.get(unit), self.units.get(into)
        if source is target is not None:
            return 1.0, 0.0
        if source is None or target is None:
            raise NoRuleError(f"unit {unit if source is None else into!r}")
        if source.dimension != target.dimension:
            raise NoRuleError(f"a conversion of {unit} ({source.dimension}) into {into} ({target.dimension})")
        return float(source.factor / target.factor), float((source.offset - target.offset) / target.factor)


def _standards(names: Iterable[str]) -> str | None:
    return "、".join(dict.fromkeys(names)) or None


def load(data: DataFolder, place: str = places.NATION) -> RuleBook:
    """Read and check a rule book. RuleDataError names file and row of the first fault.

    In every table two rows of one key must not overlap nor leave a day between them out.
    """
    book = _built(data, place)
    check_periods(data)
    return book


def _built(data: DataFolder, place: str) -> RuleBook:
    return RuleBook(
        digest=data.digest(),
        place=place,
        packs=data.packs,
        air_limit_rows=air.air_limits(data),
        aqi_editions=air.aqi_editions(data),
        aqi_categories=air.aqi_categories(data),
        air_evaluation=air_evaluation.load_air_evaluation(data),
        air_compensation=air_compensation.load_compensation(data),
        water_limit_rows=water.water_limits(data),
        water_classes=water.water_classes(data),
        water_tables=water_evaluation.water_tables(data),
        validity_rows=settings.numbers(data, "validity.csv"),
        alert_rows=settings.numbers(data, "alert_thresholds.csv"),
        request_rows=settings.numbers(data, "device_requests.csv"),
        decimal_rows=settings.decimals(data),
        quality_rows=quality.quality_rules(data),
        averaging_rows=sources.averaging_rules(data),
        tag_rows=sources.tag_rules(data),
        mass_substitutions=sources.substitutions(data),
        emission_limit_rows=emission.emission_limits(data),
        flags=sources.data_flags(data),
        factors=factor_tables.factors(data),
        items=factor_tables.items(data),
        units=factor_tables.units(data),
        protocol=load_protocol(data),
        holidays=holidays.holidays(data),
    )


_PLACE = config.PLACE.environment_name


def rule_book(place: str | None = None) -> RuleBook:
    """The shipped rule book with the local packs that hold at a place, read once per process.

    `place`: an administrative code (320000, 3212, 321282), "" for the nation; None: the place of this installation,
    which is the setting bureau.place, else the innermost place that its packs declare. QINGYUAN_RULE_PACKS or
    `rules/` in the data folder say where packs lie; a changed file counts from the next start. RuleDataError names
    pack, file and row of the first fault; BadPlaceError: no code, or packs of several places and none chosen.
    """
    known = os.environ.get
    return _loaded(place, known(packs.ENVIRONMENT), known("QINGYUAN_DATA_DIR"), known(_PLACE))


@cache
def _loaded(place: str | None, named: str | None, data_dir: str | None, home: str | None) -> RuleBook:
    """By what decides where packs lie."""
    return _from(packs.pack_folders(), config.PLACE.get() or None if place is None else place)


@cache
def _from(folders: tuple[Path, ...], place: str | None) -> RuleBook:
    data, code = of_place(DataFolder.shipped(), [packs.read_pack(folder) for folder in folders], place)
    return load(data, code) if data.packs else _built(data, code)  # the shipped tables are checked by the tests


def of_place(data: DataFolder, known: Sequence[packs.Pack], place: str | None) -> tuple[DataFolder, str]:
    """The data with the packs that hold at a place laid over it, and the code of that place.

    None: the innermost place of the packs. BadPlaceError where there is no single one.
    """
    code = packs.common_place(known) if place is None else places.place_code(place)
    return packs.with_packs(data, packs.packs_of(known, code)), code
