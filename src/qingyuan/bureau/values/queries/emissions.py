"""Emitted mass of outlets, worked out when asked: hours from concentration and flow, added up by day, month, quarter, year.

A figure says how much of it was measured and how much substituted, and its hours can be opened.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from qingyuan import clock
from qingyuan.bureau.base.errors import Invalid
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.registers.models import Outlet
from qingyuan.bureau.values.models import Limit
from qingyuan.bureau.values.queries.hour_states import HOUR, MISSING, STOPPED, VALID, apply_tags, state_of
from qingyuan.bureau.values.queries.in_use import hours_outside
from qingyuan.bureau.values.queries.limits import MEDIA
from qingyuan.readings import SeriesKey
from qingyuan.rules import RulesError, rule_book
from qingyuan.science import sources as science
from qingyuan.science.intervals import civil_day

LONGEST = timedelta(days=400)
LOOK_BACK = 180 * 24  # hours before the first quarter in which valid ones are looked for, where a gap asks for them
AT_ONCE = 5  # outlets loaded together
FLOWS: dict[science.Medium, str] = {"flue_gas": "flue_flow", "waste_water": "flow"}
CONTENT: dict[science.Medium, str] = {"flue_gas": "mg/m3", "waste_water": "mg/L"}
FLOW = "m3/h"
HOWS = {
    science.OPEN: "open",
    science.MEASURED: "measured",
    science.ZERO: "no_flow",
    science.STOPPED: "stopped",
    science.SUBSTITUTED: "substituted",
    science.OUTSIDE: "outside",
}
PERIODS = ("day", "month", "quarter", "year", "all")


@dataclass(frozen=True)
class Emission:
    """Mass [kg] of one item of one outlet from `first` to `last` (both counted), up to now; None: no hour has one.

    measured, substituted: their parts [kg]. hours: measured, no_flow, stopped, substituted, and open (without a mass:
    the total then lacks them), outside (the outlet was not in use).
    """

    outlet: Outlet
    item: str
    first: date
    last: date
    mass: float | None
    measured: float
    substituted: float
    hours: dict[str, int]

    @property
    def is_whole(self) -> bool:
        """No hour lacks its mass."""
        return not self.hours["open"]


@dataclass(frozen=True)
class EmittedHour:
    """One hour behind a figure. mass [kg]; reason: why it was substituted as it was, or has none."""

    start: datetime
    concentration: float | None
    concentration_unit: str
    flow: float | None
    flow_unit: str
    mass: float | None
    how: str
    rule: str
    reason: str


@dataclass(frozen=True)
class _Line:
    """One item of one outlet over [begin, …) in hours: what was known, and what came of it."""

    outlet: Outlet
    item: str
    begin: int
    content: np.ndarray
    flow: np.ndarray
    made: science.Emitted


def emissions(outlets: Iterable[Outlet], first: date, last: date, by: str = "month") -> list[Emission]:
    """By outlet and item and period, in the order of the outlets.

    Raises Invalid for a span that is turned round or longer than four hundred days, or an unknown period.
    """
    if by not in PERIODS:
        raise Invalid(f"得到时段“{by}”，应为 {'、'.join(PERIODS)}", "by")
    check_span(first, last)
    out = []
    today = clock.beijing(clock.now()).date()
    spans = [span for span in periods(first, last, by) if span[0] <= today]
    for line in _lines(list(outlets), first, last):
        out += _sums(line, spans)
    return out


def emitted_hours(outlet: Outlet, item: str, first: date, last: date) -> list[EmittedHour]:
    """The hours behind a figure. Raises Invalid as `emissions`; empty where the item has no limit or no readings."""
    check_span(first, last)
    for line in _lines([outlet], first, last, item):
        begin, end = _places(line, first, last)
        gaps = {place: gap for gap in line.made.gaps for place in range(gap.first, gap.last + 1)}
        medium = MEDIA[Outlet.Medium(outlet.medium)]
        return [_hour(line, place, gaps.get(place), CONTENT[medium]) for place in range(begin, end)]
    return []


def periods(first: date, last: date, by: str) -> Iterator[tuple[date, date]]:
    """The days, months, quarters or years of a span, cut at its ends; `all`: the span itself."""
    since = first
    while since <= last:
        until = min(last, _end_of(since, by, last))
        yield since, until
        since = until + timedelta(days=1)


def _end_of(day: date, by: str, last: date) -> date:
    if by == "all":
        return last
    if by == "day":
        return day
    months = {"month": 1, "quarter": 3, "year": 12}[by]
    following = (day.month - 1) // months * months + months  # months from January to the next period
    return date(day.year + following // 12, following % 12 + 1, 1) - timedelta(days=1)


def check_span(first: date, last: date) -> None:
    if not timedelta(0) <= last - first < LONGEST:
        raise Invalid(f"时段得到 {first} 至 {last}，应为正向且不超过 {LONGEST.days} 天", "since")


def quarter_start(day: date) -> date:
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def _seconds(day: date) -> int:
    return int(civil_day(day).start.timestamp())


def _lines(outlets: Sequence[Outlet], first: date, last: date, item: str = "") -> Iterator[_Line]:
    """Whole quarters are worked out, for the capture rate is theirs; a few outlets at a time, to keep memory small."""
    begin = _seconds(quarter_start(first))
    now = int(clock.now().timestamp())
    end = min(_seconds(_end_of(last, "quarter", last) + timedelta(days=1)), now - now % HOUR)
    if end <= begin:
        return
    items = limited_items(outlets, first, last, item)
    for place in range(0, len(outlets), AT_ONCE):
        some = outlets[place : place + AT_ONCE]
        yield from _worked(some, items, begin, end, 0)


def limited_items(outlets: Sequence[Outlet], first: date, last: date, item: str = "") -> dict[int, list[str]]:
    """By outlet: items with a limit in the span that is a concentration of mass."""
    book = rule_book()
    found: dict[int, dict[str, None]] = defaultdict(dict)
    rows = Limit.objects.standing().filter(outlet__in=outlets, valid_from__lte=last).exclude(valid_to__lte=first)
    media = {o.pk: CONTENT[MEDIA[Outlet.Medium(o.medium)]] for o in outlets}
    for row in rows.order_by("item"):
        if item not in {"", row.item}:
            continue
        try:
            book.conversion(row.unit, media[row.outlet_id])
        except RulesError:
            continue
        found[row.outlet_id][row.item] = None
    return {outlet: list(names) for outlet, names in found.items()}


def _worked(outlets: Sequence[Outlet], items: dict[int, list[str]], begin: int, end: int, lead: int) -> Iterator[_Line]:
    """Lines of some outlets; those with a gap that asks for hours before `begin` are worked out again with these."""
    hours = (end - begin) // HOUR + lead
    start = begin - lead * HOUR
    known = _Known(outlets, items, start, end)
    lines: list[_Line] = []
    again: dict[int, list[str]] = defaultdict(list)
    for outlet in outlets:
        medium = MEDIA[Outlet.Medium(outlet.medium)]
        for item in items.get(outlet.pk, []):
            loaded = known.of(outlet, item, medium, hours)
            if loaded is None:
                continue
            content, flow, stopped = loaded
            quarters = _quarters(begin, end, lead)
            made = science.emitted_mass(
                content, flow, stopped, medium, quarters, outside=known.outside[outlet.point.code]
            )
            if not lead and any(gap.rule and gap.reason for gap in made.gaps):
                again[outlet.pk].append(item)
            lines.append(_Line(outlet, item, start, content, flow, made))
    longer = [outlet for outlet in outlets if outlet.pk in again]
    better = (
        {(line.outlet.pk, line.item): line for line in _worked(longer, again, begin, end, LOOK_BACK)} if longer else {}
    )
    for line in lines:
        yield better.get((line.outlet.pk, line.item), line)


def _quarters(begin: int, end: int, lead: int) -> list[science.Quarter]:
    found = []
    day = clock.beijing(_instant(begin)).date()
    while (since := _seconds(day)) < end:
        following = _end_of(day, "quarter", day) + timedelta(days=1)
        until = min(_seconds(following), end)
        found.append(science.Quarter((since - begin) // HOUR + lead, (until - begin) // HOUR + lead, day))
        day = following
    return found


class _Known:
    """Hourly concentration and flow of outlets in [start, end), with the state of each hour."""

    def __init__(self, outlets: Sequence[Outlet], items: dict[int, list[str]], start: int, end: int) -> None:
        codes = {o.point.code: o for o in outlets}
        pairs = {
            (code, name)
            for code, o in codes.items()
            for name in (*items.get(o.pk, []), FLOWS[MEDIA[Outlet.Medium(o.medium)]])
        }
        hours = (end - start) // HOUR
        series = readings().series_of([SeriesKey(code, name, "Avg", "hour") for code, name in sorted(pairs)])
        self._units = {(s.key.point, s.key.item): s.unit for s in series.values()}
        self._values = {pair: np.full(hours, np.nan) for pair in self._units}
        self._states = {pair: np.full(hours, MISSING, dtype=np.int8) for pair in self._units}
        names = {s.id: (s.key.point, s.key.item) for s in series.values()}
        letters = {letter: flag.effect for letter, flag in rule_book().flags.items()}
        for r in readings().window(sorted(names), start, end) if names else ():
            pair, place = names[r.series], (r.start - start) // HOUR
            self._states[pair][place] = state_of(r, letters)
            if r.value is not None and r.value >= 0:
                self._values[pair][place] = r.value
        numbers = {s.key[:2]: s.id for s in series.values()}
        self.outside = hours_outside(codes, self._states, numbers, start)
        apply_tags(self._states, codes, start, end)

    def of(
        self, outlet: Outlet, item: str, medium: science.Medium, hours: int
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
        """Concentration [mg/m3 or mg/L], flow [m3/h], stopped; None where neither was ever sent."""
        code = outlet.point.code
        content, flow = (code, item), (code, FLOWS[medium])
        if content not in self._units:
            return None
        stopped = np.zeros(hours, dtype=np.bool_)
        for pair in (content, flow):
            if pair in self._states:
                stopped |= self._states[pair] == STOPPED
        return self._in(content, CONTENT[medium], hours), self._in(flow, FLOW, hours), stopped

    def _in(self, pair: tuple[str, str], unit: str, hours: int) -> np.ndarray:
        if pair not in self._units:
            return np.full(hours, np.nan)
        try:
            scale, shift = rule_book().conversion(self._units[pair] or unit, unit)
        except RulesError:
            return np.full(hours, np.nan)
        return np.where(self._states[pair] == VALID, self._values[pair] * scale + shift, np.nan)


def _places(line: _Line, first: date, last: date) -> tuple[int, int]:
    begin = (_seconds(first) - line.begin) // HOUR
    end = (_seconds(last + timedelta(days=1)) - line.begin) // HOUR
    return begin, max(begin, min(end, len(line.made.mass)))


def _sums(line: _Line, spans: Sequence[tuple[date, date]]) -> list[Emission]:
    """The periods of one line, each hour in one of them."""
    begin, end = _places(line, spans[0][0], spans[-1][1])
    starts = [_places(line, since, until)[0] for since, until in spans]
    period = np.searchsorted(starts, np.arange(begin, end), side="right") - 1
    mass, how = np.nan_to_num(line.made.mass[begin:end]), line.made.how[begin:end]
    count = {name: np.bincount(period[how == kind], minlength=len(spans)) for kind, name in HOWS.items()}
    measured, filled = (
        np.bincount(period, mass * (how == kind), len(spans)) for kind in (science.MEASURED, science.SUBSTITUTED)
    )
    known = np.sum([found for name, found in count.items() if name not in {"open", "outside"}], axis=0)
    return [
        Emission(
            line.outlet,
            line.item,
            since,
            until,
            float(measured[n] + filled[n]) if known[n] else None,
            float(measured[n]),
            float(filled[n]),
            {name: int(found[n]) for name, found in count.items()},
        )
        for n, (since, until) in enumerate(spans)
    ]


def _hour(line: _Line, place: int, gap: science.Substitution | None, unit: str) -> EmittedHour:
    def plain(value: float) -> float | None:
        return None if np.isnan(value) else float(value)

    how = HOWS[int(line.made.how[place])]
    return EmittedHour(
        _instant(line.begin + place * HOUR),
        plain(line.content[place]),
        unit,
        plain(line.flow[place]),
        FLOW,
        plain(line.made.mass[place]),
        how,
        gap.rule if gap else "",
        gap.reason if gap else "",
    )


def _instant(second: int) -> datetime:
    return datetime.fromtimestamp(second, clock.BEIJING)
