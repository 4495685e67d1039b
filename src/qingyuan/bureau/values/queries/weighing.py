"""How the values of an item are put together into a longer period, and what weighs them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from qingyuan.bureau.base.store import readings
from qingyuan.bureau.registers.models import Outlet
from qingyuan.bureau.values.queries.hours import valid_flags
from qingyuan.readings import Reading, SeriesKey
from qingyuan.rules import NoRuleError, rule_book
from qingyuan.science.rollup import Method, roll_up_groups

METHODS: dict[str, Method] = {"Avg": "mean", "ZsAvg": "mean", "Cou": "sum"}
WEIGHTS = {"vector": "wind_speed", "flow_weighted": "flow"}
"""The item that weighs, by method."""


def method_of(key: SeriesKey, waste_outlets: Iterable[str], day: date) -> Method:
    """pH by hydrogen ions, wind direction as vectors, waste water by flow where the rule book says so, else the mean."""
    method = METHODS[key.statistic]
    if method != "mean":
        return method
    if key.item == "pH":
        return "ph"
    if key.item == "wind_direction":
        return "vector"
    if key.point in waste_outlets and key.item != WEIGHTS["flow_weighted"]:
        try:
            rule = rule_book().averaging_rule("*", "waste_water", key.item, day)
        except NoRuleError:
            return method
        return "flow_weighted" if rule.statistic == "flow_weighted" else method
    return method


def counts(key: SeriesKey, value: float, outlets: Iterable[str]) -> bool:
    """Whether a value may enter a mean: at an outlet no negative one of an item that cannot be negative.

    References
    ----------
    HJ 212-2017, appendix D.
    """
    if value >= 0 or key.point not in outlets:
        return True
    known = rule_book().items.get(key.item)
    return known is None or known.plausible_low < 0


def outlets_among(codes: Iterable[str]) -> set[str]:
    """Which of the points are outlets."""
    return set(Outlet.objects.filter(point__code__in=set(codes)).values_list("point__code", flat=True))


def waste_outlets(codes: Iterable[str]) -> set[str]:
    """Which of the points are outlets of waste water."""
    chosen = Outlet.objects.filter(point__code__in=set(codes), medium=Outlet.Medium.WATER)
    return set(chosen.values_list("point__code", flat=True))


def weighed(method: Method, weights: list[float] | None) -> tuple[Method, list[float] | None]:
    """The method that can be carried out: without the flow of every value, or with no flow at all, the plain mean."""
    if method == "flow_weighted" and (weights is None or not any(weight > 0 for weight in weights)):
        return "mean", None
    return method, weights if method in WEIGHTS else None


@dataclass(frozen=True)
class Portion:
    """The values of one longer interval, ready to be made one: weights None where all count alike."""

    method: Method
    expected: int
    values: Sequence[float]
    weights: Sequence[float] | None


def rolled_up(portions: Sequence[Portion]) -> list[tuple[float | None, float]]:
    """(value, capture rate) of each, as one by one; those of one kind are worked out together."""
    kinds: dict[tuple[Method, int, bool], list[int]] = defaultdict(list)
    for place, part in enumerate(portions):
        kinds[part.method, part.expected, part.weights is None].append(place)
    found: dict[int, tuple[float | None, float]] = {}
    for (method, expected, alike), places in kinds.items():
        parts = [portions[place] for place in places]
        values = [v for part in parts for v in part.values]
        groups = np.repeat(np.arange(len(parts)), [len(part.values) for part in parts])
        weights = None if alike else [w for part in parts for w in part.weights or ()]
        made = roll_up_groups(groups, len(parts), values, expected, method, weights=weights)
        found |= zip(places, zip(made["value"].to_list(), made["capture"].to_list(), strict=True), strict=True)
    return [found[place] for place in range(len(portions))]


class Weights:
    """Wind speed and flow beside the values that they weigh, over one span."""

    def __init__(self, keys: Iterable[SeriesKey], methods: Mapping[SeriesKey, Method], start: int, end: int) -> None:
        wanted = {key: key._replace(item=WEIGHTS[methods[key]]) for key in keys if methods[key] in WEIGHTS}
        store, lets_count = readings(), valid_flags()
        known = store.series_of(sorted(set(wanted.values())))
        names = {series.id: key for key, series in known.items()}
        self._wanted = wanted
        self._there: dict[SeriesKey, dict[tuple[int, int], float]] = {}
        for r in store.window(sorted(names), start, end) if names else ():
            if r.value is not None and r.flag in lets_count:
                self._there.setdefault(names[r.series], {})[r.start, r.end] = r.value

    def of(self, key: SeriesKey, rows: Sequence[Reading]) -> list[float] | None:
        """The weight of each value; None where a value lacks one: then all count alike."""
        there = self._there.get(self._wanted[key], {}) if key in self._wanted else {}
        found = [there.get((r.start, r.end)) for r in rows]
        return [w for w in found if w is not None] if found and None not in found else None
