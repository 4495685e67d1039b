"""Data of seven years ago are data: pages open where they are, say so, and call nothing in time that nobody expects."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from qingyuan import clock
from qingyuan.bureau.base.months import month_before, months_back
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.judging.actions.days import work_off
from qingyuan.bureau.loop import step
from qingyuan.bureau.registers.actions.targets import put_in_roster
from qingyuan.bureau.registers.models import Point, Station
from qingyuan.clock import BEIJING
from qingyuan.readings import NewReading, Rank, SeriesKey
from web.factories import NOW, County, make_county

BEGIN = datetime(2019, 9, 28, tzinfo=BEIJING)
LAST = datetime(2019, 10, 1, tzinfo=BEIJING)
ITEMS = {"PM2_5": 70.0, "PM10": 90.0, "SO2": 8.0, "NO2": 30.0, "O3": 90.0}


@pytest.fixture
def history(db: None) -> County:
    """Three days of September 2019 at one station without a plan, on the county's roster; nothing since."""
    county = make_county()
    Point.objects.update(expected_minutes=None)
    point = Point.objects.create(code="OLD", name="老站", kind="air", area=county.south)
    Station.objects.create(point=point, kind="standard")
    put_in_roster(None, point, "county_air", date(2019, 1, 1))
    rows = []
    for hour in range(72):
        start = int((BEGIN + timedelta(hours=hour)).timestamp())
        for item, value in {**ITEMS, "CO": 0.8}.items():
            unit = "mg/m3" if item == "CO" else "ug/m3"
            key = SeriesKey("OLD", item, "Avg", "hour")
            rows.append(NewReading(key, start, start + 3600, value, 0, unit, "N", rank=Rank.REPORTED, origin=hour + 1,
                                   received_at=start + 3600))  # fmt: skip
    readings().append(rows)
    step()
    work_off()
    return county


def signed_in(county: County, who: str = "chief") -> Client:
    client = Client()
    client.force_login(county.users[who], backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_points_page_opens_where_its_data_are(history: County) -> None:
    """A point's chart was the last seven days of today, blank, and its newest value "23:00" without a date."""
    client = signed_in(history)
    page = client.get(reverse("monitoring:point", args=["OLD"])).content.decode()
    assert "历史数据" in page
    assert "2019-09-30" in page or "2019-10-01" in page
    assert "数据到" in page
    told = client.get(reverse("monitoring:series", args=["OLD"]), {"item": "PM2_5"}).json()
    assert [row["value"] for row in told["rows"]] == [70.0] * 72
    assert told["rows"][-1]["start"] == "2019-09-30 23:00"


def test_another_day_can_be_chosen_and_a_blank_one_says_where_the_data_are(history: County) -> None:
    client = signed_in(history)
    address = reverse("monitoring:series", args=["OLD"])
    told = client.get(address, {"item": "PM2_5", "until": "2019-09-28", "days": "1"}).json()
    assert [row["start"][:10] for row in told["rows"]] == ["2019-09-28"] * 24
    blank = client.get(address, {"item": "PM2_5", "until": "2022-01-01"}).json()
    assert blank["rows"] == []
    assert "2019-10-01 00:00" in blank["words"]["none"]
    page = client.get(reverse("monitoring:point", args=["OLD"]), {"until": "2022-01-01"}).content.decode()
    assert "到最近的数据" in page
    for odd in ("gestern", "1900-01-01", "9999-12-31", ""):
        assert client.get(address, {"item": "PM2_5", "until": odd, "days": "1e400"}).status_code == 200


@pytest.mark.parametrize(
    ("name", "words"),
    [
        pytest.param("monitoring:availability", {"point": "OLD"}, id="availability"),
        pytest.param("quality:flags", {"point": "OLD"}, id="flags"),
        pytest.param("exports:exports", {"point": "OLD"}, id="exports"),
    ],
)
def test_other_pages_with_dates_open_there_too(history: County, name: str, words: dict[str, str]) -> None:
    page = signed_in(history).get(reverse(name), words).content.decode()
    assert "2019" in page, name


def test_the_countys_year_is_the_one_with_days_and_others_can_be_chosen(history: County) -> None:
    client = signed_in(history)
    page = client.get(reverse("web:county_air")).content.decode()
    assert "2026" in page  # the small county has days of this year
    page = client.get(reverse("web:county_air"), {"year": "2019"}).content.decode()
    assert "2019 年县域空气日评价" in page
    assert page.count("2019-09-") >= 3
    assert "只有 3 个有效日" in page
    for odd in ("1900", "3000", "x"):
        assert client.get(reverse("web:county_air"), {"year": odd}).status_code == 200


def test_what_nobody_expects_is_neither_in_time_nor_late(history: County) -> None:
    """The header showed a green dot for data seven years old, and every point as 正常."""
    client = signed_in(history)
    dot = client.get(reverse("web:freshness")).content.decode()
    assert "没有应到的数据" in dot
    assert "正常" not in dot.split("fresh-word")[1]
    assert "dot history" in dot
    rows = client.get(reverse("monitoring:points"), {"kind": "air"}).content.decode()
    assert "历史数据" in rows
    arrivals = client.get(reverse("monitoring:freshness")).content.decode()
    assert "历史数据" in arrivals


def test_a_value_of_today_carries_its_hour_and_an_older_one_its_day() -> None:
    from qingyuan.web.templatetags.qingyuan import when

    clock.set_clock(clock.FixedClock(NOW))
    assert ">07:00<" in when(NOW.astimezone(BEIJING).replace(hour=7, minute=0), "latest")
    assert ">2019-09-30 23:00<" in when(LAST - timedelta(hours=1), "latest")


def test_months_go_back_from_the_data_and_hold_the_one_asked_for() -> None:
    assert months_back(date(2019, 9, 30))[:2] == [date(2019, 9, 1), date(2019, 8, 1)]
    assert date(2015, 3, 1) in months_back(date(2019, 9, 30), "2015-03")
    assert months_back(date(2019, 9, 30), "2015-13") == months_back(date(2019, 9, 30))
    assert month_before(date(2019, 1, 31), 1) == date(2018, 12, 1)
    assert month_before(date(2019, 12, 31), -1) == date(2020, 1, 1)
