"""Tables that lie in JSON, GeoJSON and KML: one row a record, nested names joined by a dot."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.parsers import expat

from qingyuan.intake.apart.bounds import DEEPEST, LONGEST_DOCUMENT, MOST_COLUMNS
from qingyuan.intake.apart.packed import Refused

GEOMETRY = "geometry"
_TEXTS = re.compile(rb'"(?:[^"\\]|\\.)*"')
_BRACKETS = re.compile(rb"[\[\]{}]")
_RECORDS = ("results", "data", "records", "rows", "list", "items", "measurements", "features")


@dataclass
class Sheet:
    """A table: its rows with the header first, and the form of the document it lay in."""

    name: str
    form: str
    rows: list[list[Any]] = field(default_factory=list)


def kind_of(start: bytes) -> str:
    """`json`, `xml` or nothing, by the first bytes of a file."""
    plain = start.removeprefix(codecs.BOM_UTF8).lstrip()
    if plain[:1] in (b"{", b"["):
        return "json"
    return "xml" if plain[:1] == b"<" and (plain[1:2].isalpha() or plain[1:2] in (b"?", b"!")) else ""


def of_json(path: Path) -> list[Sheet]:
    """The one table in a JSON document. Refused names what it is instead."""
    found = _read(path)
    if isinstance(found, Mapping) and found.get("type") in ("FeatureCollection", "Feature"):
        return [_of_features(found)]
    records = _records(found)
    if records is None:
        raise Refused(f"JSON，{_shape(found)}", "一组记录（[{…}, …]）的 JSON，或 CSV、Excel")
    return [_of_records("json", [_flat(record) for record in records])]


def of_xml(path: Path) -> list[Sheet]:
    """The placemarks of a KML document. Refused names any other XML."""
    if path.stat().st_size > LONGEST_DOCUMENT:
        raise Refused(f"{path.stat().st_size} 字节的 XML", f"不超过 {LONGEST_DOCUMENT} 字节")
    reader = _Placemarks()
    try:
        reader.feed(path.read_bytes())
    except expat.ExpatError as error:
        raise Refused(f"损坏的 XML（{error}）", "完整的 KML") from error
    if reader.root != "kml":
        raise Refused(f"XML（{reader.root or '没有根元素'}）", "CSV、Excel，或 KML 的点位、边界")
    return [_of_records("kml", reader.records)]


def _read(path: Path) -> Any:
    if path.stat().st_size > LONGEST_DOCUMENT:
        raise Refused(f"{path.stat().st_size} 字节的 JSON", f"不超过 {LONGEST_DOCUMENT} 字节")
    content = path.read_bytes()
    if _depth(content) > DEEPEST:
        raise Refused("套得太深的 JSON", f"不超过 {DEEPEST} 层的 JSON")
    try:
        return json.loads(content.decode("utf-8-sig"))
    except RecursionError as error:
        raise Refused("套得太深的 JSON", f"不超过 {DEEPEST} 层的 JSON") from error
    except ValueError as error:
        raise Refused(f"损坏的 JSON（{error}）", "完整的 JSON，UTF-8") from error


def _depth(content: bytes) -> int:
    """How deep brackets stand in brackets, texts left out."""
    deepest = depth = 0
    for sign in _BRACKETS.finditer(_TEXTS.sub(b"", content)):
        depth += 1 if sign.group() in b"[{" else -1
        deepest = max(deepest, depth)
        if deepest > DEEPEST:
            break
    return deepest


def _records(found: Any) -> list[Mapping[str, Any]] | None:
    if isinstance(found, list):
        return found if found and all(isinstance(entry, Mapping) for entry in found) else None
    if not isinstance(found, Mapping):
        return None
    for name in _RECORDS:
        inner = found.get(name)
        if isinstance(inner, list) and inner and all(isinstance(entry, Mapping) for entry in inner):
            return inner
        if isinstance(inner, Mapping) and name == "data":
            return [inner]
    lists = [value for value in found.values() if isinstance(value, list)]
    if len(lists) == 1:
        return _records(lists[0])
    return None


def _shape(found: Any) -> str:
    if isinstance(found, Mapping):
        return "键 " + "、".join(map(str, list(found)[:8]))
    return f"{len(found)} 个值的列表" if isinstance(found, list) else "单个值"


def _flat(record: Mapping[str, Any], before: str = "", depth: int = 0) -> dict[str, Any]:
    if depth > DEEPEST:
        raise Refused("套得太深的 JSON", f"不超过 {DEEPEST} 层的 JSON")
    flat: dict[str, Any] = {}
    for name, value in record.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{before}{name}.", depth + 1)
        else:
            flat[f"{before}{name}"] = value if not isinstance(value, list) else json.dumps(value, ensure_ascii=False)
    return flat


def _of_features(found: Mapping[str, Any]) -> Sheet:
    features = found.get("features") if found["type"] == "FeatureCollection" else [found]
    if not isinstance(features, list) or not all(isinstance(one, Mapping) for one in features):
        raise Refused("没有 features 的 GeoJSON", "FeatureCollection")
    records = []
    for one in features:
        properties = one.get("properties")
        record = _flat(properties) if isinstance(properties, Mapping) else {}
        records.append({**record, GEOMETRY: json.dumps(one.get("geometry"))})
    return _of_records("geojson", records)


def _of_records(form: str, records: Sequence[Mapping[str, Any]]) -> Sheet:
    names: dict[str, None] = {}
    for record in records:
        names.update(dict.fromkeys(record))
        if len(names) > MOST_COLUMNS:
            raise Refused(f"记录有 {len(names)} 种名字以上", f"不超过 {MOST_COLUMNS} 列")
    rows: list[list[Any]] = [list(names), *([record.get(name) for name in names] for record in records)]
    return Sheet("", form, rows)


class _Placemarks:
    """Names, coordinates and extended data of placemarks. Entities are not expanded: there may be billions of them."""

    def __init__(self) -> None:
        self.root, self.records = "", []  # type: str, list[dict[str, Any]]
        self._path: list[str] = []
        self._text: list[str] = []
        self._record: dict[str, Any] | None = None
        self._rings: list[list[list[float]]] = []
        self._polygons: list[list[list[list[float]]]] = []
        self._key = ""

    def feed(self, content: bytes) -> None:
        """Read a whole document."""
        parser = expat.ParserCreate()
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._text.append
        parser.EntityDeclHandler = self._entity
        parser.Parse(content, True)

    def _entity(self, *_: Any) -> None:
        raise Refused("带实体定义的 XML", "不带实体定义的 KML")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        self.root = self.root or name.lower()
        self._path.append(name)
        if len(self._path) > DEEPEST:
            raise Refused("套得太深的 XML", f"不超过 {DEEPEST} 层的 KML")
        self._text.clear()
        if name == "Placemark":
            self._record, self._polygons = {}, []
        elif name == "Polygon":
            self._rings = []
        elif name in ("Data", "SimpleData"):
            self._key = attributes.get("name", "")

    def _end(self, name: str) -> None:
        name = name.rpartition(":")[2]
        text = "".join(self._text).strip()
        self._text.clear()
        self._path.pop()
        if self._record is None:
            return
        if name in ("name", "description") and self._path[-1:] == ["Placemark"]:
            self._record[name] = text
        elif (name == "value" and self._path[-1:] == ["Data"]) or name == "SimpleData":
            self._record[self._key] = text
        elif name == "coordinates":
            self._coordinates(text)
        elif name == "Polygon" and self._rings:
            self._polygons.append(self._rings)
        elif name == "Placemark":
            if self._polygons:
                shape = {"type": "MultiPolygon", "coordinates": self._polygons}
                self._record[GEOMETRY] = json.dumps(shape)
            self.records.append(self._record)
            self._record = None

    def _coordinates(self, text: str) -> None:
        places = list(_places(text))
        if "Polygon" in self._path:
            self._rings.append(places)
        elif "Point" in self._path and self._record is not None and places:
            self._record[GEOMETRY] = json.dumps({"type": "Point", "coordinates": places[0]})


def _places(text: str) -> Iterator[list[float]]:
    for triple in text.split():
        parts = triple.split(",")
        try:
            yield [float(parts[0]), float(parts[1])]
        except (ValueError, IndexError) as error:
            raise Refused(f"KML 坐标“{triple[:40]}”", "经度,纬度") from error
