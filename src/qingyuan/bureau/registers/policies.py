"""Which of the registers' rows a person may see."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies.rights import within
from qingyuan.bureau.book.policies import visible
from qingyuan.bureau.book.registry import book_of
from qingyuan.bureau.registers.models import Enterprise, Point


def visible_points(user: User) -> QuerySet[Point]:
    """The monitoring points that the user's area answers for (where none does: that lie in it), or the user's own."""
    seen = within(user, "answers", "owner", "operator") | Q(answers__isnull=True) & within(user, "area")
    return Point.objects.filter(seen)


def visible_enterprises(user: User) -> QuerySet[Enterprise]:
    """Firms that the user's area answers for (where none does: that lie in it), or the user's own."""
    rows: QuerySet[Enterprise] = visible(user, book_of("enterprises"))
    return rows.select_related("area", "organisation")
