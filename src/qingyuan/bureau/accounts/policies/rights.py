"""Who may do what, where. Every list starts from a `visible_…` queryset; every action asks `require`."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import Q, QuerySet

from qingyuan import clock, config
from qingyuan.bureau.accounts.models import Area, Role, RoleAssignment, User
from qingyuan.bureau.accounts.queries.areas import subtree_ids
from qingyuan.bureau.base.dated import in_force
from qingyuan.bureau.base.errors import NotAllowed

CAPABILITIES: dict[str, frozenset[str]] = {
    Role.DIRECTOR: frozenset({"view", "acknowledge", "raise_lead", "triage", "assign", "verify"}),
    Role.MONITORING: frozenset(
        {"view", "acknowledge", "raise_lead", "import", "work", "manage_points", "review_data", "check_tag"}
    ),
    Role.CHIEF: frozenset(
        {
            "view",
            "acknowledge",
            "raise_lead",
            "triage",
            "assign",
            "verify",
            "work",
            "import",
            "manage_points",
            "review_data",
            "check_tag",
        }
    ),
    Role.OFFICER: frozenset({"view", "acknowledge", "raise_lead", "work"}),
    Role.TOWN: frozenset({"view", "raise_lead", "work"}),
    Role.ENTERPRISE: frozenset({"view_own", "tag", "answer"}),
    Role.OPERATOR: frozenset({"view_own", "tag", "answer"}),
    Role.SYSTEM_ADMIN: frozenset({"view", "manage_system", "import", "manage_points"}),
    Role.SECURITY_ADMIN: frozenset({"manage_users"}),
    Role.AUDIT_ADMIN: frozenset({"read_audit"}),
    Role.SETUP: frozenset({"view", "manage_system", "manage_users", "import", "manage_points", "hand_over"}),
}
# The roles that can be given the right to informants at all; which of them have it, the setting says.
_MAY_KNOW = {Role.DIRECTOR, Role.CHIEF, Role.OFFICER, Role.MONITORING}
NAMES = {
    "view": "查看",
    "acknowledge": "签收预警",
    "raise_lead": "上报线索",
    "triage": "研判线索",
    "assign": "交办案件",
    "work": "办理案件",
    "verify": "核实案件",
    "import": "导入数据",
    "tag": "标记数据",
    "check_tag": "核查标记",
    "review_data": "审核数据",
    "manage_points": "维护点位和设备",
    "manage_users": "管理用户",
    "manage_system": "管理系统",
    "read_audit": "查看审计",
    "informants": "查看反映人",
    "answer": "答复整改要求",
    "hand_over": "移交初始账号",
}


@dataclass
class Scope:
    """What a user's roles add up to: capabilities, and where they hold."""

    capabilities: frozenset[str] = frozenset()
    everywhere: bool = False
    area_ids: set[int] = field(default_factory=set)
    organisation_id: int | None = None
    reach: dict[str, set[int] | None] = field(default_factory=dict)  # by capability: areas, None = everywhere
    roles: list[RoleAssignment] | None = None


def capabilities_of(role: str) -> frozenset[str]:
    """What a role carries: by the table, and the right to informants by the setting `accounts.informants`."""
    named = {name.strip() for name in config.INFORMANT_ROLES.get().split(",")}
    knows = role in _MAY_KNOW and role in named
    return CAPABILITIES[role] | ({"informants"} if knows else frozenset())


def roles_of(user: User) -> list[RoleAssignment]:
    """The roles that hold today, with their areas; those of the scope where that is worked out already."""
    scope: Scope | None = getattr(user, "_scope", None)
    if scope is not None and scope.roles is not None:
        return scope.roles
    today = clock.beijing(clock.now()).date()
    return list(RoleAssignment.objects.filter(in_force(today), user=user).select_related("area"))


def scope_of(user: User) -> Scope:
    """The user's scope, worked out once per user object."""
    cached: Scope | None = getattr(user, "_scope", None)
    if cached is not None:
        return cached
    scope = Scope()
    if user.is_active and user.pk:
        today = clock.beijing(clock.now()).date()
        scope.roles = roles_of(user)
        for assignment in scope.roles:
            allowed = capabilities_of(assignment.role)
            scope.capabilities |= allowed
            areas = subtree_ids(assignment.area, today) if assignment.area else None
            for capability in allowed:
                held = scope.reach.get(capability, set())
                scope.reach[capability] = None if areas is None or held is None else held | areas
            if "view_own" in allowed:
                scope.organisation_id = user.organisation_id
            elif "view" not in allowed:
                continue
            elif areas is None:
                scope.everywhere = True
            else:
                scope.area_ids |= areas
    user._scope = scope  # type: ignore[attr-defined]
    return scope


def can(user: User, capability: str) -> bool:
    """Whether any of the user's roles carries the capability ("view" includes viewing only one's own)."""
    held = scope_of(user).capabilities
    return capability in held or (capability == "view" and "view_own" in held)


def may(user: User, capability: str, area: int | None) -> bool:
    """Whether a role that carries the capability reaches the area (its key; None: what lies in no area)."""
    if not can(user, capability):
        return False
    reach = scope_of(user).reach.get(capability)
    return area is None or reach is None or area in reach


def require(user: User | None, capability: str, area: int | None = None) -> None:
    """Raise NotAllowed unless the user has the capability (in that area). None is the system itself, which may."""
    name = NAMES.get(capability, capability)
    if user is not None and can(user, capability) and not may(user, capability, area):
        raise NotAllowed(f"{user} 的“{name}”权限不及于该区域；请由安全管理员在“用户与角色”中授予相应角色")
    if user is not None and not can(user, capability):
        raise NotAllowed(f"{user} 没有“{name}”的权限；请由安全管理员在“用户与角色”中授予相应角色")


def require_everywhere(user: User | None, capability: str) -> None:
    """Raise NotAllowed unless the user has the capability in every area: for what holds for the whole installation."""
    require(user, capability)
    if user is not None and scope_of(user).reach.get(capability) is not None:
        name = NAMES.get(capability, capability)
        raise NotAllowed(f"{user} 的“{name}”权限只及于部分区域，不能改全局的设置；请由全域的人员来改")


def within(user: User, area_path: str, *organisation_paths: str) -> Q:
    """The condition that rows lie in the user's scope: by area, or by an owning organisation."""
    scope = scope_of(user)
    if scope.everywhere:
        return ~Q(pk__in=[])  # every row, also when more conditions are joined by |
    condition = Q(pk__in=[])
    if scope.area_ids:
        condition |= Q(**{f"{area_path}__in": scope.area_ids})
    if scope.organisation_id:
        for path in organisation_paths:
            condition |= Q(**{path: scope.organisation_id})
    return condition


def visible_areas(user: User) -> QuerySet[Area]:
    """The areas in the user's scope."""
    scope = scope_of(user)
    return Area.objects.all() if scope.everywhere else Area.objects.filter(pk__in=scope.area_ids)


def visible_users(user: User) -> QuerySet[User]:
    """The accounts that the user may see: all for those who manage users, else those who can be given work."""
    if can(user, "manage_users") or can(user, "assign"):
        return User.objects.all()
    return User.objects.filter(pk=user.pk)
