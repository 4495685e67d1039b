"""The county's boundary and its towns from GeoJSON, KML or a shapefile: names and codes recognised, corners checked."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.db import transaction

from qingyuan.bureau.accounts.actions.tree import ABOVE
from qingyuan.bureau.accounts.models import Area, AreaParent, User
from qingyuan.bureau.accounts.policies.rights import require_everywhere
from qingyuan.bureau.audit.actions.record import record
from qingyuan.bureau.base.coordinates import BadPositionError, check_corner, places_of
from qingyuan.bureau.base.errors import Invalid
from qingyuan.bureau.registers.actions.area_of import holds
from qingyuan.bureau.registers.actions.points_cells import cell_text
from qingyuan.bureau.registers.actions.register import put_area
from qingyuan.intake.files import Table, open_table
from qingyuan.intake.files.synonyms import plain

LONG_AGO = date(2000, 1, 1)
MOST_CORNERS = 200_000
NAMES = (
    "name",
    "名称",
    "name_zh",
    "name:zh",
    "xzqmc",
    "mc",
    "县名",
    "镇名",
    "乡镇",
    "fullname",
    "label",
    "区域",
)
CODES = ("adcode", "code", "代码", "行政区划代码", "xzqdm", "dm", "gb", "编码", "id", "area_code", "adm_code")
LEVELS = ("level", "级别", "kind", "类别")
PARENTS = ("parent", "parent.adcode", "上级", "parent_code", "所属")
_LEVEL_WORDS = {
    "city": Area.Kind.CITY,
    "市": Area.Kind.CITY,
    "prefecture": Area.Kind.CITY,
    "地市": Area.Kind.CITY,
    "county": Area.Kind.COUNTY,
    "district": Area.Kind.COUNTY,
    "县": Area.Kind.COUNTY,
    "区县": Area.Kind.COUNTY,
    "town": Area.Kind.TOWN,
    "镇": Area.Kind.TOWN,
    "street": Area.Kind.TOWN,
    "乡镇": Area.Kind.TOWN,
    "镇街": Area.Kind.TOWN,
    "grid": Area.Kind.GRID,
    "网格": Area.Kind.GRID,
}
_COUNTY_DIGITS, _LEAST_RING = 6, 4


@dataclass
class PlacesReport:
    """What a file of places did, or would do."""

    rows: int = 0
    new: int = 0
    changed: int = 0
    same: int = 0
    dry_run: bool = False
    names: list[str] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)

    @property
    def good(self) -> int:
        """Places that were taken."""
        return self.new + self.changed + self.same


class _BadPlace(Exception):
    def __init__(self, column: str, got: str, expected: str) -> None:
        self.column, self.got, self.expected = column, got, expected
        super().__init__(column)


@dataclass(frozen=True)
class _Place:
    number: int
    code: str
    name: str
    kind: str
    shape: dict[str, Any]
    parent: str


def import_places(actor: User | None, path: Path, dry_run: bool = False, kind: str = "") -> PlacesReport:
    """Take boundaries in. kind (city, county, town, grid) holds for places that do not say it themselves.

    Raises Invalid for a file that is no map, or has no names; NotATableError for one that cannot be read.
    """
    require_everywhere(actor, "manage_points")
    if kind and kind not in Area.Kind.values:
        raise Invalid(f"得到级别“{kind}”，应为 {'、'.join(Area.Kind.values)}", "kind")
    table = open_table(path)
    if table.form not in ("geojson", "kml", "shapefile"):
        raise Invalid(
            f"{path.name} 不是地图数据；需要 GeoJSON（.geojson、.json）、KML 或 zip 的 shapefile 的面", "file"
        )
    titles = {plain(name): name for name in reversed(table.frame.columns)}
    used = {key: titles[word] for key, words in _USED.items() for word in reversed(words) if word in titles}
    if "name" not in used:
        raise Invalid(f"没有名称属性；得到 {'、'.join(table.frame.columns[:12])}，应有 name 或 名称", "file")
    report = PlacesReport(rows=len(table.frame), dry_run=dry_run)
    report.unused = [name for name in table.frame.columns if name not in {*used.values(), "geometry"}]
    places = _places(table, used, kind, report)
    with transaction.atomic():
        known: dict[str, Area] = {area.code: area for area in Area.objects.all()}
        order = list(ABOVE)[::-1]
        for place in sorted(places, key=lambda p: order.index(Area.Kind(p.kind)) if p.kind in order else -1):
            _put(actor, place, known, report)
        if not dry_run:
            words = f"导入边界 {path.name}：新增 {report.new}、改动 {report.changed}，{len(report.errors)} 处有误"
            record(actor, "places.import", f"file:{path.name[:60]}", words)
        transaction.set_rollback(dry_run)
    return report


_USED = {"name": NAMES, "code": CODES, "level": LEVELS, "parent": PARENTS}


def _places(table: Table, used: dict[str, str], kind: str, report: PlacesReport) -> list[_Place]:
    found, codes = [], set()
    for number, row in enumerate(table.frame.iter_rows(named=True), start=1):
        said = {key: cell_text(row[name]) for key, name in used.items()}
        try:
            place = _place(number, said, row.get("geometry"), kind)
            if place.code in codes:
                raise _BadPlace("代码", place.code, "每个区域一个代码")
            codes.add(place.code)
            found.append(place)
        except _BadPlace as bad:
            report.errors.append({"row": number, "column": bad.column, "got": bad.got, "expected": bad.expected})
    return found


def _place(number: int, said: dict[str, str], geometry: Any, kind: str) -> _Place:
    name, code = said["name"], said.get("code", "")
    if not name:
        raise _BadPlace("名称", "空", "区域的名称")
    code = code or name
    if len(name) > 60 or len(code) > 20:
        raise _BadPlace("名称", f"{name[:30]}、{code[:20]}", "名称至多 60 字、代码至多 20 字")
    own = kind_of(name, code, said.get("level", "")) or kind
    if not own:
        raise _BadPlace("级别", f"{name}（{code}）", "看得出级别的代码或名称（…县、…镇），或另选级别")
    return _Place(number, code, name, own, _shape(geometry, name), said.get("parent", ""))


def kind_of(name: str, code: str, level: str) -> str:
    """City, county, town or grid, by what the file says, else by the code, else by the name's ending; or nothing."""
    if found := _LEVEL_WORDS.get(plain(level)):
        return found.value
    if code.isdecimal() and len(code) == _COUNTY_DIGITS:
        if code.endswith("0000"):
            return ""
        return (Area.Kind.CITY if code.endswith("00") else Area.Kind.COUNTY).value
    if code.isdecimal() and len(code) in (9, 12):
        return Area.Kind.TOWN.value
    if name.endswith(("镇", "乡", "街道", "街道办事处", "开发区", "园区")):
        return Area.Kind.TOWN.value
    return Area.Kind.COUNTY.value if name.endswith(("县", "区", "旗")) else ""


