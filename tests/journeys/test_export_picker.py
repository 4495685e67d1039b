"""Points and items of an export are ticked: narrowed by a search, with fingers, and without any script."""

from __future__ import annotations

from typing import Any

import pytest

from journeys.conftest import sign_in
from qingyuan.bureau.monitoring.models import ExportJob
from web.factories import County

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.mark.parametrize("script", [True, False], ids=["with-script", "without-script"])
def test_points_are_ticked_on_the_phone(browser: Any, county: County, live_server: Any, script: bool) -> None:
    """A list that wants the Ctrl key cannot be used on a phone."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, java_script_enabled=script, locale="zh-CN"
    )
    page = context.new_page()
    page.set_default_timeout(10_000)
    sign_in(page, live_server.url, "chief")
    page.goto(f"{live_server.url}/monitoring/exports/")
    points, items = page.locator("fieldset", has_text="点位"), page.locator("fieldset", has_text="项目")
    assert page.locator("select[multiple]").count() == 0
    row = points.locator("label").first.bounding_box()
    assert row["height"] >= 44
    assert row["x"] + row["width"] <= 390
    if script:
        items.locator("input[type=search]").fill("nox")
        assert items.locator("label:visible").all_inner_texts() == ["氮氧化物"]
    points.locator("label", has_text="县监测站").tap()
    points.locator("label", has_text="锦川热电").tap()
    items.locator("label", has_text="氮氧化物").tap()
    if script:
        assert items.locator("output").inner_text() == "已选 1"
    page.click("button:has-text('导出')")
    page.wait_for_url("**/exports/*/")
    job = ExportJob.objects.get()
    assert sorted(job.points) == ["A01", "D01"]
    assert job.items == ["NOx"]
    context.close()
