"""Typed rules from the rows of the rule book."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from qingyuan.rules import RuleBook
from qingyuan.rules.quality import QualityRule
from qingyuan.science.quality._company import Neighbour, Pair
from qingyuan.science.quality._rule import Rule
from qingyuan.science.quality._shape import Rate, Spike, Step, Stuck
from qingyuan.science.quality._single import DetectionLimit, DeviceFlag, Negative, Range, Sentinel

_STOPS = ("invalid", "not_counted")
_BOUNDS = ("lower_bound", "upper_bound")


def rules_for(book: RuleBook, item: str, grain: str, point_kind: str, day: date) -> tuple[Rule, ...]:
    """The rules that check readings of an item and grain on a date, in the order in which they are asked.

    point_kind: air, water or outlet: a flue carries what in ambient air cannot be.

    A range without bounds of its own takes the plausible range of the item. Gaps lie between readings: `gap_rule_for`.
    """
    found: list[Rule] = []
    for row in book.quality_rules(item, grain, point_kind, day):
        found += _typed(row, book, item)
    for row in _mirrored(book, item, grain, point_kind, day):
        found.append(_pair(row, row.item, part=False))
    return tuple(found)


def _mirrored(book: RuleBook, item: str, grain: str, point_kind: str, day: date) -> list[QualityRule]:
    """Pairs in which the item is the whole."""
    keys = [
        key
        for key in book.quality_rows.entries
        if key[0] == "pair" and key[2] in (grain, "*") and key[3] in (point_kind, "*")
    ]
    rows = (book.quality_rows.get(key, day) for key in keys)
    return [row for row in rows if row is not None and row.other == item]


def _typed(row: QualityRule, book: RuleBook, item: str) -> list[Rule]:
    """The rules of one row; none for a gap, which is no rule over readings."""
    version, outcome = row.version, row.outcome
    tolerance, minutes = _number(row.tolerance), _number(row.minutes)
    relative, points, low = _number(row.relative), row.points or 0, _or_none(row.low)
    match row.kind:
        case "sentinel":
            found: Rule = Sentinel(values=tuple(map(float, row.values)), version=version, outcome=outcome)
        case "device_flag":
            return _flags(row, book)
        case "negative":
            found = Negative(low=low, replacement=_or_none(row.replacement), version=version, outcome=outcome)
        case "range":
            known = book.item(item)
            lowest = float(known.plausible_low) if low is None else low
            highest = float(known.plausible_high if row.high is None else row.high)
            found = Range(low=lowest, high=highest, version=version, outcome=outcome)
        case "detection_limit":
            found = DetectionLimit(low=_number(row.low), version=version, outcome=outcome)
        case "stuck":
            found = Stuck(
                tolerance=tolerance, minutes=minutes, points=points, low=low, version=version, outcome=outcome
            )
        case "spike":
            found = Spike(tolerance=tolerance, minutes=minutes, relative=relative, version=version, outcome=outcome)
        case "rate":
            found = Rate(tolerance=tolerance, minutes=minutes, version=version, outcome=outcome)
        case "step" | "neighbour":
            made = Step if row.kind == "step" else Neighbour
            found = made(
                tolerance=tolerance,
                minutes=minutes,
                points=points,
                relative=relative,
                version=version,
                outcome=outcome,
            )
        case "pair":
            found = _pair(row, row.other, part=True)
        case _:
            return []
    return [found]


def _flags(row: QualityRule, book: RuleBook) -> list[Rule]:
    """Letters that stop a value from counting take the row's outcome; bounds and unknown letters are suspect."""
    letters: dict[str, list[str]] = {}
    for letter, flag in book.flags.items():
        letters.setdefault(flag.effect, []).append(letter)
    stops = tuple(letter for effect in _STOPS for letter in letters.get(effect, []))
    bounds = tuple(letter for effect in _BOUNDS for letter in letters.get(effect, []))
    return [
        DeviceFlag(letters=stops, version=row.version, outcome=row.outcome),
        DeviceFlag(letters=bounds, version=row.version, outcome="suspect"),
        DeviceFlag(letters=tuple(book.flags), others=True, version=row.version, outcome="suspect"),
    ]


def _pair(row: QualityRule, other: str, *, part: bool) -> Pair:
    return Pair(
        other=other,
        tolerance=_number(row.tolerance),
        relative=_number(row.relative),
        part=part,
        version=row.version,
        outcome=row.outcome,
    )


def _number(value: Decimal | None) -> float:
    return 0.0 if value is None else float(value)


def _or_none(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
