"""Whether figures of the rule tables make sense together, beyond each cell by itself: what `rules check` refuses.

A figure may be well formed and yet switch its rule off: a floor of 3000 under which a frozen value is not looked at, where
the item hardly ever reads so much; a rule for the hours of an item whose neighbours have minutes as well.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise

from qingyuan.rules.factors import Item, items
from qingyuan.rules.quality import EVERY
from qingyuan.rules.table import DataFolder, Row

_FLOORED = frozenset({"stuck", "detection_limit"})
_IN_UNITS_OF_ITEM = frozenset({"stuck", "spike", "step", "rate", "neighbour"})
_USUAL_SHARE = Decimal("0.1")
"""A floor lies in the lowest tenth of what the item can read; above that it hides values as they are usual."""
_FROM_NOTHING = frozenset({"kW"})
"""Units of settings that may be 0: a plant without any power is idle."""
_CLASSES = ("I", "II", "III", "IV", "V")


def check_sense(data: DataFolder) -> None:
    """RuleDataError for the first row whose figures make no sense beside the others."""
    known = items(data)
    for check in (_ranges, _shares, _grades, _quality_figures, _quality_grains):
        check(data, known)


def _quality_figures(data: DataFolder, known: dict[str, Item]) -> None:
    for row in data.rows("quality_rules.csv"):
        rule, item = row.text("rule"), known.get(row.text("item"))
        low, high = _number(row, "low"), _number(row, "high")
        if low is not None and high is not None and low >= high:
            raise row.wrong("low", f"below high, which is {high}")
        for column in ("tolerance", "relative", "minutes", "points"):
            if (value := _number(row, column)) is not None and value < 0:
                raise row.wrong(column, "not below 0")
        if item is None:
            continue
        span = item.plausible_high - item.plausible_low
        most = item.plausible_low + span * _USUAL_SHARE
        if rule in _FLOORED and low is not None and low >= most:
            raise row.wrong(
                "low",
                f"a floor below the usual range of {item.name}: under {most.normalize():f} {item.unit}, a tenth of what "
                f"items.csv has as plausible; at or below the floor nothing is judged",
            )
        tolerance = _number(row, "tolerance")
        if rule in _IN_UNITS_OF_ITEM and tolerance is not None and tolerance >= span:
            raise row.wrong(
                "tolerance", f"less than the plausible range of {item.name}, {span.normalize():f} {item.unit}"
            )


def _quality_grains(data: DataFolder, known: dict[str, Item]) -> None:
    """Items of one rule at one kind of point have the same grains, or all."""
    found: dict[tuple[str, str], dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in data.rows("quality_rules.csv"):
        if row.text("item") != EVERY:
            found[row.text("rule"), row.text("point_kind")][row.text("item")].append(row)
    for (rule, kind), by_item in found.items():
        grains = {item: {row.text("grain") for row in rows} for item, rows in by_item.items()}
        every = set().union(*grains.values()) - {EVERY}
        for item, own in grains.items():
            lacking = sorted(every - own)
            if EVERY not in own and lacking:
                raise by_item[item][0].wrong(
                    "grain",
                    f"rows of {rule} for {item} at {kind} also for {', '.join(lacking)}, as its neighbours have them "
                    f"({', '.join(sorted(name for name in grains if set(lacking) & grains[name]))})",
                )


def _ranges(data: DataFolder, known: dict[str, Item]) -> None:
    for row in data.rows("items.csv"):
        if row.number_of("plausible_low") >= row.number_of("plausible_high"):
            raise row.wrong("plausible_low", "below plausible_high")
    for row in data.rows("emission_limits.csv"):
        low, high = _number(row, "lower"), _number(row, "upper")
        if low is not None and high is not None and low >= high:
            raise row.wrong("lower", f"below upper, which is {high}")
        if high is not None and high <= 0:
            raise row.wrong("upper", "above 0")


def _shares(data: DataFolder, known: dict[str, Item]) -> None:
    most = {"ratio": 1, "minute": 24 * 60 * 366, "hour": 24 * 366}
    for row in data.rows("validity.csv"):
        value, unit = row.number_of("value"), row.text("unit")
        if value <= 0 or value > most.get(unit, value):
            raise row.wrong("value", f"above 0 and at most {most.get(unit, 'any number')} [{unit}]")
    for row in data.rows("alert_thresholds.csv"):
        least = 0 if row.text("unit") in _FROM_NOTHING else None
        if row.number_of("value") < 0 or (row.number_of("value") == 0 and least is None):
            raise row.wrong("value", f"above 0; 0 only in {', '.join(sorted(_FROM_NOTHING))}")


def _grades(data: DataFolder, known: dict[str, Item]) -> None:
    """Limits of a stricter class are not wider than those of a laxer one."""
    for row in data.rows("air_limits.csv"):
        strict, lax = _number(row, "grade1"), _number(row, "grade2")
        if strict is not None and lax is not None and strict > lax:
            raise row.wrong("grade1", f"at most grade2, which is {lax}")
    wrong_way: dict[str, Callable[[Decimal, Decimal], bool]] = {"at_most": Decimal.__gt__, "at_least": Decimal.__lt__}
    for row in data.rows("water_limits.csv"):
        is_wrong = wrong_way.get(row.text("compare"))
        values = [(name, _plain(row.text(name))) for name in _CLASSES]
        told = [(name, value) for name, value in values if value is not None]
        for (_, before), (name, after) in pairwise(told):
            if is_wrong is not None and is_wrong(before, after):
                raise row.wrong(name, f"not stricter than the class before, {before}")


def _number(row: Row, column: str) -> Decimal | None:
    return row.number_of(column) if row.text(column) else None


def _plain(text: str) -> Decimal | None:
    return Decimal(text) if text and text.replace(".", "", 1).isdigit() else None
