"""Lists of points: stations, sections or outlets with names and positions."""

from __future__ import annotations

import polars as pl

from qingyuan.intake.files.canonical import PointInfo, RowError
from qingyuan.intake.files.errors import ProfileError
from qingyuan.intake.files.synonyms import roles_of

LON_RANGE, LAT_RANGE = (-180.0, 180.0), (-90.0, 90.0)


def read_points(frame: pl.DataFrame, kind: str) -> tuple[list[PointInfo], list[RowError]]:
    """Points of a station list: code, name, lon, lat by their synonyms; other columns become attributes.

    A row without a code, with a code seen before or with an impossible position is an error. Raises
    ProfileError when no column holds codes or names.
    """
    by_role = {role: _first(frame, role) for role in ("point", "name", "longitude", "latitude")}
    code = by_role["point"] or by_role["name"]
    if not code:
        raise ProfileError("点位列", "、".join(frame.columns[:20]), "名为 站点编码、点位 或 station_code 的列")
    others = [name for name in frame.columns if name not in by_role.values()]
    points: dict[str, PointInfo] = {}
    errors: list[RowError] = []
    for number, row in enumerate(frame.iter_rows(named=True), start=2):
        text = "" if row[code] is None else str(row[code]).strip()
        if not text or text in points:
            errors.append(RowError(number, code, text or "空", "每个点位一行，编码不空不重"))
            continue
        place = [_degrees(row.get(by_role[role]), limits) for role, limits in _POSITION]
        if any(isinstance(part, str) for part in place):
            errors.append(RowError(number, "经纬度", "、".join(map(str, place)), "经度 -180~180、纬度 -90~90"))
            continue
        lon, lat = (part if isinstance(part, float) else None for part in place)
        name = str(row.get(by_role["name"]) or text).strip()
        attrs = {other: str(row[other]) for other in others if row[other] is not None}
        points[text] = PointInfo(text, name, kind, lon, lat, attrs)
    return list(points.values()), errors


_POSITION = (("longitude", LON_RANGE), ("latitude", LAT_RANGE))


def _first(frame: pl.DataFrame, role: str) -> str:
    titles = [title for title in frame.columns if role in roles_of(title)]
    plain = [title for title in titles if role != "point" or "name" not in roles_of(title)]
    return (plain or titles or [""])[0]


def _degrees(cell: object, limits: tuple[float, float]) -> float | str | None:
    """A position, None where the cell is empty, its text where it is none."""
    if cell is None or not str(cell).strip():
        return None
    try:
        degrees = float(str(cell))
    except ValueError:
        return str(cell)
    return degrees if limits[0] <= degrees <= limits[1] else str(cell)
