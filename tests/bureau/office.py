"""A small county for the tests of the bureau's books: places, points, people; no readings, alerts or cases yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from moment import NOW
from qingyuan.bureau.accounts.models import Area, AreaParent, Organisation, Role, RoleAssignment, User
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.line.models import Channel, Device
from qingyuan.bureau.registers.models import Enterprise, Outlet, Point, Section, SectionTarget, Station
from qingyuan.bureau.values.models import Limit
from qingyuan.readings import NewReading, Rank, SeriesKey

LONG_AGO = date(2020, 1, 1)
GAS_MN, WATER_MN = "A" * 23 + "1", "B" * 23 + "2"


@dataclass
class Office:
    """Handles to the rows that tests ask about."""

    county: Area
    north: Area
    south: Area
    bureau: Organisation
    team: Organisation
    south_office: Organisation
    firm: Organisation
    other_firm: Organisation
    gas: Point  # in the south, of `firm`
    waste: Point  # in the north, of `other_firm`
    air: Point  # north
    section: Point  # south
    users: dict[str, User] = field(default_factory=dict)

    def __getitem__(self, name: str) -> User:
        """The person afresh, as a request would load it."""
        return User.objects.get(pk=self.users[name].pk)

    @property
    def gas_outlet(self) -> Outlet:
        return Outlet.objects.get(point=self.gas)

    @property
    def waste_outlet(self) -> Outlet:
        return Outlet.objects.get(point=self.waste)


def make_user(name: str, role: str | None, area: Area | None = None, body: Organisation | None = None) -> User:
    user = User.objects.create_user(name, "pw", display_name=name, organisation=body, created_at=NOW)
    if role:
        RoleAssignment.objects.create(user=user, role=role, area=area, valid_from=LONG_AGO)
    return user


def make_point(code: str, kind: str, area: Area, owner: Organisation | None = None, minutes: int = 60) -> Point:
    return Point.objects.create(
        code=code, name=f"点{code}", kind=kind, area=area, owner=owner, expected_minutes=minutes
    )


def make_office() -> Office:
    county, north, south = (
        Area.objects.create(code=c, name=n, kind=k)
        for c, n, k in (("C", "云沚县", "county"), ("N", "城北镇", "town"), ("S", "城南镇", "town"))
    )
    for town in (north, south):
        AreaParent.objects.create(area=town, parent=county, valid_from=LONG_AGO)
        Area.objects.filter(pk=town.pk).update(above=county)
    bureau = Organisation.objects.create(code="EEB", name="生态环境局", kind="bureau", area=county)
    team = Organisation.objects.create(code="ENF", name="执法大队", kind="department", parent=bureau)
    south_office = Organisation.objects.create(code="S-O", name="城南镇政府", kind="town_office", area=south)
    firms = [
        Organisation.objects.create(code=f"F{n}", name=f"企业{n}", kind="enterprise", area=a)
        for n, a in ((1, south), (2, north))
    ]
    made = Office(
        county, north, south, bureau, team, south_office, *firms,
        make_point("GAS", "outlet", south, firms[0]), make_point("WASTE", "outlet", north, firms[1]),
        make_point("AIR", "air", north), make_point("SEC", "water", south, minutes=240),
    )  # fmt: skip
    for point, firm, medium, mn, code, item in (
        (made.gas, firms[0], "gas", GAS_MN, "a21002", "NOx"),
        (made.waste, firms[1], "water", WATER_MN, "w01018", "CODCr"),
    ):
        enterprise = Enterprise.objects.create(organisation=firm, code=firm.code, name=firm.name, area=firm.area)
        Outlet.objects.create(code=point.code, name=point.name, point=point, enterprise=enterprise, medium=medium)
        device = Device.objects.create(
            mn=mn, point=point, system_type="31" if medium == "gas" else "32", minute_seconds=600
        )
        Channel.objects.create(
            device=device, factor_code=code, point=point, item=item, unit="mg/m3" if medium == "gas" else "mg/L"
        )
    put_limit(made.gas_outlet, "NOx", 50, "hour", "mg/m3")
    put_limit(made.waste_outlet, "CODCr", 60, "day", "mg/L")
    Station.objects.create(point=made.air, kind="standard")
    section = Section.objects.create(point=made.section)
    SectionTarget.objects.create(section=section, kind="assessment", water_class="III", valid_from=LONG_AGO)
    people: list[tuple[str, str, Area | None, Organisation | None]] = [
        ("director", Role.DIRECTOR, None, bureau), ("chief", Role.CHIEF, None, bureau),
        ("officer", Role.OFFICER, county, team), ("monitor", Role.MONITORING, None, bureau),
        ("south", Role.TOWN, south, south_office), ("north", Role.TOWN, north, None),
        ("firm", Role.ENTERPRISE, None, firms[0]), ("other_firm", Role.ENTERPRISE, None, firms[1]),
        ("operator", Role.OPERATOR, None, Organisation.objects.create(code="OM", name="运维", kind="operator")),
        ("system", Role.SYSTEM_ADMIN, None, None), ("security", Role.SECURITY_ADMIN, None, None),
        ("audit", Role.AUDIT_ADMIN, None, None),
    ]  # fmt: skip
    made.users = {name: make_user(name, role, area, body) for name, role, area, body in people}
    return made


def put_limit(outlet: Outlet, item: str, upper: float, averaging: str, unit: str, **more: Any) -> Limit:
    given = {"basis": "排污许可证", "valid_from": LONG_AGO} | more
    return Limit.objects.create(
        outlet=outlet, item=item, upper=Decimal(str(upper)), unit=unit, averaging=averaging, **given
    )


def second(at: datetime) -> int:
    return int(at.timestamp())


def put_hours(
    point: Point,
    item: str,
    begin: datetime,
    values: list[float | None],
    *,
    unit: str = "mg/m3",
    flag: str = "N",
    origin: int = 1,
    rank: int = Rank.REPORTED,
    statistic: str = "Avg",
    hours: int = 1,
    received: datetime | None = None,
) -> None:
    """Hourly readings from `begin` on; None is an hour without a value. received: by default at the end of each."""
    rows = []
    for n, value in enumerate(values):
        start = second(begin + timedelta(hours=n * hours))
        rows.append(
            NewReading(
                SeriesKey(point.code, item, statistic, "hour"), start, start + 3600 * hours, value, 1, unit,
                flag if value is not None else "D", rank=rank, origin=origin + n,
                received_at=start + 3600 * hours if received is None else second(received),
            )
        )  # fmt: skip
    readings().append(rows)
