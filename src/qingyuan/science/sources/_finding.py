"""The finding: judged by the rule's averaging time, once the tags are closed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal

from qingyuan.rules import AveragingRule, RuleBook, rule_book
from qingyuan.science.intervals import BEIJING, Interval, beijing_date, civil_day
from qingyuan.science.rollup import roll_up
from qingyuan.science.sources._hour import HourState, compare, hour_state
from qingyuan.science.sources._model import Answer, HourValue, Judgement, Limit, Step, Tag

HOURS_OF_DAY = 24


def finding_due(interval: Interval, *, book: RuleBook | None = None) -> datetime:
    """When the tags of an interval are closed: 12:00 Beijing time of the day after it began.

    References
    ----------
    MEE Announcement 2022 No. 21: tags of a day by noon of the next; without a tag, no objection.
    """
    book = rule_book() if book is None else book
    day = beijing_date(interval.start)
    hour = int(book.validity("tag.deadline.hour", day))
    return datetime.combine(day + timedelta(days=1), time(hour), BEIJING)


def finding(
    hours: Sequence[HourValue],
    limit: Limit,
    interval: Interval,
    *,
    medium: str,
    industry: str,
    as_of: datetime,
    tags: Iterable[Tag] = (),
    book: RuleBook | None = None,
) -> Judgement:
    """Pass, fail or cannot tell, by the averaging time that the rule of the industry judges by.

    Parameters
    ----------
    hours
        The hours of one item inside `interval`, any order; one per hour.
    interval
        The hour or the Beijing day that is judged: whichever holds `interval.start`.
    as_of
        The instant of judging; before `finding_due` the answer is cannot tell.

    Notes
    -----
    Day: mean of the valid hours, flow-weighted for waste water where flow is known (the trace says which).
    Stopped hours, and hours with a flow of 0, leave the denominator; exempt hours are not judged and leave
    it too. Flue gas needs 20 valid hours, on days with stopped or exempt hours the share of the rest; waste
    water always the share. Nothing left to judge, or too little, is cannot tell.

    References
    ----------
    Rule book: source_averaging.csv, validity.csv.
    """
    book = rule_book() if book is None else book
    day = beijing_date(interval.start)
    rule = book.averaging_rule(industry, medium, limit.item, day)
    span = civil_day(day) if rule.averaging == "day" else interval
    due = finding_due(span, book=book)
    head = Step("平均时间", rule.averaging, rule.origin.standard, "日均值" if rule.averaging == "day" else "小时值")
    if as_of < due:
        reason = f"标记截止时间{due:%Y-%m-%d %H:%M}未到"
        return Judgement(Answer.CANNOT_TELL, span, rule.averaging, None, limit, reason, (head,))
    marks = tuple(tags)
    states = [
        hour_state(hour, limit.item, medium=medium, industry=industry, tags=marks, book=book)
        for hour in sorted(hours, key=lambda hour: hour.interval)
        if span.covers(hour.interval.start)
    ]
    if rule.averaging == "hour":
        return _hour(states, limit, span, head, book)
    return _day(states, limit, span, rule, head, book=book)


def _hour(states: Sequence[HourState], limit: Limit, span: Interval, head: Step, book: RuleBook) -> Judgement:
    if not states:
        return Judgement(Answer.CANNOT_TELL, span, "hour", None, limit, "数据缺失", (head,))
    state = states[0]
    value = state.hour.value
    if state.state not in ("valid", "lower_bound") or value is None:
        steps = (head, *state.steps)
        return Judgement(Answer.CANNOT_TELL, span, "hour", value, limit, state.reason, steps)
    judged = compare(state, limit, value, "hour", book)
    return Judgement(judged.answer, span, "hour", value, limit, judged.reason, (head, *judged.steps))


def _day(
    states: Sequence[HourState],
    limit: Limit,
    span: Interval,
    rule: AveragingRule,
    head: Step,
    *,
    book: RuleBook,
) -> Judgement:
    weighed = rule.statistic == "flow_weighted" and any(state.hour.flow is not None for state in states)
    dry = [weighed and state.hour.flow == 0 for state in states]
    out = sum(none or state.state in ("not_counted", "exempt") for state, none in zip(states, dry, strict=True))
    valid = [state for state in states if state.state == "valid" and (not weighed or _flows(state))]
    due = HOURS_OF_DAY - out
    needed, by = _needed(rule.medium, out, due, span, book)
    count = Step(
        "有效小时", f"{len(valid)}/{due}", f"不少于{needed}（{by}）", "足够" if len(valid) >= needed else "不足"
    )
    steps = (head, *_unusual(states), *_computed(valid), count)
    if not valid or len(valid) < needed:
        reason = "全天停运或豁免，无可判小时" if due == 0 else f"有效小时{len(valid)}，不足{needed}"
        return Judgement(Answer.CANNOT_TELL, span, "day", None, limit, reason, steps)
    unit = valid[0].hour.unit
    values = [book.convert(state.hour.value or 0.0, state.hour.unit, unit) for state in valid]
    flows = [state.hour.flow or 0.0 for state in valid] if weighed else None
    mean = roll_up(values, HOURS_OF_DAY, "flow_weighted" if weighed else "mean", flows).value
    assert mean is not None
    steps = (*steps, Step("日均值", f"{mean:.6g} {unit}", "流量加权" if weighed else "算术平均", ""))
    whole = HourState(HourValue(span, mean, unit), "valid", "", steps)
    return compare(whole, limit, mean, "day", book)


def _flows(state: HourState) -> bool:
    return state.hour.flow is not None and state.hour.flow > 0


def _needed(medium: str, out: int, due: int, span: Interval, book: RuleBook) -> tuple[int, str]:
    """How many hours must be valid, and by which rule: sources conflict, so that the trace says which was used."""
    day = beijing_date(span.start)
    if medium == "flue_gas" and not out:
        least = book.validity("flue_gas.day.hours", day)
        return int(least), f"每日{least.normalize():f}小时"
    key = "flue_gas.day.operating_share" if medium == "flue_gas" else "waste_water.day.share"
    share: Decimal = book.validity(key, day)
    whose = "运行小时" if medium == "flue_gas" else "排放小时"
    return math.ceil(share * due), f"{whose}的{(share * 100).normalize():f}%"


def _computed(valid: Sequence[HourState]) -> list[Step]:
    """Says how many hours of the mean were converted here and not by the device."""
    made = [state.hour.conversion for state in valid if state.hour.conversion is not None]
    return [Step("折算", f"{len(made)} 小时", made[0].rule, "本系统计算")] if made else []


def _unusual(states: Sequence[HourState]) -> list[Step]:
    return [
        Step(f"{state.hour.interval.start.astimezone(BEIJING):%H}时", state.state, "", state.reason)
        for state in states
        if state.state != "valid"
    ]
