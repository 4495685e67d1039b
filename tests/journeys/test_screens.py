"""Every page in two widths: no script error, nothing refused by the policy, no sideways scrolling; pictures are kept."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from journeys.conftest import sign_in
from journeys.shown import ISLANDS, addresses, own_addresses, system_addresses
from web.factories import County

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]
WIDTHS = {"desk": (1440, 900), "phone": (390, 844)}
READERS: dict[str, Callable[[County], dict[str, str]]] = {
    "chief": addresses,
    "enterprise": own_addresses,
    "system": system_addresses,
}


@pytest.mark.parametrize("who", READERS)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_is_whole(
    browser: Any, county: County, live_server: Any, tmp_path: Path, width: str, theme: str, who: str
) -> None:
    folder = Path(os.environ.get("QINGYUAN_SCREENSHOTS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    if theme == "dark" and not os.environ.get("QINGYUAN_SCREENSHOTS"):
        pytest.skip("dark pages are looked at by eye: set QINGYUAN_SCREENSHOTS to a folder")
    wide, high = WIDTHS[width]
    context = browser.new_context(viewport={"width": wide, "height": high}, color_scheme=theme, locale="zh-CN")
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
    page.on(
        "console",
        lambda m: faults.append(f"{page.url}: {m.text}") if m.type == "error" and "404" not in m.text else None,
    )
    page.goto(f"{live_server.url}/sign-in/")
    page.screenshot(path=folder / f"{theme}-{width}-sign-in.png")
    sign_in(page, live_server.url, who)
    for name, address in READERS[who](county).items():
        page.goto(live_server.url + address)
        for island in ISLANDS:
            if page.locator(island).count():
                page.wait_for_selector(f"{island}[data-drawn]")
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if over > 0:
            faults.append(f"{address} is {over} px wider than the {width}")
        page.screenshot(path=folder / f"{theme}-{width}-{name}.png", full_page=not name.startswith("map"))
    context.close()
    assert faults == []
