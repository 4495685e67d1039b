"""Figures that a higher authority issues stand beside ours on pages, in the API and in the morning line, and count."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from bureau.office import Office, put_hours
from qingyuan.bureau.indicators.queries.county_air import county_days
from qingyuan.bureau.indicators.queries.county_year import year_to_date
from qingyuan.bureau.judging.actions.days import work_off
from qingyuan.bureau.loop import step
from qingyuan.bureau.monitoring.actions.issued import put_issued_value
from qingyuan.bureau.overview.queries.today import gather, sections_of
from qingyuan.bureau.registers.actions.targets import put_in_roster
from qingyuan.bureau.registers.models import Point
from qingyuan.clock import BEIJING

pytestmark = pytest.mark.django_db
MIDNIGHT = datetime(2026, 11, 19, 16, tzinfo=UTC)  # 20 November, midnight in Beijing
DAY = date(2026, 11, 20)


@pytest.fixture
def judged(office: Office) -> Office:
    """One day of air at the county's station: PM2.5 70, an index of 110."""
    put_in_roster(office["chief"], office.air, "county_air", date(2026, 1, 1))
    for item, value in (("PM2_5", 70.0), ("PM10", 70.0), ("SO2", 8.0), ("NO2", 30.0), ("O3", 90.0)):
        put_hours(office.air, item, MIDNIGHT, [value] * 24, unit="ug/m3")
    put_hours(office.air, "CO", MIDNIGHT, [0.8] * 24)
    step()
    work_off()
    return office


def issue(office: Office, indicator: str, value: str, start: datetime = MIDNIGHT, days: int = 1) -> None:
    end = start + timedelta(days=days)
    put_issued_value(office["chief"], indicator, value, start, end, "省厅", "", "公报1号", None, office.county)


def days(office: Office):  # type: ignore[no-untyped-def]
    return county_days(DAY, DAY + timedelta(days=1))


def test_without_issued_figures_ours_count(judged: Office) -> None:
    (day,) = days(judged)
    assert (day.aqi, day.taken_aqi, day.issued, day.is_good) == (110, 110, {}, False)


def test_the_issued_day_counts_and_both_stay(judged: Office) -> None:
    issue(judged, "AQI.day", "98")
    issue(judged, "PM2_5.day", "69")
    (day,) = days(judged)
    assert (day.aqi, day.taken_aqi, day.is_good) == (110, 98, True)
    assert day.differences == {"AQI": 12, "PM2_5": 1}
    year = year_to_date([day], DAY + timedelta(days=1))
    assert (year.good, year.judged, year.pm25) == (1, 1, 69)


def test_a_correction_received_later_counts_and_text_does_not(judged: Office) -> None:
    for value in ("98", "99", "暂缺"):
        issue(judged, "AQI.day", value)
    assert days(judged)[0].issued == {"AQI": 99}


def test_issued_figures_of_the_year_win_in_the_morning_line(judged: Office) -> None:
    start = datetime(2026, 1, 1, tzinfo=BEIJING)
    issue(judged, "PM2_5.year", "31.5", start, 304)
    issue(judged, "good_share.year", "84.2", start, 304)
    issue(judged, "PM2_5.year", "29.9", datetime(2025, 1, 1, tzinfo=BEIJING), 365)
    now = datetime.combine(DAY + timedelta(days=1), datetime.min.time(), BEIJING) + timedelta(hours=9)
    found = gather(judged["chief"], now)
    assert found.year.issued_pm25 is not None
    assert (found.year.issued_pm25.value, found.year.issued_pm25.origin) == (31.5, "公报1号，至 2026-10-31")
    assert "今年以来上级核定 31.5 µg/m³（公报1号，至 2026-10-31），本系统统计 —（只有 1 个有效日）" in found.line
    assert "上级核定优良率 84.2%" in found.line


def test_a_day_without_ours_still_shows_the_issued_one(judged: Office) -> None:
    issue(judged, "AQI.day", "88", MIDNIGHT + timedelta(days=1))
    assert [d.day for d in county_days(DAY, DAY + timedelta(days=2))] == [DAY, DAY + timedelta(days=1)]


def test_the_page_and_the_api_show_both(judged: Office, client: Client) -> None:
    issue(judged, "AQI.day", "98")
    issue(judged, "good_share.year", "84.2", datetime(2026, 1, 1, tzinfo=BEIJING), 304)
    client.force_login(judged["chief"])
    page = client.get(reverse("web:county_air")).content.decode()
    words = {"since": MIDNIGHT.isoformat(), "to": (MIDNIGHT + timedelta(days=1)).isoformat()}
    told = client.get("/api/v1/county-air", words).json()["items"]
    for text in ("上级发布", "AQI", "98", "110", "上级核定", "84.2"):
        assert text in page
    assert (told[0]["aqi"], told[0]["taken_aqi"], told[0]["issued"]["AQI"], told[0]["differences"]["AQI"]) == (
        110,
        98,
        98,
        12,
    )


def test_the_issued_class_of_a_month_stands_beside_the_newest_reading(office: Office, client: Client) -> None:
    point = Point.objects.get(kind="water")
    for month, text in ((9, "Ⅳ"), (10, "Ⅲ类"), (10, "Ⅱ类"), (10, "待定")):
        start = datetime(2026, month, 1, tzinfo=BEIJING)
        end = datetime(2026, month + 1, 1, tzinfo=BEIJING)
        put_issued_value(office["chief"], "class.month", text, start, end, "省厅", "", "", point, None)
    (stand,) = sections_of(office["chief"], DAY).stands
    assert stand.issued is not None
    assert (stand.issued.name, stand.issued.month) == ("II", date(2026, 10, 1))
    client.force_login(office["chief"])
    page = client.get(reverse("web:sections")).content.decode()
    assert "上级核定" in page
    assert "2026-10" in page
