"""The hours of outlets as they are judged: as the device sent them, else converted here from measured and oxygen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from qingyuan.bureau.base.store import readings
from qingyuan.bureau.registers.models import Outlet
from qingyuan.bureau.values.models import Limit
from qingyuan.bureau.values.queries.hours import instant
from qingyuan.readings import Reading, SeriesKey
from qingyuan.rules import RuleBook, rule_book
from qingyuan.science import sources as judging
from qingyuan.science.intervals import Interval

CONVERTED, MEASURED, OXYGEN = "ZsAvg", "Avg", "O2"
Hour = tuple[Reading, judging.HourValue]


@lru_cache(maxsize=20_000)
def span_of(start: int, end: int) -> Interval:
    """[start, end) epoch seconds; the hours of many series are the same ones."""
    return Interval(instant(start), instant(end))


def hour_value(reading: Reading, unit: str) -> judging.HourValue:
    """A stored hour as the pure functions take it."""
    minutes = 60
    n_valid = None if reading.capture is None else round(reading.capture * minutes)
    return judging.HourValue(
        span_of(reading.start, reading.end),
        reading.value,
        unit,
        reading.flag or None,
        n_valid,
        None if n_valid is None else minutes,
    )


def reference_of(limit: Limit, outlet: Outlet) -> float | None:
    """The reference oxygen [%] that a limit is meant at: its own, else the outlet's."""
    return outlet.reference_o2 if limit.reference_o2 is None else limit.reference_o2


class OutletValues:
    """Hours that begin in [start, end) epoch seconds, of the given hourly series.

    An hour of a converted series that the device did not send is computed from its measured value and oxygen. These
    are only loaded where something lacks: for a point with `changed` hours where one of them lacks, with
    `only_unsent` where the device sent no converted hour at all, else always.
    """

    def __init__(
        self,
        keys: Iterable[SeriesKey],
        start: int,
        end: int,
        *,
        changed: Mapping[str, Collection[int]] | None = None,
        only_unsent: bool = False,
        as_of: int | None = None,
        book: RuleBook | None = None,
    ) -> None:
        self._span, self._as_of, self._book = (start, end), as_of, book
        self._units: dict[SeriesKey, str] = {}
        self._found: dict[SeriesKey, list[Reading]] = defaultdict(list)
        self._made: dict[tuple[SeriesKey, str, float | None], list[Hour]] = {}
        wanted = list(dict.fromkeys(keys))
        self._load(wanted)
        lacking = [k for k in wanted if k.statistic == CONVERTED and self._lacks(k, changed, only_unsent)]
        self._lacking = set(lacking)
        parts = [k._replace(statistic=MEASURED) for k in lacking]
        self._load([k for k in [*parts, *(k._replace(item=OXYGEN) for k in parts)] if k not in self._units])

    def _load(self, keys: list[SeriesKey]) -> None:
        series = readings().series_of(list(dict.fromkeys(keys))) if keys else {}
        names = {s.id: s.key for s in series.values()}
        self._units |= {s.key: s.unit for s in series.values()}
        for r in readings().window(sorted(names), *self._span, as_of=self._as_of) if names else ():
            self._found[names[r.series]].append(r)

    def _lacks(self, key: SeriesKey, changed: Mapping[str, Collection[int]] | None, only_unsent: bool) -> bool:
        if only_unsent:
            return not self._found[key]
        if changed is None:
            return True
        sent = {r.start for r in self._found[key]}
        return any(hour not in sent for hour in changed.get(key.point, ()))

    def hours(self, key: SeriesKey, unit: str, reference: float | None) -> Sequence[Hour]:
        """Each hour with what it is judged as, in order; a computed one carries its value, and its step.

        unit: where the series has none. reference [%]: of the limit, for computed hours.
        """
        kept = self._made.get((key, unit, reference))
        if kept is not None:
            return kept
        own = self._units.get(key) or unit
        found = [(r, hour_value(r, own)) for r in self._found[key]]
        if key in self._lacking:
            found += self._computed(key, unit, reference)
            found.sort(key=lambda pair: pair[0].start)
        self._made[(key, unit, reference)] = found
        return found

    def _computed(self, key: SeriesKey, unit: str, reference: float | None) -> list[Hour]:
        measured = key._replace(statistic=MEASURED)
        content = measured._replace(item=OXYGEN)
        sent = {r.start for r in self._found[key]}
        oxygen = {r.start: r for r in self._found[content]}
        out = []
        for r in self._found[measured]:
            if r.start in sent:
                continue
            beside = oxygen.get(r.start)
            value = judging.converted_hour(
                hour_value(r, self._units.get(measured) or unit),
                None if beside is None else hour_value(beside, self._units.get(content) or "%"),
                reference,
                book=self._book,
            )
            origin = max(r.origin, beside.origin) if beside else r.origin
            out.append((r._replace(value=value.value, origin=origin), value))
        return out


FLOW = "flow"


def flows_of(
    points: Collection[str], start: int, end: int, *, as_of: int | None = None, book: RuleBook | None = None
) -> dict[str, dict[int, Reading]]:
    """By point and start: the hourly waste-water flow that may be used, 0 where the device says it was stopped.

    A flow under an invalid flag, or a negative one, says neither how much was discharged nor that nothing was.
    """
    effects = {letter: flag.effect for letter, flag in (book or rule_book()).flags.items()}
    known = readings().series_of([SeriesKey(point, FLOW, "Avg", "hour") for point in points]) if points else {}
    names = {s.id: s.key.point for s in known.values()}
    found: dict[str, dict[int, Reading]] = defaultdict(dict)
    for r in readings().window(sorted(names), start, end, as_of=as_of) if names else ():
        effect = effects.get(r.flag, "invalid") if r.flag else "valid"
        if effect == "not_counted":
            found[names[r.series]][r.start] = r._replace(value=0.0)
        elif effect == "valid" and r.value is not None and r.value >= 0:
            found[names[r.series]][r.start] = r
    return found


def with_flow(hour: judging.HourValue, flow: Reading | None) -> judging.HourValue:
    """The hour with the waste-water flow that weighs it."""
    return hour if flow is None or flow.value is None else replace(hour, flow=flow.value)
