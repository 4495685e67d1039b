"""Which registered area a point lies in: as the list says, else by its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qingyuan.bureau.accounts.models import Area
from qingyuan.bureau.registers.actions.points_cells import BadCell

_ENDINGS = ("市", "县", "区", "镇", "乡", "街道", "省")
_FINE_FIRST = (Area.Kind.GRID, Area.Kind.TOWN, Area.Kind.ZONE, Area.Kind.COUNTY, Area.Kind.CITY)


class AreaFinder:
    """Finds areas by code, name (with or without its ending) and place."""

    def __init__(self) -> None:
        self._areas = list(Area.objects.all())
        self._by_word: dict[str, Area] = {}
        for area in self._areas:
            for word in (area.code, area.name, _bare(area.name)):
                self._by_word.setdefault(word, area)
        order = {kind: place for place, kind in enumerate(_FINE_FIRST)}
        self._drawn = sorted((a for a in self._areas if a.geometry), key=lambda a: order[Area.Kind(a.kind)])

    def find(self, row: Mapping[str, str], lon: float | None, lat: float | None) -> Area | None:
        """The area of a row. Raises BadCell for one that is named as area and is not registered."""
        if row.get("area"):
            found = self._named(row["area"])
            if found is None:
                known = "、".join(area.name for area in self._areas[:12]) or "（系统中还没有区域）"
                raise BadCell("area", row["area"], f"已登记的区域：{known}；或留空")
            return found
        if lon is not None and lat is not None:
            for area in self._drawn:
                if holds(area.geometry, lon, lat):
                    return area
        return self._named(row.get("district", "")) or self._named(row.get("city", ""))

    def _named(self, word: str) -> Area | None:
        return (self._by_word.get(word) or self._by_word.get(_bare(word))) if word else None


def holds(shape: Any, lon: float, lat: float) -> bool:
    """Whether a place lies in a polygon or a multipolygon of GeoJSON; holes are not of it."""
    polygons = shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]
    for rings in polygons:
        inside = [_in_ring(ring, lon, lat) for ring in rings]
        if inside and inside[0] and not any(inside[1:]):
            return True
    return False


def _in_ring(ring: list[list[float]], lon: float, lat: float) -> bool:
    inside = False
    before = ring[-1]
    for corner in ring:
        x, y, u, v = corner[0], corner[1], before[0], before[1]
        if (y > lat) != (v > lat) and lon < (u - x) * (lat - y) / (v - y) + x:
            inside = not inside
        before = corner
    return inside


def _bare(name: str) -> str:
    for ending in _ENDINGS:
        if len(name) > len(ending) + 1 and name.endswith(ending):
            return name.removesuffix(ending)
    return name
