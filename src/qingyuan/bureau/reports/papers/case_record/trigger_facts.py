"""What set a case off: its finding or alert, and the hours around it as they were frozen when the case was opened."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from qingyuan import clock
from qingyuan.bureau.alerts.models import Alert
from qingyuan.bureau.base.display import item_name, item_symbol, multiple_text, unit_text
from qingyuan.bureau.cases.models import Case, Exhibit, Lead
from qingyuan.bureau.cases.policies.visible import View
from qingyuan.bureau.cases.queries.informants import secrets_of, without
from qingyuan.bureau.evidence.actions import files as evidence
from qingyuan.bureau.evidence.actions.files import EvidenceDamaged
from qingyuan.bureau.judging.models import Finding
from qingyuan.bureau.judging.queries import rules
from qingyuan.bureau.reports.papers.case_record.words import EMPTY, Field, figure, stamp, text
from qingyuan.bureau.values.models import Limit
from qingyuan.bureau.values.queries.limits import limit_named
from qingyuan.rules import rule_book

STATISTICS = {"Avg": "实测", "ZsAvg": "折算"}
NORMAL_FLAGS = {"", "N"}
COLUMNS = 12
BEFORE = 5  # columns before the trigger in a table of one band
DAY = timedelta(days=1)
MOST_ROWS = 8


@dataclass(frozen=True)
class HourRow:
    """One series: its name with unit, and a value per column; `over` are the columns above the limit."""

    name: str
    values: tuple[str, ...]
    over: tuple[int, ...] = ()


@dataclass(frozen=True)
class HourTable:
    """Frozen readings around the trigger: column heads (start of the interval) and rows; note says what is not shown."""

    heads: tuple[str, ...] = ()
    rows: tuple[HourRow, ...] = ()
    note: str = ""


def opening_lead(case: Case) -> Lead | None:
    """The lead that the case was opened from; merged ones come after it."""
    rows = case.leads.filter(state=Lead.State.CASE).select_related("alert", "finding", "created_by")
    return rows.order_by("decided_at", "pk").first()


def trigger_fields(case: Case, lead: Lead | None, view: View = View.WHOLE) -> tuple[Field, ...]:
    """The lead, and the finding or alert behind it, in labelled words; an informant's name stays with the lead.

    Reasons of triage and merged leads only for who handles the case.
    """
    if lead is None:
        return (Field("线　　索", EMPTY, wide=True),)
    merged = case.leads.exclude(pk=lead.pk).order_by("number").values_list("number", flat=True)
    source = f"{lead.number} {lead.get_source_display()}，{stamp(lead.created_at)} 由{lead.created_by or '系统'}登记"
    if merged and view == View.WHOLE:
        source += f"；并入 {'、'.join(merged)}"
    fields = [Field("线　　索", source, wide=True)]
    if lead.finding:
        fields += _finding(lead.finding)
    alert = lead.alert or (lead.finding.alert if lead.finding else None)
    if alert:
        fields += _alert(alert, alone=lead.finding is None)
    if not (lead.finding or alert):
        fields += [
            Field("发生时间", stamp(lead.occurred_at)),
            Field("反 映 人", "见线索登记，不随本记录输出"),
            Field("情　　况", text(without(lead.description, secrets_of([lead]))), wide=True),
        ]
    if view == View.WHOLE:
        fields.append(Field("立案理由", text(without(lead.decision_reason, secrets_of([lead]))), wide=True))
    return tuple(fields)


def _finding(finding: Finding) -> list[Field]:
    limit = _limit(finding)
    statistic = STATISTICS.get(limit.statistic, limit.statistic) if limit else ""
    average = str({"hour": "小时均值", "day": "日均值"}.get(finding.averaging, finding.averaging))
    verdict = str(finding.get_verdict_display())
    if not finding.is_current:
        verdict += "（数据更正后已有新判定）"
    unit = f" {unit_text(finding.unit)}" if unit_text(finding.unit) else ""
    multiple = EMPTY if finding.multiple is None else f"{multiple_text(finding.multiple)} 倍"
    decided = f"标记截止 {stamp(finding.deadline)}，判定 {stamp(finding.decided_at)}"
    return [
        Field("超标判定", f"{verdict}（{average}）"),
        Field("项　　目", _item(finding.item) + (f"（{statistic}）" if statistic else "")),
        Field("数据截至", str(finding.watermark)),
        Field("数　　值", f"{figure(finding.value)}{unit}"),
        Field("限　　值", f"{figure(finding.limit_value)}{unit}"),
        Field("超标倍数", multiple),
        Field("时　　段", f"{_span(finding.start, finding.end)}；{decided}", wide=True),
        Field("依　　据", _basis(limit.basis if limit else "", finding.rule_set), wide=True),
    ]


def _basis(limit: str, rule_set: str) -> str:
    return "；".join(part for part in (limit.strip(), f"规则 {rule_set}" if rule_set else "") if part) or EMPTY


def _alert(alert: Alert, *, alone: bool) -> list[Field]:
    span = (
        f"{stamp(alert.started_at)} 起，{stamp(alert.ended_at)} 解除"
        if alert.ended_at
        else (f"{stamp(alert.started_at)} 起，制表时未解除")
    )
    if not alone:
        return [Field("预　　警", f"{alert.rule_name}，{span}，峰值 {_value(alert, alert.peak)}", wide=True)]
    multiple = EMPTY
    if alert.rule == rules.OUTLET_HOUR and alert.peak is not None and alert.threshold:
        multiple = f"{multiple_text(max(0.0, alert.peak / alert.threshold - 1))} 倍（峰值）"
    return [
        Field("预　　警", f"{alert.rule_name}（{alert.get_level_display()}）：{alert.title}", wide=True),
        Field("项　　目", _alert_item(alert)),
        Field("数　　值", _value(alert, alert.value)),
        Field("峰　　值", _value(alert, alert.peak)),
        Field("限值阈值", _value(alert, alert.threshold)),
        Field("超标倍数", multiple),
        Field("数据截至", str(alert.watermark)),
        Field("时　　段", f"{span}；{stamp(alert.opened_at)} 发出", wide=True),
        Field("依　　据", _basis(str(alert.detail.get("basis", "")), alert.rule_set), wide=True),
    ]


def _alert_item(alert: Alert) -> str:
    if alert.rule == rules.SECTION:
        return "水质类别"
    return _item(alert.item) if alert.item else EMPTY


def _value(alert: Alert, value: float | None) -> str:
    """A value of the alert with its unit; a section's value is a class, a silence's a number of minutes."""
    if value is None:
        return EMPTY
    if alert.rule == rules.SECTION:
        ranks = {c.rank: c.name_zh for c in rule_book().water_classes}
        return f"{ranks[int(value)]} 类" if int(value) in ranks else figure(value)
    unit = "分钟" if alert.rule == rules.SILENCE else unit_text(alert.unit)
    return f"{figure(value)} {unit}".strip()


def _item(item: str) -> str:
    name, symbol = item_name(item), item_symbol(item)
    return name if name == symbol else f"{name} {symbol}"


def _span(start: datetime, end: datetime) -> str:
    if end - start == DAY:
        return f"{clock.beijing(start):%Y-%m-%d} 全日"
    return f"{stamp(start)} 至 {clock.beijing(end):%H:%M}"


def _limit(finding: Finding) -> Limit | None:
    return limit_named(finding.limit_ref)


def trigger_hours(lead: Lead | None, exhibits: Sequence[Exhibit]) -> HourTable:
    """The frozen hours around the trigger. Damaged or absent frozen data is said in the note, never left out in silence."""
    if lead is None or lead.point_id is None:
        return HourTable()
    frozen = next((e for e in exhibits if e.kind == "readings" and e.case_id is not None), None)
    if frozen is None:
        return HourTable(note="卷内没有立案时冻结的读数。")
    try:
        statement = json.loads(evidence.read(frozen.evidence))
    except EvidenceDamaged as error:
        return HourTable(note=f"立案时冻结的读数不能使用：{error.message}")
    wanted, limit = _wanted(lead)
    series = [s for s in statement.get("readings", []) if wanted in {"", s["item"]}]
    if not series:
        return HourTable(note="立案时该点位前后一日没有小时读数。")
    return _table(lead, series, limit, datetime.fromisoformat(statement["made_at"]))


def _wanted(lead: Lead) -> tuple[str, tuple[str, float] | None]:
    """The item to show ("" = all of the point), and (statistic, upper limit) to mark by."""
    finding, alert = lead.finding, lead.alert
    if finding:
        limit = _limit(finding)
        if limit is None or limit.upper is None or finding.limit_value is None:
            return finding.item, None
        return finding.item, (limit.statistic, finding.limit_value)
    if alert and alert.rule == rules.OUTLET_HOUR:
        bound = None if alert.threshold is None else (str(alert.detail.get("statistic", "Avg")), alert.threshold)
        return alert.item, bound
    return "", None


def _table(
    lead: Lead, series: Sequence[dict[str, Any]], limit: tuple[str, float] | None, known_until: datetime
) -> HourTable:
    starts = sorted({datetime.fromisoformat(v[0]) for s in series for v in s["values"]})
    columns = _columns(lead, starts, known_until)
    rows = []
    for s in series[:MOST_ROWS]:
        by_start = {datetime.fromisoformat(v[0]): v for v in s["values"]}
        cells = [by_start.get(c) for c in columns]
        over = (
            ()
            if limit is None or s["statistic"] != limit[0]
            else tuple(i for i, c in enumerate(cells) if c and c[1] is not None and c[1] > limit[1])
        )
        said = s["statistic"] == "ZsAvg" or (limit is not None and len(series) > 1)
        statistic = f" {STATISTICS.get(s['statistic'], s['statistic'])}" if said else ""
        unit = unit_text(s["unit"])
        rows.append(
            HourRow(f"{item_symbol(s['item'])}{statistic}{f' {unit}' if unit else ''}", tuple(map(_cell, cells)), over)
        )
    left = len(series) - len(rows)
    return HourTable(_heads(columns), tuple(rows), f"另有 {left} 个项目见冻结数据。" if left else "")


def _columns(lead: Lead, starts: Sequence[datetime], known_until: datetime) -> list[datetime]:
    """Starts of the intervals shown: a judged day whole, else some before and after the trigger, none yet unknown."""
    step = min((b - a for a, b in pairwise(starts)), default=timedelta(hours=1))
    if lead.finding and lead.finding.end - lead.finding.start == DAY:
        count = int(DAY / step)
        return [lead.finding.start + step * i for i in range(count)]
    anchor = max((s for s in starts if s <= lead.occurred_at), default=starts[0])
    columns = [anchor + step * (i - BEFORE) for i in range(COLUMNS)]
    return [c for c in columns if c <= known_until]


def _heads(columns: Sequence[datetime]) -> tuple[str, ...]:
    """Hours; with the day where a day or a band of columns begins."""
    heads, day = [], None
    for i, column in enumerate(map(clock.beijing, columns)):
        is_known = column.date() == day and i % COLUMNS
        heads.append(f"{column:%H}" if is_known else f"{column:%d/%H}")
        day = column.date()
    return tuple(heads)


def _cell(value: Sequence[Any] | None) -> str:
    if value is None:
        return EMPTY
    flag = "" if value[2] in NORMAL_FLAGS else f" {value[2]}"
    return f"{figure(value[1])}{flag}"
