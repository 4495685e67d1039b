"""From a packet on the wire to a closed case and its Word record, every step by hand in a real browser."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from journeys.conftest import sign_in
from journeys.line import gateway, hour_packet, send, work_off
from qingyuan import config
from qingyuan.bureau.alerts.models import Alert
from qingyuan.bureau.cases.models import Case
from web.factories import NOW, County

pytestmark = [pytest.mark.browser, pytest.mark.process, pytest.mark.xdist_group("browser")]
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415478da63606060000000040001"
    "f61738550000000049454e44ae426082"
)


def enter(browser: Any, server: str, username: str) -> Any:
    page = browser.new_context(locale="zh-CN").new_page()
    page.set_default_timeout(10_000)
    sign_in(page, server, username)
    return page


def act(page: Any, verb: str, **fields: str) -> None:
    """Open an action of the case page, fill it in, carry it out."""
    form = page.locator(f"form[action$='/act/{verb}/']")
    if not form.is_visible():
        form.locator("xpath=../summary").click()
    for name, value in fields.items():
        box = form.locator(f"[name={name}]")
        if box.evaluate("e => e.tagName") == "SELECT":
            box.select_option(label=value) if not value.isdigit() else box.select_option(value)
        elif box.get_attribute("type") == "file":
            box.set_input_files({"name": value, "mimeType": "image/png", "buffer": PNG})
        else:
            box.fill(value)
    form.locator("button").last.click()
    page.wait_for_load_state()


def test_packet_to_closed_case_and_record(browser: Any, county: County, live_server: Any) -> None:
    folder: Path = config.data_dir()
    Alert.objects.all().update(ended_at=NOW)
    with gateway(folder) as port:
        hour = NOW.replace(minute=0) - timedelta(hours=1)
        answer = send(port, hour_packet("8" * 24, hour, "a21002", 91.5))
    assert b"CN=9014" in answer
    work_off(folder)

    chief = enter(browser, live_server.url, "chief")
    chief.click("a[href='/alerts/?state=open&rule=outlet_hour']")
    chief.click("td.name a")
    assert "锦川热电" in chief.inner_text("h1")
    chief.fill("textarea[name=note]", "已电话联系企业。")
    chief.click("button:has-text('签收')")
    chief.click("button:has-text('转为线索')")
    chief.fill("#case_reason", "小时均值超限，企业未作说明。")
    chief.click("button:has-text('立案')")
    chief.wait_for_selector("ol.track")
    case = Case.objects.latest("pk")
    address = f"{live_server.url}/cases/{case.pk}/"
    act(chief, "assign", owner="执法大队", note="今日到现场。")
    assert "待签收" in chief.inner_text("li.here")

    officer = enter(browser, live_server.url, "officer")
    officer.goto(address)
    act(officer, "accept")
    act(officer, "order_rectification", measure="修复喷氨泵", responsible="锦川热电有限公司", due_on="2026-11-25")
    assert "整改中" in officer.inner_text("li.here")
    act(officer, "submit", note="已整改。")
    assert "整改没有登记完成" in officer.inner_text(".notice.bad")
    assert officer.input_value("#submit_note") == "已整改。"
    act(officer, "complete_rectification", rectification="修复喷氨泵", note="已修复，附现场照片。", files="现场.png")
    act(officer, "submit", note="已整改，数据恢复正常。")
    assert "待核实" in officer.inner_text("li.here")

    chief.goto(address)
    act(chief, "close", outcome="已整改", outcome_note="复核数据连续 6 小时达标。")
    assert "须连续" in chief.inner_text(".notice.bad")
    act(chief, "close", override="比对监测达标，下一班读数另行复核。")
    assert "已办结" in chief.inner_text("li.here")
    assert "现场.png" in chief.inner_text(".exhibits")
    with chief.expect_download() as waiting:
        chief.click("a:has-text('Word 记录')")
    content = Path(waiting.value.path()).read_bytes()
    text = zipfile.ZipFile(io.BytesIO(content)).read("word/document.xml").decode()
    assert case.number in text
    assert "复核数据连续 6 小时达标" in text
