"""What the device sent beside what its own shorter periods give: hours from minutes, days from hours, converted values.

Worked out when asked; what the device sent stays what is judged.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import numpy as np

from qingyuan import clock
from qingyuan.bureau.base.errors import Invalid
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.registers.models import Outlet
from qingyuan.bureau.values.queries.limits import MEDIA
from qingyuan.readings import Rank, Reading, SeriesKey
from qingyuan.science.intervals import civil_day
from qingyuan.science.sources import Level, Medium, Periods, at_reference_oxygen, recompute_periods

LONGEST = timedelta(days=31)
HOUR, DAY, BEIJING = 3600, 86400, 8 * 3600
MEASURED, CONVERTED, OXYGEN = "Avg", "ZsAvg", "O2"
FLOWS: dict[Medium, str] = {"flue_gas": "flue_flow", "waste_water": "flow"}
SAME, DIFFERS, CANNOT_TELL = "same", "differs", "cannot_tell"
SLACK = 1e-9  # what binary fractions leave


@dataclass(frozen=True)
class Compared:
    """One period. sent, ours: value and flag of the device and of its parts; ours None: nothing counted.

    how: from_parts (minutes or hours) or converted (measured value and oxygen of the same hour). slack: how far the
    rounding of what was sent can move the value. verdict, flag_verdict: same, differs, cannot_tell (parts are missing).
    """

    item: str
    statistic: str
    grain: str
    how: str
    start: datetime
    end: datetime
    sent: float | None
    sent_flag: str
    ours: float | None
    our_flag: str
    slack: float
    unit: str
    n_valid: int
    n_expected: int
    n_stopped: int
    is_valid: bool
    verdict: str
    flag_verdict: str

    @property
    def is_listed(self) -> bool:
        """A value or a flag that differs."""
        return DIFFERS in {self.verdict, self.flag_verdict}


@dataclass
class Comparison:
    """All periods of an outlet in a span, and how many came to what."""

    outlet: Outlet
    first: date
    last: date
    rows: list[Compared] = field(default_factory=list)

    @property
    def listed(self) -> list[Compared]:
        """Those that differ, the newest first."""
        return sorted((r for r in self.rows if r.is_listed), key=lambda r: (r.start, r.item), reverse=True)

    @property
    def counts(self) -> list[tuple[tuple[str, str, str, str], Counter[str]]]:
        """By item, statistic, grain and way: how many periods are the same, differ, cannot be told; and flags."""
        found: dict[tuple[str, str, str, str], Counter[str]] = defaultdict(Counter)
        for r in self.rows:
            tally = found[(r.item, r.statistic, r.grain, r.how)]
            tally[r.verdict] += 1
            tally[f"flag_{r.flag_verdict}"] += 1
            tally["all"] += 1
        return sorted(found.items())


def compare(outlet: Outlet, first: date, last: date) -> Comparison:
    """Both days counted. Raises Invalid for a span that is turned round or longer than a month.

    Items with a limit, the oxygen and the flow. A period that the device did not send, or of which it sent no part, is
    not compared. A converted hour that agrees with its own minutes is not compared with the hour's measured value and
    oxygen: the mean of converted minutes is not the conversion of the mean.
    """
    if not timedelta(0) <= last - first < LONGEST:
        raise Invalid(f"时段得到 {first} 至 {last}，应为正向且不超过 {LONGEST.days} 天", "since")
    begin, end = int(civil_day(first).start.timestamp()), int(civil_day(last).end.timestamp())
    medium = MEDIA[Outlet.Medium(outlet.medium)]
    items = {*outlet.limits.standing().values_list("item", flat=True), OXYGEN, FLOWS[medium]}
    found = _load(outlet.point.code, items, begin, end)
    comparison = Comparison(outlet, first, last)
    for (item, statistic, grain), sent in sorted(found.sent.items()):
        parts = found.parts.get((item, statistic, grain))
        if parts:
            flows = found.parts.get((FLOWS[medium], MEASURED, grain), []) if medium == "waste_water" else []
            unit = found.units[(item, statistic, grain)]
            comparison.rows += _from_parts((item, statistic, grain), sent, parts, flows, medium, unit)
        if statistic == CONVERTED and grain == "hour":
            by_minutes = {
                r.start
                for r in comparison.rows
                if (r.item, r.statistic, r.grain) == (item, statistic, grain) and r.verdict == SAME
            }
            comparison.rows += [r for r in _converted(outlet, item, sent, found) if r.start not in by_minutes]
    return comparison


@dataclass
class _Loaded:
    sent: dict[tuple[str, str, str], list[Reading]]
    parts: dict[tuple[str, str, str], list[Reading]]
    units: dict[tuple[str, str, str], str]


def _load(code: str, items: Iterable[str], begin: int, end: int) -> _Loaded:
    keys = [
        SeriesKey(code, item, statistic, grain)
        for item in items
        for statistic in (MEASURED, CONVERTED)
        for grain in ("minute", "hour", "day")
    ]
    series = readings().series_of(keys)
    names = {s.id: s.key for s in series.values()}
    by_key: dict[SeriesKey, list[Reading]] = defaultdict(list)
    for r in readings().window(sorted(names), begin, end) if names else ():
        by_key[names[r.series]].append(r)
    loaded = _Loaded({}, {}, {})
    longer = {"minute": "hour", "hour": "day"}
    for key, rows in by_key.items():
        name = (key.item, key.statistic, key.grain)
        if key.grain in longer:
            loaded.parts[(*name[:2], longer[key.grain])] = _own(rows)
        if key.grain in longer.values():
            loaded.sent[name] = _own(rows)
        loaded.units[name] = series[key].unit
    return loaded


def _own(rows: Sequence[Reading]) -> list[Reading]:
    """What the device itself sent: not what was derived or put right here."""
    return [r for r in rows if r.rank in {Rank.REPORTED, Rank.RESENT}]


def _from_parts(
    name: tuple[str, str, str],
    sent: Sequence[Reading],
    parts: Sequence[Reading],
    flows: Sequence[Reading],
    medium: Medium,
    unit: str,
) -> list[Compared]:
    item, _, grain = name
    length = HOUR if grain == "hour" else DAY
    step = Counter(p.end - p.start for p in parts).most_common(1)[0][0]
    if not 0 < step < length or length % step:
        return []
    offset = BEIJING if grain == "day" else 0
    wanted = {(r.start + offset) // length: place for place, r in enumerate(sent) if r.end - r.start == length}
    inside = [p for p in parts if (p.start + offset) // length in wanted and p.end - p.start == step]
    if not inside:
        return []
    flow = {f.start: f.value for f in flows} if item != FLOWS[medium] else {}
    level: Level = "hour" if grain == "hour" else "day"
    day = clock.beijing(datetime.fromtimestamp(sent[0].start, clock.BEIJING)).date()
    ours = recompute_periods(
        [wanted[(p.start + offset) // length] for p in inside],
        len(sent),
        [np.nan if p.value is None else p.value for p in inside],
        [p.flag for p in inside],
        length // step,
        level,
        medium,
        item,
        day,
        flows=[_known(flow.get(p.start)) for p in inside] if flow else None,
    )
    slack = _half(sent) + _half(inside) + SLACK
    return [
        _compared(name, r, place, ours, slack, unit)
        for place, r in enumerate(sent)
        if r.end - r.start == length and ours.flag[place]
    ]


def _known(value: float | None) -> float:
    return np.nan if value is None else value


def _compared(
    name: tuple[str, str, str], sent: Reading, place: int, ours: Periods, slack: float, unit: str
) -> Compared:
    value = None if np.isnan(ours.value[place]) else float(ours.value[place])
    is_whole = not ours.n_missing[place]
    verdict = _verdict(sent.value, value, slack, is_whole)
    same_flag = ((sent.flag or "N") == "N") == (ours.flag[place] == "N")
    flag_verdict = SAME if same_flag else DIFFERS if is_whole else CANNOT_TELL
    n_valid, n_stopped = int(ours.n_valid[place]), int(ours.n_stopped[place])
    expected = n_valid + int(ours.n_invalid[place]) + int(ours.n_missing[place])
    item, statistic, grain = name
    return Compared(
        item,
        statistic,
        grain,
        "from_parts",
        _instant(sent.start),
        _instant(sent.end),
        sent.value,
        sent.flag,
        value,
        ours.flag[place],
        slack,
        unit,
        n_valid,
        expected,
        n_stopped,
        bool(ours.is_valid[place]),
        verdict,
        flag_verdict,
    )


def _verdict(sent: float | None, ours: float | None, slack: float, is_whole: bool) -> str:
    if sent is None and ours is None:
        return SAME
    if ours is None or not is_whole:
        return SAME if sent is not None and ours is not None and abs(sent - ours) <= slack else CANNOT_TELL
    return SAME if sent is not None and abs(sent - ours) <= slack else DIFFERS


def _converted(outlet: Outlet, item: str, sent: Sequence[Reading], found: _Loaded) -> list[Compared]:
    """The converted hours against those from the measured value and the oxygen of the same hour."""
    reference = outlet.reference_o2
    measured = {r.start: r for r in found.sent.get((item, MEASURED, "hour"), ())}
    oxygen = {r.start: r for r in found.sent.get((OXYGEN, MEASURED, "hour"), ())}
    rows = [r for r in sent if r.start in measured and r.start in oxygen]
    if reference is None or not rows:
        return []
    day = clock.beijing(_instant(rows[0].start)).date()
    value = np.array([_known(measured[r.start].value) for r in rows])
    content = np.array([_known(oxygen[r.start].value) for r in rows])
    ours, _ = at_reference_oxygen(value, content, reference, day)
    nudge = _half([measured[r.start] for r in rows]), _half([oxygen[r.start] for r in rows])
    edges = [
        at_reference_oxygen(value + side * nudge[0], content + side * nudge[1], reference, day)[0] for side in (-1, 1)
    ]
    reach = np.nanmax(np.abs(np.stack(edges) - ours), axis=0, initial=0.0) + _half(rows) + SLACK
    unit = found.units[(item, CONVERTED, "hour")]
    out = []
    for r, one, slack in zip(rows, ours.tolist(), reach.tolist(), strict=True):
        mine = None if np.isnan(one) else one
        verdict = _verdict(r.value, mine, slack, is_whole=mine is not None)
        out.append(
            Compared(
                item,
                CONVERTED,
                "hour",
                "converted",
                _instant(r.start),
                _instant(r.end),
                r.value,
                r.flag,
                mine,
                measured[r.start].flag,
                slack,
                unit,
                int(mine is not None),
                1,
                0,
                mine is not None,
                verdict,
                SAME,
            )
        )
    return out


def _half(rows: Sequence[Reading]) -> float:
    """Half a unit of the last decimal in which the values were printed; a value with its zeros cut off does not count."""
    return 0.5 * 10.0 ** -max((_decimals(r) for r in rows if r.value is not None), default=0)


def _decimals(reading: Reading) -> int:
    if reading.decimals >= 0:
        return reading.decimals
    text = f"{reading.value:.6f}".rstrip("0")
    return len(text.partition(".")[2])


def _instant(second: int) -> datetime:
    return datetime.fromtimestamp(second, clock.BEIJING)
