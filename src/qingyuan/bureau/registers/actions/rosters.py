"""Listing the points of an area in a roster."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from qingyuan import clock
from qingyuan.bureau.accounts.models import Area, User
from qingyuan.bureau.accounts.policies.rights import require
from qingyuan.bureau.accounts.queries.areas import subtree_ids
from qingyuan.bureau.base.errors import Invalid
from qingyuan.bureau.registers.actions.targets import put_in_roster
from qingyuan.bureau.registers.models import Point, RosterEntry

_KINDS = {
    RosterEntry.Roster.COUNTY_AIR: Point.Kind.AIR,
    RosterEntry.Roster.NATIONAL_SECTIONS: Point.Kind.WATER,
    RosterEntry.Roster.PROVINCIAL_SECTIONS: Point.Kind.WATER,
}


def put_area_in_roster(
    actor: User | None, area: Area, roster: str, since: date, until: date | None = None, basis: str = ""
) -> int:
    """List every point of the roster's kind in the area and below it; how many. Raises Invalid where there is none.

    Micro stations are not listed: they do not count for the county.
    """
    require(actor, "manage_points", area.pk)
    if roster not in RosterEntry.Roster.values:
        raise Invalid(f"得到名册“{roster}”，应为：{'、'.join(RosterEntry.Roster.values)}", "roster")
    kind = _KINDS[RosterEntry.Roster(roster)]
    today = clock.beijing(clock.now()).date()
    points = Point.objects.filter(area__in=subtree_ids(area, today), kind=kind).exclude(station__kind="micro")
    if not points:
        raise Invalid(f"{area.name} 没有{kind.label}；先导入点位，或登记它们的区域", "area")
    with transaction.atomic():
        for point in points:
            put_in_roster(actor, point, roster, since, until, basis)
    return len(points)
