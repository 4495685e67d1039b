from __future__ import annotations

import secrets
from collections.abc import Sequence

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from qingyuan import clock
from qingyuan.bureau.accounts.models import Area, Organisation, Role, RoleAssignment, User
from qingyuan.bureau.accounts.policies.duties import check_grant, check_subject, check_together, not_oneself
from qingyuan.bureau.accounts.policies.rights import require
from qingyuan.bureau.audit.actions.record import record
from qingyuan.bureau.base.errors import Invalid, Missing

FIRST_ADMINISTRATOR = "admin"


def one_time_password() -> str:
    """A password that is shown once and must be changed at first sign-in."""
    return secrets.token_urlsafe(12)


def create_user(
    actor: User | None,
    username: str,
    display_name: str,
    roles: Sequence[tuple[str, Area | None]] = (),
    organisation: Organisation | None = None,
) -> tuple[User, str]:
    """A new account and its one-time password. Raises Missing, Invalid, NotAllowed."""
    require(actor, "manage_users")
    username = username.strip()
    if not username:
        raise Missing("用户名没有填写；请填写登录用的用户名", "username")
    if User.objects.filter(username=username).exists():
        raise Invalid(f"用户名“{username}”已被使用；请换一个", "username")
    password = one_time_password()
    with transaction.atomic():
        user = User.objects.create_user(
            username,
            password,
            display_name=display_name.strip() or username,
            organisation=organisation,
            must_change_password=True,
            created_at=clock.now(),
        )
        record(actor, "user.create", user, f"新建用户 {username}")
        _replace_roles(actor, user, roles)
    return user, password


def create_first_administrator() -> str | None:
    """The account `admin`, which sets up, makes the three administrators and ends; None if any account exists."""
    if User.objects.exists():
        return None
    bureau = Organisation.objects.filter(kind=Organisation.Kind.BUREAU).order_by("pk").first()
    with transaction.atomic():
        user, password = create_user(None, FIRST_ADMINISTRATOR, "初始账号", (), bureau)
        today = clock.beijing(clock.now()).date()
        RoleAssignment.objects.create(user=user, role=Role.SETUP, valid_from=today)
        record(None, "user.roles", user, f"用户 {user.username} 的角色：{Role.SETUP.label}")
    return password


def set_roles(actor: User | None, user: User, roles: Sequence[tuple[str, Area | None]]) -> None:
    """Replace the user's roles from today on; what held before stays on record."""
    require(actor, "manage_users")
    not_oneself(actor, user, "改自己的角色")
    check_subject(actor, user)
    with transaction.atomic():
        _replace_roles(actor, user, roles)


def _replace_roles(actor: User | None, user: User, roles: Sequence[tuple[str, Area | None]]) -> None:
    for role, area in roles:
        if role not in Role.values:
            raise Invalid(f"得到角色“{role}”，应为：{'、'.join(Role.labels)}", "roles")
        if role == Role.TOWN and area is None:
            raise Missing("镇街网格人员须指定所在区域", "roles")
    if any(r in {Role.ENTERPRISE, Role.OPERATOR} for r, _ in roles) and user.organisation_id is None:
        raise Missing("企业和运维单位的账号须指定所属单位", "organisation")
    check_together([role for role, _ in roles], user.organisation)
    check_grant(actor, [role for role, _ in roles])
    today = clock.beijing(clock.now()).date()
    held = RoleAssignment.objects.filter(user=user, valid_to__isnull=True)
    held.filter(valid_from=today).delete()
    held.update(valid_to=today)
    RoleAssignment.objects.filter(user=user, valid_from=today).delete()
    for role, area in roles:
        RoleAssignment.objects.create(user=user, role=role, area=area, valid_from=today)
    names = "、".join(Role(r).label + (f"（{a}）" if a else "") for r, a in roles) or "无"
    record(actor, "user.roles", user, f"用户 {user.username} 的角色：{names}")
    if hasattr(user, "_scope"):
        del user._scope


def set_active(actor: User | None, user: User, active: bool) -> None:
    """Let an account sign in, or no longer."""
    require(actor, "manage_users")
    if actor is not None and actor.pk == user.pk and not active:
        raise Invalid("不能停用自己的账号；请由另一位安全管理员操作")
    check_subject(actor, user)
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(is_active=active)
        if not active:
            end_tokens(user)
        record(actor, "user.active", user, f"{'启用' if active else '停用'}用户 {user.username}")
    user.is_active = active


def end_tokens(user: User) -> int:
    """Tokens end with the password under which they were made; returns how many. Whoever needs one makes a new one."""
    return user.tokens.filter(revoked_at__isnull=True).update(revoked_at=clock.now())


def reset_password(actor: User | None, user: User) -> str:
    """A new one-time password; the account's tokens end, and with the old password its sessions."""
    require(actor, "manage_users")
    not_oneself(actor, user, "重置自己的密码")
    check_subject(actor, user)
    password = one_time_password()
    with transaction.atomic():
        user.set_password(password)
        user.must_change_password = True
        user.save(update_fields=["password", "must_change_password"])
        ended = end_tokens(user)
        record(actor, "user.reset_password", user, f"重置用户 {user.username} 的密码", {"tokens_ended": ended})
    return password


def change_password(user: User, new: str) -> None:
    """The user's own new password. Raises Invalid with what is wrong with it."""
    try:
        validate_password(new, user)
    except ValidationError as error:
        raise Invalid("；".join(error.messages), "new_password") from error
    with transaction.atomic():
        user.set_password(new)
        user.must_change_password = False
        user.save(update_fields=["password", "must_change_password"])
        ended = end_tokens(user)
        record(user, "user.change_password", user, f"用户 {user.username} 修改密码", {"tokens_ended": ended})
