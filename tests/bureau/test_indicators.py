"""Indicators: one file each, one value for page, API and paper, and the rows that make it up."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from bureau.office import Office
from qingyuan.bureau.accounts.actions.tokens import create_token
from qingyuan.bureau.indicators.queries.indicator import Asked, indicators
from qingyuan.bureau.indicators.queries.words import entered, units
from qingyuan.bureau.judging.models import Evaluation
from qingyuan.bureau.monitoring.actions.issued import put_issued_value
from qingyuan.bureau.registers.models import RosterEntry
from qingyuan.clock import BEIJING

ON = date(2026, 3, 2)


def put_days(office: Office, values: list[float]) -> None:
    """January's days of the county's one station, PM2.5 as given, everything else low."""
    RosterEntry.objects.create(roster="county_air", point=office.air, valid_from=date(2020, 1, 1))
    for place, pm25 in enumerate(values):
        start = datetime(2026, 1, 1, tzinfo=BEIJING) + timedelta(days=place)
        items = {"SO2": 5.0, "NO2": 10.0, "CO": 0.4, "O3_8h": 60.0, "PM10": pm25 + 20, "PM2_5": pm25}
        Evaluation.objects.create(
            point=office.air, kind="air_day", start=start, end=start + timedelta(days=1), verdict="pass", value=50,
            rule_set="GB3095-2012", rule_digest="", watermark=0, detail={"values": items}, computed_at=start,
        )  # fmt: skip


def test_the_codes_of_figures_and_targets_are_those_of_before() -> None:
    """Issued values in the books are kept under these; a code that changed would lose them."""
    codes = [code for code, _ in entered()]
    assert codes == [
        "target.PM2_5.year", "target.good_share.year", "PM2_5.year", "good_share.year", "AQI.day", "PM2_5.day",
        "class.month",
    ]  # fmt: skip
    assert units() == {
        "target.PM2_5.year": "ug/m3", "target.good_share.year": "%", "PM2_5.year": "ug/m3", "good_share.year": "%",
        "AQI.day": "", "PM2_5.day": "ug/m3",
    }  # fmt: skip


def test_a_year_is_the_mean_of_its_rows(office: Office) -> None:
    put_days(office, [20.0, 40.0] * 30)
    asked = Asked(ON)
    one = indicators()["PM2_5.year"]
    assert one.figure is not None
    assert one.rows is not None
    figure, rows = one.figure(asked), one.rows(asked)
    told = [row.value for row in rows if row.value is not None]
    assert figure.value == pytest.approx(sum(told) / len(told)) == 30.0
    assert (figure.target, rows[0].label) == (figure.target, "2026-01-01")


def test_too_few_days_are_said_and_no_figure_is(office: Office) -> None:
    put_days(office, [20.0, 40.0])
    one = indicators()["PM2_5.year"]
    assert one.figure is not None
    figure = one.figure(Asked(ON))
    assert figure.value is None
    assert "只有 2 个有效日" in figure.reason


def test_what_is_issued_is_taken(office: Office) -> None:
    put_days(office, [20.0] * 60)
    begin, end = datetime(2026, 1, 1, tzinfo=BEIJING), datetime(2026, 3, 1, tzinfo=BEIJING)
    put_issued_value(None, "PM2_5.year", "23.4", begin, end, "省厅", area=office.county)
    one = indicators()["PM2_5.year"]
    assert one.figure is not None
    assert (one.figure(Asked(ON)).taken, one.figure(Asked(ON)).value) == (23.4, 20.0)


def test_page_and_api_say_the_same(office: Office, clock_at: object) -> None:
    clock_at(datetime(2026, 3, 2, 9, tzinfo=BEIJING))  # type: ignore[operator]
    put_days(office, [20.0, 40.0] * 30)
    browser = Client()
    browser.force_login(office["chief"])
    page = browser.get(reverse("web:indicators")).content.decode()
    behind = browser.get(reverse("web:indicators"), {"code": "PM2_5.year"}).content.decode()
    _, secret = create_token(None, office["chief"], "t", ("read",))
    headers = {"Authorization": f"Bearer {secret}"}
    told = Client().get("/api/v1/indicators", {"code": "PM2_5.year"}, headers=headers).json()["items"][0]
    assert (told["value"], len(told["rows"])) == (30.0, 60)
    assert "30.0" in page
    assert behind.count("2026-0") >= 60
