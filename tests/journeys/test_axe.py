"""Every page, for a chief and for a firm, light and dark, on the desktop and on the phone, as axe judges it."""

from __future__ import annotations

import hashlib
import json
import os
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from journeys.conftest import sign_in
from journeys.shown import ISLANDS, addresses, own_addresses
from web.factories import County

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
AXE = Path(__file__).parent / "axe"
WIDTHS = {"desk": (1440, 900), "phone": (390, 844)}
READERS: dict[str, Callable[[County], dict[str, str]]] = {"chief": addresses, "enterprise": own_addresses}
# One page of each build: a list, a detail page with forms, a chart, a map, a table of figures, a long form.
FEW = {
    "chief": ("today", "case", "point-outlet", "map-card", "evaluation", "exports", "first-steps"),
    "enterprise": ("firm-today", "firm-case"),
}
JUDGE = """async () => {
  const found = await axe.run(document, {resultTypes: ["violations"]});
  const nodes = v => v.nodes.map(n => [n.target.join(" "), n.failureSummary]);
  return found.violations.map(v => ({id: v.id, impact: v.impact, nodes: nodes(v)}));
}"""


def judged(page: Any, address: str) -> list[str]:
    """What axe finds on a page, one line a rule; the script is put in beside the page's own policy."""
    page.goto(address)
    for island in ISLANDS:
        if page.locator(island).count():
            page.wait_for_selector(f"{island}[data-drawn]")
    page.evaluate((AXE / "axe.min.js").read_text())
    found = page.evaluate(JUDGE)
    if folder := os.environ.get("QINGYUAN_AXE"):
        with Path(folder).open("a") as file:
            file.write(json.dumps([address, page.viewport_size, found], ensure_ascii=False) + "\n")
    return [f"{page.url}: {v['id']} ({len(v['nodes'])}): {v['nodes'][0][0]}: {v['nodes'][0][1]}" for v in found]


def all_of(
    browser: Any, server: str, county: County, who: str, theme: str, width: str, names: tuple[str, ...]
) -> list[str]:
    """The faults of the named pages, of all if none is named."""
    wide, high = WIDTHS[width]
    context = browser.new_context(
        viewport={"width": wide, "height": high}, color_scheme=theme, locale="zh-CN", reduced_motion="reduce"
    )
    page = context.new_page()
    faults = judged(page, f"{server}/sign-in/")
    sign_in(page, server, who)
    for name, address in READERS[who](county).items():
        if not names or name in names:
            faults += judged(page, server + address)
    context.close()
    return faults


@pytest.mark.parametrize("who", READERS)
@pytest.mark.parametrize(("theme", "width"), [("light", "desk"), ("dark", "phone")])
def test_one_page_of_each_build(
    browser: Any, county: County, live_server: Any, who: str, theme: str, width: str
) -> None:
    """Links in a text were told by colour alone, grey on grey did not reach 4.5 : 1, a table scrolled out of reach."""
    assert all_of(browser, live_server.url, county, who, theme, width, FEW[who]) == []


@pytest.mark.slow
@pytest.mark.parametrize("who", READERS)
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_every_page(browser: Any, county: County, live_server: Any, who: str, theme: str, width: str) -> None:
    assert all_of(browser, live_server.url, county, who, theme, width, ()) == []


def test_axe_is_what_its_note_says() -> None:
    note = tomllib.loads((AXE / "VENDORED.toml").read_text())
    for name, digest in note["sha256"].items():
        assert hashlib.sha256((AXE / name).read_bytes()).hexdigest() == digest, name
