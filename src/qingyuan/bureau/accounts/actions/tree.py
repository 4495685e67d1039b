"""Where an area stands in the tree: in the area that its row says is above it; on other days, where it stood then."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from qingyuan import clock
from qingyuan.bureau.accounts.models import Area, AreaParent, User

ABOVE = {
    Area.Kind.GRID: Area.Kind.TOWN,
    Area.Kind.TOWN: Area.Kind.COUNTY,
    Area.Kind.ZONE: Area.Kind.COUNTY,
    Area.Kind.COUNTY: Area.Kind.CITY,
}


def area_faults(values: Mapping[str, Any]) -> dict[str, str]:
    """An area that would lie in itself, by column."""
    above, code = values.get("above"), values.get("code")
    links = {pk: (own, parent) for pk, own, parent in Area.objects.values_list("pk", "code", "above")} if above else {}
    met: set[int] = set()
    while above is not None and above in links and above not in met:
        met.add(above)
        if links[above][0] == code:
            return {"above": f"“上级区域”：得到的区域在“{values.get('name')}”之内；应为它上面的区域"}
        above = links[above][1]
    return {}


def tell_above(
    actor: User | None, rows: Sequence[dict[str, Any]], links: Any
) -> Callable[[], Mapping[str, Mapping[int, int]]]:
    """Set the area above of rows that say none: the one whose code theirs begins with, else the only one of its level."""
    known = list(Area.objects.defer("geometry")) if any(row["above"] is None for row in rows) else []
    stands = _standing()
    for row in rows:
        if row["above"] is None:
            above = stands[row["pk"]].parent_id if row["pk"] in stands else None
            row["above"] = above or _guess(row["code"], row["kind"], known)
    return dict


def place_areas(actor: User | None) -> None:
    """The dated tree follows the rows: an area lies from today in the one that its row says is above it."""
    today = clock.beijing(clock.now()).date()
    stands = _standing()
    for area in Area.objects.filter(above__isnull=False).select_related("above").defer("geometry", "above__geometry"):
        now = stands.get(area.pk)
        if area.above is None or (now is not None and now.parent_id == area.above_id):
            continue
        if now is not None and now.valid_from == today:
            AreaParent.objects.filter(pk=now.pk).update(parent=area.above)
            continue
        if now is not None:
            AreaParent.objects.filter(pk=now.pk).update(valid_to=today)
        AreaParent.objects.create(area=area, parent=area.above, valid_from=today)


def alone() -> Iterable[tuple[Area, int]]:
    """Areas that say nothing of the area above them, each with the key of the one that must be it."""
    known = list(Area.objects.defer("geometry"))
    stands = _standing()
    for area in known:
        if area.above_id is None:
            above = stands[area.pk].parent_id if area.pk in stands else _guess(area.code, area.kind, known)
            if above is not None:
                yield area, above


def put_above(area: Area, since: date) -> None:
    """A new area lay from that day on where it lies now: it lay nowhere else before."""
    AreaParent.objects.filter(area=area, parent=area.above_id).update(valid_from=since)


def _standing() -> dict[int, AreaParent]:
    """Where each area lies by the dated tree, by area."""
    return {row.area_id: row for row in AreaParent.objects.filter(valid_to=None).order_by("valid_from")}


def _guess(code: str, kind: str, known: Iterable[Area]) -> int | None:
    level = ABOVE.get(Area.Kind(kind))
    above = [area for area in known if area.kind == level and area.code != code]
    coded = [one for one in above if code.startswith(one.code) or one.code == f"{code[:4]}00"]
    found = coded if len(coded) == 1 else above
    return found[0].pk if len(found) == 1 else None
