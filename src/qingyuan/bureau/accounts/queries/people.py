"""What the pages about people show."""

from __future__ import annotations

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from qingyuan.bureau.accounts.models import RoleAssignment, User
from qingyuan.bureau.accounts.policies.rights import roles_of, scope_of, visible_users
from qingyuan.bureau.base.dated import in_force
from qingyuan.clock import beijing, now


def scope_words(user: User) -> str:
    """The area scope in words: 全域, the areas of the roles, or the user's own organisation."""
    scope = scope_of(user)
    if scope.everywhere:
        return _("全域")
    names = list(dict.fromkeys(a.area.name for a in roles_of(user) if a.area is not None))
    if not names and scope.organisation_id and user.organisation:
        names = [user.organisation.name]
    return "、".join(names[:2]) + (_("等 %(n)d 处") % {"n": len(names)} if len(names) > 2 else "")


def users_with_roles(viewer: User) -> QuerySet[User]:
    """The accounts that the viewer may see, each with `roles_now`: the roles that hold today."""
    today = beijing(now()).date()
    held = RoleAssignment.objects.filter(in_force(today)).select_related("area")
    return (
        visible_users(viewer)
        .select_related("organisation")
        .prefetch_related(Prefetch("roles", queryset=held, to_attr="roles_now"))
    )
