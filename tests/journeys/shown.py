"""Every page with something to show, as a chief and as a firm open them: for pictures, for paper, for axe."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.core.files.uploadedfile import SimpleUploadedFile

from qingyuan import process
from qingyuan.bureau.base import uploads
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.cases.actions.leads import open_case, raise_lead
from qingyuan.bureau.cases.actions.work import act
from qingyuan.bureau.evidence.actions.files import Upload
from qingyuan.bureau.judging.models import Evaluation
from qingyuan.bureau.line.models import Device, DeviceRequest
from qingyuan.bureau.monitoring.actions.exports import ask_export, run_next_export
from qingyuan.bureau.quality.actions.operations import operate
from qingyuan.bureau.registers.actions.targets import put_in_roster
from qingyuan.bureau.registers.models import Point, Station
from qingyuan.bureau.values.actions.stops import plan_stop
from qingyuan.bureau.values.actions.tag_checks import check_tag
from qingyuan.bureau.values.actions.tags import tag
from qingyuan.bureau.values.models import Limit
from qingyuan.clock import BEIJING
from qingyuan.intake.ledger import LEDGER_FILE
from qingyuan.readings import NewReading, SeriesKey
from web.factories import NOW, County, put_beside
from web.test_quality import put_flag

ISLANDS = ("[data-chart]", "[data-aligned]", "[data-map]", "[data-pick]")


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


def history_of(county: County) -> str:
    """A station whose only days are of 2019: hours, judged days, a place on the roster."""
    point = Point.objects.create(code="OLD", name="老站", kind="air", area=county.south, lon=119.2, lat=33.15)
    Station.objects.create(point=point, kind="standard")
    put_in_roster(None, point, "county_air", date(2019, 1, 1))
    begin = datetime(2019, 9, 28, tzinfo=BEIJING)
    rows = []
    for n in range(72):
        start = int((begin + timedelta(hours=n)).timestamp())
        for item, value in (("PM2_5", 30.0 + n % 24), ("PM10", 90.0), ("SO2", 8.0), ("NO2", 30.0), ("O3", 90.0)):
            key = SeriesKey("OLD", item, "Avg", "hour")
            rows.append(
                NewReading(key, start, start + 3600, value, 0, "ug/m3", "N", origin=n + 1, received_at=start + 3600)
            )
    readings().append(rows)
    for n in range(3):
        Evaluation.objects.create(
            point=point, kind="air_day", start=begin + timedelta(days=n), end=begin + timedelta(days=n + 1), verdict="pass",
            value=72, label="良", primary="PM2_5", rule_set="HJ633-2012", rule_digest="0" * 64, watermark=1, computed_at=NOW,
            detail={"values": {"SO2": 8, "NO2": 30, "CO": 0.8, "O3_8h": 90, "PM10": 90, "PM2_5": 42}},
        )  # fmt: skip
    return point.code


def mapping_of() -> str:
    """A file on its way in: a line of title above its heads."""
    text = (
        "某县水站报表\n时间,断面名称,氨氮(mg/L),总磷(mg/L),备注\n"
        "2026-11-01 00:00,沚河大桥,0.31,0.08,\n2026-11-01 04:00,沚河大桥,0.35,0.09,雨\n"
    )
    return uploads.hold(SimpleUploadedFile("水站报表.csv", text.encode()))


def served_case(county: County) -> int:
    """A case whose rectification the firm was ordered to do, and has answered."""
    chief, officer = county.users["chief"], county.users["officer"]
    lead = raise_lead(
        None, title="锦川热电 1 号炉 NOₓ 小时均值超标", occurred_at=county.finding.start, alert=county.alert
    )
    case = open_case(chief, lead, "outlet", "有效且未标记的超标，依法立案。")
    case = act(
        chief, case, "assign", "", {"owner": county.team, "assignee": officer, "deadline": NOW + timedelta(days=4)}
    )
    case = act(officer, case, "accept", "")
    fields = {"measure": "修复喷氨泵，恢复脱硝效率", "responsible": county.enterprise.code, "due_on": "2026-11-30"}
    return act(officer, case, "order_rectification", "", fields).pk


def addresses(county: County) -> dict[str, str]:
    """What a section chief can open, each page with something to show."""
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
        "case-served": f"/cases/{served_case(county)}/",
        "case": f"/cases/{county.case.pk}/",
        "map": "/map/",
        "map-card": "/map/?point=D01",
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
        "imports-points": "/imports/points/",
        "imports-boundary": "/imports/boundary/",
        "imports-mapping": f"/imports/mapping/{mapping_of()}/?header_row=2",
        "point-history": f"/monitoring/{history_of(county)}/",
        "evaluation": "/evaluation/",
        "evaluation-history": "/evaluation/?year=2019",
        "sections": "/evaluation/sections/",
        "results": "/evaluation/results/",
        "issued": "/evaluation/issued/",
        "keep": "/monitoring/W01/keep/",
        "reports": "/reports/",
        "settings": "/settings/",
        "first-steps": "/settings/first-steps/",
        "calendar": "/settings/calendar/",
        "about": "/settings/about/",
        "tokens": "/settings/tokens/",
        "search": "/search/?q=D0",
        "more": "/more/",
        "refusal": "/alerts/999999/",
        "password": "/password/",
    }


def own_addresses(county: County) -> dict[str, str]:
    """What a firm can open."""
    case = served_case(county)
    return {
        "firm-today": "/",
        "firm-points": "/monitoring/?kind=outlet",
        "firm-outlet": "/outlets/D01/",
        "firm-point": "/monitoring/D01/?item=NOx&days=3",
        "firm-tags": "/tags/",
        "firm-tag": f"/tags/{tag_of(county)}/",
        "firm-alerts": "/alerts/",
        "firm-alert": f"/alerts/{county.alert.pk}/",
        "firm-findings": "/findings/",
        "firm-finding": f"/findings/{county.finding.pk}/",
        "firm-cases": "/cases/",
        "firm-case": f"/cases/{case}/",
        "firm-exports": "/monitoring/exports/",
        "firm-settings": "/settings/",
        "firm-more": "/more/",
        "firm-refusal": "/books/",
    }


def system_addresses(county: County) -> dict[str, str]:
    """What only the system administrator opens: every component with its states."""
    return {"components": "/settings/components/", "system-settings": "/settings/"}
