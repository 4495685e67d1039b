"""Every page in two widths: no script error, nothing refused by the policy, no sideways scrolling; pictures are kept."""

from __future__ import annotations

import os
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from journeys.conftest import sign_in
from qingyuan import process
from qingyuan.bureau.cases.evidence import Upload
from qingyuan.bureau.evaluation.models import Evaluation
from qingyuan.bureau.exports.actions import ask_export, run_next_export
from qingyuan.bureau.monitoring.actions import plan_stop
from qingyuan.bureau.monitoring.store import readings
from qingyuan.bureau.quality.actions import operate
from qingyuan.bureau.sources.actions import check_tag, tag
from qingyuan.bureau.sources.models import Device, DeviceRequest, Limit
from qingyuan.intake.ledger import LEDGER_FILE
from qingyuan.readings import NewReading, SeriesKey
from web.factories import NOW, County, put_beside
from web.test_quality import put_flag

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]
WIDTHS = {"desk": (1440, 900), "phone": (390, 844)}


def export_of(county: County) -> int:
    """A finished export, a stop, and flags by a rule and by a person, so that the pages have something to show."""
    hour = timedelta(hours=1)
    chief = county.users["chief"]
    put_flag("D01", "NOx", 2, "bad", "range")
    put_flag("D01", "NOx", 3, "suspect", "spike")
    operate(chief, county.outlet, "NOx", NOW - 5 * hour, NOW - 4 * hour, "invalid", "校准气未切换，数值不代表排放")
    plan_stop(chief, county.outlet, NOW - 40 * hour, NOW - 30 * hour, "停炉检修")
    plan_stop(chief, county.far_outlet, NOW - hour, NOW + 30 * hour, "环保设施改造")
    job = ask_export(chief, ["D01", "A01"], NOW - 48 * hour, NOW)
    run_next_export()
    return job.pk


def asked_of(county: County) -> str:
    """A device that was asked for missing hours and for its clock to be set, with what came of it."""
    device = Device.objects.create(mn="010000A8900016F000169DC0", point=county.outlet, system_type="31")
    hour = timedelta(hours=1)
    rows = (
        ("2061", "done", 1, NOW - hour, NOW - 7 * hour, "缺 6 个时段", 6, 6),
        ("2061", "refused", 3, NOW - hour, NOW - 9 * hour, "缺 6 个时段", 6, 0),
        ("1012", "timed_out", None, NOW, None, "钟差 -612 秒，超过 60 秒", 0, 0),
    )
    for number, (cn, state, code, ended, begin, reason, wanted, got) in enumerate(rows):
        DeviceRequest.objects.create(
            device=device, cn=cn, qn=f"20260115083000{number:03d}", state=state, code=code, reason=reason, wanted=wanted,
            got=got, begin=begin, end=begin and begin + 5 * hour, made_at=NOW - 2 * hour, until=NOW, sent_at=NOW - 2 * hour,
            answered_at=None if code is None else NOW - 2 * hour, ended_at=ended,
        )  # fmt: skip
    peers = {
        f"10.20.30.{number}": {"counts": {"closed_slow": number, "garbage": 412}, "at": NOW.isoformat(), "peer": "p:1"}
        for number in (4, 77)
    }
    page = {
        "counts": {"frames": 1208, "acknowledged": 1200, "asked": 3},
        "at": NOW.isoformat(),
        "peer": "10.20.30.9:40001",
    }
    process.write_json(
        process.run_dir() / LEDGER_FILE, {"stations": {device.mn: page}, "peers": peers, "connected": [device.mn]}
    )
    return device.mn


def tag_of(county: County) -> int:
    """A tag with material over hours above the limit, oxygen, flow, mass and power beside them; and a refused one."""
    put_beside(county)
    hour = timedelta(hours=1)
    begin = (NOW - 5 * hour).replace(minute=0)
    proof = Upload("检修记录.txt", "更换喷枪，05:00 至 08:00".encode())
    outlet, firm = county.outlet.outlet, county.users["enterprise"]
    county.enterprise.industry_key = "thermal_power"
    county.enterprise.save()
    other = tag(firm, outlet, "启炉", begin - 9 * hour, begin - 3 * hour, "NOx", "冷态启动")
    check_tag(county.users["monitor"], other, "refused", "功率和流量显示机组连续运行")
    start = NOW.replace(minute=0) - 2 * hour
    limit = outlet.limits.get(item="NOx")
    Evaluation.objects.create(
        point=county.outlet, kind="outlet_hour", item="NOx", start=start, end=start + hour, verdict="fail", value=75.4,
        rule_set="x", rule_digest="0" * 64, limit_ref=f"limit:{limit.pk}", watermark=1, computed_at=NOW,
    )  # fmt: skip
    return tag(firm, outlet, "维护", begin, begin + 3 * hour, "NOx", "更换喷枪", [proof]).pk


