"""Everything an outlet's hours show, side by side on one time axis: values with limits, oxygen, flow, mass, power."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.utils.translation import gettext as _

from qingyuan import clock
from qingyuan.bureau.base import display
from qingyuan.bureau.base.errors import Invalid
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.quality.queries.flags import Verdicts
from qingyuan.bureau.quality.queries.pages import told
from qingyuan.bureau.registers.models import Meter, Outlet, Point
from qingyuan.bureau.values.queries.bands import Band, bands
from qingyuan.bureau.values.queries.emissions import FLOWS
from qingyuan.bureau.values.queries.hourly_mass import Mass, hourly_mass
from qingyuan.bureau.values.queries.limit_steps import Step, limit_steps
from qingyuan.bureau.values.queries.limits import MEDIA
from qingyuan.readings import Rank, Reading, Series, SeriesKey

HOUR = 3600
LONGEST = timedelta(days=62)
MEASURED, CONVERTED, CUMULATED = "Avg", "ZsAvg", "Cou"


@dataclass(frozen=True)
class Trace:
    """One line of a panel: a value an hour, None where there is none.

    kind: measured, converted, given (mass by the device), computed (mass by us), production, treatment, plain. flags:
    the device's letter; marks: rules of quality that flagged it; revised: something else was reported before. Where the
    device's own hour took the place of the one worked out from its minutes, that is no revision.
    """

    kind: str
    word: str
    point: str
    item: str
    statistic: str
    values: list[float | None]
    flags: list[str] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    revised: list[bool] = field(default_factory=list)


@dataclass(frozen=True)
class Panel:
    """One quantity: its lines and limits. note: what a reader must know of it."""

    key: str
    name: str
    unit: str
    decimals: int | None
    traces: list[Trace]
    steps: list[Step] = field(default_factory=list)
    note: str = ""


@dataclass(frozen=True)
class Aligned:
    """The panels of an outlet in [start, end), hour by hour; `hours` are the starts, none left out."""

    outlet: Outlet
    start: datetime
    end: datetime
    as_of: datetime | None
    hours: list[datetime]
    panels: list[Panel]
    bands: list[Band]

    @property
    def is_empty(self) -> bool:
        """Whether nothing was received in the window."""
        return not any(v is not None for p in self.panels for t in p.traces for v in t.values)


def aligned(point: Point, start: datetime, end: datetime, as_of: datetime | None = None) -> Aligned:
    """The hours of an outlet in [start, end), by what had been received, tagged and checked at `as_of` (None: now).

    Raises Invalid where the point is no outlet, or the window is turned round or longer than 62 days.
    """
    outlet = Outlet.objects.filter(point=point).select_related("enterprise", "point").first()
    if outlet is None:
        raise Invalid(f"{point} 不是排放口", "code")
    if not timedelta(0) < end - start <= LONGEST:
        got = " 至 ".join(f"{clock.beijing(at):%Y-%m-%d %H:%M}" for at in (start, end))
        raise Invalid(f"时段得到 {got}，应为正向且不超过 {LONGEST.days} 天", "since")
    first = int(start.timestamp()) // HOUR * HOUR
    count = -(-(int(end.timestamp()) - first) // HOUR)
    look = _Look(first, count, as_of)
    steps = limit_steps(outlet, start, end)
    items = list(dict.fromkeys(step_item for step_item, _step in steps))
    look.read([point.code, *(m.point.code for m in outlet.meters.select_related("point"))])
    panels = [_of_item(look, outlet, item, [s for i, s in steps if i == item]) for item in items]
    flow = next(
        (i for i in (FLOWS[MEDIA[Outlet.Medium(outlet.medium)]], "flow", "flue_flow") if look.has(point.code, i)), ""
    )
    if outlet.medium == Outlet.Medium.GAS and look.has(point.code, "O2"):
        panels.append(_plain(look, point.code, "O2", _reference(outlet)))
    if flow:
        panels.append(_plain(look, point.code, flow))
    panels += _masses(look, outlet, items, flow)
    panels += _powers(look, outlet.meters.select_related("point"))
    hours = [_instant(first + n * HOUR) for n in range(count)]
    return Aligned(outlet, start, end, as_of, hours, panels, bands(outlet, start, end, as_of))


class _Look:
    """The hourly series of some points in one window, read at once."""

    def __init__(self, first: int, count: int, as_of: datetime | None) -> None:
        self.first, self.count = first, count
        self.known = None if as_of is None else int(as_of.timestamp())
        self._series: dict[SeriesKey, Series] = {}
        self._rows: dict[int, list[Reading | None]] = {}
        self._verdicts: Verdicts | None = None
        self._revised: dict[int, set[int]] = {}

    def read(self, points: Sequence[str]) -> None:
        """Read what the points have."""
        store = readings()
        found = [s for s in store.series_of_points(list(points)) if s.key.grain == "hour"]
        wanted = [s for s in found if s.key.statistic in {MEASURED, CONVERTED, CUMULATED}]
        self._series = {s.key: s for s in wanted}
        self._rows = {s.id: [None] * self.count for s in wanted}
        last = self.first + self.count * HOUR
        seen = False
        for r in store.window(sorted(self._rows), self.first, last, as_of=self.known):
            self._rows[r.series][(r.start - self.first) // HOUR] = r
            seen = True
        self._revised = {number: self._changed(number, rows) for number, rows in self._rows.items()}
        self._verdicts = Verdicts(sorted(self._rows), self.first, last, self.known) if seen else None

    def _changed(self, number: int, rows: Sequence[Reading | None]) -> set[int]:
        """The hours of a series for which more than one value was reported."""
        several = [r.start for r in rows if r is not None and r.revisions > 1]
        if not several:
            return set()
        said: dict[int, set[float | None]] = defaultdict(set)
        for r in readings().revisions(number, several[0], several[-1] + HOUR):
            if r.rank >= Rank.REPORTED and (self.known is None or r.received_at <= self.known):
                said[r.start].add(r.value)
        return {start for start, values in said.items() if len(values) > 1}

    def has(self, point: str, item: str, statistic: str = MEASURED) -> bool:
        """Whether the series was ever spoken of."""
        return SeriesKey(point, item, statistic, "hour") in self._series

    def unit(self, point: str, item: str, statistic: str = MEASURED) -> str:
        """The unit of a series; empty for none."""
        found = self._series.get(SeriesKey(point, item, statistic, "hour"))
        return found.unit if found else ""

    def trace(self, kind: str, word: str, point: str, item: str, statistic: str = MEASURED) -> Trace | None:
        """One series as a line; None where it does not exist."""
        found = self._series.get(SeriesKey(point, item, statistic, "hour"))
        if found is None:
            return None
        rows = self._rows[found.id]
        return Trace(
            kind,
            word,
            point,
            item,
            statistic,
            [None if r is None else r.value for r in rows],
            ["" if r is None or r.flag == "N" else r.flag for r in rows],
            [self._told(r) for r in rows],
            [r is not None and r.start in self._revised[found.id] for r in rows],
        )

    def _told(self, r: Reading | None) -> str:
        if r is None or self._verdicts is None:
            return ""
        verdict = self._verdicts.of(r.series, r.start)
        if not verdict.flags:
            return ""
        words = told(verdict)
        return f"{_(words.word)}（{words.rules}）"


def _of_item(look: _Look, outlet: Outlet, item: str, steps: list[Step]) -> Panel:
    code = outlet.point.code
    lines = [
        look.trace("measured", _("实测"), code, item, MEASURED),
        look.trace("converted", _("折算"), code, item, CONVERTED),
    ]
    unit = look.unit(code, item, MEASURED) or look.unit(code, item, CONVERTED)
    judged = {s.statistic for s in steps}
    note = _("限值对折算值") if judged == {CONVERTED} else ""
    traces = [t for t in lines if t is not None]
    return Panel(item, display.item_symbol(item), unit, display.item_decimals(item), traces, steps, note)


def _plain(look: _Look, code: str, item: str, note: str = "") -> Panel:
    trace = look.trace("plain", display.item_name(item), code, item)
    name = display.item_symbol(item)
    return Panel(item, name, look.unit(code, item), display.item_decimals(item), [trace] if trace else [], [], note)


def _reference(outlet: Outlet) -> str:
    if outlet.reference_o2 is None:
        return ""
    return _("基准氧含量 %(o2)s %%") % {"o2": f"{outlet.reference_o2:g}"}


def _masses(look: _Look, outlet: Outlet, items: Iterable[str], flow: str) -> list[Panel]:
    """Emitted mass of each item [kg in the hour]: as the device gives it, else by concentration and flow."""
    code, panels = outlet.point.code, []
    carried = look.trace("plain", "", code, flow) if flow else None
    for item in items:
        given = look.trace("given", _("设备上报"), code, item, CUMULATED)
        measured = look.trace("measured", "", code, item, MEASURED)
        computed = None
        if carried is not None and measured is not None:
            mass = Mass(look.unit(code, item), look.unit(code, flow), outlet.medium)
            values = hourly_mass(measured.values, carried.values, mass)
            computed = Trace("computed", _("按实测浓度和流量计算"), code, item, "", values)
        traces = [t for t in (given, computed) if t is not None and any(v is not None for v in t.values)]
        if traces:
            name = _("%(item)s 排放量") % {"item": display.item_symbol(item)}
            panels.append(
                Panel(f"mass:{item}", name, "kg", 2, traces, [], "" if given else _("设备未报累计值，按计算"))
            )
    return panels


def _powers(look: _Look, meters: Iterable[Meter]) -> list[Panel]:
    """One panel with the power of the production and of the treatment."""
    traces, unit = [], ""
    for meter in meters:
        code = meter.point.code
        item = next((i for i in display.POWER if look.has(code, i)), "")
        trace = look.trace(meter.unit, _(meter.get_unit_display()), code, item) if item else None
        if trace is not None:
            traces.append(trace)
            unit = look.unit(code, item)
    return [Panel("power", _("用电功率"), unit, 1, traces)] if traces else []


def _instant(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)
