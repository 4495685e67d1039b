"""Which of the registers' rows a person may see."""

from __future__ import annotations

from django.db.models import QuerySet

from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies.rights import within
from qingyuan.bureau.registers.models import Enterprise, Point


def visible_points(user: User) -> QuerySet[Point]:
    """The monitoring points that the user may see."""
    return Point.objects.filter(within(user, "area", "owner", "operator"))


def visible_enterprises(user: User) -> QuerySet[Enterprise]:
    """Firms in the user's area, or the user's own."""
    return Enterprise.objects.filter(within(user, "area", "organisation")).select_related("area", "organisation")