def _shape(geometry: Any, name: str) -> dict[str, Any]:
    """The polygon, its rings closed, every corner where a place can be."""
    try:
        shape = json.loads(geometry) if isinstance(geometry, str) else geometry
    except ValueError as error:
        raise _BadPlace("边界", name, "GeoJSON 的面") from error
    if not isinstance(shape, dict) or shape.get("type") not in ("Polygon", "MultiPolygon"):
        got = shape.get("type") if isinstance(shape, dict) else "空"
        raise _BadPlace("边界", f"{name}：{got}", "面（Polygon、MultiPolygon）；点位用 points import")
    polygons = shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]
    corners = list(places_of(shape))
    if len(corners) > MOST_CORNERS:
        raise _BadPlace("边界", f"{name}：{len(corners)} 个拐点", f"不超过 {MOST_CORNERS} 个，先简化")
    try:
        closed = [[ring if ring[0] == ring[-1] else [*ring, ring[0]] for ring in rings] for rings in polygons]
    except (IndexError, TypeError) as error:
        raise _BadPlace("边界", name, "GeoJSON 的面，每圈至少四个点") from error
    if not closed or any(len(ring) < _LEAST_RING for rings in closed for ring in rings):
        raise _BadPlace("边界", f"{name}：少于四个点的圈", "每圈至少四个点，首尾相同")
    try:
        for lon, lat in corners:
            check_corner(lon, lat)
    except BadPositionError as error:
        raise _BadPlace("边界", f"{name}：{error.got}", error.expected) from error
    return {"type": "MultiPolygon", "coordinates": closed}


def _put(actor: User | None, place: _Place, known: dict[str, Area], report: PlacesReport) -> None:
    before = known.get(place.code)
    parent = _parent(place, known)
    differs = before is not None and (before.name, before.kind, before.geometry) != (
        place.name,
        place.kind,
        place.shape,
    )
    has_parent = before is not None and AreaParent.objects.filter(area=before).exists()
    area = put_area(place.code, place.name, place.kind, place.shape, None if has_parent else parent, LONG_AGO, actor)
    known[place.code] = area
    if before is None:
        report.new += 1
    elif differs or (parent is not None and not has_parent):
        report.changed += 1
    else:
        report.same += 1
    report.names.append(place.name)


def _parent(place: _Place, known: dict[str, Area]) -> Area | None:
    """The area above: as the file says, by its code, by the county that holds it, else the only one there is."""
    level = ABOVE.get(Area.Kind(place.kind))
    if level is None:
        return None
    above = [area for area in known.values() if area.kind == level]
    if place.parent:
        told = place.parent
        if said := next((area for area in above if told in (area.code, area.name)), None):
            return said
    if place.code.isdecimal():
        prefix = place.code[:4] + "00" if level == Area.Kind.CITY else place.code[:_COUNTY_DIGITS]
        if len(place.code) >= _COUNTY_DIGITS and (coded := next((a for a in above if a.code == prefix), None)):
            return coded
    corners = list(places_of(place.shape))
    lon = sum(c[0] for c in corners) / len(corners)
    lat = sum(c[1] for c in corners) / len(corners)
    held = next((area for area in above if area.geometry and holds(area.geometry, lon, lat)), None)
    return held or (above[0] if len(above) == 1 else None)
