"""A limit on converted values where the device sends measured and oxygen only: computed here, marked, judged alike."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bureau.office import Office, put_hours, put_limit
from qingyuan.bureau.judging.models import Evaluation, Finding
from qingyuan.bureau.judging.queries.afresh import outlet_hours
from qingyuan.bureau.loop import decide_findings, step
from qingyuan.bureau.registers.models import Outlet

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 11, 20, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def gas(office: Office) -> Outlet:
    """SO2 at 6 % oxygen, 35 mg/m3, on the converted value."""
    outlet = office.gas_outlet
    outlet.reference_o2 = 6.0
    outlet.save()
    put_limit(outlet, "SO2", 35, "hour", "mg/m3", statistic="ZsAvg")
    return outlet


def told(office: Office, hours: int = 1) -> list[tuple[float | None, bool, str]]:
    rows = outlet_hours(office.gas, MORNING, MORNING + hours * HOUR, item="SO2")
    return [(None if r["value"] is None else round(r["value"], 3), r["is_computed"], r["answer"]) for r in rows]


def test_hj212_appendix_d_conversion_is_judged_and_marked(office: Office, gas: Outlet) -> None:
    """30 mg/m3 at 11 % oxygen is 30 x (21-6)/(21-11) = 45 at 6 %."""
    put_hours(office.gas, "O2", MORNING, [11.0, 6.0], unit="%")
    put_hours(office.gas, "SO2", MORNING, [30.0, 30.0], origin=10)
    (alert,) = step().opened
    assert (alert.subject, alert.peak) == ("GAS:SO2", 45.0)
    assert told(office, 2) == [(45.0, True, "fail"), (30.0, True, "pass")]
    steps = outlet_hours(office.gas, MORNING, MORNING + HOUR, item="SO2")[0]["steps"]
    assert [s["name"] for s in steps] == ["接收", "折算", "数据标识", "有效率", "设备标记", "工况标记", "限值比较"]
    assert "本系统计算" in steps[1]["outcome"]
    decide_findings(MORNING + timedelta(hours=28))
    found = Finding.objects.get(is_current=True)
    assert (found.verdict, found.value) == ("exceedance", 45.0)
    assert any(s["name"] == "折算" for s in found.trace)


def test_what_the_device_converted_comes_first(office: Office, gas: Outlet) -> None:
    put_hours(office.gas, "O2", MORNING, [11.0, 11.0], unit="%")
    put_hours(office.gas, "SO2", MORNING, [30.0, 30.0], origin=10)
    put_hours(office.gas, "SO2", MORNING, [20.0], statistic="ZsAvg", origin=20)
    step()
    assert told(office, 2) == [(20.0, False, "pass"), (45.0, True, "fail")]


def test_a_day_says_how_many_of_its_hours_were_computed(office: Office, gas: Outlet) -> None:
    assert gas.enterprise is not None
    gas.enterprise.industry_key = "waste_incineration"
    gas.enterprise.save()
    put_limit(gas, "SO2", 30, "day", "mg/m3", statistic="ZsAvg")
    begin = MORNING - 9 * HOUR
    put_hours(office.gas, "O2", begin, [11.0] * 24, unit="%")
    put_hours(office.gas, "SO2", begin, [30.0] * 24, origin=100)
    put_hours(office.gas, "SO2", begin, [45.0] * 4, statistic="ZsAvg", origin=200)
    step()
    assert Evaluation.objects.filter(is_current=True, detail__computed=True).count() == 20
    decide_findings(begin + timedelta(hours=36))
    found = Finding.objects.get(is_current=True)
    assert (found.verdict, found.value) == ("exceedance", 45.0)
    (told_there,) = [s for s in found.trace if s["name"] == "折算"]
    assert (told_there["got"], told_there["outcome"]) == ("20 小时", "本系统计算")


@pytest.mark.parametrize(
    ("oxygen", "flag", "why"),
    [(20.6, "N", "20.5 %"), (None, "N", "没有有效的含氧量"), (11.0, "D", "没有有效的含氧量"), (-1.0, "N", "不可能")],
    ids=["above-the-cap", "missing", "faulty", "negative"],
)
def test_what_cannot_be_converted_cannot_be_told(
    office: Office, gas: Outlet, oxygen: float | None, flag: str, why: str
) -> None:
    put_hours(office.gas, "O2", MORNING, [oxygen], unit="%", flag=flag)
    put_hours(office.gas, "SO2", MORNING, [300.0], origin=10)
    assert step().opened == []
    assert told(office) == [(None, True, "cannot_tell")]
    assert why in outlet_hours(office.gas, MORNING, MORNING + HOUR, item="SO2")[0]["reason"]


def test_without_a_reference_nothing_is_converted(office: Office, gas: Outlet) -> None:
    Outlet.objects.filter(pk=gas.pk).update(reference_o2=None)
    put_hours(office.gas, "O2", MORNING, [11.0], unit="%")
    put_hours(office.gas, "SO2", MORNING, [300.0], origin=10)
    assert told(office) == [(None, True, "cannot_tell")]


def test_the_reference_of_the_limit_comes_before_that_of_the_outlet(office: Office, gas: Outlet) -> None:
    gas.limits.filter(item="SO2").update(reference_o2=16.0)
    put_hours(office.gas, "O2", MORNING, [11.0], unit="%")
    put_hours(office.gas, "SO2", MORNING, [30.0], origin=10)
    assert told(office) == [(15.0, True, "pass")]


def test_a_flag_carries_over(office: Office, gas: Outlet) -> None:
    put_hours(office.gas, "O2", MORNING, [11.0], unit="%")
    put_hours(office.gas, "SO2", MORNING, [300.0], flag="M", origin=10)
    assert told(office) == [(450.0, True, "cannot_tell")]


def test_oxygen_that_comes_late_is_judged_then(office: Office, gas: Outlet) -> None:
    put_hours(office.gas, "SO2", MORNING, [30.0])
    assert step().opened == []
    put_hours(office.gas, "O2", MORNING, [11.0], unit="%", origin=5)
    assert len(step().opened) == 1
