from __future__ import annotations

from collections import defaultdict
from datetime import date

from django.db.models import Q

from qingyuan.bureau.accounts.models import Area, AreaParent
from qingyuan.bureau.base.coordinates import Box, places_of
from qingyuan.bureau.base.dated import in_force


def subtree_ids(area: Area, on: date) -> set[int]:
    """The area and everything below it on that day, as primary keys."""
    children: dict[int, list[int]] = defaultdict(list)
    for child, parent in AreaParent.objects.filter(in_force(on)).values_list("area_id", "parent_id"):
        children[parent].append(child)
    found, waiting = set(), [area.pk]
    while waiting:
        number = waiting.pop()
        if number not in found:
            found.add(number)
            waiting.extend(children[number])
    return found


def answered_by(code: str, path: str = "") -> Q:
    """What the area of this code answers for, where rows have both areas at the path: where none does, what lies in it."""
    lies = Q(**{f"{path}area__code": code, f"{path}answers__isnull": True})
    return Q(**{f"{path}answers__code": code}) | lies


def county_box() -> Box | None:
    """West, south, east, north [deg] of all areas with a boundary; None while there are none."""
    from qingyuan.bureau.accounts.models import Area

    places = [
        place
        for shape in Area.objects.exclude(geometry=None).values_list("geometry", flat=True)
        for place in places_of(shape)
    ]
    if not places:
        return None
    lons, lats = [p[0] for p in places], [p[1] for p in places]
    return min(lons), min(lats), max(lons), max(lats)
