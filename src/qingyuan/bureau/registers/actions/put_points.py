"""Points and what they are, as lists and devices bring them: what stands in the register stays."""

from __future__ import annotations

from datetime import date
from typing import Any

from qingyuan.bureau.accounts.models import Organisation
from qingyuan.bureau.registers.models import Outlet, Point, Section, Station


def find_or_make_point(code: str, name: str, kind: str, **place: Any) -> Point:
    """The point of this code; made with name, kind and place where there is none."""
    point, _ = Point.objects.get_or_create(code=code, defaults={"name": name, "kind": kind, **place})
    return point


def put_in_use(point: Point, since: date | None, until: date | None) -> None:
    """From which day the point is in use, to which (exclusive)."""
    if (since, until) != (point.active_from, point.active_to):
        point.active_from, point.active_to = since, until
        point.save(update_fields=["active_from", "active_to"])


def put_owner(point: Point, body: Organisation) -> None:
    """Who owns the point, where nobody does yet."""
    if point.owner_id is None:
        point.owner = body
        point.save(update_fields=["owner"])


def make_town_station(point: Point) -> None:
    """The point is a town's air station, unless it is a station already."""
    Station.objects.get_or_create(point=point, defaults={"kind": Station.Kind.TOWN})


def make_section(point: Point) -> None:
    """The point is a section, unless it is one already."""
    Section.objects.get_or_create(point=point)


def find_or_make_outlet(point: Point, **values: Any) -> Outlet:
    """The outlet at the point; made with the values where there is none."""
    outlet, _ = Outlet.objects.get_or_create(point=point, defaults=values)
    return outlet
