"""Rules for outlets: by which averaging time a finding is judged, and what a data flag does to a value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from qingyuan.rules.dated import Dated
from qingyuan.rules.errors import NoRuleError
from qingyuan.rules.table import DataFolder, Provenance, Row


@dataclass(frozen=True)
class AveragingRule:
    """The averaging time (hour, day) and statistic (mean, flow_weighted) a finding is judged by."""

    industry: str
    medium: str
    item: str
    averaging: str
    statistic: str
    origin: Provenance


@dataclass(frozen=True)
class DataFlag:
    """A letter of HJ 212 and its effect: valid, invalid, not_counted (stopped), lower_bound (over range)."""

    letter: str
    name_zh: str
    name_en: str
    effect: str


@dataclass(frozen=True)
class TagRule:
    """What a tag does to the hours it covers.

    `effect` of a device tag: judged, invalid, missing or not_counted. A condition tag has effect exempt: its
    first `limit_hours` hours (None: all of them) are not judged for `items` (`*` all), provided the treatment
    was run as the rules ask.
    """

    name_zh: str
    name_en: str
    industry: str
    items: tuple[str, ...]
    effect: str
    limit_hours: int | None
    origin: Provenance


@dataclass(frozen=True)
class SubstitutionRow:
    """By capture rate (from, below; 1 belongs to the highest) and hours of the gap: how many valid hours are looked back.

    The largest of them (method maximum) or their mean stands for the gap; a look-back of 0: as many as the gap is long.
    """

    rule: str
    medium: str
    method: str
    capture_from: float
    capture_below: float
    gap_from: int
    gap_to: int | None
    lookback_hours: int
    origin: Provenance

    def covers(self, capture: float, hours: int) -> bool:
        """Whether the row speaks of such a gap in such a quarter."""
        fits = self.capture_from <= capture and (capture < self.capture_below or self.capture_below == 1)
        return fits and hours >= self.gap_from and (self.gap_to is None or hours <= self.gap_to)


SubstitutionRows = Dated[str, SubstitutionRow]


def substitutions(data: DataFolder) -> SubstitutionRows:
    """Rows by their name."""

    def read(row: Row) -> tuple[Row, str, SubstitutionRow]:
        name = row.word("rule")
        found = SubstitutionRow(
            name,
            row.word("medium", "flue_gas", "waste_water"),
            row.word("method", "maximum", "mean"),
            float(row.number_of("capture_from")),
            float(row.number_of("capture_below")),
            row.integer("gap_hours_from"),
            row.integer("gap_hours_to") if row.text("gap_hours_to") else None,
            row.integer("lookback_hours"),
            row.provenance(),
        )
        return row, name, found

    return Dated.build("mass substitution", map(read, data.rows("mass_substitution.csv")))


TagRules = Dated[tuple[str, str], TagRule]
AveragingRules = Dated[tuple[str, str, str], AveragingRule]


def averaging_rules(data: DataFolder) -> AveragingRules:
    """Rules by (industry, medium, item); `*` stands for any industry or item."""

    def read(row: Row) -> tuple[Row, tuple[str, str, str], AveragingRule]:
        key = (row.word("industry"), row.word("medium", "flue_gas", "waste_water"), row.word("item"))
        return (
            row,
            key,
            AveragingRule(
                *key,
                row.word("averaging", "hour", "day"),
                row.word("statistic", "mean", "flow_weighted"),
                row.provenance(),
            ),
        )

    return Dated.build("averaging rule", map(read, data.rows("source_averaging.csv")))


def pick_averaging(rules: AveragingRules, industry: str, medium: str, item: str, day: date) -> AveragingRule:
    """The most special rule: industry and item, item, industry, any. NoRuleError for an unknown medium."""
    for key in ((industry, medium, item), ("*", medium, item), (industry, medium, "*"), ("*", medium, "*")):
        rule = rules.get(key, day)
        if rule is not None:
            return rule
    raise NoRuleError(f"the averaging time of {item} in {medium}, industry {industry}", day)


def data_flags(data: DataFolder) -> dict[str, DataFlag]:
    """Flags by letter."""
    effects = ("valid", "invalid", "not_counted", "lower_bound")
    flags = {}
    for row in data.rows("data_flags.csv"):
        row.provenance()
        letter = row.word("flag")
        if letter in flags:
            raise row.wrong("flag", "every letter once")
        flags[letter] = DataFlag(letter, row.word("name_zh"), row.word("name_en"), row.word("effect", *effects))
    return flags


def tag_rules(data: DataFolder) -> TagRules:
    """Tags by (Chinese name, industry); device tags hold for industry `*`."""
    effects = {"device": ("judged", "invalid", "missing", "not_counted"), "condition": ("exempt",)}

    def read(row: Row) -> tuple[Row, tuple[str, str], TagRule]:
        group = row.word("tag_group", *effects)
        key = (row.word("name_zh"), row.word("industry"))
        return (
            row,
            key,
            TagRule(
                key[0],
                row.word("name_en"),
                key[1],
                tuple(row.word("items").split("|")),
                row.word("effect", *effects[group]),
                row.integer("limit_hours") if group == "condition" and row.text("limit_hours") else None,
                row.provenance(),
            ),
        )

    return Dated.build("tag", map(read, data.rows("tags.csv")))
