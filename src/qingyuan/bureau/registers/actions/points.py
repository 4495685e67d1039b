"""Points that a file names and the register does not know, made because somebody ticked it."""

from __future__ import annotations

from collections.abc import Iterable

from qingyuan.bureau.accounts.queries.areas import county_box
from qingyuan.bureau.base.coordinates import BadPositionError, Box, read_position
from qingyuan.bureau.registers.models import Point, Section, Station
from qingyuan.intake.files import PointInfo
from qingyuan.intake.files.synonyms import body_of, roles_of

_KINDS = {"air": Point.Kind.AIR, "weather": Point.Kind.AIR, "water": Point.Kind.WATER, "outlet": Point.Kind.OUTLET}


def make_points(points: Iterable[PointInfo]) -> list[str]:
    """Register the points; their codes. One that was made meanwhile is left as it is."""
    made = []
    box = county_box()
    for info in points:
        kind = _KINDS.get(info.kind, Point.Kind.UNKNOWN)
        said = {role: text for title, text in info.attrs.items() for role in roles_of(title)}
        lon, lat = _place(info, said, box)
        point, is_new = Point.objects.get_or_create(
            code=info.code,
            defaults={"name": info.name[:100], "kind": kind, "lon": lon, "lat": lat, "source_system": "导入"},
        )
        if not is_new:
            continue
        made.append(point.code)
        if kind == Point.Kind.AIR:
            Station.objects.create(point=point, kind=Station.Kind.STANDARD)
        elif kind == Point.Kind.WATER:
            Section.objects.create(point=point, body=body_of(said.get("body", "")) or "river")
    return made


def _place(info: PointInfo, said: dict[str, str], box: Box | None) -> tuple[float | None, float | None]:
    """Where the file says it is, if that can be; a position that cannot be is left out."""
    if info.lon is not None and info.lat is not None:
        return info.lon, info.lat
    try:
        return read_position(said.get("longitude", ""), said.get("latitude", ""), box)
    except BadPositionError:
        return None, None
