"""Rules of evaluation of air over periods: statistics, composite index, heavy-pollution triggers, trend."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from qingyuan.rules.dated import Dated
from qingyuan.rules.errors import BadPlaceError, NoRuleError
from qingyuan.rules.places import lies_in, place_code
from qingyuan.rules.table import DataFolder, Provenance, Row


@dataclass(frozen=True)
class AirStatistic:
    """One figure that an item is evaluated by: a mean (percent None) or a percentile of daily values.

    It is held to the limit of GB 3095 with averaging time `limit_averaging`.
    """

    column: str
    item: str
    percent: int | None
    limit_averaging: str
    origin: Provenance


@dataclass(frozen=True)
class IndexTerm:
    """One item of a composite index: statistic column, what it is divided by, weight."""

    column: str
    denominator: Decimal
    weight: Decimal
    origin: Provenance


@dataclass(frozen=True)
class IndexScheme:
    """A composite index by name. `default`: taken for its dates where none is named."""

    name: str
    default: bool
    terms: tuple[IndexTerm, ...]


@dataclass(frozen=True)
class TriggerPart:
    """Daily AQI above `aqi_over` for at least `hours` running."""

    aqi_over: int
    hours: int


@dataclass(frozen=True)
class HeavyTrigger:
    """A level of heavy-pollution alert: any of the alternatives, each met when all of its parts are.

    `place` is a code as `place_code` gives it, empty for the nation.
    """

    place: str
    level: str
    name_zh: str
    alternatives: tuple[tuple[TriggerPart, ...], ...]
    origin: Provenance


@dataclass(frozen=True)
class SpearmanCritical:
    """Critical values W_p of the rank correlation for n years, one-tailed 0.05 and 0.01."""

    n: int
    at_05: Decimal
    at_01: Decimal


@dataclass(frozen=True)
class AirEvaluation:
    """The rules of this module, immutable."""

    statistic_rows: Dated[str, AirStatistic]
    schemes: Mapping[str, IndexScheme]
    triggers: tuple[HeavyTrigger, ...]
    spearman: tuple[SpearmanCritical, ...]

    def statistics(self, day: date) -> tuple[AirStatistic, ...]:
        """Statistics of HJ 663 in force, in the order of the table. NoRuleError before the first."""
        found = tuple(self.statistic_rows.all_on(day).values())
        if not found:
            raise NoRuleError("air statistics", day)
        return found

    def scheme(self, name: str) -> IndexScheme:
        """A composite index by name."""
        if name not in self.schemes:
            raise NoRuleError(f"composite index {name!r}; known: {', '.join(self.schemes)}")
        return self.schemes[name]

    def scheme_on(self, day: date) -> IndexScheme:
        """The default composite index on a date."""
        for scheme in self.schemes.values():
            if scheme.default and scheme.terms[0].origin.period.covers(day):
                return scheme
        raise NoRuleError("composite index", day)

    def triggers_at(self, place: str) -> tuple[HeavyTrigger, ...]:
        """Levels of heavy-pollution alerts at a place, of all dates, mildest first: local levels, then national ones."""
        local = tuple(one for one in self.triggers if one.place and lies_in(place, one.place))
        return local + tuple(one for one in self.triggers if not one.place)


def load_air_evaluation(data: DataFolder) -> AirEvaluation:
    """Read and check. RuleDataError names file and row of the first fault."""
    return AirEvaluation(_statistics(data), _schemes(data), _triggers(data), _spearman(data))


def _statistics(data: DataFolder) -> Dated[str, AirStatistic]:
    def read(row: Row) -> tuple[Row, str, AirStatistic]:
        column = row.word("column")
        percent = row.integer("percent") if row.word("statistic", "mean", "percentile") == "percentile" else None
        if percent is not None and not 0 <= percent <= 100:
            raise row.wrong("percent", "0 to 100")
        averaging = row.word("limit_averaging", "day", "year")
        return row, column, AirStatistic(column, row.word("item"), percent, averaging, row.provenance())

    return Dated.build("air statistic", map(read, data.rows("air_statistics.csv")))


def _schemes(data: DataFolder) -> dict[str, IndexScheme]:
    found: dict[str, tuple[bool, list[IndexTerm]]] = {}
    for row in data.rows("air_composite_schemes.csv"):
        _, terms = found.setdefault(row.word("scheme"), (row.flag("default"), []))
        term = IndexTerm(row.word("column"), row.number_of("denominator"), row.number_of("weight"), row.provenance())
        if term.denominator <= 0 or term.weight <= 0:
            raise row.wrong("denominator", "denominator and weight above 0")
        terms.append(term)
    return {name: IndexScheme(name, default, tuple(terms)) for name, (default, terms) in found.items()}


def _triggers(data: DataFolder) -> tuple[HeavyTrigger, ...]:
    names: dict[tuple[str, str, date], tuple[str, Provenance]] = {}
    parts: dict[tuple[str, str, date], dict[int, list[TriggerPart]]] = defaultdict(lambda: defaultdict(list))
    for row in data.rows("air_heavy_triggers.csv"):
        origin = row.provenance()
        key = (_place(row), row.word("level"), origin.period.since)
        names[key] = (row.word("name_zh"), origin)
        parts[key][row.integer("alternative")].append(TriggerPart(row.integer("aqi_over"), row.integer("hours")))
    return tuple(
        HeavyTrigger(
            place,
            level,
            names[place, level, since][0],
            tuple(tuple(found) for found in alternatives.values()),
            names[place, level, since][1],
        )
        for (place, level, since), alternatives in parts.items()
    )


def _place(row: Row) -> str:
    try:
        return place_code("" if row.text("place") == "national" else row.text("place"))
    except BadPlaceError:
        raise row.wrong("place", "national, or a code as 320000") from None


def _spearman(data: DataFolder) -> tuple[SpearmanCritical, ...]:
    found = []
    for row in data.rows("air_spearman.csv"):
        row.provenance()
        found.append(SpearmanCritical(row.integer("n"), row.number_of("w_p_05"), row.number_of("w_p_01")))
    return tuple(sorted(found, key=lambda entry: entry.n))
