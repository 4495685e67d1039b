"""Whether the readings bear out what a case is to be closed as: a plant that runs and complies, data that came back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from qingyuan import clock
from qingyuan.bureau.base.display import POWER, item_name
from qingyuan.bureau.base.errors import Missing, WrongState
from qingyuan.bureau.cases.models import Case
from qingyuan.bureau.cases.queries.definition import Definition, current
from qingyuan.bureau.monitoring.queries.values import freshness, series_values
from qingyuan.bureau.registers.models import Meter, Outlet, Point
from qingyuan.bureau.values.queries.tags_in_force import counting_tags
from qingyuan.rules import rule_book

HOUR = timedelta(hours=1)
LONGEST = timedelta(days=14)
SHOWN = 24


@dataclass(frozen=True)
class HourSince:
    """One hour of an item since the plant was put right. state: pass, fail, tagged, stopped, cannot_tell."""

    item: str
    start: datetime
    value: float | None
    limit: str
    state: str
    reason: str


@dataclass(frozen=True)
class Since:
    """What the readings say. verdict: complies, over, too_few, stopped; arrived, silent; none: there are no readings."""

    verdict: str
    words: str
    since: datetime | None = None
    needed: int = 0
    hours: list[HourSince] = field(default_factory=list)


def _has_hours(case: Case) -> bool:
    outlet = Outlet.objects.filter(point=case.point_id).first() if case.point_id else None
    return outlet is not None and outlet.limits.exists()


def basis_of(case: Case) -> str:
    """What a closing of the case rests on: hours, arrival, proof (named by a person), or nothing that is asked for."""
    by = current(case.kind).closing.by
    if by == "hours":
        return "hours" if _has_hours(case) else "proof"
    if by == "arrival":
        return "arrival" if case.point_id else "proof"
    return ""


def beginning_of(case: Case) -> datetime:
    """From when readings count: the last rectification that was done, the last reopening, or else the opening."""
    instants = [case.opened_at]
    instants += [r.done_at for r in case.rectifications.all() if r.done_at is not None]
    instants += [e.at for e in case.events.all() if e.verb == "reopen"]
    return max(instants)


def readings_since(case: Case) -> Since | None:
    """What the readings since the rectification say; None where a closing of this case rests on none."""
    basis = basis_of(case)
    if basis == "arrival":
        assert case.point is not None
        return _arrival(case.point)
    if basis == "hours":
        assert case.point is not None
        return running_since(case.point, beginning_of(case), _items(case), case.kind)
    return None


def _items(case: Case) -> set[str]:
    """The items that the case is about; empty for every item of the outlet."""
    rows = case.leads.filter(Q(finding__isnull=False) | Q(alert__isnull=False)).select_related("finding", "alert")
    return {i for lead in rows for i in ((lead.finding or lead.alert).item,) if i}  # type: ignore[union-attr]


def _arrival(point: Point) -> Since:
    fresh = freshness([point])[point.code]
    if fresh.last_end is None or fresh.is_silent or fresh.is_history:
        last = f"{clock.beijing(fresh.last_end):%Y-%m-%d %H:%M}" if fresh.last_end else "无"
        return Since("silent", f"点位仍没有数据（最近数据：{last}）")
    return Since("arrived", f"数据已恢复，最近数据 {clock.beijing(fresh.last_end):%Y-%m-%d %H:%M}")


def running_since(point: Point, since: datetime, items: set[str], kind: str) -> Since:
    """The hours of an outlet from the first whole hour after `since` on, and what they add up to.

    The newest hours that count decide: the plant ran, the value is valid, nobody tagged it. As many as the setting
    `case.closing.<kind>.hours` asks for must comply, for every item.
    """
    now = clock.now()
    needed = int(rule_book().alert_threshold(f"case.closing.{kind}.hours", clock.beijing(now).date()).value)
    first = _first_hour(since, now)
    hours = [h for h in _hours(point, first, now) if not items or h.item in items]
    by_item: dict[str, list[HourSince]] = {item: [] for item in sorted(items)}
    for hour in hours:
        by_item.setdefault(hour.item, []).append(hour)
    found = [_verdict(item, rows, needed) for item, rows in by_item.items()] or [("too_few", "没有收到小时值")]
    order = ("over", "too_few", "stopped", "complies")
    verdict, words = min(found, key=lambda pair: order.index(pair[0]))
    return Since(verdict, words, first, needed, hours[-SHOWN * max(1, len(by_item)) :])


def hours_since(point: Point, since: datetime, now: datetime) -> list[HourSince]:
    """The whole hours of an outlet after an instant, each with what it is: at most two weeks back."""
    return _hours(point, _first_hour(since, now), now)


def _first_hour(since: datetime, now: datetime) -> datetime:
    first = max(since, now - LONGEST)
    is_whole = not (first.minute or first.second or first.microsecond)
    return first.replace(minute=0, second=0, microsecond=0) + (timedelta(0) if is_whole else HOUR)


def _verdict(item: str, rows: list[HourSince], needed: int) -> tuple[str, str]:
    name = item_name(item)
    counted = [h for h in rows if h.state in {"pass", "fail"}][-needed:]
    over = [h for h in counted if h.state == "fail"]
    if over:
        last = over[-1]
        when = f"{clock.beijing(last.start):%m-%d %H:%M}"
        return "over", f"{name} {when} 的小时值 {last.value:g}，超过限值 {last.limit}"
    if rows and rows[-1].state == "stopped" and not counted:
        return "stopped", f"{name} 自整改以来没有运行小时，现为停产"
    if len(counted) < needed:
        return "too_few", f"{name} 自整改以来运行、有效、未标记的小时有 {len(counted)} 个，须连续 {needed} 个达标"
    return "complies", f"{name} 最近 {needed} 个运行小时均达标"


def _hours(point: Point, start: datetime, end: datetime) -> list[HourSince]:
    from qingyuan.bureau.judging.queries.afresh import outlet_hours  # evaluation stands beside, not below

    outlet = Outlet.objects.get(point=point)
    stopped = _stopped_hours(outlet, start, end)
    tags = list(counting_tags().filter(outlet=outlet, start__lt=end, end__gt=start))
    flags = rule_book().flags
    found = []
    for h in outlet_hours(point, start, end):
        state, reason = str(h["answer"]), str(h["reason"])
        flag = flags.get(h["flag"]) if h["flag"] else None
        if h["end"] > end:
            continue
        if h["start"] in stopped or (flag is not None and flag.effect == "not_counted") or "停运" in reason:
            state, reason = "stopped", reason or "没有运行"
        elif any(t.start < h["end"] and t.end > h["start"] and t.item in {"", h["item"]} for t in tags):
            state, reason = "tagged", reason or "企业已标记"
        elif "流量为 0" in reason:
            state = "stopped"
        found.append(HourSince(h["item"], h["start"], h["value"], h["limit"], state, reason))
    return found


def _stopped_hours(outlet: Outlet, start: datetime, end: datetime) -> set[datetime]:
    """Hours in which the plant did not run: a planned stop, no flue gas, plain air in it, no power at the production."""
    day = clock.beijing(end).date()
    air = float(rule_book().alert_threshold("case.closing.idle.oxygen", day).value)
    power = float(rule_book().alert_threshold("case.closing.idle.power", day).value)
    stopped: set[datetime] = set()
    for stop in outlet.point.planned_stops.filter(start__lt=end, end__gt=start):
        hour = start
        while hour < end:
            if stop.start <= hour < stop.end:
                stopped.add(hour)
            hour += HOUR
    if outlet.medium == Outlet.Medium.GAS:
        stopped |= {v["start"] for v in _values(outlet.point.code, "flue_flow", start, end) if v["value"] <= 0}
        stopped |= {v["start"] for v in _values(outlet.point.code, "O2", start, end) if v["value"] >= air}
    for meter in outlet.meters.filter(unit=Meter.Unit.PRODUCTION).select_related("point"):
        values = [v for item in POWER for v in _values(meter.point.code, item, start, end)]
        stopped |= {v["start"] for v in values if v["value"] <= power}
    return stopped


def _values(code: str, item: str, start: datetime, end: datetime) -> list[dict[str, Any]]:
    return [v for v in series_values(code, item, "hour", start, end) if v["value"] is not None]


def check_closing(case: Case, given: Mapping[str, Any]) -> None:
    """Stop a closing that the readings do not bear out, unless a person overrides it in writing.

    Raises WrongState with what the readings say, Missing where the proof is to be named.
    """
    plan = current(case.kind).closing
    outcome, basis = given.get("outcome"), basis_of(case)
    if basis == "proof" and not given.get("proof"):
        raise Missing("本案没有自动监测读数可以复核；请写明核实依据（如现场复查照片、监测报告编号）", "proof")
    if given.get("override"):
        return
    if outcome in plan.claims and basis != "proof":
        said = readings_since(case)
        if said is not None and said.verdict not in {"complies", "arrived"}:
            raise WrongState(f"{said.words}；不能按“已整改”或“已恢复”办结。{_way_out(current(case.kind), said)}")
    if plan.stopped and outcome == plan.stopped and basis == "hours":
        said = readings_since(case)
        if said is not None and said.hours and said.hours[-1].state in {"pass", "fail"}:
            raise WrongState("最近的小时值显示仍在运行，不能按停产办结；请退回重办，或改选结果")


def _way_out(kind: Definition, said: Since) -> str:
    if said.verdict == "stopped" and kind.closing.stopped:
        return f"请选择结果“{kind.outcomes[kind.closing.stopped]}”"
    return "请退回重办、等读数齐备，或由决定人写明理由后办结"
