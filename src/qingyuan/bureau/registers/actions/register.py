"""Areas and organisations as other lists bring them: each write goes through its book, and so leaves a version."""

from __future__ import annotations

from datetime import date
from typing import Any

from qingyuan.bureau.accounts.actions.tree import put_above
from qingyuan.bureau.accounts.models import Area, Organisation, User
from qingyuan.bureau.book.actions import save
from qingyuan.bureau.book.registry import book_of


def put_area(
    code: str,
    name: str,
    kind: str,
    geometry: dict[str, Any] | None,
    parent: Area | None,
    valid_from: date,
    actor: User | None = None,
) -> Area:
    """Make or update an area, and its place in the tree from that day on."""
    before = Area.objects.filter(code=code).first()
    values = {"code": code, "name": name, "kind": kind, "geometry": geometry}
    area: Area = save(actor, book_of("areas"), values | ({"above": parent.pk} if parent else {}), before)
    if parent is not None and before is None:
        put_above(area, valid_from)
    return area


def put_organisation(
    code: str,
    name: str,
    kind: str,
    area: Area | None = None,
    parent: Organisation | None = None,
    actor: User | None = None,
) -> Organisation:
    """Make or update an organisation."""
    values = {"code": code, "name": name, "kind": kind, "area": _key(area), "parent": _key(parent)}
    body: Organisation = save(actor, book_of("organisations"), values, Organisation.objects.filter(code=code).first())
    return body


def find_or_make_organisation(
    code: str, name: str, kind: str, area: Area | None = None, actor: User | None = None
) -> Organisation:
    """The organisation of this code; made where there is none."""
    found = Organisation.objects.filter(code=code).first()
    return found or put_organisation(code, name, kind, area, None, actor)


def correct_organisation(body: Organisation, values: dict[str, Any], actor: User | None = None) -> None:
    """Correct what is known better: code, name, area, parent."""
    if values:
        told = {name: value.pk if isinstance(value, (Area, Organisation)) else value for name, value in values.items()}
        save(actor, book_of("organisations"), told, body)


def _key(row: Area | Organisation | None) -> int | None:
    return None if row is None else row.pk
