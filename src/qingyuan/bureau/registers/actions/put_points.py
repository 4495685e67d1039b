"""Points and what they are, as lists and devices bring them: what stands in the register stays."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from qingyuan import clock
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.book.actions import save
from qingyuan.bureau.book.registry import book_of
from qingyuan.bureau.registers.actions.answering import tell
from qingyuan.bureau.registers.models import Outlet, Point, PointName, Section, Station


def find_or_make_point(code: str, name: str, kind: str, **place: Any) -> Point:
    """The point of this code; made with name, kind and place where there is none."""
    point, _ = Point.objects.get_or_create(code=code, defaults={"name": name, "kind": kind, **place})
    return point


def put_outlet(actor: User | None, outlet: Outlet | None, values: Mapping[str, Any]) -> Outlet:
    """Write an outlet through its book; its point follows. Raises Invalid, NotAllowed."""
    written: Outlet = save(actor, book_of("outlets"), values, outlet)
    return written


def put_in_use(actor: User | None, point: Point, since: date | None, until: date | None) -> None:
    """From which day the point is in use, to which (exclusive)."""
    if (since, until) == (point.active_from, point.active_to):
        return
    point.active_from, point.active_to = since, until
    outlet = Outlet.objects.filter(point=point).first()
    if outlet is not None:
        put_outlet(actor, outlet, {"active_from": since, "active_to": until})
    else:
        point.save(update_fields=["active_from", "active_to"])


def change_point(point: Point, values: Mapping[str, Any]) -> None:
    """Write what differs; a former name goes on naming the point, and who follows the area that answers is told."""
    differing = {name: value for name, value in values.items() if getattr(point, name) != value}
    if not differing:
        return
    if "name" in differing and point.name != point.code:
        PointName.objects.get_or_create(name=point.name, defaults={"point": point, "noted_at": clock.now()})
    before = point.answering_id
    for name, value in differing.items():
        setattr(point, name, value)
    point.save(update_fields=list(differing))
    tell({point.pk: (before, point.answering_id)})


def make_town_station(point: Point) -> None:
    """The point is a town's air station, unless it is a station already."""
    Station.objects.get_or_create(point=point, defaults={"kind": Station.Kind.TOWN})


def make_section(point: Point) -> None:
    """The point is a section, unless it is one already."""
    Section.objects.get_or_create(point=point)
