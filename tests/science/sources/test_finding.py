"""The finding of a day: which hours count, how many must, what the trace says, worked out by hand."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from qingyuan.science.intervals import BEIJING, civil_day
from qingyuan.science.sources import Answer, HourValue, Judgement, Limit, Step, finding

DAY = civil_day(date(2026, 3, 2))
HOURS = list(DAY.hours())
AFTER = datetime(2026, 3, 3, 12, tzinfo=BEIJING)
NOX = Limit("NOx", "mg/m3", upper=Decimal(50))
COD = Limit("COD", "mg/L", upper=Decimal(40))


def gas(values: list[tuple[float | None, str]], industry: str = "waste_incineration") -> Judgement:
    hours = [HourValue(HOURS[n], value, "mg/m3", flag) for n, (value, flag) in enumerate(values)]
    return finding(hours, NOX, DAY, medium="flue_gas", industry=industry, as_of=AFTER)


def water(values: list[tuple[float | None, float | None]]) -> Judgement:
    hours = [HourValue(HOURS[n], value, "mg/L", "N", flow=flow) for n, (value, flow) in enumerate(values)]
    return finding(hours, COD, DAY, medium="waste_water", industry="paper", as_of=AFTER)


def step(judged: Judgement, name: str) -> Step:
    (found,) = [each for each in judged.steps if each.name == name]
    return found


def test_the_trace_says_by_which_time_it_is_judged() -> None:
    assert step(gas([(20.0, "N")] * 24), "平均时间").outcome == "日均值"
    by_hour = gas([(20.0, "N")], "steel")
    assert (by_hour.averaging, step(by_hour, "平均时间").outcome) == ("hour", "小时值")


@pytest.mark.parametrize(
    ("stopped", "valid", "needed", "rule", "is_enough"),
    [
        (0, 20, 20, "每日20小时", True), (0, 19, 20, "每日20小时", False),
        (4, 15, 15, "运行小时的75%", True), (4, 14, 15, "运行小时的75%", False),
        (23, 1, 1, "运行小时的75%", True), (21, 3, 3, "运行小时的75%", True), (21, 2, 3, "运行小时的75%", False),
    ],
)  # fmt: skip
def test_how_many_hours_of_flue_gas_must_be_valid(
    stopped: int, valid: int, needed: int, rule: str, is_enough: bool
) -> None:
    values: list[tuple[float | None, str]] = [(0.0, "F")] * stopped + [(20.0, "N")] * valid
    judged = gas(values + [(None, "N")] * (24 - len(values)))
    assert (judged.answer is Answer.PASS) == is_enough
    counted = step(judged, "有效小时")
    assert (counted.got, counted.rule) == (f"{valid}/{24 - stopped}", f"不少于{needed}（{rule}）")
    assert counted.outcome == ("足够" if is_enough else "不足")
    assert judged.reason == ("" if is_enough else f"有效小时{valid}，不足{needed}")


def test_a_day_without_an_hour_to_judge_and_one_without_a_valid_hour() -> None:
    assert gas([(0.0, "F")] * 24).reason == "全天停运或豁免，无可判小时"
    assert gas([(None, "N")] * 24).reason == "有效小时0，不足20"


@pytest.mark.parametrize(("valid", "is_enough"), [(18, True), (17, False)])
def test_how_many_hours_of_waste_water_must_be_valid(valid: int, is_enough: bool) -> None:
    judged = water([(30.0, 5.0)] * valid + [(None, 5.0)] * (24 - valid))
    assert (judged.answer is Answer.PASS) == is_enough
    assert step(judged, "有效小时").rule == "不少于18（排放小时的75%）"


def test_hours_are_weighed_by_flow_where_one_has_a_flow() -> None:
    """An hour whose flow is not known cannot be weighed and is none of the valid ones; a flow of 0 is no discharge."""
    judged = water([(10.0, 1.0)] * 10 + [(40.0, 3.0)] * 10 + [(900.0, None)] * 2 + [(900.0, 0.0)] * 2)
    assert judged.value == pytest.approx((10 * 10 + 40 * 30) / 40)
    assert step(judged, "有效小时").got == "20/22"
    assert step(judged, "日均值").rule == "流量加权"


def test_without_any_flow_the_mean_is_plain() -> None:
    judged = water([(10.0, None)] * 12 + [(40.0, None)] * 12)
    assert judged.value == pytest.approx(25.0)
    assert step(judged, "日均值").rule == "算术平均"
    assert step(judged, "有效小时").got == "24/24"


def test_a_value_of_nothing_is_a_value() -> None:
    judged = gas([(0.0, "N")] * 12 + [(10.0, "N")] * 12)
    assert judged.value == pytest.approx(5.0)
    assert step(judged, "日均值").got == "5 mg/m3"


def test_hours_in_two_units_are_averaged_in_that_of_the_first() -> None:
    hours = [HourValue(HOURS[n], 20.0, "mg/m3", "N") for n in range(1)]
    hours += [HourValue(HOURS[n], 20_000.0, "ug/m3", "N") for n in range(1, 24)]
    judged = finding(hours, NOX, DAY, medium="flue_gas", industry="waste_incineration", as_of=AFTER)
    assert judged.value == pytest.approx(20.0)
    assert step(judged, "日均值").got == "20 mg/m3"
    assert judged.answer is Answer.PASS
