"""Outlets: three answers, each with its trace."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingyuan.science.intervals import BEIJING, Interval, civil_day
from qingyuan.science.sources import Answer, HourValue, Limit, Tag, finding, finding_due, judge_hour

DAY = civil_day(date(2026, 3, 2))
HOURS = list(DAY.hours())
NOX = Limit("NOx", "mg/m3", upper=Decimal(50), source="许可证")
COD = Limit("COD", "mg/L", upper=Decimal(40))
AFTER = datetime(2026, 3, 3, 12, tzinfo=BEIJING)


def hour(value: float | None, flag: str | None = "N", place: int = 0, **more: float | None) -> HourValue:
    unit = str(more.pop("unit", "mg/m3"))
    return HourValue(HOURS[place], value, unit, flag, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "answer"),
    [
        (49.9, Answer.PASS),
        (50.0, Answer.PASS),
        (50.0000001, Answer.FAIL),
        (0.1 * 500, Answer.PASS),
        (None, Answer.CANNOT_TELL),
    ],
)
def test_equality_is_not_exceedance(value: float | None, answer: Answer) -> None:
    assert judge_hour(hour(value), NOX, medium="flue_gas").answer is answer


@given(
    value=st.sampled_from([None, -1.0, 0.0, 40.0, 50.0, 50.0000001, 80.0]),
    flag=st.sampled_from([None, "N", "F", "M", "S", "D", "C", "T", "B", "?"]),
    valid=st.sampled_from([None, 0, 44, 45, 60]),
    flow=st.sampled_from([None, 0.0, 3.0]),
    unit=st.sampled_from(["mg/m3", "ug/m3", "mg/L", "?"]),
    medium=st.sampled_from(["flue_gas", "waste_water"]),
    industry=st.sampled_from(["*", "thermal_power"]),
    tags=st.lists(st.sampled_from(["冷态启动", "停炉", "停运", "校准", "通讯中断", "正常", "无此标记"]), max_size=2),
    minutes=st.sampled_from([10, 50, 60]),
)
def test_without_its_words_the_answer_is_the_same(
    value: float | None, flag: str | None, valid: int | None, flow: float | None, unit: str, medium: str, industry: str,
    tags: list[str], minutes: int,
) -> None:  # fmt: skip
    """Very many hours are judged without the steps that pages show; two verdicts for one reading there must not be."""
    one = hour(value, flag, unit=unit, n_valid=valid, n_expected=None if valid is None else 60, flow=flow)  # type: ignore[arg-type]
    span = Interval(HOURS[0].start, HOURS[0].start + timedelta(minutes=minutes))
    put = [Tag(span, name) for name in tags]
    told = judge_hour(one, NOX, medium=medium, industry=industry, tags=put)
    bare = judge_hour(one, NOX, medium=medium, industry=industry, tags=put, explained=False)
    assert told.steps
    assert bare == replace(told, steps=())


@pytest.mark.parametrize(
    ("flag", "value", "answer"),
    [
        ("N", 80, Answer.FAIL),
        (None, 80, Answer.FAIL),
        ("F", 80, Answer.CANNOT_TELL),
        ("M", 80, Answer.CANNOT_TELL),
        ("S", 80, Answer.CANNOT_TELL),
        ("D", 80, Answer.CANNOT_TELL),
        ("C", 80, Answer.CANNOT_TELL),
        ("B", 80, Answer.CANNOT_TELL),
        ("T", 80, Answer.FAIL),
        ("T", 20, Answer.CANNOT_TELL),
        ("Z", 80, Answer.CANNOT_TELL),
    ],
    ids=str,
)
def test_hj212_table_8_flags(flag: str | None, value: float, answer: Answer) -> None:
    judged = judge_hour(hour(value, flag), NOX, medium="flue_gas")
    assert judged.answer is answer
    assert bool(judged.reason) == (answer is Answer.CANNOT_TELL)


@pytest.mark.parametrize(
    ("valid", "expected", "answer"),
    [(45, 60, Answer.FAIL), (44, 60, Answer.CANNOT_TELL), (9, 12, Answer.FAIL), (8, 12, Answer.CANNOT_TELL)],
)
def test_an_hour_needs_45_minutes(valid: int, expected: int, answer: Answer) -> None:
    judged = judge_hour(hour(80, n_valid=valid, n_expected=expected), NOX, medium="flue_gas")
    assert judged.answer is answer


def test_units_are_converted() -> None:
    judged = judge_hour(HourValue(HOURS[0], 60000.0, "ug/m3", "N"), NOX, medium="flue_gas")
    assert judged.answer is Answer.FAIL


def test_a_range_has_two_bounds() -> None:
    ph = Limit("pH", "1", upper=Decimal(9), lower=Decimal(6))
    answers = [judge_hour(hour(value, unit="1"), ph, medium="waste_water").answer for value in (5.9, 6, 9, 9.1)]
    assert answers == [Answer.FAIL, Answer.PASS, Answer.PASS, Answer.FAIL]


def test_the_trace_names_every_step() -> None:
    judged = judge_hour(hour(80, n_valid=60, n_expected=60), NOX, medium="flue_gas")
    order = ["接收", "数据标识", "有效率", "设备标记", "工况标记", "限值比较"]
    assert [step.name for step in judged.steps] == order
    bare = judge_hour(hour(80, None), NOX, medium="flue_gas")
    assert [step.name for step in bare.steps] == order
    assert bare.steps[2].got == "未报"
    assert judged.steps[-1].outcome == "超标"
    assert "许可证" in judged.steps[-1].rule


@pytest.mark.parametrize(
    ("name", "industry", "item", "length", "place", "answer"),
    [
        ("维护", "steel", "NOx", 1, 0, Answer.CANNOT_TELL),
        ("启炉", "thermal_power", "NOx", 6, 3, Answer.CANNOT_TELL),
        ("启炉", "thermal_power", "NOx", 6, 4, Answer.FAIL),
        ("启炉", "thermal_power", "SO2", 6, 0, Answer.FAIL),
        ("启炉", "steel", "NOx", 6, 0, Answer.FAIL),
        ("正常", "steel", "NOx", 6, 0, Answer.FAIL),
    ],
)
def test_tags_exempt_only_their_items_for_their_time(
    name: str, industry: str, item: str, length: int, place: int, answer: Answer
) -> None:
    tag = Tag(Interval(DAY.start, DAY.start + timedelta(hours=length)), name)
    limit = Limit(item, "mg/m3", upper=Decimal(50))
    judged = judge_hour(hour(80, place=place), limit, medium="flue_gas", industry=industry, tags=[tag])
    assert judged.answer is answer


def test_device_tags_come_before_condition_tags() -> None:
    """Whichever was made first: a fault spoils the hour before a start-up exempts it."""
    tags = [Tag(Interval(DAY.start, DAY.start + timedelta(hours=1)), name) for name in ("启炉", "故障")]
    judged = judge_hour(hour(80), NOX, medium="flue_gas", industry="thermal_power", tags=tags)
    assert [(s.name, s.got) for s in judged.steps[3:]] == [("设备标记", "故障"), ("工况标记", "启炉")]
    assert "故障" in judged.reason


def test_tags_close_at_noon_of_the_next_day() -> None:
    assert finding_due(HOURS[23]) == AFTER
    early = finding([hour(80)], NOX, HOURS[0], medium="flue_gas", industry="steel", as_of=AFTER - timedelta(seconds=1))
    late = finding([hour(80)], NOX, HOURS[0], medium="flue_gas", industry="steel", as_of=AFTER)
    assert (early.answer, late.answer) == (Answer.CANNOT_TELL, Answer.FAIL)
    assert "截止" in early.reason


def day_of_values(values: list[float | None], **more: float) -> list[HourValue]:
    return [hour(value, place=place, **more) for place, value in enumerate(values)]


def test_incineration_is_judged_by_the_day() -> None:
    """One hour far over the limit is no finding when the day's mean holds it (GB 18485, MEE Order 10)."""
    values: list[float | None] = [20.0] * 23 + [300.0]
    judged = finding(
        day_of_values(values), NOX, HOURS[23], medium="flue_gas", industry="waste_incineration", as_of=AFTER
    )
    assert (judged.answer, judged.averaging, judged.interval) == (Answer.PASS, "day", DAY)
    assert judged.value == pytest.approx(760 / 24)


