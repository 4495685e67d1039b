"""Effective transmission by item, outlet, firm and period: what is due, what came, what counts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from bureau.office import Office, put_hours, put_limit
from moment import NOW
from qingyuan.bureau.base.errors import Invalid
from qingyuan.bureau.registers.models import Point
from qingyuan.bureau.values.actions.tags import tag
from qingyuan.bureau.values.models import PlannedStop, Tag
from qingyuan.bureau.values.queries.rates import rates

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 19)
START = datetime(2026, 11, 18, 16, tzinfo=UTC)  # its midnight in Beijing
HOUR = timedelta(hours=1)


def figures(office: Office, who: str = "chief", last: date = DAY) -> dict[tuple[str, str], tuple[int, int, int]]:
    found = rates(office[who], DAY, last)
    return {(r.outlet.point.code, r.item): (r.rate.expected, r.rate.received, r.rate.valid) for r in found.items}


def test_flags_holes_and_stops(office: Office) -> None:
    put_hours(office.gas, "NOx", START, [10.0] * 12)
    put_hours(office.gas, "NOx", START + 12 * HOUR, [10.0] * 2, flag="C", origin=20)
    put_hours(office.gas, "NOx", START + 14 * HOUR, [0.0] * 4, flag="F", origin=30)
    assert figures(office)["GAS", "NOx"] == (20, 14, 12)
    found = rates(office["chief"], DAY, DAY)
    (gas,) = [rate for outlet, rate in found.outlets if outlet.point.code == "GAS"]
    assert (gas.transmission, gas.validity, gas.effective) == (0.7, pytest.approx(12 / 14), pytest.approx(0.6))
    assert found.total.expected == 20 + 24
    assert (gas.captured, gas.running, gas.capture) == (12, 20, pytest.approx(0.6))
    assert [name for name, _ in found.firms] == ["企业2", "企业1"], "the worst first"


def test_tags_and_planned_stops_take_hours_out(office: Office) -> None:
    put_hours(office.gas, "NOx", START, [10.0] * 24)
    PlannedStop.objects.create(point=office.gas, start=START, end=START + 6 * HOUR, reason="检修")
    assert figures(office)["GAS", "NOx"] == (18, 18, 18)


def test_an_automatic_check_is_not_missing(office: Office) -> None:
    put_limit(office.waste_outlet, "COD", 60, "day", "mg/L")
    put_hours(office.waste, "COD", START, [10.0] * 23, unit="mg/L")
    assert figures(office)["WASTE", "COD"] == (23, 23, 23)


def test_hours_to_come_are_not_due(office: Office) -> None:
    today = date(2026, 11, 21)  # it is 08:30 in Beijing
    found = rates(office["chief"], today, today)
    assert {r.rate.expected for r in found.items} == {8}
    tomorrow = rates(office["chief"], today + timedelta(days=1), today + timedelta(days=1))
    assert {r.rate.effective for r in tomorrow.items} == {None}


def test_everyone_sees_their_own(office: Office) -> None:
    assert {code for code, _ in figures(office, "firm")} == {"GAS"}
    assert {code for code, _ in figures(office, "north")} == {"WASTE"}
    assert {code for code, _ in figures(office)} == {"GAS", "WASTE"}


def test_a_tag_spoils_or_takes_out_what_it_covers(office: Office) -> None:
    yesterday, begin = DAY + timedelta(days=1), START + 24 * HOUR
    put_hours(office.gas, "NOx", begin, [10.0] * 24)
    for kind, place in (("故障", 0), ("通讯中断", 4), ("停运", 8)):
        tag(office["firm"], office.gas_outlet, kind, begin + place * HOUR, begin + (place + 2) * HOUR, "NOx")
    (row,) = [r for r in rates(office["chief"], yesterday, yesterday).items if r.item == "NOx"]
    assert (row.rate.expected, row.rate.received, row.rate.valid) == (22, 20, 18)


def test_hours_before_the_first_reading_and_after_the_end_are_not_due(office: Office) -> None:
    put_hours(office.gas, "NOx", START + 10 * HOUR, [10.0] * 12)
    assert figures(office)["GAS", "NOx"] == (14, 12, 12), "the last two are missing, the first ten are not"
    before = rates(office["chief"], DAY - timedelta(days=3), DAY - timedelta(days=2))
    assert {r.item: r.rate.effective for r in before.items if r.outlet.point.code == "GAS"} == {"NOx": None}
    Point.objects.filter(pk=office.gas.pk).update(active_from=DAY - timedelta(days=1), active_to=DAY)
    found = rates(office["chief"], DAY - timedelta(days=3), DAY)
    assert {r.rate.expected for r in found.items if r.outlet.point.code == "GAS"} == {24}


def test_between_batches_there_is_nothing_to_send(office: Office) -> None:
    put_limit(office.waste_outlet, "COD", 60, "day", "mg/L")
    put_limit(office.waste_outlet, "flow", 100, "hour", "m3/h")
    put_hours(office.waste, "flow", START, [0.0] * 18 + [5.0] * 6, unit="m3/h")
    put_hours(office.waste, "flow", START, [0.0], unit="m3/h", flag="D", origin=60)
    put_hours(office.waste, "COD", START + 18 * HOUR, [10.0] * 5, unit="mg/L", origin=80)
    found = figures(office)
    assert found["WASTE", "COD"] == (6, 5, 5), (
        "six hours of discharge and one of a faulty meter, one allowed for the check"
    )
    assert found["WASTE", "flow"] == (24, 24, 23)


def test_an_outlet_that_never_sent_lacks_all(office: Office) -> None:
    assert figures(office)["WASTE", "CODCr"] == (24, 0, 0)


def test_short_tags_leave_their_hour_and_negative_values_do_not_count(office: Office) -> None:
    put_hours(office.gas, "NOx", START, [30.0] * 4 + [-1.0] + [30.0] * 19)
    for kind, begin, minutes in (("维护", 50, 20), ("校准", 175, 20)):
        since = START + timedelta(minutes=begin)
        Tag.objects.create(
            outlet=office.gas_outlet, kind=kind, start=since, end=since + timedelta(minutes=minutes),
            made_by=office["firm"], made_at=NOW,
        )  # fmt: skip
    assert figures(office)["GAS", "NOx"] == (24, 24, 22), (
        "10 and 10 minutes spoil no hour, 5 and 15 one, the negative one"
    )


def test_only_items_with_a_limit_in_the_period(office: Office) -> None:
    put_limit(office.gas_outlet, "SO2", 35, "hour", "mg/m3", valid_from=DAY + timedelta(days=1))
    assert ("GAS", "SO2") not in figures(office)
    assert ("GAS", "SO2") in figures(office, last=DAY + timedelta(days=1))


@pytest.mark.parametrize("last", [DAY - timedelta(days=1), DAY + timedelta(days=100)])
def test_a_period_that_cannot_be(office: Office, last: date) -> None:
    with pytest.raises(Invalid, match="时段"):
        figures(office, last=last)
