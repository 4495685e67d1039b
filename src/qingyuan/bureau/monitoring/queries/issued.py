"""Figures that a higher authority issued, as far as a reader may see them."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies.rights import visible_areas
from qingyuan.bureau.monitoring.models import IssuedValue
from qingyuan.bureau.registers.policies import visible_points


def visible_issued(user: User) -> QuerySet[IssuedValue]:
    """Issued figures of the areas and points that the user may see, newest period first."""
    scope = Q(point__in=visible_points(user)) | Q(area__in=visible_areas(user))
    return IssuedValue.objects.filter(scope).select_related("point", "area").order_by("-period_start", "-pk")
