"""A case worked through the same actions that pages and API call, from a finding to its outcome."""

from __future__ import annotations

from datetime import timedelta

from qingyuan import clock
from qingyuan.bureau.alerts.models import Alert
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.cases.actions.leads import dismiss_lead, open_case, raise_lead
from qingyuan.bureau.cases.actions.work import act
from qingyuan.bureau.cases.models import Case
from qingyuan.bureau.evidence.actions.files import Upload
from qingyuan.bureau.judging.models import Finding
from qingyuan.bureau.values.models import Limit
from qingyuan.readings import NewReading, SeriesKey
from web.factories import MIDNIGHT, NOW, County

PHOTO = b"\xff\xd8\xff" + b"ammonia pump" * 40
REPORT = b"%PDF-1.7 comparison monitoring"


def at(hours: float) -> None:
    """Move the clock to so many hours after the beginning."""
    clock.set_clock(clock.FixedClock(NOW + timedelta(hours=hours)))


def nox_finding(county: County) -> Finding:
    """Three hours before the beginning: NOx 73.7 against 50 mg/m3."""
    limit = Limit.objects.get(outlet__point=county.outlet, item="NOx")
    start = NOW.replace(minute=0) - timedelta(hours=3)
    return Finding.objects.create(
        point=county.outlet, item="NOx", averaging="hour", start=start, end=start + timedelta(hours=1),
        verdict="exceedance", value=73.7, limit_value=50, unit="mg/m3", multiple=0.474, limit_ref=f"limit:{limit.pk}",
        rule_set="HJ212-2017+MEE-2022-21", watermark=70, deadline=NOW + timedelta(hours=3), decided_at=NOW,
        alert=county.alert,
    )  # fmt: skip


def open_outlet_case(county: County) -> Case:
    """A lead from the finding, triaged into a case ordered from above."""
    finding = nox_finding(county)
    lead = raise_lead(
        None, title="锦川热电 1 号炉废气排口 氮氧化物小时均值超标 0.47 倍", occurred_at=finding.start, finding=finding,
        alert=county.alert, must_handle=True,
    )  # fmt: skip
    return open_case(
        county.users["chief"], lead, "outlet", "有效且未标记的超标，依法立案。", upper_system="省交办平台",
        upper_order_number="苏环交〔2026〕121 号", upper_deadline=NOW + timedelta(days=7),
    )  # fmt: skip


def area_case(county: County) -> Case:
    """An investigation of the border section, with one child lead dismissed and one that became a case."""
    at(1)
    chief = county.users["chief"]
    alert = Alert.objects.create(
        rule="section", subject="W01", point=county.section, item="class", level=2, opened_at=NOW, watermark=71,
        title="沚河大桥断面 水质 Ⅳ，劣于考核目标 Ⅲ（TP(0.2)）", started_at=NOW.replace(minute=0) - timedelta(hours=4),
        last_seen_at=NOW, value=4, threshold=3, peak=4, rule_set="GB3838-2002",
    )  # fmt: skip
    lead = raise_lead(None, title=alert.title, occurred_at=alert.started_at, alert=alert)
    case = open_case(chief, lead, "area", "连续两期劣于目标，查上游来源。")
    at(2)
    case = act(chief, case, "assign", "", {"owner": county.team, "deadline": NOW + timedelta(days=9)})
    for title in ("上游菜场雨水口冒溢", "养殖塘集中换水"):
        raise_lead(chief, title=title, place="沚河上游 800 米", parent_case=case)
    first, second = case.child_leads.order_by("pk")
    dismiss_lead(chief, second, "已按计划报备，监测达标")
    open_case(chief, first, "outlet", "现场属实")
    return case


def day_case(county: County) -> Case:
    """A case from a finding that judges a whole Beijing day, with a gap of six hours."""
    limit = Limit.objects.get(outlet__point=county.outlet, item="NOx")
    start = MIDNIGHT - timedelta(days=2)
    finding = Finding.objects.create(
        point=county.outlet, item="NOx", averaging="day", start=start, end=start + timedelta(days=1),
        verdict="exceedance", value=50.4, limit_value=50, unit="mg/m3", multiple=0.008, limit_ref=f"limit:{limit.pk}",
        rule_set="HJ212-2017+MEE-2022-21", watermark=40, deadline=NOW, decided_at=NOW,
    )  # fmt: skip
    lead = raise_lead(None, title="锦川热电 1 号炉废气排口 氮氧化物日均值超标", occurred_at=start, finding=finding)
    at(1)
    return open_case(county.users["chief"], lead, "outlet", "日均值超标。")


def silence_case(county: County) -> Case:
    """A case from a point that fell silent and never sent an hour."""
    lead = raise_lead(None, title=county.silence.title, occurred_at=county.silence.started_at, alert=county.silence)
    at(1)
    return open_case(county.users["chief"], lead, "silence", "超过一日没有数据。")


def manual_case(county: County) -> Case:
    """A case from a person's lead, just opened: no point, no readings, nothing done."""
    at(1)
    return open_case(county.users["chief"], county.fresh_lead, "outlet", "群众反映属实可能大。")


def put_hours_since(county: County, first: int, last: int) -> None:
    """Whole hours of the running plant within the limit, from so many hours after the beginning on."""
    rows = []
    for n in range(first + 1, last):
        start = int((NOW.replace(minute=0) + timedelta(hours=n)).timestamp())
        key = SeriesKey(county.outlet.code, "NOx", "Avg", "hour")
        rows.append(
            NewReading(key, start, start + 3600, 38.0, 1, "mg/m3", "N", origin=900 + n, received_at=start + 3700)
        )
    readings().append(rows)


def outlet_case(county: County) -> Case:
    """The whole way: assigned, accepted, rectified with proof, submitted, closed with its outcome."""
    at(4)
    case = open_outlet_case(county)
    chief, officer = county.users["chief"], county.users["officer"]
    at(5)
    fields = {"owner": county.team, "assignee": officer, "deadline": NOW + timedelta(days=4)}
    case = act(chief, case, "assign", "请今日到现场，核对喷氨记录。", fields)
    at(6)
    case = act(officer, case, "accept", "已联系企业。")
    at(8)
    photo = Upload("喷氨泵现场.jpg", PHOTO, "喷氨泵现场照片")
    case = act(officer, case, "report", "现场检查：SCR 喷氨泵故障，已切换备用泵。", files=[photo])
    fields = {
        "measure": "修复喷氨泵，恢复脱硝效率；报送三日小时数据",
        "responsible": "锦川热电有限公司",
        "due_on": "2026-11-24",
    }
    case = act(officer, case, "order_rectification", "", fields)
    at(50)
    done = {"rectification": case.rectifications.get().pk}
    report = Upload("比对监测报告.pdf", REPORT)
    case = act(officer, case, "complete_rectification", "泵已更换，三日小时均值 31～44 mg/m³。", done, [report])
    at(52)
    case = act(officer, case, "submit", "整改完成，请核实。")
    put_hours_since(county, 50, 57)
    at(57)
    outcome = {
        "outcome": "rectified",
        "outcome_note": "设备故障致超标，企业已修复；三日小时均值均达标，另案审查未及时标记的原因。",
        "upper_reply": "已查实为喷氨泵故障，11 月 23 日整改完成，数据恢复达标。",
    }
    return act(chief, case, "close", "", outcome)
