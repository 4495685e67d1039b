"""The first steps of a real bureau: what each opens, how far it is, and where it is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from qingyuan import config
from qingyuan.bureau.accounts.models import Area, Role, RoleAssignment, User
from qingyuan.bureau.accounts.policies.duties import ADMINISTRATORS, first_account
from qingyuan.bureau.accounts.policies.rights import can
from qingyuan.bureau.accounts.queries.county import county_name
from qingyuan.bureau.indicators.queries.county_year import TARGET_GOOD_SHARE, TARGET_PM25
from qingyuan.bureau.line.models import Device
from qingyuan.bureau.monitoring.models import IssuedValue
from qingyuan.bureau.monitoring.queries.opening import newest_of
from qingyuan.bureau.registers.models import Point, RosterEntry, SectionTarget
from qingyuan.bureau.values.models import Limit
from qingyuan.clock import beijing

AWAY = "qy_steps"
"""The cookie of a browser in which the first steps were put away."""
ABLE = ("manage_system", "manage_points", "manage_users", "import")
WORKING = (Role.DIRECTOR, Role.CHIEF, Role.OFFICER, Role.MONITORING)
Word = str | Promise


@dataclass(frozen=True)
class Way:
    """Where a step is done on the screen, and the right it takes."""

    word: Word
    path: str
    capability: str


@dataclass(frozen=True)
class Step:
    """One step. state: done, begun or open; found: how far it is; opens: what it makes possible."""

    name: str
    title: Word
    opens: Word
    state: str
    found: str
    ways: tuple[Way, ...]
    commands: tuple[str, ...]


def is_demo() -> bool:
    """Whether this installation shows the invented county."""
    return (config.data_dir() / "demo" / "county.json").is_file()


def may_take(user: User) -> bool:
    """Whether the person can do any of the steps."""
    return any(can(user, capability) for capability in ABLE)


def first_steps() -> list[Step]:
    """All of them in the order in which they are best taken; a fixed number of questions."""
    return [_county(), _stations(), _roster(), _devices(), _limits(), _people(), _targets(), _data()]


def left(steps: list[Step]) -> int:
    """How many are not done."""
    return sum(step.state != "done" for step in steps)


def _state(done: bool, begun: bool) -> str:
    return "done" if done else "begun" if begun else "open"


def _county() -> Step:
    name = county_name()
    counts: dict[str, Any] = Area.objects.aggregate(
        outline=Count("pk", filter=Q(kind=Area.Kind.COUNTY, geometry__isnull=False)),
        towns=Count("pk", filter=Q(kind=Area.Kind.TOWN)),
        mapped=Count("pk", filter=Q(kind=Area.Kind.TOWN, geometry__isnull=False)),
    )
    found = _("名称：%(name)s；县界：%(outline)s；镇街 %(towns)d 个，有边界的 %(mapped)d 个") % {
        "name": name or _("未定"),
        "outline": _("有") if counts["outline"] else _("无"),
        "towns": counts["towns"],
        "mapped": counts["mapped"],
    }
    return Step(
        "county",
        lazy("本县的名称、边界和镇街"),
        lazy("地图、按镇街划分的权限和统计、页头的县名"),
        _state(bool(name and counts["outline"] and counts["towns"]), bool(name or counts["towns"])),
        found,
        (Way(lazy("导入边界（GeoJSON、KML）"), "/imports/boundary/", "manage_points"),),
        ("places import 边界.geojson",),
    )


def _stations() -> Step:
    counts: dict[str, Any] = Point.objects.aggregate(
        air=Count("pk", filter=Q(kind=Point.Kind.AIR)),
        water=Count("pk", filter=Q(kind=Point.Kind.WATER)),
        placed=Count("pk", filter=Q(kind__in=[Point.Kind.AIR, Point.Kind.WATER], lon__isnull=False)),
    )
    count = counts["air"] + counts["water"]
    found = _("空气站 %(air)d 个，水站、断面 %(water)d 个；有坐标的 %(placed)d 个") % counts
    return Step(
        "stations",
        lazy("空气站和断面"),
        lazy("空气和地表水的监测、评价、预警"),
        _state(bool(count and counts["placed"] == count), bool(count)),
        found,
        (
            Way(lazy("导入点位清单"), "/imports/points/", "manage_points"),
            Way(lazy("登记一个点位"), "/imports/points/#one", "manage_points"),
            Way(lazy("查看点位"), "/monitoring/", "view"),
        ),
        ("points template --out 点位.xlsx", "points import 点位.xlsx"),
    )


def _roster() -> Step:
    rows = RosterEntry.objects.order_by().values_list("roster").annotate(n=Count("point", distinct=True))
    counts = {roster: n for roster, n in rows}  # noqa: C416 - the stubs know no dict(queryset)
    found = "；".join(
        _("%(word)s %(n)d 个") % {"word": _(str(word)), "n": counts.get(value, 0)}
        for value, word in RosterEntry.Roster.choices
    )
    return Step(
        "roster",
        lazy("参与评价的名册"),
        lazy("县域 AQI、优良天、断面达标：哪些站点和断面算数，从哪天起"),
        _state(bool(counts.get(RosterEntry.Roster.COUNTY_AIR)), bool(counts)),
        found,
        (
            Way(lazy("按区域列入名册"), "/imports/points/#roster", "manage_points"),
            Way(lazy("在点位清单里列名册"), "/imports/points/", "manage_points"),
        ),
        ("points roster --roster county_air --area 区域代码 --since 日期",),
    )


def _devices() -> Step:
    outlets = Point.objects.filter(kind=Point.Kind.OUTLET).count()
    devices = Device.objects.filter(state="active").count()
    found = _("排放口 %(outlets)d 个，在用设备 %(devices)d 台") % {"outlets": outlets, "devices": devices}
    return Step(
        "devices",
        lazy("企业、排放口和设备"),
        lazy("数采仪的实时数据、超限预警、有效传输率、排放量"),
        _state(bool(devices), bool(outlets)),
        found,
        (
            Way(lazy("导入企业"), "/imports/enterprises/", "manage_points"),
            Way(lazy("导入设备清单"), "/imports/devices/", "manage_points"),
            Way(lazy("待认领的站点"), "/books/devices/", "manage_points"),
        ),
        ("enterprises import 名录.xlsx", "devices template --out 设备清单.xlsx", "devices import 设备清单.xlsx"),
    )


def _limits() -> Step:
    total = Point.objects.filter(kind=Point.Kind.OUTLET).count()
    held = Limit.objects.order_by().values("outlet").distinct().count()
    found = _("%(held)d / %(total)d 个排放口有限值") % {"held": held, "total": total}
    return Step(
        "limits",
        lazy("许可限值"),
        lazy("超限预警和超标判定；没有限值的排放口只看数，不判"),
        _state(bool(total and held >= total), bool(held)),
        found,
        (Way(lazy("导入许可限值"), "/imports/limits/", "manage_points"),),
        ("limits template --out 限值.xlsx", "limits import 限值.xlsx"),
    )


def _people() -> Step:
    rows = RoleAssignment.objects.filter(user__is_active=True).order_by().values_list("role")
    counts = {role: n for role, n in rows.annotate(n=Count("user", distinct=True))}  # noqa: C416
    working = sum(counts.get(role, 0) for role in WORKING)
    towns, firms = counts.get(Role.TOWN, 0), counts.get(Role.ENTERPRISE, 0)
    three = sum(bool(counts.get(role)) for role in ADMINISTRATORS)
    found = _("三个管理员有 %(three)d 个，局内 %(bureau)d 人，镇街 %(towns)d 人，企业 %(firms)d 人") % {
        "three": three,
        "bureau": working,
        "towns": towns,
        "firms": firms,
    }
    if first_account() is not None:
        found += _("；初始账号还没有移交（“设置”页）")
    is_done = bool(counts.get(Role.CHIEF) and counts.get(Role.OFFICER) and three == len(ADMINISTRATORS))
    return Step(
        "people",
        lazy("人员和角色"),
        lazy("线索有人研判，案件有人办；初始账号建三个管理员，其他人由安全管理员建"),
        _state(is_done, bool(working or three > 1)),
        found,
        (
            Way(lazy("用户与角色"), "/settings/users/", "manage_users"),
            Way(lazy("导入人员清单"), "/imports/people/", "manage_users"),
        ),
        ("user create 用户名 --name 姓名 --role officer",),
    )


def _targets() -> Step:
    air = IssuedValue.objects.filter(indicator__in=[TARGET_PM25, TARGET_GOOD_SHARE]).count()
    sections = SectionTarget.objects.order_by().values("section").distinct().count()
    total = Point.objects.filter(kind=Point.Kind.WATER).count()
    found = _("空气年度目标 %(air)d 项；有目标的断面 %(sections)d / %(total)d 个") % {
        "air": air,
        "sections": sections,
        "total": total,
    }
    return Step(
        "targets",
        lazy("年度目标和断面目标"),
        lazy("与目标比较、还能超几天、断面是否达标"),
        _state(bool(air and sections >= total), bool(air or sections)),
        found,
        (Way(lazy("录入上级下达的目标"), "/evaluation/issued/", "import"),),
        (),
    )


def _data() -> Step:
    newest = newest_of(Point.objects.values_list("code", flat=True))
    found = _("数据到 %(at)s") % {"at": f"{beijing(newest):%Y-%m-%d %H:%M}"} if newest else _("还没有数据")
    return Step(
        "data",
        lazy("历史数据"),
        lazy("曲线、评价、同比；设备接入后自动继续"),
        _state(newest is not None, False),
        found,
        (Way(lazy("导入文件"), "/imports/", "import"),),
        ("import 文件.csv --dry-run",),
    )
