"""Shapefiles, zipped with their parts as survey offices hand them over: one row a feature, its shape as GeoJSON."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any

from qingyuan.intake.apart.bounds import MOST_UNPACKED
from qingyuan.intake.apart.documents import GEOMETRY, Sheet
from qingyuan.intake.apart.packed import Refused

EXPECTED = "一个 zip，装着一个图层的 .shp、.dbf（最好连同 .prj、.cpg）"
MAGIC = b"\x00\x00\x27\x0a"
"""A bare .shp: file code 9994, big endian (ESRI Shapefile Technical Description, 1998)."""


def holds_shapefile(path: Path) -> bool:
    """Whether a zip holds a .shp."""
    try:
        with zipfile.ZipFile(path) as packed:
            return any(name.lower().endswith(".shp") for name in packed.namelist())
    except (zipfile.BadZipFile, OSError):
        return False


def of_shapefile(path: Path) -> list[Sheet]:
    """The one layer of a zip. Refused: more than one layer, no attributes, projected coordinates, a broken part."""
    parts = _parts(path)
    if "PROJCS" in parts.get(".prj", b"").decode("latin-1").upper():
        raise Refused("投影坐标（米）的 shapefile", "经纬度（CGCS2000，EPSG:4490）；请先在制图软件中换算后导出")
    first, second = _encodings(parts.get(".cpg", b""))
    try:
        return [_sheet(parts, first)]
    except Refused:  # a text of another encoding looks broken too
        return [_sheet(parts, second)]


def _parts(path: Path) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(path) as packed:
            names = [n for n in packed.namelist() if not PurePosixPath(n).name.startswith(".")]
            layers = [n for n in names if n.lower().endswith(".shp")]
            if len(layers) != 1:
                raise Refused(f"{len(layers)} 个图层的 zip", EXPECTED)
            stem = layers[0][:-4]
            wanted = [n for n in names if n[:-4] == stem and n[-4:].lower() in (".shp", ".dbf", ".prj", ".cpg")]
            if sum(packed.getinfo(n).file_size for n in wanted) > MOST_UNPACKED:
                raise Refused("解压后太大的 shapefile", f"解压后不超过 {MOST_UNPACKED // 1024**2} MB")
            parts = {n[-4:].lower(): packed.read(n) for n in wanted}
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, EOFError) as error:
        raise Refused(f"打不开的 zip（{error}）", EXPECTED) from error
    if ".dbf" not in parts:
        raise Refused("没有 .dbf 的 shapefile", EXPECTED)
    return parts


def _encodings(told: bytes) -> tuple[str, str]:
    """The encoding that .cpg names first; then what is usual here."""
    word = told.decode("ascii", "ignore").strip().lower()
    named = {"936": "gb18030", "gbk": "gb18030", "gb2312": "gb18030", "gb18030": "gb18030"}.get(word)
    return (named, "utf-8") if named else ("utf-8", "gb18030")


def _sheet(parts: dict[str, bytes], encoding: str) -> Sheet:
    import shapefile

    try:
        reader = shapefile.Reader(shp=io.BytesIO(parts[".shp"]), dbf=io.BytesIO(parts[".dbf"]), encoding=encoding)
        names = [field[0] for field in reader.fields if field[0] != "DeletionFlag"]
        rows: list[list[Any]] = [[*names, GEOMETRY]]
        for feature in reader.iterShapeRecords():
            shape = feature.shape
            drawn = json.dumps(shape.__geo_interface__) if shape.shapeType else None
            rows.append([*(_cell(feature.record[name]) for name in names), drawn])
    except (shapefile.ShapefileException, ValueError, KeyError, IndexError, EOFError, OSError, struct.error) as error:
        raise Refused(f"损坏或编码读不懂的 shapefile（{str(error)[:80]}）", EXPECTED + "，UTF-8 或 GB 18030") from error
    return Sheet("", "shapefile", rows)


def _cell(value: Any) -> Any:
    if isinstance(value, date):
        return value
    return value.strip() if isinstance(value, str) else value
