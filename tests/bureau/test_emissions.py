"""Emitted mass of outlets: hours, days, months; what was measured, filled, stopped, or cannot be told."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bureau.office import Office, put_hours, put_limit
from qingyuan.bureau.base.errors import Invalid
from qingyuan.bureau.registers.models import Outlet, Point
from qingyuan.bureau.values.models import PlannedStop
from qingyuan.bureau.values.queries.emissions import Emission, emissions, emitted_hours, periods

DAY = date(2026, 11, 20)
START = datetime(2026, 11, 19, 16, tzinfo=UTC)
QUARTER = datetime(2026, 9, 30, 16, tzinfo=UTC)  # 1 October in Beijing; it is 21 November, 08:30
HOURS_SO_FAR = 51 * 24 + 8
HOUR = timedelta(hours=1)


def figure(outlet: Outlet, item: str = "NOx", since: date = DAY, until: date = DAY) -> Emission:
    (one,) = [e for e in emissions([outlet], since, until, "all") if e.item == item]
    return one


@pytest.fixture
def gas(office: Office) -> Outlet:
    """A quarter of hours: 50 mg/m3 in 10 m3/s, which is 1.8 kg an hour."""
    put_hours(office.gas, "NOx", QUARTER, [50.0] * HOURS_SO_FAR)
    put_hours(office.gas, "flue_flow", QUARTER, [10.0] * HOURS_SO_FAR, unit="m3/s", origin=5000)
    return office.gas_outlet


@pytest.mark.django_db
class TestFlueGas:
    def test_a_day_of_hours(self, gas: Outlet) -> None:
        one = figure(gas)
        assert one.mass == pytest.approx(24 * 1.8)
        assert (one.measured, one.substituted, one.is_whole) == (one.mass, 0.0, True)
        assert one.hours == {"measured": 24, "no_flow": 0, "stopped": 0, "substituted": 0, "open": 0, "outside": 0}

    def test_days_add_up_to_months_and_the_quarter(self, gas: Outlet) -> None:
        first, last = date(2026, 10, 1), date(2026, 12, 31)
        total = figure(gas, since=first, until=last).mass
        assert total == pytest.approx(HOURS_SO_FAR * 1.8)
        for by in ("day", "month", "quarter", "year"):
            assert sum(e.mass or 0 for e in emissions([gas], first, last, by)) == pytest.approx(total)

    def test_a_gap_is_filled_by_the_largest_of_180_hours(self, office: Office, gas: Outlet) -> None:
        put_hours(office.gas, "NOx", START - 30 * HOUR, [100.0], origin=9000)
        put_hours(office.gas, "NOx", START + 3 * HOUR, [None] * 2, origin=9100)
        one = figure(gas)
        assert one.hours["substituted"] == 2
        assert one.substituted == pytest.approx(2 * 3.6)
        assert one.measured == pytest.approx(22 * 1.8)
        rows = emitted_hours(gas, "NOx", DAY, DAY)
        assert [(r.how, r.rule) for r in rows[2:6]] == [
            ("measured", ""), ("substituted", "max180"), ("substituted", "max180"), ("measured", "")
        ]  # fmt: skip
        assert sum(r.mass or 0 for r in rows) == pytest.approx(one.mass)
        assert rows[3].concentration is None
        assert rows[3].flow == pytest.approx(36_000.0)

    def test_a_gap_at_the_begin_of_a_quarter_looks_back_over_it(self, office: Office, gas: Outlet) -> None:
        put_hours(office.gas, "NOx", QUARTER, [None], origin=9000)
        put_hours(office.gas, "NOx", QUARTER - 300 * HOUR, [200.0] * 300, origin=9100)
        put_hours(office.gas, "flue_flow", QUARTER - 300 * HOUR, [10.0] * 300, unit="m3/s", origin=9500)
        (row, *_) = emitted_hours(gas, "NOx", date(2026, 10, 1), date(2026, 10, 1))
        assert (row.how, row.mass, row.reason) == ("substituted", pytest.approx(7.2), "")

    def test_a_poor_quarter_is_not_told(self, office: Office) -> None:
        put_hours(office.gas, "NOx", QUARTER, [50.0])
        put_hours(office.gas, "NOx", START, [50.0] * 20, origin=20)
        put_hours(office.gas, "flue_flow", START, [10.0] * 20, unit="m3/s", origin=50)
        one = figure(office.gas_outlet)
        assert (one.hours["measured"], one.hours["open"], one.is_whole) == (20, 4, False)
        assert one.mass == pytest.approx(20 * 1.8)
        assert "不能用于核算" in emitted_hours(office.gas_outlet, "NOx", DAY, DAY)[-1].reason

    @pytest.mark.parametrize(
        ("how", "outside", "filled"),
        [
            pytest.param("registered", 44 * 24, 2, id="registered"),
            pytest.param("first-reading", 45 * 24, 2, id="by-its-first-reading"),
            pytest.param("older", 0, 0, id="silent-but-older"),
        ],
    )
    def test_an_outlet_that_began_this_week(self, office: Office, how: str, outside: int, filled: int) -> None:
        """The weeks before its first hour counted as missing, and no gap of its own week could be filled."""
        begin = START - 120 * HOUR
        put_hours(office.gas, "NOx", begin, [50.0] * 100 + [None] * 2 + [50.0] * 50)
        put_hours(office.gas, "flue_flow", begin, [10.0] * 152, unit="m3/s", origin=500)
        if how == "registered":
            Point.objects.filter(pk=office.gas.pk).update(active_from=date(2026, 11, 14))
        if how == "older":
            put_hours(office.gas, "NOx", QUARTER - 500 * HOUR, [50.0], origin=900)
        one = figure(office.gas_outlet, since=date(2026, 10, 1), until=date(2026, 11, 20))
        assert (one.hours["outside"], one.hours["substituted"]) == (outside, filled)
        before = figure(office.gas_outlet, since=date(2026, 10, 1), until=date(2026, 10, 1))
        assert (before.mass, before.is_whole) == (None, how != "older")

    def test_an_outlet_that_stopped_for_good(self, office: Office, gas: Outlet) -> None:
        Point.objects.filter(pk=office.gas.pk).update(active_to=date(2026, 11, 19))
        one = figure(Outlet.objects.get(pk=gas.pk), since=date(2026, 11, 18), until=DAY)
        assert (one.hours["measured"], one.hours["outside"], one.is_whole) == (24, 48, True)
        (row, *_) = emitted_hours(Outlet.objects.get(pk=gas.pk), "NOx", DAY, DAY)
        assert (row.how, row.mass) == ("outside", None)

    def test_stops_by_flag_or_plan_are_no_gap(self, office: Office, gas: Outlet) -> None:
        put_hours(office.gas, "NOx", START, [0.0] * 3, flag="F", origin=9000)
        PlannedStop.objects.create(point=office.gas, start=START + 10 * HOUR, end=START + 12 * HOUR, reason="检修")
        one = figure(gas)
        assert (one.hours["stopped"], one.hours["measured"], one.mass) == (5, 19, pytest.approx(19 * 1.8))

    def test_an_hour_without_flow_is_a_gap(self, office: Office, gas: Outlet) -> None:
        put_hours(office.gas, "flue_flow", START, [10.0], unit="m3/s", flag="D", origin=9000)
        assert figure(gas).hours["substituted"] == 1

    def test_hours_to_come_are_not_counted(self, gas: Outlet) -> None:
        today = figure(gas, since=date(2026, 11, 21), until=date(2026, 11, 22))
        assert sum(today.hours.values()) == 8
        assert emissions([gas], date(2027, 1, 1), date(2027, 1, 2), "day") == []
        assert len(emissions([gas], date(2026, 11, 20), date(2026, 11, 30), "day")) == 2

    def test_without_any_hour_nothing_is_told(self, office: Office) -> None:
        put_hours(office.gas, "NOx", START - 48 * HOUR, [50.0] * 20)
        one = figure(office.gas_outlet)
        assert (one.mass, one.hours["open"], one.is_whole) == (None, 24, False)


@pytest.mark.django_db
def test_waste_water_in_batches(office: Office) -> None:
    put_limit(office.waste_outlet, "COD", 60, "day", "mg/L")
    put_limit(office.waste_outlet, "pH", 9, "hour", "1")
    put_hours(office.waste, "flow", QUARTER, [0.0] * HOURS_SO_FAR, unit="L/s")
    put_hours(office.waste, "flow", START + 8 * HOUR, [10.0] * 4, unit="L/s", origin=5000)
    put_hours(office.waste, "COD", START + 8 * HOUR, [40.0] * 4, unit="mg/L", origin=6000)
    one = figure(office.waste_outlet, "COD")
    assert one.mass == pytest.approx(4 * 40 * 36 / 1000)
    assert (one.hours["measured"], one.hours["no_flow"], one.is_whole) == (4, 20, True)
    items = {e.item for e in emissions([office.waste_outlet], DAY, DAY, "day")}
    assert items == {"COD"}, "pH has no mass"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("since", "until", "by"),
    [(DAY, DAY - timedelta(days=1), "day"), (DAY, DAY + timedelta(days=400), "day"), (DAY, DAY, "week")],
)
def test_a_span_that_cannot_be(office: Office, since: date, until: date, by: str) -> None:
    with pytest.raises(Invalid):
        emissions([office.gas_outlet], since, until, by)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(
    st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    st.integers(0, 399),
    st.sampled_from(["day", "month", "quarter", "year", "all"]),
)
def test_periods_cover_the_span_once(first: date, days: int, by: str) -> None:
    last = first + timedelta(days=days)
    spans = list(periods(first, last, by))
    assert spans[0][0] == first
    assert spans[-1][1] == last
    for (_, until), (since, _) in pairwise(spans):
        assert since == until + timedelta(days=1)
        assert by == "day" or since.day == 1
