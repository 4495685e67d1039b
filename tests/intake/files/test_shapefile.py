"""Boundaries and points as shapefiles, zipped with their parts."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
import shapefile

from qingyuan.intake.files import NotATableError, open_table

RING = [[119.8, 31.4], [119.8, 31.5], [119.9, 31.5], [119.8, 31.4]]
WGS = 'GEOGCS["CGCS2000",DATUM["D_China_2000"],UNIT["Degree",0.0174532925199433]]'


def packed(folder: Path, encoding: str = "utf-8", cpg: str = "UTF-8", prj: str = WGS, layers: int = 1) -> Path:
    path = folder / "边界.zip"
    with zipfile.ZipFile(path, "w") as out:
        for n in range(layers):
            shp, shx, dbf = io.BytesIO(), io.BytesIO(), io.BytesIO()
            with shapefile.Writer(shp=shp, shx=shx, dbf=dbf, encoding=encoding) as writer:
                writer.field("名称", "C", 40)
                writer.field("adcode", "N", 12)
                writer.poly([RING])
                writer.record("某县", 320981)
            parts = {"shp": shp.getvalue(), "shx": shx.getvalue(), "dbf": dbf.getvalue(), "prj": prj.encode()}
            if cpg:
                parts["cpg"] = cpg.encode()
            for ending, content in parts.items():
                out.writestr(f"县/边界{n}.{ending}", content)
    return path


@pytest.mark.parametrize(("encoding", "cpg"), [("utf-8", "UTF-8"), ("gb18030", "936"), ("gb18030", "")])
def test_a_packed_shapefile_is_read(tmp_path: Path, encoding: str, cpg: str) -> None:
    table = open_table(packed(tmp_path, encoding, cpg))
    assert table.form == "shapefile"
    row = table.frame.row(0, named=True)
    assert (row["名称"], int(row["adcode"])) == ("某县", 320981)
    shape = json.loads(row["geometry"])
    assert shape["type"] == "Polygon"
    assert [list(place) for place in shape["coordinates"][0]] == RING


def test_what_is_no_use_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(NotATableError, match="投影坐标"):
        open_table(packed(tmp_path, prj='PROJCS["CGCS2000_3_Degree_GK_Zone_40",' + WGS + "]"))
    with pytest.raises(NotATableError, match="2 个图层"):
        open_table(packed(tmp_path, layers=2))
    whole = packed(tmp_path)
    with zipfile.ZipFile(whole) as there:
        bare = there.read("县/边界0.shp")
    (tmp_path / "a.shp").write_bytes(bare)
    with pytest.raises(NotATableError, match=r"单独的 \.shp"):
        open_table(tmp_path / "a.shp")
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as out:
        out.writestr("a.shp", bare)
    with pytest.raises(NotATableError, match=r"没有 \.dbf"):
        open_table(tmp_path / "x.zip")
    with zipfile.ZipFile(tmp_path / "y.zip", "w") as out:
        out.writestr("a.shp", bare[:120])
        out.writestr("a.dbf", b"\x03\x01")
    with pytest.raises(NotATableError, match="损坏或编码读不懂的"):
        open_table(tmp_path / "y.zip")
