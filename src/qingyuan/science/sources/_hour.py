"""One hour, in this order: what came, its flag, its coverage, device tags, condition tags, then the limit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from qingyuan.rules import RuleBook, RulesError, TagRule, rule_book
from qingyuan.science.intervals import Interval, beijing_date
from qingyuan.science.rounding import LARGEST
from qingyuan.science.sources._model import Answer, HourValue, Judgement, Limit, Step, Tag

FULL_HOUR = 60
DEVICE_TAG, CONDITION_TAG = "设备标记", "工况标记"
NONE = "无"


@dataclass(frozen=True)
class HourState:
    """Whether an hour counts: valid, invalid, missing, not_counted, exempt or lower_bound."""

    hour: HourValue
    state: str
    reason: str
    steps: tuple[Step, ...]


class _Trace:
    """The lines of the steps; None where nobody asks for them."""

    def __init__(self, lines: list[Step] | None) -> None:
        self.lines = lines

    def add(self, name: str, got: str, rule: str, outcome: str) -> None:
        """One more line."""
        if self.lines is not None:
            self.lines.append(Step(name, got, rule, outcome))


def judge_hour(
    hour: HourValue,
    limit: Limit,
    *,
    medium: str,
    industry: str = "*",
    tags: Iterable[Tag] = (),
    book: RuleBook | None = None,
    explained: bool = True,
) -> Judgement:
    """Is this hour over its limit? The trigger of a provisional alert.

    Parameters
    ----------
    medium
        "flue_gas" or "waste_water".
    industry
        Picks the condition tags that exempt, for instance "thermal_power".
    explained
        False leaves the steps out, where only the answer is asked, of very many hours; the answer is the same.

    Notes
    -----
    Invalid, missing, stopped and exempt hours are "cannot tell", with the reason. A value over range (flag
    T) is a lower bound: it fails above the limit, else cannot tell. A negative value of an item that cannot be
    negative is invalid. An hour of waste water with a flow of 0 is no discharge and not judged. A device tag of
    fewer minutes of the hour than `tag.hour.minutes` changes nothing. Equality is not exceedance; the value is
    compared as it is, not rounded. An absent coverage is not held against an hour that the device itself
    averaged.

    References
    ----------
    HJ 212-2017, table 8, appendix D; MEE Announcement 2022 No. 21 (tags); HJ 356-2019 (zero flow, a setting); GB/T
    8170-2008, 4.3 (full value compared).
    """
    book = rule_book() if book is None else book
    state = hour_state(hour, limit.item, medium=medium, industry=industry, tags=tags, book=book, explained=explained)
    if state.state not in ("valid", "lower_bound") or hour.value is None:
        return Judgement(Answer.CANNOT_TELL, hour.interval, "hour", hour.value, limit, state.reason, state.steps)
    return compare(state, limit, hour.value, "hour", book, explained=explained)


def compare(
    state: HourState, limit: Limit, value: float, averaging: str, book: RuleBook, *, explained: bool = True
) -> Judgement:
    """Hold a value against the limit; equality passes."""
    try:
        converted = _exact(book.convert(value, state.hour.unit, limit.unit))
    except RulesError:
        reason = f"单位“{state.hour.unit}”不能换算为限值的单位“{limit.unit}”"
        steps = (*state.steps, Step("单位换算", state.hour.unit, limit.unit, "无法判定"))
        return Judgement(Answer.CANNOT_TELL, state.hour.interval, averaging, value, limit, reason, steps)
    over = limit.upper is not None and converted > limit.upper
    under = limit.lower is not None and converted < limit.lower
    answer, reason = (Answer.FAIL if over or under else Answer.PASS), ""
    if answer is Answer.PASS and state.state == "lower_bound":
        answer, reason = Answer.CANNOT_TELL, "超测量上限，实际值不低于所报值"
    if not explained:
        return Judgement(answer, state.hour.interval, averaging, value, limit, reason, state.steps)
    outcome = {Answer.FAIL: "超标", Answer.PASS: "达标", Answer.CANNOT_TELL: "无法判定"}[answer]
    step = Step("限值比较", f"{converted.normalize():f}", f"{limit.text()} {limit.source}".strip(), outcome)
    return Judgement(answer, state.hour.interval, averaging, value, limit, reason, (*state.steps, step))


def _exact(value: float) -> Decimal:
    """The value without the tail that binary fractions leave."""
    printed = Decimal(repr(value))
    return printed.quantize(Decimal("1e-8")) if abs(value) < LARGEST else printed


def hour_state(
    hour: HourValue,
    item: str,
    *,
    medium: str,
    industry: str,
    tags: Iterable[Tag],
    book: RuleBook,
    explained: bool = True,
) -> HourState:
    """Whether an hour counts, before any limit is looked at. Every step leaves its line, also where it found nothing;
    none does where it need not be `explained`.
    """
    steps = _Trace([_received(hour), *(() if hour.conversion is None else (hour.conversion,))] if explained else None)
    state, reason = _by_flag(hour, item, book, steps)
    if medium == "waste_water" and hour.flow == 0:
        state, reason = "not_counted", "流量为 0，没有排放"
        steps.add("流量", "0", "HJ356-2019", "没有排放，不计")
    if state in ("valid", "lower_bound"):
        covered, gap = _by_coverage(hour, medium, book, steps)
        state, reason = (state, reason) if covered else ("invalid", gap)
    met: dict[str, list[tuple[Tag, TagRule | None]]] = {DEVICE_TAG: [], CONDITION_TAG: []}
    for tag in sorted(tags, key=lambda tag: (tag.interval, tag.name_zh)):
        if tag.interval.overlaps(hour.interval):
            rule = book.tag_rule(tag.name_zh, industry, beijing_date(hour.interval.start))
            is_device = rule is not None and rule.effect != "exempt"
            met[DEVICE_TAG if is_device else CONDITION_TAG].append((tag, rule))
    for name, found in met.items():
        if not found:
            steps.add(name, NONE, "", "")
        for tag, rule in found:
            effect, why = _by_tag(tag, rule, hour, item, book)
            steps.add(name, tag.name_zh, "" if rule is None else rule.origin.standard, why)
            if effect is not None and state in ("valid", "lower_bound"):
                state, reason = effect, why
    return HourState(hour, state, reason, tuple(steps.lines or ()))


def _received(hour: HourValue) -> Step:
    if hour.value is None and hour.conversion is None:
        return Step("接收", NONE, "", "缺失")
    if hour.conversion is not None:
        return Step("接收", "实测值和含氧量", "", "设备没有报折算值")
    unit = "" if hour.unit == "1" else f" {hour.unit}"
    return Step("接收", f"{hour.value:.10g}{unit}", "", "收到")


def _by_flag(hour: HourValue, item: str, book: RuleBook, steps: _Trace) -> tuple[str, str]:
    if hour.value is None:
        return "missing", "数据缺失" if hour.conversion is None else hour.conversion.outcome
    if hour.value < 0 and not _may_be_negative(item, book):
        steps.add("数据标识", "负值", "HJ212-2017 附录D", "无效")
        return "invalid", "负值，不采用"
    if hour.flag is None:
        steps.add("数据标识", "未传", "HJ212-2017", "按正常")
        return "valid", ""
    flag = book.flags.get(hour.flag)
    if flag is None:
        steps.add("数据标识", hour.flag, "HJ212-2017 表8", "未知标识，不采用")
        return "invalid", f"未知数据标识{hour.flag}"
    words = {"valid": "有效", "invalid": "无效", "not_counted": "停运，不计", "lower_bound": "仅作下限"}
    steps.add("数据标识", f"{hour.flag} {flag.name_zh}", "HJ212-2017 表8", words[flag.effect])
    return flag.effect, "" if flag.effect == "valid" else f"数据标识{hour.flag}（{flag.name_zh}）"


def _may_be_negative(item: str, book: RuleBook) -> bool:
    known = book.items.get(item)
    return known is not None and known.plausible_low < 0


def _by_coverage(hour: HourValue, medium: str, book: RuleBook, steps: _Trace) -> tuple[bool, str]:
    if hour.n_valid is None or not hour.n_expected:
        steps.add("有效率", "未报", "", "设备自算的小时值，不另核")
        return True, ""
    minutes = int(book.validity(f"{medium}.hour.minutes", beijing_date(hour.interval.start)))
    enough = hour.n_valid * FULL_HOUR >= minutes * hour.n_expected
    got = f"{hour.n_valid}/{hour.n_expected}"
    steps.add("有效率", got, f"每小时不少于{minutes}分钟", "足够" if enough else "不足")
    return enough, "" if enough else f"有效数据{got}，不足{minutes}分钟"


def _by_tag(tag: Tag, rule: TagRule | None, hour: HourValue, item: str, book: RuleBook) -> tuple[str | None, str]:
    """What a tag makes of the hour, None: nothing; and the words of it, which begin with 标记 where it makes something."""
    if rule is None:
        return None, "规则中没有此标记，不改变判定"
    if rule.effect == "judged":
        return None, "照常判定"
    if rule.effect == "exempt":
        return _by_condition(tag, rule, hour, item)
    covered = min(tag.interval.end, hour.interval.end) - max(tag.interval.start, hour.interval.start)
    least = int(book.validity("tag.hour.minutes", beijing_date(hour.interval.start)))
    if covered < timedelta(minutes=least):
        return None, f"只标了{covered.total_seconds() / 60:g}分钟，不足{least}分钟，不改变判定"
    words = {"invalid": "无效", "missing": "缺失", "not_counted": "停运，不计"}
    return rule.effect, f"标记{tag.name_zh}：{words[rule.effect]}"


def _by_condition(tag: Tag, rule: TagRule, hour: HourValue, item: str) -> tuple[str | None, str]:
    if "*" not in rule.items and item not in rule.items:
        return None, f"此标记不豁免{item}"
    if rule.limit_hours is None:
        return "exempt", f"标记{tag.name_zh}：不判超标"
    allowed = Interval(tag.interval.start, tag.interval.start + timedelta(hours=rule.limit_hours))
    if hour.interval.end > allowed.end:
        return None, f"超过豁免时限{rule.limit_hours}小时"
    return "exempt", f"标记{tag.name_zh}：{rule.limit_hours}小时内不判超标"
