"""Quality rules: what makes a reading doubtful, as dated and versioned data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import product
from typing import Literal

from qingyuan.rules.dated import Dated
from qingyuan.rules.table import DataFolder, Provenance, Row

Outcome = Literal["noted", "corrected", "suspect", "bad", "missing"]
OUTCOMES: tuple[Outcome, ...] = ("noted", "corrected", "suspect", "bad", "missing")
"""From the mildest to the gravest; a reading without any flag is good."""

KINDS = (
    "sentinel",
    "device_flag",
    "negative",
    "range",
    "detection_limit",
    "stuck",
    "spike",
    "step",
    "rate",
    "gap",
    "neighbour",
    "pair",
)
EVERY = "*"


@dataclass(frozen=True)
class QualityRule:
    """One row: a kind of rule with its parameters, for an item, a grain and a kind of point ("*" stands for all).

    Values are in the item's judging unit, sentinels in the device's. A parameter that the kind does not use is None.
    """

    kind: str
    item: str
    grain: str
    point_kind: str
    version: int
    low: Decimal | None
    high: Decimal | None
    tolerance: Decimal | None
    relative: Decimal | None
    minutes: Decimal | None
    points: int | None
    other: str
    values: tuple[Decimal, ...]
    replacement: Decimal | None
    outcome: Outcome
    origin: Provenance


QualityRules = Dated[tuple[str, str, str, str], QualityRule]
"""By (rule, item, grain, kind of point)."""

POINT_KINDS = (EVERY, "air", "water", "outlet")

_NEEDED: dict[str, tuple[str, ...]] = {
    "sentinel": ("values",),
    "device_flag": (),
    "negative": (),
    "range": (),
    "detection_limit": ("low",),
    "stuck": ("tolerance", "minutes", "points"),
    "spike": ("tolerance", "minutes"),
    "step": ("tolerance", "minutes", "points"),
    "rate": ("tolerance", "minutes"),
    "gap": ("minutes", "points"),
    "neighbour": ("tolerance", "relative", "minutes", "points"),
    "pair": ("other", "tolerance", "relative"),
}


def quality_rules(data: DataFolder) -> QualityRules:
    """Rows by (rule, item, grain, kind of point). RuleDataError for an unknown kind or item, or a parameter that is lacking."""
    known = {row.word("item") for row in data.rows("items.csv")}
    rows = []
    for row in data.rows("quality_rules.csv"):
        rule = _rule(row, known)
        rows.append((row, (rule.kind, rule.item, rule.grain, rule.point_kind), rule))
    return Dated.build("quality rule", rows)


def applying(rules: QualityRules, item: str, grain: str, point_kind: str, day: date) -> tuple[QualityRule, ...]:
    """One row of each rule that holds for an item and a grain at a kind of point on a date.

    The row that names more beats "*": the item before the grain, the grain before the kind of point. A kind of point
    that no row names (a meter, "*" where it is not known) has the rows of all.
    """
    found = []
    for kind in KINDS:
        places = product((item, EVERY), (grain, EVERY), (point_kind, EVERY))
        row = next((r for place in places if (r := rules.get((kind, *place), day)) is not None), None)
        if row is not None:
            found.append(row)
    return tuple(found)


def _rule(row: Row, items: set[str]) -> QualityRule:
    kind = row.word("rule", *KINDS)
    for column in _NEEDED[kind]:
        row.word(column)
    item, other = row.word("item"), row.text("other")
    for column, name in (("item", item), ("other", other)):
        if name and name != EVERY and name not in items:
            raise row.wrong(column, "an item of items.csv, or *")
    outcome, point_kind = row.word("outcome", *OUTCOMES), row.word("point_kind", *POINT_KINDS)
    if kind == "sentinel" and point_kind != EVERY:
        raise row.wrong("point_kind", "*: sentinels are seen before it is known whose number it is")
    return QualityRule(
        kind,
        item,
        row.word("grain"),
        point_kind,
        row.integer("version"),
        _optional(row, "low"),
        _optional(row, "high"),
        _optional(row, "tolerance"),
        _optional(row, "relative"),
        _optional(row, "minutes"),
        row.integer("points") if row.text("points") else None,
        other,
        _numbers(row, "values"),
        _optional(row, "replacement"),
        next(known for known in OUTCOMES if known == outcome),
        row.provenance(),
    )


def _numbers(row: Row, column: str) -> tuple[Decimal, ...]:
    try:
        return tuple(Decimal(word) for word in row.text(column).split("|") if word)
    except InvalidOperation:
        raise row.wrong(column, "numbers joined by |") from None


def _optional(row: Row, column: str) -> Decimal | None:
    return row.number_of(column) if row.text(column) else None