def test_waste_water_is_weighted_by_flow() -> None:
    hours = [hour(10, place=0, unit="mg/L", flow=1)] + [
        hour(50, place=place, unit="mg/L", flow=9) for place in range(1, 24)
    ]
    judged = finding(hours, COD, DAY, medium="waste_water", industry="paper", as_of=AFTER)
    assert judged.answer is Answer.FAIL
    assert judged.value == pytest.approx((10 + 23 * 9 * 50) / (1 + 23 * 9))


def test_hours_without_discharge_leave_the_denominator() -> None:
    hours = [hour(90, place=place, unit="mg/L", flow=0) for place in range(16)]
    hours += [hour(30, place=place, unit="mg/L", flow=5) for place in range(16, 24)]
    judged = finding(hours, COD, DAY, medium="waste_water", industry="paper", as_of=AFTER)
    assert (judged.answer, judged.value) == (Answer.PASS, 30)


@pytest.mark.parametrize(("valid", "answer"), [(20, Answer.FAIL), (19, Answer.CANNOT_TELL)])
def test_a_day_of_flue_gas_needs_20_hours(valid: int, answer: Answer) -> None:
    values: list[float | None] = [80.0] * valid + [None] * (24 - valid)
    judged = finding(day_of_values(values), NOX, DAY, medium="flue_gas", industry="waste_incineration", as_of=AFTER)
    assert judged.answer is answer


