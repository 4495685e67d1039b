"""Limits that hold under a condition: picked by the tag of the hour, for a day only where the tag covers it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bureau.office import LONG_AGO, Office, put_hours, put_limit
from qingyuan.bureau.base.errors import Invalid
from qingyuan.bureau.judging.models import Evaluation, Finding
from qingyuan.bureau.judging.queries.afresh import outlet_hours
from qingyuan.bureau.loop import decide_findings, step
from qingyuan.bureau.values.actions.tags import tag, withdraw_tag
from qingyuan.bureau.values.queries.limits import limit_on
from qingyuan.bureau.values.queries.tag_kinds import kinds_of

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 11, 20, 1, tzinfo=UTC)  # 20 November, 09:00 in Beijing
HOUR = timedelta(hours=1)


def failing() -> list[datetime]:
    rows = Evaluation.objects.filter(kind="outlet_hour", is_current=True, verdict="fail")
    return list(rows.order_by("start").values_list("start", flat=True))


def test_the_hours_told_with_the_condition_take_its_limit(office: Office) -> None:
    put_limit(office.gas_outlet, "NOx", 100, "hour", "mg/m3", condition="低负荷")
    put_hours(office.gas, "NOx", MORNING, [80.0, 80.0, 120.0])
    step()
    assert failing() == [MORNING, MORNING + HOUR, MORNING + 2 * HOUR]
    told = tag(office["firm"], office.gas_outlet, "低负荷", MORNING + HOUR, MORNING + 3 * HOUR, "NOx")
    step()
    assert failing() == [MORNING, MORNING + 2 * HOUR]
    rows = outlet_hours(office.gas, MORNING, MORNING + 3 * HOUR)
    assert [r["limit"] for r in rows] == ["≤50 mg/m3", "≤100 mg/m3", "≤100 mg/m3"]
    assert "工况：低负荷" in rows[1]["steps"][-1]["rule"]
    withdraw_tag(office["firm"], told)
    step()
    assert failing() == [MORNING, MORNING + HOUR, MORNING + 2 * HOUR]


def test_the_finding_takes_it_too(office: Office) -> None:
    put_limit(office.gas_outlet, "NOx", 100, "hour", "mg/m3", condition="低负荷")
    put_hours(office.gas, "NOx", MORNING, [80.0, 120.0])
    tag(office["firm"], office.gas_outlet, "低负荷", MORNING, MORNING + 2 * HOUR)
    step()
    decide_findings(MORNING + timedelta(hours=28))
    (one,) = Finding.objects.filter(is_current=True)
    assert (one.start, one.verdict, one.limit_value) == (MORNING + HOUR, "exceedance", 100.0)


def test_a_limit_made_for_a_condition_stands_in_for_its_exemption(office: Office) -> None:
    """Start-up exempts by the tag rules; a permit that names a limit for start-up is judged by it."""
    outlet = office.gas_outlet
    assert outlet.enterprise is not None
    outlet.enterprise.industry_key = "thermal_power"
    outlet.enterprise.save()
    put_hours(office.gas, "NOx", MORNING, [80.0, 180.0])
    tag(office["firm"], outlet, "启炉", MORNING, MORNING + 2 * HOUR)
    step()
    assert failing() == []
    put_limit(outlet, "NOx", 150, "hour", "mg/m3", condition="启炉")
    assert [r["answer"] for r in outlet_hours(office.gas, MORNING, MORNING + 2 * HOUR)] == ["pass", "fail"]


def test_a_day_takes_it_only_where_the_tag_covers_the_day(office: Office) -> None:
    put_limit(office.waste_outlet, "COD", 50, "day", "mg/L")
    put_limit(office.waste_outlet, "COD", 90, "day", "mg/L", condition="检修")
    begin = datetime(2026, 11, 19, 16, tzinfo=UTC)
    put_hours(office.waste, "COD", begin, [70.0] * 24, unit="mg/L")
    part = tag(office["other_firm"], office.waste_outlet, "检修", begin, begin + 12 * HOUR)
    step()
    decide_findings(begin + timedelta(hours=36))
    assert Finding.objects.get(is_current=True).verdict == "exceedance"
    withdraw_tag(office["other_firm"], part)
    tag(office["other_firm"], office.waste_outlet, "检修", begin, begin + 24 * HOUR)
    step()
    assert Finding.objects.get(is_current=True).limit_value == 90.0


def test_conditions_of_the_own_limits_can_be_told_and_no_others(office: Office) -> None:
    put_limit(office.gas_outlet, "NOx", 100, "hour", "mg/m3", condition="低负荷")
    assert "低负荷" in {k.name for k in kinds_of(office.gas_outlet, MORNING.date())}
    assert "低负荷" not in {k.name for k in kinds_of(office.waste_outlet, MORNING.date())}
    with pytest.raises(Invalid, match="低负荷"):
        tag(office["other_firm"], office.waste_outlet, "低负荷", MORNING, MORNING + HOUR)


def test_the_newest_that_holds(office: Office) -> None:
    day = MORNING.date()
    later = put_limit(office.gas_outlet, "NOx", 40, "hour", "mg/m3", valid_from=day)
    special = put_limit(office.gas_outlet, "NOx", 90, "hour", "mg/m3", condition="低负荷", valid_from=LONG_AGO)
    rows = list(office.gas_outlet.limits.all())
    assert limit_on(rows, "NOx", day) == later
    assert limit_on(rows, "NOx", day, {"低负荷"}) == special
    before = limit_on(rows, "NOx", day - timedelta(days=1), {"检修"})
    assert before is not None
    assert before.upper == Decimal(50)
