"""Availability: the share of expected hours that count; stops, flags, people's decisions and the unfinished day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bureau.office import Office, put_hours
from moment import NOW
from qingyuan.bureau.loop import step
from qingyuan.bureau.monitoring.queries.availability import Row, _covered, availability, last_days
from qingyuan.bureau.quality.actions.operations import operate, undo
from qingyuan.bureau.registers.models import Point
from qingyuan.bureau.values.actions.stops import plan_stop

pytestmark = pytest.mark.django_db
START = datetime(2026, 11, 19, 16, tzinfo=UTC)  # 20 November, midnight in Beijing; now is 08:30 of the 21st
HOUR = timedelta(hours=1)
VALUES: list[float | None] = [50.0 + n % 5 for n in range(32)]


def one(point: Point, days: int = 2) -> Row:
    (row,) = availability([point], last_days(days))
    return row


def told(point: Point) -> list[tuple[int, float | None]]:
    return [(c.valid, c.expected) for c in one(point).cells]


def test_a_whole_day_and_the_part_of_today(office: Office) -> None:
    put_hours(office.air, "PM10", START, VALUES, unit="ug/m3")
    assert [d.isoformat() for d in last_days(2)] == ["2026-11-20", "2026-11-21"]
    assert told(office.air) == [(24, 24.0), (8, 8.0)]
    assert one(office.air).percent == 100


def test_what_is_missing_or_flagged_by_the_device_does_not_count(office: Office) -> None:
    put_hours(office.air, "PM10", START, [*VALUES[:10], None, *VALUES[11:24]], unit="ug/m3")
    put_hours(office.air, "PM10", START + 2 * HOUR, [50.0], unit="ug/m3", flag="F", origin=90, rank=2)
    assert told(office.air)[0] == (22, 24.0)
    assert one(office.air).cells[0].percent == 91, "rounded down: 100 means all"


def test_rules_and_people_decide_and_take_back(office: Office) -> None:
    put_hours(office.air, "PM10", START, [*VALUES[:4], 20_000.0, *VALUES[5:24]], unit="ug/m3")
    put_hours(office.air, "PM10", START + 6 * HOUR, [50.0], unit="ug/m3", flag="F", origin=90, rank=2)
    step()
    assert told(office.air)[0][0] == 22
    number = operate(office["monitor"], office.air, "PM10", START + 4 * HOUR, START + 7 * HOUR, "valid", "已核实")
    assert told(office.air)[0][0] == 24
    undo(office["monitor"], office.air, number)
    operate(office["monitor"], office.air, "PM10", START, START + 2 * HOUR, "invalid", "校准")
    assert told(office.air)[0][0] == 20


def test_planned_stops_are_not_expected(office: Office) -> None:
    put_hours(office.gas, "NOx", START, [30.0] * 12)
    plan_stop(office["chief"], office.gas, START + 12 * HOUR, START + 30 * HOUR, "检修")
    plan_stop(office["chief"], office.gas, START + 20 * HOUR, START + 60 * HOUR, "延长")
    cells = one(office.gas).cells
    assert [(c.valid, c.expected, c.stopped) for c in cells] == [(12, 12.0, True), (0, 0.0, True)]
    assert [c.percent for c in cells] == [100, None]


def test_the_plan_of_the_point_says_how_often(office: Office) -> None:
    put_hours(office.section, "TP", START, [0.1] * 5, unit="mg/L", hours=4)
    assert told(office.section)[0] == (5, 6.0)
    Point.objects.filter(pk=office.section.pk).update(expected_minutes=None)
    office.section.refresh_from_db()
    assert (one(office.section).cells[0].share, one(office.section).share) == (None, None)


def test_by_item_over_points_within_the_scope(api_office: Any) -> None:
    caller, office = api_office
    put_hours(office.gas, "NOx", START, [30.0] * 24)
    put_hours(office.waste, "NOx", START, [30.0] * 12)
    found = caller("chief").get("/availability", kind="outlet", item="NOx", days=2).json()
    assert [(r["point"], r["days"][0]["share"]) for r in found["items"]] == [("GAS", 1.0), ("WASTE", 0.5)]
    assert [r["point"] for r in caller("south").get("/availability", kind="outlet", item="NOx").json()["items"]] == [
        "GAS"
    ]
    assert caller("chief").get("/availability").status_code == 422
    assert caller("chief").get("/availability", item="NOx", days=32).status_code == 422


@pytest.fixture
def api_office(office: Office) -> Any:
    from api.calling import Caller

    return (lambda who: Caller(office[who])), office


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=6))
@settings(deadline=None, derandomize=True)
def test_overlapping_stops_are_counted_once(spans: list[tuple[int, int]]) -> None:
    covered = {s for begin, end in spans for s in range(begin, end)} & set(range(10, 50))
    assert _covered(spans, 10, 50) == len(covered)


def test_days_are_bounded(clock_at: Any) -> None:
    clock_at(NOW)
    assert len(last_days(1000)) == 31
    assert last_days(0) == [date(2026, 11, 21)]
