"""Who sees which rows of a book, and who may do what to them: rights follow the area that answers for a row."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies.rights import NAMES, can, may, require, scope_of
from qingyuan.bureau.base.errors import NotAllowed
from qingyuan.bureau.book.declaration import Book


def visible(user: User | None, book: Book) -> QuerySet[Any]:
    """The rows that a person may see; None is the system itself."""
    rows = book.rows()
    if user is None:
        return rows
    if not can(user, "view"):
        return rows.none()
    return rows.filter(_inside(user, book))


def _inside(user: User, book: Book) -> Q:
    scope = scope_of(user)
    if "view" in scope.capabilities and (scope.everywhere or not book.area_paths):
        return Q()
    inside = Q(pk__in=[])
    for place, path in enumerate(book.area_paths if scope.area_ids else ()):
        before = {f"{other}__isnull": True for other in book.area_paths[:place]}
        inside |= Q(**before, **{f"{path}__in": scope.area_ids})
    for path in book.owners if scope.organisation_id else ():
        inside |= Q(**{path: scope.organisation_id})
    return inside


def area_of(book: Book, row: Any) -> int | None:
    """The area whose people may act on a row: the one that answers for it, else where it lies."""
    for path in book.area_paths:
        found = row
        for part in path.split("__"):
            found = getattr(found, part, None)
        if found is not None:
            return int(found.pk)
    return None


def may_do(user: User | None, book: Book, verb: str, row: Any = None) -> bool:
    """Whether a person may do this to the row (to some row: None)."""
    if user is None:
        return True
    return can(user, book.right(verb)) if row is None else reaches(user, book, verb, area_of(book, row))


def reaches(user: User, book: Book, verb: str, area: int | None) -> bool:
    """Whether the person may do this in that area. A row of no area is for those whose right holds everywhere."""
    if area is None and book.area_paths:
        return can(user, book.right(verb)) and scope_of(user).reach.get(book.right(verb)) is None
    return may(user, book.right(verb), area)


def require_for(user: User | None, book: Book, verb: str, row: Any = None) -> None:
    """Raise NotAllowed unless the person may do this to the row."""
    if user is not None and row is not None and not may_do(user, book, verb, row):
        name = NAMES.get(book.right(verb), book.right(verb))
        raise NotAllowed(f"{user} 没有在该区域办理“{name}”的权限；请由安全管理员在“用户与角色”中授予相应角色")
    require(user, book.right(verb))