def minutes_of(county: County) -> str:
    """Minutes of two hours, one of which the device averaged wrongly; a limit of a standard, and one looser than it."""
    begin = (NOW - timedelta(hours=20)).replace(minute=0)
    start = int(begin.timestamp())
    key = SeriesKey("D01", "SO2", "Avg", "minute")
    rows = [NewReading(key, start + n * 600, start + (n + 1) * 600, 19.4, 1, "mg/m3", "N", origin=n) for n in range(12)]
    readings().append(rows)
    outlet = county.outlet.outlet
    for upper, day in ((200, date(2021, 1, 1)), (100, date(2024, 7, 1))):
        Limit.objects.create(
            outlet=outlet, item="SO2", upper=upper, unit="mg/m3", averaging="hour", condition="启炉",
            basis="GB 13223-2011 特别排放 燃煤锅炉", permit="91320000TEST0001P", statistic="ZsAvg", reference_o2=6,
            valid_from=day, valid_to=date(2024, 7, 1) if upper == 200 else None,
        )  # fmt: skip
    return f"{begin + timedelta(hours=8):%Y-%m-%d}"


def addresses(county: County) -> dict[str, str]:
    return {
        "today": "/",
        "monitoring-air": "/monitoring/?kind=air",
        "monitoring-water": "/monitoring/?kind=water",
        "monitoring-outlet": "/monitoring/?kind=outlet",
        "point-outlet": "/monitoring/D01/?item=NOx&days=3",
        "point-air": "/monitoring/A01/",
        "point-table": "/monitoring/D01/?view=table",
        "outlet": "/outlets/D01/",
        "outlet-table": "/outlets/D01/?view=table",
        "outlet-hour": "/outlets/D01/hour/?item=NOx&at=2026-11-21T07:00",
        "outlet-empty": "/outlets/D02/",
        "tags": "/tags/",
        "tag": f"/tags/{tag_of(county)}/",
        "freshness": "/monitoring/freshness/",
        "availability": "/monitoring/availability/?kind=outlet&item=NOx",
        "availability-point": "/monitoring/availability/?point=D01",
        "quality": "/monitoring/quality/?state=all",
        "operate": "/monitoring/D01/operations/?item=NOx",
        "stops": "/monitoring/D01/stops/",
        "exports": "/monitoring/exports/",
        "export": f"/exports/{export_of(county)}/",
        "alerts": "/alerts/",
        "alert": f"/alerts/{county.alert.pk}/",
        "findings": "/findings/",
        "findings-pending": "/findings/?stage=pending",
        "finding": f"/findings/{county.finding.pk}/",
        "leads": "/leads/",
        "lead-new": "/leads/new/",
        "lead": f"/leads/{county.fresh_lead.pk}/",
        "cases": "/cases/",
        "case": f"/cases/{county.case.pk}/",
        "map": "/map/",
        "books": "/books/",
        "enterprise": f"/books/enterprises/{county.enterprise.code}/",
        "devices": "/books/devices/",
        "device": f"/books/devices/{asked_of(county)}/",
        "requests": "/books/devices/requests/",
        "transmission": "/books/transmission/?by=item",
        "limits": "/monitoring/D01/limits/",
        "limits-all": "/books/limits/",
        "limits-import": "/imports/limits/",
        "recomputed": f"/monitoring/D01/recomputed/?to={minutes_of(county)}&days=7",
        "emissions": "/books/emissions/?by=quarter",
        "emissions-outlet": "/monitoring/D01/emissions/",
        "emissions-hours": "/monitoring/D01/emissions/hours/?item=NOx&day=2026-11-19",
        "imports": "/imports/",
        "imports-devices": "/imports/devices/",
        "evaluation": "/evaluation/",
        "sections": "/evaluation/sections/",
        "results": "/evaluation/results/",
        "issued": "/evaluation/issued/",
        "keep": "/monitoring/W01/keep/",
        "reports": "/reports/",
        "settings": "/settings/",
        "about": "/settings/about/",
        "tokens": "/settings/tokens/",
        "search": "/search/?q=D0",
        "more": "/more/",
        "refusal": "/alerts/999999/",
        "password": "/password/",
    }


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_is_whole(
    browser: Any, county: County, live_server: Any, tmp_path: Path, width: str, theme: str
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
    sign_in(page, live_server.url, "chief")
    for name, address in addresses(county).items():
        page.goto(live_server.url + address)
        for island in ("[data-chart]", "[data-aligned]", "[data-map]", "[data-pick]"):
            if page.locator(island).count():
                page.wait_for_selector(f"{island}[data-drawn]")
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if over > 0:
            faults.append(f"{address} is {over} px wider than the {width}")
        page.screenshot(path=folder / f"{theme}-{width}-{name}.png", full_page=name != "map")
    context.close()
    assert faults == []
