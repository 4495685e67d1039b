"""Separation of duties: which roles never lie in one hand, and what nobody does for himself."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from qingyuan import clock
from qingyuan.bureau.accounts.models import Organisation, Role, RoleAssignment, User
from qingyuan.bureau.accounts.policies.rights import roles_of
from qingyuan.bureau.accounts.policies.sides import SUPERVISED
from qingyuan.bureau.base.dated import in_force
from qingyuan.bureau.base.errors import Invalid, NotAllowed

ADMINISTRATORS = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)
BUSINESS = (Role.DIRECTOR, Role.MONITORING, Role.CHIEF, Role.OFFICER, Role.TOWN)
OF_SUPERVISED = {Role.ENTERPRISE: Organisation.Kind.ENTERPRISE, Role.OPERATOR: Organisation.Kind.OPERATOR}


def clash_of(roles: Iterable[str]) -> str:
    """Why these roles cannot lie on one account; empty if they can."""
    held = set(roles)
    three = [Role(r).label for r in ADMINISTRATORS if r in held]
    if len(three) > 1:
        return f"{'、'.join(map(str, three))}三员分立，一个账号只能有一个；请分别建立账号"
    if three and held - set(ADMINISTRATORS):
        return f"{three[0]}不能兼任业务角色或企业、运维角色；请另建账号"
    outside = [r for r in OF_SUPERVISED if r in held]
    if outside and len(held) > 1:
        return f"{Role(outside[0]).label}账号不能兼任其他角色；请另建账号"
    return ""


def check_together(roles: Collection[str], body: Organisation | None) -> None:
    """Raise Invalid where the roles exclude each other, or do not fit the organisation of the account."""
    if reason := clash_of(roles):
        raise Invalid(reason, "roles")
    for role in roles:
        needed = OF_SUPERVISED.get(Role(role))
        if needed is not None and body is not None and body.kind != needed:
            raise Invalid(f"“{body}”是{body.get_kind_display()}，不能授予“{Role(role).label}”角色", "roles")
        if needed is None and body is not None and body.kind in SUPERVISED:
            raise Invalid(f"“{body}”是{body.get_kind_display()}，不能授予“{Role(role).label}”角色", "roles")


def check_grant(actor: User | None, roles: Collection[str]) -> None:
    """Nobody is made the first account again; the first account makes only the three administrators."""
    if Role.SETUP in roles:
        raise Invalid("“初始账号”只在安装时建立，不能授予", "roles")
    if is_first(actor) and set(roles) - set(ADMINISTRATORS):
        raise NotAllowed("初始账号只建立系统、安全、审计三个管理员；其他账号由安全管理员建立")


def grantable(actor: User) -> list[Role]:
    """The roles that this person can give: what a form offers."""
    return list(ADMINISTRATORS) if is_first(actor) else [role for role in Role if role != Role.SETUP]


def check_subject(actor: User | None, user: User) -> None:
    """The first account ends by its own act, nobody takes it over; and it reaches no further than administrators."""
    if actor is None or actor.pk == user.pk:
        return
    if is_first(user):
        raise NotAllowed("初始账号由其本人移交后停用；不能由他人改角色、启用、停用或重置")
    if is_first(actor) and {r.role for r in roles_of(user)} - set(ADMINISTRATORS):
        raise NotAllowed("初始账号只管系统、安全、审计三个管理员的账号；其他账号由安全管理员办理")


def not_oneself(actor: User | None, user: User, words: str) -> None:
    """Raise NotAllowed where someone would do for himself what another must do."""
    if actor is not None and actor.pk == user.pk:
        raise NotAllowed(f"不能{words}；请由另一位安全管理员操作")


def is_first(user: User | None) -> bool:
    """Whether the account is the first one, which sets up."""
    return user is not None and any(r.role == Role.SETUP for r in roles_of(user))


def missing_administrators() -> list[Role]:
    """The administrator roles that no active account holds yet."""
    today = clock.beijing(clock.now()).date()
    rows = RoleAssignment.objects.filter(in_force(today), user__is_active=True, role__in=ADMINISTRATORS)
    held = set(rows.values_list("role", flat=True))
    return [role for role in ADMINISTRATORS if role not in held]


def first_account() -> User | None:
    """The first account while it is in use."""
    today = clock.beijing(clock.now()).date()
    row = RoleAssignment.objects.filter(in_force(today), role=Role.SETUP, user__is_active=True).first()
    return row.user if row is not None else None


def clashing_accounts() -> list[tuple[User, str]]:
    """Active accounts that hold what excludes each other: made before the rule, or by hand."""
    found = []
    for user in User.objects.filter(is_active=True).order_by("username"):
        if reason := clash_of({r.role for r in roles_of(user)} - {Role.SETUP}):
            found.append((user, reason))
    return found
