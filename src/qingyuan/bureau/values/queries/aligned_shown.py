"""The hours of an outlet as the chart, the table and the API take them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan import clock
from qingyuan.bureau.base import display
from qingyuan.bureau.base.display import flag_word
from qingyuan.bureau.values.models import Tag
from qingyuan.bureau.values.queries.aligned import Aligned, Panel, Trace
from qingyuan.bureau.values.queries.bands import Band
from qingyuan.bureau.values.queries.limit_steps import Step

STAMP = "%Y-%m-%d %H:%M"
HOUR = timedelta(hours=1)


def band_state(band: Band) -> str:
    """The state of a tag in words; empty for a stop."""
    if band.kind != "tag":
        return ""
    return _("已撤回") if band.state == "withdrawn" else _(str(Tag.Check(band.state).label))


def band_words(band: Band) -> str:
    """A band in words: 启炉 NOₓ（未核查）, 计划停运：检修."""
    if band.kind == "stop":
        return _("计划停运：%(why)s") % {"why": band.word}
    item = f" {display.item_symbol(band.item)}" if band.item else ""
    return f"{_(band.word)}{item}（{band_state(band)}）"


def step_words(step: Step, unit: str) -> str:
    """A limit in words: 小时均值限值 50 mg/m³."""
    kind = _("小时均值") if step.averaging == "hour" else _("日均值")
    low, high = (None if x is None else display.number_text(x) for x in (step.lower, step.upper))
    span = f"{low}–{high}" if low and high else f"≥ {low}" if low else f"≤ {high}"
    condition = f"（{step.condition}）" if step.condition else ""
    words = _("%(kind)s限值") % {"kind": kind}
    return f"{words}{condition} {span} {display.unit_text(unit)}".strip()


def over(panel: Panel, trace: Trace, hour: datetime, value: float | None) -> bool:
    """Whether a value lies beyond the hourly limit line that is drawn for it; equality does not."""
    if value is None:
        return False
    for step in panel.steps:
        own = step.averaging == "hour" and not step.condition and step.statistic == trace.statistic
        if own and step.start <= hour < step.end:
            return (step.upper is not None and value > step.upper) or (step.lower is not None and value < step.lower)
    return False


def _text(value: float | None, panel: Panel) -> str:
    return display.number_text(value, panel.decimals)


def _stamp(at: datetime) -> str:
    return clock.beijing(at).strftime(STAMP)


def payload(found: Aligned) -> dict[str, Any]:
    """For the chart: arrays as long as `hours`, times in Beijing time, every value with its text."""
    code = found.outlet.point.code
    return {
        "hours": [_stamp(h) for h in found.hours],
        "until": _stamp(found.hours[-1] + HOUR) if found.hours else "",
        "hourHref": reverse("firms:outlet_hour", kwargs={"code": code}),
        "asOf": "" if found.as_of is None else clock.beijing(found.as_of).strftime("%Y-%m-%dT%H:%M:%S"),
        "panels": [_panel(p, found) for p in found.panels],
        "bands": [
            {
                "kind": b.kind,
                "item": b.item,
                "start": _stamp(max(b.start, found.start)),
                "end": _stamp(min(b.end, found.end)),
                "words": band_words(b),
                "short": _(b.word) if b.kind == "tag" else _("停运"),
                "counts": b.counts,
                "state": b.state,
            }
            for b in found.bands
        ],
        "words": {
            "limit": _("限值"),
            "far": _("在图外"),
            "gap": _("没有数据"),
            "flag": _("标识"),
            "over": _("超限值"),
            "revised": _("有修订"),
            "tag": _("标记"),
            "open": _("打开这一小时"),
            "flags": _("标识"),
        },
    }


def _panel(panel: Panel, found: Aligned) -> dict[str, Any]:
    return {
        "key": panel.key,
        "name": panel.name,
        "unit": display.unit_text(panel.unit),
        "note": panel.note,
        "traces": [
            {
                "kind": t.kind,
                "word": t.word,
                "item": t.item,
                "values": t.values,
                "texts": [_text(v, panel) if v is not None else "" for v in t.values],
                "flags": [f"{f} {flag_word(f)}".strip() if f else "" for f in t.flags],
                "marks": t.marks,
                "revised": [n for n, is_revised in enumerate(t.revised) if is_revised],
                "over": [n for n, v in enumerate(t.values) if over(panel, t, found.hours[n], v)],
            }
            for t in panel.traces
        ],
        "steps": [
            {
                "start": _stamp(s.start),
                "end": _stamp(s.end),
                "upper": s.upper,
                "lower": s.lower,
                "words": step_words(s, panel.unit),
                "hour": s.averaging == "hour",
                "condition": s.condition,
            }
            for s in panel.steps
        ],
    }


@dataclass(frozen=True)
class Cell:
    """One value of the table."""

    text: str
    flag: str
    over: bool
    item: str
    marks: str
    revised: bool


@dataclass(frozen=True)
class Row:
    """One hour of the table."""

    hour: datetime
    cells: list[Cell]
    words: list[str]


def table(found: Aligned) -> list[Row]:
    """The hours, newest first; hours to come and hours before anything was known are left out."""
    columns = [(p, t) for p in found.panels for t in p.traces]
    rows = []
    for n, hour in enumerate(found.hours):
        cells = [
            Cell(
                _text(t.values[n], p),
                t.flags[n] if t.flags else "",
                over(p, t, hour, t.values[n]),
                t.item,
                t.marks[n] if t.marks else "",
                bool(t.revised and t.revised[n]),
            )
            for p, t in columns
        ]
        words = [band_words(b) for b in found.bands if b.start < hour + HOUR and b.end > hour]
        if words or any(t.values[n] is not None or (t.flags and t.flags[n]) for _p, t in columns):
            rows.append(Row(hour, cells, words))
    return rows[::-1]


def as_plain(found: Aligned) -> dict[str, Any]:
    """For the API: numbers as they are, times as instants."""
    return {
        "point": found.outlet.point.code,
        "since": found.start,
        "to": found.end,
        "as_of": found.as_of,
        "hours": found.hours,
        "panels": [
            {
                "key": p.key,
                "name": p.name,
                "unit": p.unit,
                "note": p.note,
                "series": [
                    {
                        "kind": t.kind,
                        "point": t.point,
                        "item": t.item,
                        "statistic": t.statistic,
                        "values": t.values,
                        "flags": t.flags,
                        "marks": t.marks,
                        "revised": t.revised,
                    }
                    for t in p.traces
                ],
                "limits": [
                    {
                        "start": s.start,
                        "end": s.end,
                        "upper": s.upper,
                        "lower": s.lower,
                        "averaging": s.averaging,
                        "statistic": s.statistic,
                        "condition": s.condition,
                        "basis": s.basis,
                    }
                    for s in p.steps
                ],
            }
            for p in found.panels
        ],
        "bands": [
            {
                "kind": b.kind,
                "id": b.key,
                "word": b.word,
                "item": b.item,
                "start": b.start,
                "end": b.end,
                "state": b.state,
                "counts": b.counts,
            }
            for b in found.bands
        ],
    }
