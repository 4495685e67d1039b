"""Places on the earth as people write them, checked before they are kept. Longitude and latitude in degrees, CGCS2000."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from qingyuan.bureau.base.errors import Invalid

LON, LAT = (73.0, 136.0), (3.0, 54.0)
"""Where China lies [deg]."""
NEAR = 1.0
"""How far outside the county's box a place may lie [deg] without being asked about."""
_DEGREES = re.compile(
    r"(?P<before>[EWNS东西北南])?\s*(?:经|纬)?\s*(?P<deg>[+-]?\d+(?:\.\d+)?)\s*(?:[°度]\s*"
    r"(?:(?P<min>\d+(?:\.\d+)?)\s*['′分’]\s*(?:(?P<sec>\d+(?:\.\d+)?)\s*(?:\"|″|秒|''|”)?)?)?)?\s*(?P<after>[EWNS东西北南])?",
    re.IGNORECASE,
)
_PAIR = re.compile(r"[,，;；、]|\s+(?=[EWNS东西北南+-]?\d)")
_SOUTH_WEST = "SW南西"


class BadPositionError(Invalid):
    """A place that cannot be: what was got, what is expected, and a hint what to do."""

    def __init__(self, got: str, expected: str, field: str = "lon") -> None:
        self.got, self.expected = got, expected
        super().__init__(f"坐标：得到 {got}，应为 {expected}", field)


Box = tuple[float, float, float, float]


def read_position(lon: Any, lat: Any = None, box: Box | None = None) -> tuple[float | None, float | None]:
    """Longitude and latitude [deg] of two cells, or of one cell that holds both; (None, None) where nothing is given.

    Decimal degrees, degrees with minutes and seconds, letters and words before or after, and a point of GeoJSON are read.
    `box` is where the county lies (`county_box`), asked for once by who reads many; None: none is known.
    Raises BadPositionError for 0/0, swapped, projected (metres) and impossible ones, and for a place far from the
    county, with a hint.
    """
    first, second = _text(lon), _text(lat)
    if not first and not second:
        return None, None
    if first.startswith("{"):
        first, second = _of_point(first)
    if first and not second:
        parts = [part for part in _PAIR.split(first) if part.strip()]
        if len(parts) == 2:
            first, second = parts
    if not first or not second:
        raise BadPositionError(f"{first or '空'}、{second or '空'}", "经度和纬度都填，或都空")
    east, first_is = _degrees(first)
    north, second_is = _degrees(second)
    shown = f"{first}、{second}"
    if east is None or north is None:
        raise BadPositionError(shown, "十进制度（119.8123）或度分秒（119°48′44″）")
    if first_is == "lat" or second_is == "lon":
        east, north = north, east
    check_position(east, north, shown, box)
    return east, north


def _of_point(text: str) -> tuple[str, str]:
    try:
        shape = json.loads(text)
        lon, lat = shape["coordinates"][:2]
    except (ValueError, KeyError, TypeError) as error:
        raise BadPositionError(text[:60], "经度和纬度，或 GeoJSON 的点") from error
    if shape.get("type") != "Point":
        raise BadPositionError(f"{shape.get('type')}", "点；边界用 places import")
    return str(lon), str(lat)


def check_position(lon: float, lat: float, shown: str = "", box: Box | None = None) -> None:
    """Raise BadPositionError where a place of this county cannot lie."""
    check_corner(lon, lat, shown)
    if box is None:
        return
    west, south, east, north = box
    if not (west - NEAR <= lon <= east + NEAR and south - NEAR <= lat <= north + NEAR):
        raise BadPositionError(
            shown or f"{lon:g}、{lat:g}",
            f"本地附近：经度 {west:.2f}~{east:.2f}、纬度 {south:.2f}~{north:.2f}；相差超过 {NEAR:g} 度，请核对",
        )


def check_corner(lon: float, lat: float, shown: str = "") -> None:
    """Raise BadPositionError where no place of this country can lie."""
    shown = shown or f"{lon:g}、{lat:g}"
    if lon == 0 and lat == 0:
        raise BadPositionError(shown, "真实的经纬度；0、0 是没有填的坐标，请留空")
    if abs(lon) > 180 or abs(lat) > 180:
        raise BadPositionError(shown, "经纬度（度）；这像投影坐标（米），请先换算成经纬度")
    if not _within(lon, lat):
        if _within(lat, lon):
            raise BadPositionError(shown, f"经度在前、纬度在后；经纬度像是写反了：应为 {lat:g}、{lon:g}")
        raise BadPositionError(shown, f"经度 {LON[0]:g}~{LON[1]:g}、纬度 {LAT[0]:g}~{LAT[1]:g}")


def places_of(shape: Any) -> Iterator[tuple[float, float]]:
    """Every corner of a GeoJSON geometry."""
    waiting = [shape.get("coordinates") if isinstance(shape, dict) else shape]
    while waiting:
        part = waiting.pop()
        if isinstance(part, (list, tuple)) and len(part) >= 2 and all(isinstance(n, (int, float)) for n in part[:2]):
            yield float(part[0]), float(part[1])
        elif isinstance(part, (list, tuple)):
            waiting.extend(part)


def _within(lon: float, lat: float) -> bool:
    return LON[0] <= lon <= LON[1] and LAT[0] <= lat <= LAT[1]


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell).strip()


def _degrees(text: str) -> tuple[float | None, str]:
    """Degrees, and `lon` or `lat` where a letter says which."""
    plain = unicodedata.normalize("NFKC", text.replace("″", '"').replace("′", "'")).strip()
    found = _DEGREES.fullmatch(plain)
    if found is None:
        return None, ""
    minutes, seconds = float(found["min"] or 0), float(found["sec"] or 0)
    if minutes >= 60 or seconds >= 60:
        return None, ""
    value = abs(float(found["deg"])) + minutes / 60 + seconds / 3600
    letter = (found["before"] or found["after"] or "").upper()
    sign = -1 if found["deg"].startswith("-") or (letter and letter in _SOUTH_WEST) else 1
    kind = "" if not letter else "lon" if letter in "EW东西" else "lat"
    return round(sign * value, 7), kind
