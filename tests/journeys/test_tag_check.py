"""A tag from the enterprise's browser to the bureau's refusal: what was exempt becomes a finding; and the outlet's chart."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from journeys.conftest import sign_in
from journeys.line import gateway, hour_packet, send, work_off
from qingyuan import clock, config
from qingyuan.bureau.judging.models import Finding
from qingyuan.bureau.loop import decide_findings
from qingyuan.bureau.values.models import Tag
from web.factories import NOW, County, put_beside

pytestmark = [pytest.mark.browser, pytest.mark.process, pytest.mark.xdist_group("browser")]
HOUR = timedelta(hours=1)


def enter(browser: Any, server: str, username: str, **context: Any) -> Any:
    page = browser.new_context(locale="zh-CN", **context).new_page()
    page.set_default_timeout(10_000)
    sign_in(page, server, username)
    return page


def test_tag_with_material_refused_and_judged_again(browser: Any, county: County, live_server: Any) -> None:
    folder, server = config.data_dir(), live_server.url
    hour = NOW.replace(minute=0) - HOUR
    with gateway(folder) as port:
        send(port, hour_packet("8" * 24, hour, "a21002", 91.5))
    work_off(folder)

    firm = enter(browser, server, "enterprise")
    firm.goto(f"{server}/outlets/D01/")
    firm.click("a:has-text('标记数据')")
    firm.select_option("[name=kind]", "维护")
    firm.select_option("[name=item]", "NOx")
    firm.fill("[name=start]", f"{clock.beijing(hour):%Y-%m-%dT%H:%M}")
    firm.fill("[name=end]", f"{clock.beijing(hour + HOUR):%Y-%m-%dT%H:%M}")
    firm.fill("[name=note]", "更换喷枪")
    firm.set_input_files("[name=files]", {"name": "检修记录.txt", "mimeType": "text/plain", "buffer": b"07:00-08:00"})
    firm.click("button:has-text('标记')")
    assert "已标记" in firm.inner_text("main")
    assert "未核查" in firm.inner_text("table")
    work_off(folder)

    chief = enter(browser, server, "chief")
    chief.goto(f"{server}/tags/?state=waiting")
    chief.click("td.name a")
    assert "因这条标记未判超标的小时值 1 个" in chief.inner_text("main")
    chief.click("main table a")
    assert "a21002-Avg=91.5" in chief.inner_text("main"), "the packet behind the value"
    chief.go_back()
    chief.click("button:has-text('不认可')")
    assert "须写理由" in chief.inner_text("main")
    chief.fill("[name=reason]", "治理设施用电未变，未见检修。")
    chief.click("button:has-text('不认可')")
    assert "不予认可" in chief.inner_text(".head")
    work_off(folder)
    chief.goto(f"{server}/findings/?stage=pending&item=NOx")
    assert "标记截止" in chief.inner_text("table")

    firm.goto(f"{server}/tags/{Tag.objects.get().pk}/")
    assert "治理设施用电未变" in firm.inner_text("main")

    clock.set_clock(clock.FixedClock(NOW + timedelta(hours=28)))
    decide_findings()
    found = Finding.objects.get(start=hour, is_current=True)
    assert found.verdict == "exceedance"
    chief = enter(browser, server, "chief")
    chief.goto(f"{server}/findings/{found.pk}/")
    assert "超标" in chief.inner_text(".head")
    chief.click("main table a")
    assert "91.5" in chief.inner_text("main")


@pytest.mark.parametrize("width", [1440, 390])
def test_one_cursor_for_all_panels(browser: Any, county: County, live_server: Any, width: int) -> None:
    put_beside(county)
    page = enter(browser, live_server.url, "chief", viewport={"width": width, "height": 900})
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{live_server.url}/outlets/D01/?span=day")
    page.wait_for_selector("[data-aligned][data-drawn=yes]")
    page.focus("[data-aligned]")
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    said = page.inner_text("#readout")
    for words in (
        "11-21 07:00",
        "NOₓ 实测 77.1 mg/m³（超限值",
        "小时均值限值 ≤ 50",
        "O₂",
        "废气流量",
        "设备上报",
        "治理设施",
    ):
        assert words in said, words
    page.keyboard.press("Home")
    assert "11-20 09:00" in page.inner_text("#readout")
    if width > 560:
        assert "NOₓ 实测" in page.inner_text(".aligned-tip")
    page.click("#readout a")
    assert "2026-11-20" in page.locator("h1 time").first.get_attribute("title")
    page.goto(f"{live_server.url}/outlets/D01/?span=day")
    page.wait_for_selector("[data-aligned][data-drawn=yes]")
    page.click("a:has-text('看表格')")
    assert "77.1" in page.inner_text("table")
    assert faults == []
