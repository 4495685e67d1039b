"""A small county by plain rows: two towns, stations, sections, a firm, alerts, findings, leads, cases, people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from qingyuan.bureau.accounts.models import Area, AreaParent, Organisation, Role, RoleAssignment, User
from qingyuan.bureau.alerts.models import Alert, AlertChange
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.cases.models import Case, CaseEvent, Lead
from qingyuan.bureau.judging.models import Evaluation, Finding
from qingyuan.bureau.line.models import Channel, Device
from qingyuan.bureau.monitoring.models import IssuedValue
from qingyuan.bureau.registers.models import (
    Enterprise,
    Meter,
    Outlet,
    Point,
    Reach,
    RosterEntry,
    Section,
    SectionTarget,
    Station,
    WaterBody,
)
from qingyuan.bureau.values.models import Limit
from qingyuan.readings import NewReading, SeriesKey

NOW = datetime(2026, 11, 21, 0, 30, tzinfo=UTC)  # 08:30 in Beijing
LONG_AGO = date(2020, 1, 1)
PASSWORD = "correct-horse-battery"
MIDNIGHT = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)  # 00:00 in Beijing


@dataclass
class County:
    """Handles to the rows that tests ask about."""

    county: Area
    north: Area
    south: Area
    bureau: Organisation
    team: Organisation
    air: Point
    micro: Point
    section: Point
    lake: Point
    outlet: Point
    far_outlet: Point
    enterprise: Enterprise
    alert: Alert
    silence: Alert
    finding: Finding
    lead: Lead
    fresh_lead: Lead
    case: Case
    closed: Case
    users: dict[str, User]


def make_user(username: str, role: str, area: Area | None, organisation: Organisation | None = None) -> User:
    user = User.objects.create_user(
        username, PASSWORD, display_name=NAMES.get(username, username), organisation=organisation, created_at=NOW
    )
    RoleAssignment.objects.create(user=user, role=role, area=area, valid_from=LONG_AGO)
    return user


NAMES = {
    "director": "方局长",
    "chief": "程科长",
    "officer": "陆执法",
    "monitor": "沈监测",
    "town": "顾网格",
    "audit": "审计员",
}


def _polygon(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def make_places() -> tuple[Area, Area, Area, Organisation, Organisation]:
    county = Area.objects.create(code="QY", name="云沚县", kind="county", geometry=_polygon(119.0, 33.0, 119.5, 33.4))
    north = Area.objects.create(code="QY01", name="城北镇", kind="town", geometry=_polygon(119.0, 33.2, 119.5, 33.4))
    south = Area.objects.create(code="QY02", name="城南镇", kind="town", geometry=_polygon(119.0, 33.0, 119.5, 33.2))
    for town in (north, south):
        AreaParent.objects.create(area=town, parent=county, valid_from=LONG_AGO)
        Area.objects.filter(pk=town.pk).update(above=county)
    bureau = Organisation.objects.create(code="EEB", name="云沚生态环境局", kind="bureau", area=county)
    team = Organisation.objects.create(code="EEB-ENF", name="执法大队", kind="department", parent=bureau)
    river = WaterBody.objects.create(
        code="R1", name="沚河", kind="river",
        geometry={"type": "LineString", "coordinates": [[119.02, 33.38], [119.2, 33.22], [119.48, 33.05]]},
    )  # fmt: skip
    WaterBody.objects.create(code="L1", name="澄湖", kind="lake", geometry=_polygon(119.3, 33.25, 119.38, 33.31))
    Reach.objects.create(code="R1-1", water_body=river, from_node="a", to_node="b", length_m=9000)
    return county, north, south, bureau, team


def make_points(north: Area, south: Area, river: WaterBody, owner: Organisation) -> dict[str, Point]:
    made = {}
    for code, name, kind, area, lon, lat, minutes, body in (
        ("A01", "县监测站", "air", north, 119.12, 33.3, 60, None),
        ("A11", "城南工业园微站", "air", south, 119.3, 33.1, 60, None),
        ("W01", "沚河大桥", "water", south, 119.4, 33.09, 240, None),
        ("W02", "澄湖心", "water", north, 119.34, 33.28, 240, None),
        ("D01", "锦川热电 1 号炉废气排口", "outlet", south, 119.22, 33.12, 60, owner),
        ("D02", "北港印染废水总排口", "outlet", north, 119.4, 33.35, 60, None),
    ):
        made[code] = Point.objects.create(
            code=code, name=name, kind=kind, area=area, owner=body, lon=lon, lat=lat, expected_minutes=minutes
        )
    Station.objects.create(point=made["A01"], kind="standard")
    Station.objects.create(point=made["A11"], kind="micro")
    RosterEntry.objects.create(roster="county_air", point=made["A01"], basis="市局名册", valid_from=LONG_AGO)
    for code, body in (("W01", "river"), ("W02", "lake")):
        section = Section.objects.create(point=made[code], water_body=river, body=body)
        for kind in ("function_zone", "assessment", "incentive"):
            SectionTarget.objects.create(
                section=section, kind=kind, water_class="II" if kind == "incentive" else "III", valid_from=LONG_AGO
            )
        RosterEntry.objects.create(roster="national_sections", point=made[code], valid_from=LONG_AGO)
    return made


def make_readings(hours: int = 72) -> None:
    """Hours with a gap, a flagged and an over-limit value."""
    rows = []
    for n in range(hours):
        start = int((NOW - timedelta(hours=hours - n)).replace(minute=0).timestamp())
        for code, item, unit, value in (
            ("A01", "PM2_5", "ug/m3", 38 + (n * 7) % 31),
            ("A01", "O3", "ug/m3", 60 + (n * 11) % 80),
            ("A01", "NO2", "ug/m3", 22 + (n * 5) % 18),
            ("A01", "PM10", "ug/m3", 61 + (n * 9) % 40),
            ("D01", "NOx", "mg/m3", 41.5 + (n % 9) * 1.7 + (22 if n > hours - 6 else 0)),
            ("D01", "SO2", "mg/m3", 18.2 + (n % 5)),
            ("D01", "dust", "mg/m3", 3.1 + (n % 4) * 0.4),
        ):
            if code == "D01" and 30 <= n < 36:
                continue
            flag = "C" if code == "D01" and n in {12, 13} else "N"
            rows.append(
                NewReading(
                    SeriesKey(code, item, "Avg", "hour"), start, start + 3600, float(value), 1, unit, flag,
                    origin=n + 1, received_at=start + 3700, capture=1.0,
                )
            )  # fmt: skip
        if n % 4 == 0:
            for code in ("W01", "W02"):
                for item, value in (("NH3N", 0.62), ("TP", 0.231), ("CODMn", 4.8), ("DO", 6.9), ("pH", 7.8)):
                    rows.append(
                        NewReading(
                            SeriesKey(code, item, "Avg", "hour"), start, start + 14400, value, 3, "mg/L", "N",
                            origin=n + 1, received_at=start + 15000, capture=1.0,
                        )
                    )  # fmt: skip
    old = int((NOW - timedelta(hours=14)).timestamp())
    rows.append(NewReading(SeriesKey("A11", "PM2_5", "Avg", "hour"), old, old + 3600, 55.0, 0, "ug/m3", "N", origin=1))
    readings().append(rows)


def put_beside(county: County, hours: int = 72) -> None:
    """Converted values, oxygen, flow, mass and power of the outlet, hour by hour; the treatment stops at the end."""
    rows = []
    for unit, unit_word, number in (("production", "生产", 20101), ("treatment", "治理", 30101)):
        point = Point.objects.create(
            code=f"PM-{unit}", name=f"{unit_word} 电表", kind="meter", area=county.south, owner=county.outlet.owner
        )
        Meter.objects.create(point=point, outlet=county.outlet.outlet, unit=unit)
        for n in range(hours):
            power = (820.0 if unit == "production" else 0.0 if n > hours - 6 else 96.0) + n % 5
            rows.append((point.code, f"d{number}", "Avg", "kW", n, power))
    for n in range(hours):
        over = 22 if n > hours - 6 else 0
        if 30 <= n < 36:
            continue
        rows += [
            ("D01", "NOx", "ZsAvg", "mg/m3", n, 44.0 + (n % 9) * 1.8 + over),
            ("D01", "O2", "Avg", "%", n, 6.4 + (n % 6) * 0.3),
            ("D01", "flue_flow", "Avg", "m3/s", n, 31.0 + (n % 7) * 0.8),
            ("D01", "NOx", "Cou", "mg/m3", n, 4.6 + (n % 7) * 0.2),
        ]
    made = []
    for code, item, statistic, unit, n, value in rows:
        start = int((NOW - timedelta(hours=hours - n)).replace(minute=0).timestamp())
        made.append(
            NewReading(
                SeriesKey(code, item, statistic, "hour"), start, start + 3600, value, 2, unit, "N", origin=n + 1,
                received_at=start + 3700,
            )
        )  # fmt: skip
    readings().append(made)


def make_evaluations(points: dict[str, Point]) -> None:
    common = {"rule_digest": "0" * 64, "watermark": 1, "computed_at": NOW}
    for n in range(1, 41):
        start = MIDNIGHT - timedelta(days=n)
        pm = 24 + (n * 13) % 70
        values = {"SO2": 8, "NO2": 31, "CO": 0.8, "O3_8h": 96, "PM10": pm * 1.6 // 1, "PM2_5": pm}
        Evaluation.objects.create(
            point=points["A01"], kind="air_day", start=start, end=start + timedelta(days=1), verdict="pass",
            value=72, label="良", primary="PM2_5", rule_set="HJ633-2026", detail={"values": values}, **common,
        )  # fmt: skip
    hour = NOW.replace(minute=0) - timedelta(hours=1)
    for code, value, label in (("A01", 87, "良"), ("A11", 132, "轻度污染")):
        Evaluation.objects.create(
            point=points[code], kind="air_hour", start=hour, end=hour + timedelta(hours=1), verdict="pass",
            value=value, label=label, primary="PM2_5", rule_set="HJ633-2026", **common,
        )  # fmt: skip
    for code, label, verdict in (("W01", "IV", "fail"), ("W02", "III", "pass")):
        Evaluation.objects.create(
            point=points[code], kind="water", start=hour, end=hour + timedelta(hours=4), verdict=verdict,
            value=4, label=label, primary="TP(0.2)" if verdict == "fail" else "", rule_set="GB3838-2002", **common,
        )  # fmt: skip


TRACE = [
    {"name": "接收", "got": "61.3 mg/m3", "rule": "", "outcome": "收到"},
    {"name": "数据标识", "got": "N 正常", "rule": "HJ212-2017 表8", "outcome": "有效"},
    {"name": "有效率", "got": "60/60", "rule": "每小时不少于45分钟", "outcome": "足够"},
    {"name": "工况标记", "got": "无", "rule": "", "outcome": ""},
    {"name": "限值比较", "got": "61.3", "rule": "≤50 mg/m3 排污许可证", "outcome": "超标"},
]


def make_alerts(points: dict[str, Point]) -> tuple[Alert, Alert, Finding]:
    common = {"opened_at": NOW - timedelta(hours=3), "rule_set": "HJ212-2017+MEE-2022-21", "watermark": 5}
    alert = Alert.objects.create(
        rule="outlet_hour", subject="D01:NOx", point=points["D01"], item="NOx", level=3,
        title="锦川热电 1 号炉废气排口 NOₓ 74.2 mg/m³，超过 50", started_at=NOW - timedelta(hours=4),
        last_seen_at=NOW - timedelta(hours=1), value=74.2, threshold=50, peak=78.0, unit="mg/m3", **common,
    )  # fmt: skip
    AlertChange.objects.create(
        alert=alert, state="open", at=alert.opened_at, data_time=alert.started_at, reason="首个小时"
    )
    silence = Alert.objects.create(
        rule="silence", subject="D02", point=points["D02"], level=2, title="北港印染废水总排口 数据中断 5 小时",
        started_at=NOW - timedelta(hours=5), last_seen_at=NOW, **common,
    )  # fmt: skip
    start = MIDNIGHT - timedelta(hours=14)
    finding = Finding.objects.create(
        point=points["D01"], item="NOx", averaging="hour", start=start, end=start + timedelta(hours=1),
        verdict="exceedance", value=61.3, limit_value=50, unit="mg/m3", multiple=0.226, limit_ref="limit:1",
        rule_set="HJ212-2017+MEE-2022-21", watermark=4, trace=TRACE,
        deadline=NOW - timedelta(hours=1), decided_at=NOW, alert=alert,
    )  # fmt: skip
    return alert, silence, finding


def make_county() -> County:
    """Everything; the clock is expected at NOW."""
    county, north, south, bureau, team = make_places()
    firm = Organisation.objects.create(code="F1", name="锦川热电有限公司", kind="enterprise", area=south)
    points = make_points(north, south, WaterBody.objects.get(code="R1"), firm)
    enterprise = Enterprise.objects.create(
        organisation=firm,
        code="91320000TEST0001",
        name=firm.name,
        industry="火力发电",
        area=south,
        permit_class="重点管理",
    )
    outlet = Outlet.objects.create(
        code="D01", name=points["D01"].name, point=points["D01"], enterprise=enterprise, medium="gas", reference_o2=6
    )
    Outlet.objects.create(code="D02", name=points["D02"].name, point=points["D02"], medium="water")
    for item, upper in (("NOx", 50), ("SO2", 35), ("dust", 5)):
        Limit.objects.create(
            outlet=outlet,
            item=item,
            upper=Decimal(upper),
            unit="mg/m3",
            averaging="hour",
            basis="排污许可证",
            valid_from=LONG_AGO,
        )
    device = Device.objects.create(mn="8" * 24, point=points["D01"], system_type="31", adopted_at=NOW)
    Channel.objects.create(device=device, factor_code="a21002", point=points["D01"], item="NOx", unit="mg/m3")
    make_readings()
    make_evaluations(points)
    alert, silence, finding = make_alerts(points)
    for indicator, value in (("target.PM2_5.year", "33"), ("target.good_share.year", "82")):
        IssuedValue.objects.create(
            area=county, indicator=indicator, period_start=datetime(2025, 12, 31, 16, tzinfo=UTC),
            period_end=datetime(2026, 12, 31, 16, tzinfo=UTC), value_text=value, issuer="清淮市", received_at=NOW,
        )  # fmt: skip
    users = {
        "director": make_user("director", Role.DIRECTOR, None, bureau),
        "chief": make_user("chief", Role.CHIEF, None, bureau),
        "officer": make_user("officer", Role.OFFICER, county, team),
        "monitor": make_user("monitor", Role.MONITORING, None, bureau),
        "town": make_user("town", Role.TOWN, south),
        "far_town": make_user("far_town", Role.TOWN, north),
        "enterprise": make_user("enterprise", Role.ENTERPRISE, None, firm),
        "system": make_user("system", Role.SYSTEM_ADMIN, None),
        "security": make_user("security", Role.SECURITY_ADMIN, None),
        "audit": make_user("audit", Role.AUDIT_ADMIN, None),
    }
    lead = Lead.objects.create(
        number="XS-2026-0001", source="finding", state="case", title="锦川热电 1 号炉 NOₓ 小时均值超标", area=south,
        point=points["D01"], occurred_at=finding.start, created_at=NOW - timedelta(days=1), finding=finding,
        must_handle=True, decision_reason="有效超标", decided_by=users["chief"], decided_at=NOW - timedelta(hours=20),
    )  # fmt: skip
    fresh = Lead.objects.create(
        number="XS-2026-0002", source="manual", title="沚河大桥下游水面发白有异味", description="群众来电反映。", area=south,
        place="沚河大桥下游 200 米", lon=119.41, lat=33.085, occurred_at=NOW - timedelta(hours=2), reporter="王先生",
        created_at=NOW - timedelta(hours=1), created_by=users["town"],
    )  # fmt: skip
    case = Case.objects.create(
        number="AJ-2026-0001", kind="outlet", definition_version=1, state="working", title=lead.title, area=south,
        point=points["D01"], ordered_by=bureau, owner=team, assignee=users["officer"], opened_by=users["chief"],
        opened_at=NOW - timedelta(hours=20), deadline_at=NOW + timedelta(hours=3), upper_system="省交办平台",
        upper_order_number="苏环交〔2026〕118 号", upper_deadline=NOW + timedelta(days=2),
    )  # fmt: skip
    Lead.objects.filter(pk=lead.pk).update(case=case)
    closed = Case.objects.create(
        number="AJ-2026-0002", kind="silence", definition_version=1, state="closed", title="北港印染 数据中断", area=north,
        point=points["D02"], ordered_by=bureau, owner=team, opened_by=users["chief"], opened_at=NOW - timedelta(days=9),
        deadline_at=NOW - timedelta(days=4), closed_at=NOW - timedelta(days=5), outcome="restored_device",
        outcome_note="已恢复。",
    )  # fmt: skip
    for verb, old, new, who, hours, note in (
        ("open", "", "opened", "chief", 20, "有效且未标记的超标，依法立案。"),
        ("assign", "opened", "assigned", "chief", 19, "请今日到现场。"),
        ("accept", "assigned", "working", "officer", 18, ""),
        ("report", "working", "", "officer", 6, "现场检查：SCR 喷氨泵故障，2 小时内已切换备用泵。"),
    ):
        CaseEvent.objects.create(
            case=case, at=NOW - timedelta(hours=hours), actor=users[who], organisation=users[who].organisation,
            verb=verb, from_state=old, to_state=new, note=note,
        )  # fmt: skip
    return County(
        county, north, south, bureau, team, points["A01"], points["A11"], points["W01"], points["W02"], points["D01"],
        points["D02"], enterprise, alert, silence, finding, lead, fresh, case, closed, users,
    )  # fmt: skip
