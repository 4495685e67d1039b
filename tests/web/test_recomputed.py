"""The page of what was sent and what is recomputed, and its count on the page of a device."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from django.test import Client

from qingyuan.bureau.base.store import readings
from qingyuan.bureau.line.models import Device
from qingyuan.readings import NewReading, SeriesKey
from web.factories import NOW, County

YESTERDAY = (NOW - timedelta(hours=20)).replace(minute=0)


def put(begin: datetime, minute: float, hour: float) -> None:
    start = int(begin.timestamp())
    key = SeriesKey("D01", "SO2", "Avg", "minute")
    rows = [
        NewReading(key, start + n * 600, start + (n + 1) * 600, minute, 1, "mg/m3", "N", origin=n) for n in range(6)
    ]
    whole = key._replace(grain="hour")
    rows.append(NewReading(whole, start, start + 3600, hour, 1, "mg/m3", "N", origin=999, stamp=10**9))
    readings().append(rows)


@pytest.fixture
def device(county: County) -> Device:
    return Device.objects.get(point=county.outlet)


def test_a_wrong_hour_is_listed_and_counted(chief: Client, county: County, device: Device) -> None:
    put(YESTERDAY, 10.0, 30.0)
    put(YESTERDAY + timedelta(hours=1), 10.0, 10.0)
    page = chief.get("/monitoring/D01/recomputed/?to=2026-11-20").content.decode()
    assert "比了 2 个时段，1 个不一致" in page
    assert "值不一致" in page
    assert "10.0000" in page or re.search(r">\s*10\s*<", page)
    assert page.count('<td class="name nowrap">') == 1
    every = chief.get("/monitoring/D01/recomputed/?to=2026-11-20&all=1").content.decode()
    assert every.count('<td class="name nowrap">') == 2
    assert "昨日 2 个时段，1 个不一致" in chief.get("/monitoring/D01/recomputed/count/").content.decode()
    assert "/monitoring/D01/recomputed/count/" in chief.get(f"/books/devices/{device.mn}/").content.decode()


def test_nothing_to_compare_is_said(chief: Client, county: County) -> None:
    assert "没有可比的时段" in chief.get("/monitoring/D01/recomputed/?to=2026-11-01").content.decode()
    assert "昨日没有可比的时段" in chief.get("/monitoring/D01/recomputed/count/").content.decode()


def test_an_odd_day_is_yesterday(chief: Client, county: County) -> None:
    assert "2026-11-20" in chief.get("/monitoring/D01/recomputed/?to=someday&days=99").content.decode()
