"""Figures of the county are one for all readers, say nothing of a year from a month, and show the kept verdict."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from bureau.office import Office, make_point, put_hours, put_limit
from moment import NOW
from qingyuan.bureau.indicators.queries.county_air import CountyDay, county_days
from qingyuan.bureau.indicators.queries.county_year import TARGET_GOOD_SHARE, TARGET_PM25, year_to_date
from qingyuan.bureau.judging.actions.days import work_off
from qingyuan.bureau.judging.models import Evaluation
from qingyuan.bureau.loop import step
from qingyuan.bureau.monitoring.actions.issued import put_issued_value
from qingyuan.bureau.overview.queries.point_rows import list_rows, points_of
from qingyuan.bureau.overview.queries.today import gather, sections_of
from qingyuan.bureau.registers.actions.targets import put_in_roster, put_target
from qingyuan.bureau.registers.models import SectionTarget, Station
from qingyuan.clock import BEIJING, beijing

TODAY = beijing(NOW).date()
YESTERDAY = TODAY - timedelta(days=1)
READERS = ["director", "chief", "officer", "monitor", "south", "north"]


def midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, BEIJING)


@pytest.fixture
def two_towns(office: Office) -> Office:
    """A clean station in the north, a dirty one in the south, both on the county's roster; one day of air."""
    south = make_point("AIR2", "air", office.south)
    Station.objects.create(point=south, kind="standard")
    for point, pm in ((office.air, 40.0), (south, 70.0)):
        put_in_roster(office["chief"], point, "county_air", date(2026, 1, 1))
        for item, value in (("PM2_5", pm), ("PM10", 60.0), ("SO2", 8.0), ("NO2", 30.0), ("O3", 90.0)):
            put_hours(point, item, midnight(YESTERDAY), [value] * 24, unit="ug/m3")
        put_hours(point, "CO", midnight(YESTERDAY), [0.8] * 24)
    step()
    work_off()
    return office


@pytest.mark.parametrize("who", READERS)
def test_the_county_has_one_index_for_every_reader(two_towns: Office, who: str) -> None:
    """A town read the index of its own stations under the county's name: 75 where the county had 76.

    Now every reader has the county's one figure; what is counted in the reader's scope carries its name.
    """
    found = gather(two_towns[who], NOW)
    assert found.yesterday is not None
    assert found.yesterday.values["PM2_5"] == 55
    assert [d.day for d in county_days(YESTERDAY, TODAY)] == [YESTERDAY]
    scoped = {"south": "城南镇", "north": "城北镇", "officer": "云沚县"}.get(who, "")
    assert found.scope == scoped
    assert (f"{scoped}：水：" in found.line) == bool(scoped)


@pytest.mark.parametrize("who", READERS)
def test_page_and_api_show_the_same_day(two_towns: Office, client: Client, who: str) -> None:
    client.force_login(two_towns[who])
    told = client.get("/api/v1/county-air", {"since": midnight(YESTERDAY).isoformat()}).json()["items"]
    assert [row["values"]["PM2_5"] for row in told] == [55]
    assert client.get("/api/v1/morning-line").json()["line"].count("AQI 90") == 1
    assert reverse("web:county_air") in client.get("/").content.decode()


def test_a_figure_issued_for_a_town_is_not_the_countys(two_towns: Office) -> None:
    put_issued_value(
        two_towns["chief"], "AQI.day", "300", midnight(YESTERDAY), midnight(TODAY), "省厅", area=two_towns.south
    )
    (day,) = county_days(YESTERDAY, TODAY)
    assert day.issued == {}


def days(count: int, until: date, pm: float = 30.0) -> list[CountyDay]:
    firsts = [until - timedelta(days=n) for n in range(count, 0, -1)]
    return [CountyDay(d, 43, "优", "I", "", {"PM2_5": pm}, "") for d in firsts]


