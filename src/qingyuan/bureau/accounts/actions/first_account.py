"""The end of the first account: it has set up, others take over."""

from __future__ import annotations

from django.db import transaction

from qingyuan import clock
from qingyuan.bureau.accounts.models import ApiToken, RoleAssignment, User
from qingyuan.bureau.accounts.policies.duties import first_account, is_first, missing_administrators
from qingyuan.bureau.audit.actions.record import record
from qingyuan.bureau.base.errors import NotAllowed, WrongState


def hand_over_first_account(actor: User | None) -> User:
    """Switch the first account off, with its tokens, once the three administrators exist. It does not come back.

    actor: the first account itself; None for the command line of the server. Raises NotAllowed, WrongState.
    """
    user = first_account()
    if user is None:
        raise WrongState("没有在用的初始账号；已经移交")
    if actor is not None and not (actor.pk == user.pk and is_first(actor)):
        raise NotAllowed("初始账号由其本人移交；请用初始账号登录后操作")
    if missing := missing_administrators():
        names = "、".join(str(role.label) for role in missing)
        raise WrongState(f"还没有{names}；请先建立，再移交初始账号")
    now = clock.now()
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(is_active=False)
        today = clock.beijing(now).date()
        held = RoleAssignment.objects.filter(user=user, valid_to__isnull=True)
        held.filter(valid_from=today).delete()
        held.update(valid_to=today)
        ApiToken.objects.filter(user=user, revoked_at__isnull=True).update(revoked_at=now)
        record(actor, "user.hand_over", user, f"初始账号 {user.username} 已移交并停用")
    user.refresh_from_db()
    return user
