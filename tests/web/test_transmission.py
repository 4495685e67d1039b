"""The table of rates: by month and by quarter, with the capture of valid data and the share it is held to."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.test import Client

from qingyuan.bureau.registers.models import Point
from web.factories import County

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("period", ["2026-11", "2026 Q4"])
def test_a_month_or_a_quarter(chief: Client, county: County, period: str) -> None:
    Point.objects.filter(kind="outlet").update(active_from=date(2026, 1, 1))
    text = chief.get("/books/transmission/", {"month": period, "by": "firm"}).content.decode()
    assert f"<option selected>{period}</option>" in text
    assert "有效数据捕集率" in text
    assert "75.0 %" in text
    expected = 20 * 24 + 8 if period == "2026-11" else 51 * 24 + 8
    hours = re.findall(r'data-label="应传">(\d+)<', text)
    assert hours
    assert all(int(n) % expected == 0 for n in hours), "of each item the hours of the span up to now"


def test_an_unknown_period_is_this_month(chief: Client, county: County) -> None:
    assert "<option selected>2026-11</option>" in chief.get("/books/transmission/?month=1999-01").content.decode()


@pytest.mark.parametrize("period", ["2026-11", "2026 Q3"])
def test_an_outlet_opens_the_hours_behind_its_rate(chief: Client, county: County, period: str) -> None:
    Point.objects.filter(kind="outlet").update(active_from=date(2026, 1, 1))
    text = chief.get("/books/transmission/", {"month": period}).content.decode()
    found = re.search(r'href="(/outlets/D01/[^"]+)"', text)
    assert found
    page = chief.get(found[1].replace("&amp;", "&")).content.decode()
    assert "应为正向" not in page
    assert 'value="2026-11-21"' in page or 'value="2026-09-30"' in page