@pytest.mark.parametrize(
    ("count", "is_told"),
    [
        pytest.param(30, False, id="a-month"),
        pytest.param(242, False, id="one-too-few"),
        pytest.param(243, True, id="enough"),
    ],
)
def test_of_a_year_nothing_is_said_from_a_month(office: Office, count: int, is_told: bool) -> None:
    """ "2026 to date" was printed from 30 days and held against the year's target."""
    until = date(2026, 11, 21)  # 324 days have passed, of which 75 % must be valid
    for indicator, value in ((TARGET_PM25, "33"), (TARGET_GOOD_SHARE, "82")):
        put_issued_value(office["chief"], indicator, value, midnight(date(2026, 1, 1)), midnight(date(2027, 1, 1)), "市局",
                         area=office.county)  # fmt: skip
    found = year_to_date(days(count, until), until)
    assert (found.pm25_days, found.needed_days, found.is_told) == (count, 243, is_told)
    if is_told:
        assert found.room_pm25 == pytest.approx((33 * (243 + 41) - 30 * 243) / 41)
        assert found.room_days == int((243 + 41) * 0.18)
    else:
        assert (found.room_pm25, found.room_days) == (None, None)


@pytest.fixture
def class_three(office: Office) -> Office:
    """A section of class III yesterday, whose target was III until today and is II from today on."""
    old = SectionTarget.objects.get()
    put_target(office["chief"], office.section, "assessment", "II", TODAY)
    old.refresh_from_db()
    assert old.valid_to == TODAY
    put_class(office, midnight(YESTERDAY), 0.15)
    step()
    return office


def put_class(office: Office, start: datetime, phosphorus: float, origin: int = 1) -> None:
    for item, value in (("TP", phosphorus), ("NH3N", 0.1), ("CODMn", 2.0), ("DO", 9.0)):
        put_hours(office.section, item, start, [value], unit="mg/L", hours=4, origin=origin)


def test_the_page_shows_the_verdict_that_was_kept(class_three: Office, client: Client) -> None:
    """A reading was stored as passing, by the target of its day, and shown as failing, by the target of today."""
    (kept,) = Evaluation.objects.filter(kind="water", is_current=True)
    (stand,) = sections_of(class_three["chief"], TODAY).stands
    assert (kept.verdict, kept.label) == ("pass", "III")
    assert (stand.verdict, stand.target, stand.later_target) == ("pass", "III", "II")
    client.force_login(class_three["chief"])
    assert "现行目标" in client.get(reverse("web:sections")).content.decode()
    assert "1 个断面 1 个达标" in gather(class_three["chief"], NOW).line


@pytest.mark.parametrize(
    ("phosphorus", "label", "verdict"),
    [
        pytest.param(0.01, "I", "pass", id="two-better"),
        pytest.param(0.08, "II", "pass", id="one-better"),
        pytest.param(0.15, "III", "pass", id="just-the-target"),
        pytest.param(0.25, "IV", "fail", id="one-worse"),
        pytest.param(0.5, ">V", "fail", id="far-worse"),
    ],
)
def test_better_than_the_target_passes_and_warns_nobody(
    office: Office, phosphorus: float, label: str, verdict: str
) -> None:
    """To call every class unlike the target a failure went through all tests: none had water better than its target."""
    put_class(office, midnight(YESTERDAY), phosphorus)
    opened = step().opened
    (kept,) = Evaluation.objects.filter(kind="water", is_current=True)
    assert (kept.label, kept.verdict) == (label, verdict)
    assert len(opened) == (verdict == "fail")
    (stand,) = sections_of(office["chief"], TODAY).stands
    assert stand.verdict == verdict


def test_a_target_entered_late_judges_what_was_read_since(office: Office) -> None:
    put_class(office, midnight(YESTERDAY), 0.15)
    step()
    put_target(office["chief"], office.section, "assessment", "II", YESTERDAY)
    step()
    (kept,) = Evaluation.objects.filter(kind="water", is_current=True)
    assert (kept.verdict, kept.detail["target"]) == ("fail", "II")


def test_the_list_marks_what_the_kept_verdict_says(office: Office) -> None:
    """The list held yesterday's last value against the limit of today: stored as passing, marked as over."""
    hour = midnight(YESTERDAY) + timedelta(hours=23)
    put_hours(office.gas, "NOx", hour, [45.0])
    step()
    office.gas_outlet.limits.update(valid_to=TODAY)
    put_limit(office.gas_outlet, "NOx", 30, "hour", "mg/m3", valid_from=TODAY)

    def marks() -> list[bool]:
        points = list(points_of(office["chief"], "outlet").filter(pk=office.gas.pk))
        return [cell.over for row in list_rows(points, NOW) for cell in row.cells if cell.item == "NOx"]

    assert marks() == [False]
    put_hours(office.gas, "NOx", hour, [55.0], origin=9)
    step()
    assert marks() == [True]
