"""Every page is asked for days that no rule and no calendar knows: it answers in words, never with a fault of ours."""

from __future__ import annotations

import pytest
from django.test import Client

from web.factories import County
from web.objects import fill
from web.walk import addresses

pytestmark = pytest.mark.django_db
ODD = {
    "ancient": ("0221-10-19", "0221-10", "0221"),
    "first": ("0001-01-01", "0001-01", "1"),
    "last": ("9999-12-31", "9999-12", "9999"),
    "none": ("2026-13-45", "2026-13", "abcd"),
    "long": ("1" * 400, "2026-" + "1" * 300, "9" * 400),
    "minus": ("-1-01-01", "-1-1", "-5"),
}


@pytest.mark.parametrize("odd", ["ancient", *(pytest.param(odd, marks=pytest.mark.slow) for odd in list(ODD)[1:])])
def test_no_page_falls_over_an_odd_day(county: County, chief: Client, odd: str) -> None:
    day, month, number = ODD[odd]
    asked = {
        **dict.fromkeys(("day", "on", "date", "since", "until", "start", "end", "to", "as_of", "at"), day),
        **dict.fromkeys(("month",), month),
        **dict.fromkeys(("year", "page", "days"), number),
    }
    chief.raise_request_exception = False
    fallen = {}
    for name, address in addresses(county, fill(county, north=False)).items():
        if name in ("accounts:sign_out", "healthz"):
            continue
        status = chief.get(address, asked).status_code
        if status >= 500:
            fallen[name] = status
    assert fallen == {}
