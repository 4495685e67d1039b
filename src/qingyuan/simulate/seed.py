"""The demo county into the bureau's books, through the same tables that a real county fills."""

from __future__ import annotations

import json
import secrets
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from qingyuan import clock, config
from qingyuan.bureau.accounts.actions.users import create_user
from qingyuan.bureau.accounts.models import Area, Organisation, Role, User
from qingyuan.bureau.audit.actions.record import record
from qingyuan.bureau.base.factors import item_of
from qingyuan.bureau.book.registry import book_of
from qingyuan.bureau.exchange.bulk import lay_down
from qingyuan.bureau.line.models import Channel, Device
from qingyuan.bureau.monitoring.actions.issued import put_issued_value
from qingyuan.bureau.registers.actions.register import correct_organisation, put_area, put_organisation
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
from qingyuan.simulate.county import build_county
from qingyuan.simulate.records import County

SINCE = date(2020, 1, 1)
_CLASSES = {"Ⅰ": "I", "Ⅱ": "II", "Ⅲ": "III", "Ⅳ": "IV", "Ⅴ": "V"}
_INDUSTRY_KEYS = {"power": "thermal_power"}
_BUREAU = "BUREAU"
_MINUTE_SECONDS = {"gas": 60, "water": 600, "power": 600}
_EXPECTED_MINUTES = {"gas": 60, "water": 60, "air": 60, "river": 240, "power": 60}


def county_file() -> Any:
    """Where the county lies that the simulator plays."""
    return config.data_dir() / "demo" / "county.json"


def seed(number: int) -> str | None:
    """Put the county into empty books; returns what to tell the person at the console, None if it is there already."""
    if Area.objects.exists():
        return None
    county = build_county(number)
    path = county_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(county.to_dict(), ensure_ascii=False), encoding="utf-8")
    password = secrets.token_urlsafe(9)
    with transaction.atomic():
        areas = _areas(county)
        bodies = _organisations(county, areas)
        _waters(county)
        _enterprises(county, areas, bodies)
        points = _points(county, areas, bodies)
        _outlets(county, points)
        _meters(county, points)
        _stations(county, points)
        _sections(county, points)
        _devices(county, points)
        _users(county, areas, bodies, password)
        _targets(areas[""])
        record(None, "demo.seed", f"county:{county.code}", f"建立演示县 {county.name}（种子 {number}）")
    return f"演示账号 juzhang、zhihui、daqi、shui、zhifa、duiyuan1、zhen01、qiye1 …    密码：{password}    （只显示这一次）"


def _areas(county: County) -> dict[str, Area]:
    whole = put_area(county.code, county.name, Area.Kind.COUNTY, _polygon(county.outline), None, SINCE)
    found = {"": whole}
    for town in county.towns:
        found[town.code] = put_area(town.code, town.name, Area.Kind.TOWN, _polygon(town.polygon), whole, SINCE)
    return found


def _polygon(ring: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [[list(p) for p in ring]]}


def _organisations(county: County, areas: dict[str, Area]) -> dict[str, Organisation]:
    found: dict[str, Organisation] = {}
    own = Organisation.objects.filter(kind=Organisation.Kind.BUREAU).first()
    for o in county.organisations:
        if o.code == _BUREAU and own is not None:
            correct_organisation(own, {"name": o.name, "area": areas[""], "parent": found.get(o.parent)})
            found[o.code] = own
            continue
        area = areas[o.town] if o.town else areas[""]
        found[o.code] = put_organisation(o.code, o.name, o.kind, area, found.get(o.parent))
    return found


def _waters(county: County) -> None:
    bodies = {}
    lines: dict[str, list[Any]] = {}
    for reach in county.reaches:
        lines.setdefault(reach.water_body, []).append([list(p) for p in reach.line])
    for body in county.water_bodies:
        geometry = {"type": "MultiLineString", "coordinates": lines.get(body.code, [])}
        bodies[body.code] = WaterBody.objects.create(code=body.code, name=body.name, kind=body.kind, geometry=geometry)
    for reach in county.reaches:
        Reach.objects.create(
            code=reach.code,
            water_body=bodies[reach.water_body],
            from_node=reach.from_node,
            to_node=reach.to_node,
            length_m=reach.length_km * 1000,
            velocity_m_s=reach.velocity_m_s,
            geometry={"type": "LineString", "coordinates": [list(p) for p in reach.line]},
        )


def _enterprises(county: County, areas: dict[str, Area], bodies: dict[str, Organisation]) -> None:
    Enterprise.objects.bulk_create(
        Enterprise(
            organisation=bodies[e.code],
            code=e.code,
            name=e.name,
            industry=e.industry,
            industry_key=_INDUSTRY_KEYS.get(e.industry_key, e.industry_key),
            area=areas[e.town],
            lon=e.lon,
            lat=e.lat,
            permit_class=e.permit_class,
        )
        for e in county.enterprises
    )
    lay_down(book_of("enterprises"))


