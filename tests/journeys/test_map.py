"""The map: the wheel zooms at once, the whole county by a button, the key, and what a chosen point tells."""

from __future__ import annotations

import math
from typing import Any

import pytest

from journeys.conftest import sign_in
from qingyuan.bureau.book.actions import save
from qingyuan.bureau.book.registry import book_of
from qingyuan.bureau.cases.models import Case
from web.factories import County

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def opened(browser: Any, server: str, wide: int, high: int, who: str = "chief", address: str = "/map/") -> Any:
    page = browser.new_context(viewport={"width": wide, "height": high}, locale="zh-CN").new_page()
    page.set_default_timeout(10_000)
    sign_in(page, server, who)
    page.goto(server + address)
    page.wait_for_selector("[data-map][data-drawn]")
    return page


def scale(page: Any) -> str:
    """What the scale line says: it changes with the zoom and with nothing else."""
    return str(page.inner_text(".ol-scale-line-inner"))


def waits(page: Any, test: str, words: str) -> None:
    page.wait_for_function(f"b => document.querySelector('.ol-scale-line-inner').textContent {test} b", arg=words)


def test_the_wheel_zooms_without_a_click_and_the_button_shows_the_county_again(
    browser: Any, county: County, live_server: Any
) -> None:
    """The wheel did nothing until the map had been clicked, and there was no way back to the whole county."""
    page = opened(browser, live_server.url, 1440, 900)
    whole = scale(page)
    box = page.locator("#map").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.wheel(0, -600)
    waits(page, "!==", whole)
    assert page.evaluate("document.activeElement.id") != "map"
    page.click("button:has-text('全县')")
    waits(page, "===", whole)
    assert page.locator(".map-key li").first.is_visible()
    page.context.close()


def test_a_chosen_point_tells_value_limit_alert_and_case(browser: Any, county: County, live_server: Any) -> None:
    page = opened(browser, live_server.url, 1440, 900)
    page.click("[data-code=D01]")
    page.wait_for_selector(".map-card table")
    told = page.inner_text(".map-card")
    assert "锦川热电 1 号炉废气排口" in told
    assert "mg/m³" in told
    assert "50" in told  # the limit of NOx
    assert page.locator(f".map-card a[href='/alerts/{county.alert.pk}/']").is_visible()
    number = Case.objects.get(pk=county.case.pk).number
    assert page.locator(f".map-card a:has-text('{number}')").is_visible()
    page.click("[data-close]")
    assert not page.locator(".map-card").is_visible()
    page.context.close()


def test_a_firm_is_told_of_its_own_points_only(browser: Any, county: County, live_server: Any) -> None:
    page = opened(browser, live_server.url, 1440, 900, "enterprise")
    assert page.locator("[data-code=D01]").count() == 1
    assert page.locator("[data-code=D02]").count() == 0
    answer = page.request.get(f"{live_server.url}/map/points/D02/")
    assert answer.status == 404
    page.context.close()


def test_the_key_opens_on_the_phone_and_nothing_covers_the_chosen_point(
    browser: Any, county: County, live_server: Any
) -> None:
    """On a phone there was no key at all."""
    page = opened(browser, live_server.url, 390, 844)
    assert not page.locator(".map-key li").first.is_visible()
    page.click(".map-key summary")
    assert page.locator(".map-key li").first.is_visible()
    page.click(".map-key summary")
    whole = page.locator("button:has-text('全县')").bounding_box()
    key, zoom = page.locator(".map-key").bounding_box(), page.locator(".ol-zoom").bounding_box()
    assert key["x"] + key["width"] <= whole["x"]
    assert whole["x"] + whole["width"] <= zoom["x"] + 1
    page.click("[data-code=D01]")
    page.wait_for_selector(".map-card table")
    card, box = page.locator(".map-card").bounding_box(), page.locator(".map-box").bounding_box()
    assert card["x"] >= 0
    assert card["x"] + card["width"] <= 390
    assert card["y"] + card["height"] <= box["y"] + box["height"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.context.close()


def at(page: Any, lon: float, lat: float) -> tuple[float, float]:
    """Where a place of the small county lies on the screen when the whole county is shown."""
    west, south, east, north = 119.0, 33.0, 119.5, 33.4

    def flat(x: float, y: float) -> tuple[float, float]:
        return math.radians(x) * 6378137, math.log(math.tan(math.pi / 4 + math.radians(y) / 2)) * 6378137

    (left, low), (right, high), (x, y) = flat(west, south), flat(east, north), flat(lon, lat)
    box = page.locator("#map").bounding_box()
    top, aside, bottom, before = 30, 40, 60, 140  # the room that map.js leaves
    wide, tall = box["width"] - aside - before, box["height"] - top - bottom
    step = max((right - left) / wide, (high - low) / tall)
    middle = box["x"] + before + wide / 2, box["y"] + top + tall / 2
    return middle[0] + (x - (left + right) / 2) / step, middle[1] - (y - (low + high) / 2) / step


def test_a_register_is_laid_over_the_map_and_leads_to_its_row(browser: Any, county: County, live_server: Any) -> None:
    """A layer is fetched when it is asked for and says how many rows it holds; a row on it tells its name and its page."""
    page = opened(browser, live_server.url, 1440, 900)
    page.click(".map-books summary")
    assert page.locator(".map-books label").count() == 1, "outlets are drawn as points already"
    firms = "[data-book*='/enterprises/']"
    page.check(firms)
    page.wait_for_selector(".map-books label:has-text('没有带坐标的行')")
    save(None, book_of("enterprises"), {"lon": 119.25, "lat": 33.25}, county.enterprise)
    page.reload()
    page.wait_for_selector("[data-map][data-drawn]")
    page.click(".map-books summary")
    page.check(firms)
    page.wait_for_selector(".map-books small:has-text('1')")
    page.mouse.click(*at(page, 119.25, 33.25))
    page.wait_for_selector(".map-card h2:has-text('锦川热电')")
    assert "企业" in page.inner_text(".map-card small")
    page.click(".map-card a.button")
    page.wait_for_url(f"**/books/enterprises/row/{county.enterprise.code}/")
    page.context.close()
