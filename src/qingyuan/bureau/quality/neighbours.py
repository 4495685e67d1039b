"""Which stations are neighbours: of the same kind, not far, the nearest first."""

from __future__ import annotations

import math
from collections.abc import Iterable

from qingyuan import clock
from qingyuan.bureau.registers.models import Point
from qingyuan.rules import rule_book

EARTH_KM = 6371.0


def neighbours_of(codes: Iterable[str]) -> dict[str, list[str]]:
    """By point code: codes of the nearest points of the same kind within the distance of the rule book (a setting)."""
    wanted = set(codes)
    if not wanted:
        return {}
    today = clock.beijing(clock.now()).date()
    farthest = float(rule_book().validity("quality.neighbour.km", today))
    most = int(rule_book().validity("quality.neighbour.count", today))
    kinds = set(Point.objects.filter(code__in=wanted).values_list("kind", flat=True))
    places = [
        (code, kind, math.radians(lon or 0), math.radians(lat or 0))
        for code, kind, lon, lat in Point.objects.filter(kind__in=kinds, lon__isnull=False, lat__isnull=False)
        .order_by("code")
        .values_list("code", "kind", "lon", "lat")
    ]
    found = {}
    for code, kind, lon, lat in places:
        if code not in wanted:
            continue
        near = sorted(
            (distance, other)
            for other, kind_of_other, x, y in places
            if other != code and kind_of_other == kind and (distance := _km(lon, lat, x, y)) <= farthest
        )
        found[code] = [other for _, other in near[:most]]
    return found


def _km(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    """Great-circle distance of two places given in radians."""
    square = (
        math.sin((other_lat - lat) / 2) ** 2
        + math.cos(lat) * math.cos(other_lat) * math.sin((other_lon - lon) / 2) ** 2
    )
    return 2 * EARTH_KM * math.asin(min(1.0, math.sqrt(square)))