def _points(county: County, areas: dict[str, Area], bodies: dict[str, Organisation]) -> dict[str, Point]:
    firms = {e.code: e for e in county.enterprises}
    operators = {d.point: bodies.get(d.operator) for d in county.devices}
    expected = {d.point: _EXPECTED_MINUTES[d.kind] for d in county.devices}
    monitor = bodies.get("DEPT-MONITOR", bodies[_BUREAU])
    rows = []

    def add(row: Any, kind: str, area: Area, owner: Organisation) -> None:
        rows.append(
            Point(
                code=row.code,
                name=row.name,
                kind=kind,
                area=area,
                owner=owner,
                operator=operators.get(row.code),
                lon=row.lon,
                lat=row.lat,
                expected_minutes=expected.get(row.code),
                active_from=SINCE,
            )
        )

    for outlet in county.outlets:
        add(outlet, Point.Kind.OUTLET, areas[firms[outlet.enterprise].town], bodies[outlet.enterprise])
    for meter in county.power_meters:
        add(meter, Point.Kind.METER, areas[firms[meter.enterprise].town], bodies[meter.enterprise])
    for station in county.air_stations:
        add(station, Point.Kind.AIR, areas[station.town], monitor)
    for section in county.water_stations:
        add(section, Point.Kind.WATER, areas[section.town], monitor)
    Point.objects.bulk_create(rows)
    return {p.code: p for p in Point.objects.all()}


def _outlets(county: County, points: dict[str, Point]) -> None:
    firms = {e.code: e for e in Enterprise.objects.all()}
    for o in county.outlets:
        point = points[o.code]
        outlet = Outlet.objects.create(
            code=o.code,
            name=point.name,
            point=point,
            enterprise=firms[o.enterprise],
            operator=point.operator,
            lon=point.lon,
            lat=point.lat,
            active_from=point.active_from,
            medium=o.medium,
            reference_o2=o.reference_o2,
            receiving_node=o.reach,
        )
        Limit.objects.bulk_create(
            Limit(
                outlet=outlet,
                item=item_of(limit.factor)[0],
                upper=Decimal(limit.upper) if limit.upper else None,
                lower=Decimal(limit.lower) if limit.lower else None,
                unit=limit.unit,
                averaging=limit.averaging,
                statistic=limit.statistic,
                basis=limit.basis,
                valid_from=SINCE,
            )
            for limit in o.limits
        )
    lay_down(book_of("outlets"))


def _meters(county: County, points: dict[str, Point]) -> None:
    outlets = {o.point.code: o for o in Outlet.objects.select_related("point")}
    Meter.objects.bulk_create(
        Meter(point=points[m.code], outlet=outlets[m.outlet], unit=m.unit) for m in county.power_meters
    )


def _stations(county: County, points: dict[str, Point]) -> None:
    for s in county.air_stations:
        Station.objects.create(point=points[s.code], kind=s.kind)
        if s.kind == "standard":
            RosterEntry.objects.create(
                roster=RosterEntry.Roster.COUNTY_AIR, point=points[s.code], basis="演示县评价点位名册", valid_from=SINCE
            )


def _sections(county: County, points: dict[str, Point]) -> None:
    bodies = {r.code: r.water_body for r in Reach.objects.select_related("water_body")}
    levels = {"国考": RosterEntry.Roster.NATIONAL_SECTIONS, "省考": RosterEntry.Roster.PROVINCIAL_SECTIONS}
    for s in county.water_stations:
        section = Section.objects.create(
            point=points[s.code], water_body=bodies.get(s.reach), body=s.body, reach_code=s.reach, is_border=s.is_border
        )
        for target in s.targets:
            SectionTarget.objects.create(
                section=section,
                kind=target.kind,
                water_class=_CLASSES.get(target.water_class, target.water_class),
                basis=target.basis,
                valid_from=SINCE,
            )
        if s.level in levels:
            RosterEntry.objects.create(
                roster=levels[s.level], point=points[s.code], basis="演示县断面名册", valid_from=SINCE
            )


def _devices(county: County, points: dict[str, Point]) -> None:
    for d in county.devices:
        device = Device.objects.create(
            mn=d.mn,
            point=points[d.point],
            system_type=d.st,
            minute_seconds=_MINUTE_SECONDS.get(d.kind, 600),
            adopted_at=clock.now(),
        )
        Channel.objects.bulk_create(
            Channel(device=device, factor_code=c.factor, point=points[c.point], item=item_of(c.factor)[0], unit=c.unit)
            for c in d.channels
        )


def _users(county: County, areas: dict[str, Area], bodies: dict[str, Organisation], password: str) -> None:
    """Demo people share one random password of this installation, so that a visitor can change roles quickly."""
    from django.contrib.auth.hashers import make_password

    hashed = make_password(password)
    for u in county.users:
        area = areas[u.town] if u.town and Role.TOWN in u.roles else None
        user, _ = create_user(None, u.login, u.name, [(role, area) for role in u.roles], bodies.get(u.organisation))
        User.objects.filter(pk=user.pk).update(password=hashed, must_change_password=False)


def _targets(county: Area) -> None:
    """The yearly targets that an upper bureau would issue, so that the headline figures have something to stand against."""
    year = clock.beijing(clock.now()).year
    start, end = (datetime(y, 1, 1, tzinfo=clock.BEIJING) for y in (year, year + 1))
    for indicator, value, unit in (("target.PM2_5.year", "34", "ug/m3"), ("target.good_share.year", "82.0", "%")):
        put_issued_value(None, indicator, value, start, end, "演示市生态环境局", unit, "演示目标", None, county)
