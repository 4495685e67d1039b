"""The bureau's bodies and the people who can sign in to the demonstration. All names are invented."""

from __future__ import annotations

from qingyuan.simulate.records import DemoUser, Enterprise, Organisation, Town

OPERATORS = (("OM1", "澄源环境监测运维有限公司"), ("OM2", "沚测科技服务有限公司"))
_DEPARTMENTS = (
    ("AIR", "大气环境科"),
    ("WATER", "水生态环境科"),
    ("PERMIT", "环评与排放管理科"),
    ("MONITOR", "环境监测站"),
    ("ENFORCE", "生态环境综合行政执法大队"),
    ("DISPATCH", "监控指挥中心"),
)


def build_organisations(
    county: str, city: str, towns: tuple[Town, ...], firms: tuple[Enterprise, ...]
) -> tuple[Organisation, ...]:
    """The upper bureau, the bureau with its parts, town offices, two O&M companies, the firms."""
    bodies = [
        Organisation("UPPER", f"{city}生态环境局", "upper", "", ""),
        Organisation("BUREAU", f"{county}生态环境局", "bureau", "", "UPPER"),
    ]
    bodies += [Organisation(f"DEPT-{code}", name, "department", "", "BUREAU") for code, name in _DEPARTMENTS]
    bodies += [
        Organisation(f"OFFICE-{town.code}", f"{town.name}生态环境办公室", "town_office", town.code, "")
        for town in towns
    ]
    bodies += [Organisation(code, name, "operator", "", "") for code, name in OPERATORS]
    bodies += [Organisation(firm.code, firm.name, "enterprise", firm.town, "") for firm in firms]
    return tuple(bodies)


def build_users(towns: tuple[Town, ...], firms: tuple[Enterprise, ...]) -> tuple[DemoUser, ...]:
    """One person or more for every role."""
    users = [
        DemoUser("juzhang", "顾明远", ("director",), "BUREAU", ""),
        DemoUser("daqi", "沈岚", ("chief",), "DEPT-AIR", ""),
        DemoUser("shui", "陆清", ("chief",), "DEPT-WATER", ""),
        DemoUser("zhifa", "蒋正", ("chief",), "DEPT-ENFORCE", ""),
        DemoUser("zhihui", "郑昱", ("chief", "monitoring"), "DEPT-DISPATCH", ""),
        DemoUser("jiance1", "许静", ("monitoring",), "DEPT-MONITOR", ""),
        DemoUser("jiance2", "姚帆", ("monitoring",), "DEPT-MONITOR", ""),
    ]
    users += [
        DemoUser(f"duiyuan{number}", name, ("officer",), "DEPT-ENFORCE", "")
        for number, name in enumerate(("林峰", "周舟", "冯晓", "许磊"), 1)
    ]
    surnames = "陈王李赵钱孙吴徐朱秦"
    users += [
        DemoUser(f"zhen{number:02d}", f"{surname}{'安宁和平'[number % 4]}", ("town",), f"OFFICE-{town.code}", town.code)
        for number, (surname, town) in enumerate(zip(surnames, towns, strict=True), 1)
    ]
    users += [
        DemoUser(f"yunwei{number}", name, ("operator",), code, "")
        for number, ((code, _), name) in enumerate(zip(OPERATORS, ("何川", "罗森"), strict=True), 1)
    ]
    users += [
        DemoUser(f"qiye{number}", firm.contact, ("enterprise",), firm.code, firm.town)
        for number, firm in enumerate(firms[:6], 1)
    ]
    users += [
        DemoUser("xitong", "方系", ("system_admin",), "BUREAU", ""),
        DemoUser("anquan", "安全", ("security_admin",), "BUREAU", ""),
        DemoUser("shenji", "沈纪", ("audit_admin",), "BUREAU", ""),
    ]
    return tuple(users)
