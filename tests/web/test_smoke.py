from __future__ import annotations
import pytest
from django.test import Client
from web.factories import County

URLS = [
    "/",
    "/monitoring/",
    "/monitoring/?kind=water",
    "/monitoring/?kind=outlet",
    "/monitoring/A01/",
    "/monitoring/D01/?view=table",
    "/monitoring/D01/",
    "/monitoring/W01/",
    "/monitoring/D01/series.json",
    "/alerts/",
    "/findings/",
    "/leads/",
    "/leads/new/",
    "/cases/",
    "/map/",
    "/map/features.json",
    "/search/?q=锦川",
    "/books/",
    "/books/devices/",
    "/books/enterprises/91320000TEST0001/",
    "/evaluation/",
    "/evaluation/sections/",
    "/evaluation/results/",
    "/reports/",
    "/settings/",
    "/settings/about/",
    "/more/",
    "/frame/freshness/",
    "/settings/tokens/",
]


@pytest.mark.parametrize("url", URLS)
def test_page(chief: Client, url: str) -> None:
    r = chief.get(url)
    assert r.status_code == 200, r.content[:500]


def test_details(chief: Client, county: County) -> None:
    for u in (
        f"/alerts/{county.alert.pk}/",
        f"/findings/{county.finding.pk}/",
        f"/leads/{county.lead.pk}/",
        f"/leads/{county.fresh_lead.pk}/",
        f"/cases/{county.case.pk}/",
        f"/cases/{county.closed.pk}/",
    ):
        assert chief.get(u).status_code == 200, u