def test_a_plant_stopped_all_day_cannot_be_judged() -> None:
    hours = [hour(0, "F", place) for place in range(24)]
    judged = finding(hours, NOX, DAY, medium="flue_gas", industry="waste_incineration", as_of=AFTER)
    assert judged.answer is Answer.CANNOT_TELL
    assert "停运" in judged.reason


def test_order_of_hours_does_not_matter() -> None:
    hours = day_of_values([float(value) for value in range(24)])
    arguments = {"medium": "flue_gas", "industry": "waste_incineration", "as_of": AFTER}
    assert finding(hours, NOX, DAY, **arguments) == finding(hours[::-1], NOX, DAY, **arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [-0.1, -5.0])
def test_hj212_appendix_d_a_negative_value_counts_nowhere(value: float) -> None:
    judged = judge_hour(hour(value), NOX, medium="flue_gas")
    assert (judged.answer, judged.reason) == (Answer.CANNOT_TELL, "负值，不采用")
    dust = Limit("dust", "mg/m3", upper=Decimal(20))
    hours = [hour(25.0, place=n) for n in range(20)] + [hour(value * 100, place=n) for n in range(20, 24)]
    day = finding(hours, dust, DAY, medium="flue_gas", industry="waste_incineration", as_of=AFTER)
    assert (day.value, day.answer) == (25.0, Answer.FAIL), "negative hours pulled the mean under the limit"


def test_a_temperature_may_be_negative() -> None:
    warm = Limit("water_temperature", "degC", upper=Decimal(35))
    assert judge_hour(hour(-0.5, unit="degC"), warm, medium="waste_water").answer is Answer.PASS


@pytest.mark.parametrize("value", [90.0, None])
def test_hj356_an_hour_without_flow_is_no_discharge(value: float | None) -> None:
    """What stands in the pipe is not discharged: no warning, and no finding on its pH."""
    still = hour(value, unit="mg/L", flow=0.0)
    judged = judge_hour(still, COD, medium="waste_water")
    assert (judged.answer, judged.reason) == (Answer.CANNOT_TELL, "流量为 0，没有排放")
    ph = Limit("pH", "1", upper=Decimal(9), lower=Decimal(6))
    sour = hour(3.0, unit="1", flow=0.0)
    assert finding([sour], ph, HOURS[0], medium="waste_water", industry="*", as_of=AFTER).answer is Answer.CANNOT_TELL
    flowing = hour(3.0, unit="1", flow=0.01)
    assert finding([flowing], ph, HOURS[0], medium="waste_water", industry="*", as_of=AFTER).answer is Answer.FAIL


@pytest.mark.parametrize(("minutes", "answer"), [(14, Answer.FAIL), (15, Answer.CANNOT_TELL), (60, Answer.CANNOT_TELL)])
@pytest.mark.parametrize("name", ["校准", "维护", "停运"])
def test_a_device_tag_of_less_than_15_minutes_leaves_the_hour(name: str, minutes: int, answer: Answer) -> None:
    start = HOURS[0].end - timedelta(minutes=minutes)
    tag = Tag(Interval(start, start + timedelta(minutes=minutes + 5)), name)
    judged = judge_hour(hour(80), NOX, medium="flue_gas", tags=[tag])
    assert judged.answer is answer
    later = judge_hour(hour(80, place=1), NOX, medium="flue_gas", tags=[tag])
    assert later.answer is Answer.FAIL, "five minutes of the next hour are too few"


def test_baking_a_furnace_has_no_time_limit() -> None:
    dust = Limit("dust", "mg/m3", upper=Decimal(30))
    tag = Tag(Interval(HOURS[0].start, HOURS[0].start + timedelta(days=3)), "烘炉")
    baked = judge_hour(hour(80, place=20), dust, medium="flue_gas", industry="waste_incineration", tags=[tag])
    assert (baked.answer, baked.reason) == (Answer.CANNOT_TELL, "标记烘炉：不判超标")
    power = judge_hour(hour(80, place=20), dust, medium="flue_gas", industry="thermal_power", tags=[tag])
    assert power.answer is Answer.FAIL


def test_the_trace_says_which_rule_of_the_day_was_used() -> None:
    """Sources conflict on how many hours make a day."""
    dust = Limit("dust", "mg/m3", upper=Decimal(20))

    def rule(hours: list[HourValue], limit: Limit, medium: str) -> str:
        judged = finding(hours, limit, DAY, medium=medium, industry="waste_incineration", as_of=AFTER)
        return next(step.rule for step in judged.steps if step.name == "有效小时")

    running = [hour(10, place=n) for n in range(12)]
    assert rule(running, dust, "flue_gas") == "不少于20（每日20小时）"
    stopped = [hour(0, "F", place=n) for n in range(12, 24)]
    assert rule([*running, *stopped], dust, "flue_gas") == "不少于9（运行小时的75%）"
    assert rule([hour(10, place=0, unit="mg/L")], COD, "waste_water") == "不少于18（排放小时的75%）"
