"""The filter “区域” of the lists: the towns and zones that the reader sees, by the area that answers."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy

from qingyuan.bureau.accounts.models import Area, User
from qingyuan.bureau.accounts.policies.rights import visible_areas
from qingyuan.bureau.accounts.queries.areas import answered_by
from qingyuan.web.listing import Filter

LOCAL = (Area.Kind.TOWN, Area.Kind.ZONE)


def local_areas(user: User) -> QuerySet[Area]:
    """The towns and zones that the person may see: what can be chosen as a place of work."""
    return visible_areas(user).filter(kind__in=LOCAL)


def area_filter(user: User, path: str = "", *, has_answers: bool = True) -> Filter:
    """Rows by the area that answers for what stands at `path` (where none does: by the one it lies in)."""

    def narrow(rows: QuerySet[Any], code: str) -> QuerySet[Any]:
        return rows.filter(answered_by(code, path) if has_answers else Q(**{f"{path}area__code": code}))

    choices = list(local_areas(user).values_list("code", "name"))
    return Filter("area", gettext_lazy("区域"), choices, narrow)
