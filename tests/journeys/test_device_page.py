"""An unknown station from its first packet to its first request: adopted on the page, its clock set, the answer followed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from journeys.conftest import sign_in
from journeys.line import gateway, hour_packet, send, work_off
from qingyuan import clock, config, process
from qingyuan.bureau.audit.models import AuditEntry
from qingyuan.bureau.line.actions.requests import hear, look_after_requests
from qingyuan.bureau.line.models import Device, DeviceRequest
from qingyuan.intake.ledger import LEDGER_FILE
from qingyuan.intake.talk import Said, Saying
from web.factories import NOW, County

pytestmark = [pytest.mark.browser, pytest.mark.process, pytest.mark.xdist_group("browser")]
HOUR = timedelta(hours=1)
MN = "5" * 24


def connected(*mns: str) -> None:
    process.beat("gateway", port=1)
    process.write_json(process.run_dir() / LEDGER_FILE, {"stations": {}, "peers": {}, "connected": list(mns)})


@pytest.mark.parametrize("width", [1440, 390])
def test_adopted_and_asked(browser: Any, county: County, live_server: Any, width: int) -> None:
    folder, server = config.data_dir(), live_server.url
    with gateway(folder) as port:
        for back in (3, 2):
            send(port, hour_packet(MN, NOW.replace(minute=0) - back * HOUR, "a21002", 41.5))
    work_off(folder)
    connected(MN)
    page = browser.new_context(locale="zh-CN", viewport={"width": width, "height": 900}).new_page()
    page.set_default_timeout(15_000)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    sign_in(page, server, "chief")

    page.goto(f"{server}/books/devices/")
    page.click("a:has-text('有 1 个未登记的站点待认领')")
    page.click(f"a:has-text('{MN}')")
    assert "氮氧化物" in page.inner_text("main")
    page.click("button:has-text('认领')")
    assert "入库 2 个读数" in page.inner_text("main")
    assert Device.objects.get(mn=MN).state == Device.State.ACTIVE

    page.click("#tail summary >> nth=0")
    assert "氮氧化物 均值（mg/m³）" in page.inner_text("#tail")
    page.click(".head a:has-text('校时')")
    assert "1012" in page.inner_text("main")
    page.fill("[name=reason]", "值班核对")
    page.click("button:has-text('确认校时')")
    assert "待发" in page.inner_text("#asked")
    request = DeviceRequest.objects.get()
    page.click("#tail summary >> nth=0")
    for saying in (Saying.SENT, Saying.ANSWERED, Saying.EXECUTED):
        hear([Said(saying, MN, request.qn, 1, clock.now())])
    clock.set_clock(clock.FixedClock(NOW + timedelta(seconds=10)))
    look_after_requests()
    page.wait_for_selector("#asked :text('已执行')")
    assert page.locator("#tail details[open]").count() == 1, "what is being read is not replaced"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    entry = AuditEntry.objects.get(verb="device.ask")
    assert entry.data["reason"] == "值班核对"

    page.goto(f"{server}/books/devices/{MN}/time/")
    page.click("button:has-text('确认校时')")
    assert "分钟内已" in page.inner_text("main")
    connected()
    page.goto(f"{server}/books/devices/{MN}/fetch/")
    assert "没有连接" in page.inner_text("main")
    assert page.locator("button:has-text('确认补取')").is_disabled()
    assert faults == []
