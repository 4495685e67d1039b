"""Where a new area stands in the tree: an area without one above it is placed as its code says, else in the only one."""

from __future__ import annotations

from datetime import date

from qingyuan import clock
from qingyuan.bureau.accounts.models import Area, AreaParent, User

ABOVE = {
    Area.Kind.GRID: Area.Kind.TOWN,
    Area.Kind.TOWN: Area.Kind.COUNTY,
    Area.Kind.ZONE: Area.Kind.COUNTY,
    Area.Kind.COUNTY: Area.Kind.CITY,
}


def place_areas(actor: User | None) -> None:
    """Every area that has none above it comes to lie in one, from today; where it cannot be told, it stays alone."""
    alone = list(Area.objects.filter(kind__in=ABOVE, parents__isnull=True))
    if not alone:
        return
    today = clock.beijing(clock.now()).date()
    by_kind: dict[str, list[Area]] = {}
    for area in Area.objects.defer("geometry"):
        by_kind.setdefault(area.kind, []).append(area)
    for area in alone:
        above = by_kind.get(ABOVE[Area.Kind(area.kind)], [])
        coded = [one for one in above if area.code.startswith(one.code) or one.code == f"{area.code[:4]}00"]
        found = coded if len(coded) == 1 else above
        if len(found) == 1 and found[0].pk != area.pk:
            AreaParent.objects.create(area=area, parent=found[0], valid_from=today)


def put_above(area: Area, parent: Area, since: date, *, is_new: bool) -> None:
    """The area lies in another from that day on; a new one lay nowhere else before."""
    if is_new:
        AreaParent.objects.filter(area=area).delete()  # where it was placed without knowing better
    AreaParent.objects.get_or_create(area=area, valid_from=since, defaults={"parent": parent})
