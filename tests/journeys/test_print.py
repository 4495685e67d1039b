"""What detail pages are on paper: A4, no blank first page, no navigation; who, when, which page, the digest."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from journeys.conftest import sign_in
from journeys.shown import ISLANDS, addresses
from needs import pdf_reader
from web.factories import County

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
DETAILS = (
    "alert", "finding", "case", "lead", "point-outlet", "outlet", "outlet-hour", "map-card", "evaluation", "device", "tag",
    "enterprise", "calendar",
)  # fmt: skip
A4 = (595, 842)
DIGEST = re.compile(r"[0-9a-f]{64}")


def printed(page: Any, file: Path) -> list[str]:
    """The words of each page of paper."""
    page.pdf(path=file, prefer_css_page_size=True, print_background=False)
    told = subprocess.run([pdf_reader(), "-layout", str(file), "-"], check=True, capture_output=True).stdout.decode()
    return told.split("\f")[:-1]


def boxes(file: Path) -> set[tuple[int, int]]:
    """The sizes of its pages in points."""
    found = re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\s*\]", file.read_bytes())
    return {(round(float(wide)), round(float(high))) for wide, high in found}


def test_detail_pages_print_from_the_first_page_on(
    browser: Any, county: County, live_server: Any, tmp_path: Path
) -> None:
    """The first sheet of a case was blank: the grid of the page stood whole on the second."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    page = context.new_page()
    sign_in(page, live_server.url, "chief")
    faults = []
    for name, address in addresses(county).items():
        if name not in DETAILS:
            continue
        page.goto(live_server.url + address)
        for island in ISLANDS:
            if page.locator(island).count():
                page.wait_for_selector(f"{island}[data-drawn]")
        title = "".join(page.text_content("h1").split())
        sheets = printed(page, tmp_path / f"{name}.pdf")
        first, last = "".join(sheets[0].split()), "".join(sheets[-1].split())
        if name != "map-card" and title[:8] not in first:
            faults.append(f"{name}: its title is not on the first of {len(sheets)} pages")
        if any(len("".join(sheet.split())) < 30 for sheet in sheets):
            faults.append(f"{name}: an empty sheet among {len(sheets)}")
        if boxes(tmp_path / f"{name}.pdf") != {A4}:
            faults.append(f"{name}: not A4 {boxes(tmp_path / f'{name}.pdf')}")
        if "收起导航" in "".join(sheets) or "退出" in "".join(sheets):
            faults.append(f"{name}: the navigation is printed")
        if not DIGEST.search(last) or "程科长" not in last or "2026-11-21" not in last:
            faults.append(f"{name}: no name, time or digest at its end")
        for number, sheet in enumerate(sheets, 1):
            if f"{number}/{len(sheets)}" not in "".join(sheet.split()):
                faults.append(f"{name}: page {number} of {len(sheets)} has no number")
    context.close()
    assert faults == []
