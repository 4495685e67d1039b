"""The finding of a day: which hours count, how many must, what the trace says, worked out by hand."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from qingyuan.science.intervals import BEIJING, Interval, civil_day
from qingyuan.science.sources import Answer, HourValue, Judgement, Limit, Step, Tag, finding, judge_hour

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


class TestTheTraceOfAnHour:
    def judged(self, hour: HourValue, limit: Limit = NOX, *tags: Tag, medium: str = "flue_gas") -> Judgement:
        return judge_hour(hour, limit, medium=medium, industry="thermal_power", tags=tags)

    def test_what_came(self) -> None:
        came = self.judged(HourValue(HOURS[0], 41.5, "mg/m3", "N"))
        assert step(came, "接收") == Step("接收", "41.5 mg/m3", "", "收到")
        bare = self.judged(HourValue(HOURS[0], 7.0, "1", "N"), Limit("pH", "1", Decimal(9), Decimal(6)))
        assert step(bare, "接收").got == "7"
        assert step(self.judged(HourValue(HOURS[0], None, "mg/m3", "N")), "接收") == Step("接收", "无", "", "缺失")

    def test_what_was_converted_here(self) -> None:
        made = Step("折算", "6 %", "HJ 212-2017 附录D", "按含氧量折算")
        for value in (41.5, None):
            judged = self.judged(HourValue(HOURS[0], value, "mg/m3", "N", conversion=made))
            assert step(judged, "接收").got == "实测值和含氧量"
            assert made in judged.steps

    @pytest.mark.parametrize(
        ("valid", "of", "outcome", "reason"),
        [
            (45, 60, "足够", ""), (44, 60, "不足", "有效数据44/60，不足45分钟"),
            (None, 60, "设备自算的小时值，不另核", ""), (5, None, "设备自算的小时值，不另核", ""),
        ],
    )  # fmt: skip
    def test_how_much_of_the_hour_was_valid(self, valid: int | None, of: int | None, outcome: str, reason: str) -> None:
        judged = self.judged(HourValue(HOURS[0], 41.5, "mg/m3", "N", n_valid=valid, n_expected=of))
        assert (step(judged, "有效率").outcome, judged.reason) == (outcome, reason)

    def test_a_tag_of_some_minutes_says_how_many(self) -> None:
        tag = Tag(Interval(HOURS[0].start, HOURS[0].start + timedelta(minutes=6)), "维护")
        judged = self.judged(HourValue(HOURS[0], 41.5, "mg/m3", "N"), NOX, tag)
        (said,) = [each for each in judged.steps if each.got == "维护"]
        assert said.outcome.startswith("只标了6分钟")

    def test_a_value_is_compared_without_the_tail_of_binary_fractions(self) -> None:
        limit = Limit("NOx", "mg/m3", upper=Decimal("0.3"))
        assert self.judged(HourValue(HOURS[0], 0.1 + 0.2, "mg/m3", "N"), limit).answer is Answer.PASS
        huge = self.judged(HourValue(HOURS[0], 1e300, "mg/m3", "N"))
        assert huge.answer is Answer.FAIL


def test_the_trace_names_the_hours_that_do_not_count_and_those_converted_here() -> None:
    made = Step("折算", "6 %", "HJ 212-2017 附录D", "按含氧量折算")
    hours = [HourValue(HOURS[n], 20.0, "mg/m3", "N", conversion=made if n == 3 else None) for n in range(22)]
    hours += [HourValue(HOURS[22], None, "mg/m3", "N"), HourValue(HOURS[23], 0.0, "mg/m3", "F")]
    judged = finding(hours, NOX, DAY, medium="flue_gas", industry="waste_incineration", as_of=AFTER)
    assert [(s.name, s.got) for s in judged.steps if s.name.endswith("时") and s.name[0].isdigit()] == [
        ("22时", "missing"), ("23时", "not_counted"),
    ]  # fmt: skip
    assert step(judged, "折算").got == "1 小时"
    assert step(judged, "折算").rule == "HJ 212-2017 附录D"
