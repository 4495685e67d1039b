"""The series of one item at one point as a chart and its table need it: gaps filled in with their reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from qingyuan import clock
from qingyuan.bureau.base import display
from qingyuan.bureau.base.dated import in_force
from qingyuan.bureau.base.display import flag_word
from qingyuan.bureau.monitoring.queries.values import reported_beside, series_values
from qingyuan.bureau.quality.queries.pages import Marks, Told
from qingyuan.bureau.registers.models import Point
from qingyuan.rules import RulesError, rule_book

SPANS = {"minute": timedelta(hours=12), "hour": timedelta(days=7), "day": timedelta(days=90)}
LONGEST = {"minute": timedelta(days=2), "hour": timedelta(days=62), "day": timedelta(days=1100)}
MOST_POINTS = 1600
NORMAL = "N"
STATUS_WORDS = {"audited": gettext_noop("审核值"), "issued": gettext_noop("上级发布值")}
DOUBTFUL = {"suspect", "bad", "missing", "invalid"}


def grain_words() -> dict[str, str]:
    """The grains that a chart can show."""
    return {"minute": _("分钟"), "hour": _("小时"), "day": _("日")}


@dataclass(frozen=True)
class Spot:
    """One interval of the chart; `value` None is a gap, `why` its reason."""

    start: datetime
    end: datetime
    value: float | None
    decimals: int | None
    flag: str
    capture: float | None
    revised: bool
    status: str
    why: str = ""
    told: Told | None = None
    ours: float | None = None

    @property
    def is_taken(self) -> bool:
        """Whether a value of a higher authority, or an audited one, stands here in place of the reported one."""
        return self.status in STATUS_WORDS

    @property
    def status_word(self) -> str:
        """The status in words; empty for what was reported in real time."""
        return _(STATUS_WORDS.get(self.status, "")) if self.is_taken else ""

    @property
    def doubtful(self) -> bool:
        """Whether the device, a rule or a person marked the value as doubtful or not valid."""
        said = self.told is not None and self.told.outcome in DOUBTFUL
        return said or (bool(self.flag) and self.flag != NORMAL and not self.is_confirmed)

    @property
    def is_confirmed(self) -> bool:
        """Whether a person confirmed the value."""
        return self.told is not None and self.told.outcome == "valid"

    @property
    def counts(self) -> bool:
        """Whether the value counts, as far as flags say."""
        return self.told is None or self.told.counts


@dataclass(frozen=True)
class Line:
    """A limit drawn across the chart."""

    value: float
    label: str


def _gap(start: datetime, end: datetime, stops: list[Any]) -> Spot:
    why = next((_("计划停运：%(why)s") % {"why": s.reason} for s in stops if s.start < end and s.end > start), "")
    return Spot(start, end, None, None, "", None, False, "", why or _("没有收到数据"))


def _no_value(qualifier: str) -> str:
    return _("报送时没有数值，来的是 %(got)s") % {"got": qualifier} if qualifier else _("报送时没有数值")


def spots(point: Point, item: str, grain: str, start: datetime, end: datetime, statistic: str = "Avg") -> list[Spot]:
    """The intervals in [start, end) in order, each gap between two of them as one spot without value."""
    rows = series_values(point, item, grain, start, end, statistic)
    ours = (
        reported_beside(point, item, grain, start, end, statistic)
        if any(r["status"] != "realtime" for r in rows)
        else {}
    )
    marks = Marks(point, item, grain, statistic, start, end)
    found = [
        Spot(
            r["start"],
            r["end"],
            r["value"],
            r["decimals"],
            r["flag"] or "",
            r["capture"],
            bool(r["revised"]),
            str(r["status"]),
            "" if r["value"] is not None else _no_value(r["qualifier"]),
            marks.of(r["start"]),
            ours.get(r["start"]),
        )
        for r in rows
    ]
    if not found:
        return []
    stops = list(point.planned_stops.filter(start__lt=end, end__gt=start))
    step = min((b.start - a.start for a, b in pairwise(found)), default=found[0].end - found[0].start)
    filled: list[Spot] = [found[0]]
    for before, after in pairwise(found):
        if after.start - before.start > step * 3 / 2:
            filled.append(_gap(before.start + step, after.start, stops))
        filled.append(after)
    return filled[-MOST_POINTS:]


def statistic_of(point: Point, item: str, on: datetime) -> str:
    """What the chart draws: the statistic that the limit in force is held against (ZsAvg where it is converted)."""
    outlet = getattr(point, "outlet", None)
    if outlet is None:
        return "Avg"
    limits = outlet.limits.filter(in_force(clock.beijing(on).date()), item=item, condition="")
    return next(iter(limits.values_list("statistic", flat=True)), "Avg")


def limit_lines(point: Point, item: str, grain: str, on: datetime) -> list[Line]:
    """The limits in force that day: an outlet's own, a section's target class."""
    today = clock.beijing(on).date()
    outlet, section = getattr(point, "outlet", None), getattr(point, "section", None)
    lines = []
    if outlet is not None:
        for limit in outlet.limits.filter(in_force(today), item=item, condition=""):
            words = _(limit.get_averaging_display())
            if limit.upper is not None:
                lines.append(Line(float(limit.upper), _("%(kind)s限值") % {"kind": words}))
            if limit.lower is not None:
                lines.append(Line(float(limit.lower), _("%(kind)s下限") % {"kind": words}))
    if section is not None:
        target = section.targets.filter(in_force(today), kind="assessment").first()
        if target is not None:
            try:
                rule = rule_book().water_limit(item, section.body, today)
                value = rule.limit(target.water_class)
            except RulesError:
                value = None
            if value is not None:
                name = rule_book().water_class(target.water_class).name_zh
                lines.append(Line(float(value), _("考核目标 %(name)s类") % {"name": name}))
    return lines


def payload(point: Point, item: str, grain: str, found: list[Spot], unit: str, on: datetime) -> dict[str, Any]:
    """The chart as JSON: numbers with the text they are shown as, in Beijing time."""
    decimals = display.item_decimals(item)

    def text(value: float | None, own: int | None) -> str:
        return display.number_text(value, own if own is not None and own >= 0 else decimals)

    return {
        "item": display.item_symbol(item),
        "name": display.item_name(item),
        "unit": display.unit_text(unit),
        "grain": grain,
        "lines": [
            {"value": x.value, "label": f"{x.label} {display.number_text(x.value)}"}
            for x in limit_lines(point, item, grain, on)
        ],
        "rows": [
            {
                "start": clock.beijing(s.start).strftime("%Y-%m-%d %H:%M"),
                "end": clock.beijing(s.end).strftime("%Y-%m-%d %H:%M"),
                "value": s.value,
                "text": text(s.value, s.decimals),
                "flag": s.flag,
                "flagWord": flag_word(s.flag),
                "doubtful": s.doubtful,
                "counts": s.counts,
                "told": f"{_(s.told.word)}（{s.told.rules}）" if s.told else "",
                "revised": s.revised,
                "why": s.why,
            }
            for s in found
        ],
    }
