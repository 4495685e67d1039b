"""Files of people through the commands: Chinese titles, units in brackets, dates as Excel writes them, no class by chance."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter

from needs import shared

from .running import command
from .test_air_history import run


def written(folder: Path, text: str, name: str = "in.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, *words: object
) -> tuple[int, pl.DataFrame, dict[str, Any]]:
    """Exit code, OUT as texts, the summary."""
    out = tmp_path / "out.csv"
    code, said = run(capsys, *words[:2], words[2], out, *words[3:], "--json")
    return code, pl.read_csv(out, infer_schema=False).with_columns(pl.all().fill_null("")), json.loads(said)


WATER_ROW = "某河断面,2025年5月1日,河流,8.1,1.1,23.2,9.15,1.66\n"


@pytest.mark.parametrize(
    "head",
    [
        "断面名称,时间,水体类型,pH,溶解氧,高锰酸盐指数,氨氮,总磷",
        "断面,监测时间,水体类别,pH值(无量纲),溶解氧(mg/L),高锰酸盐指数（mg/L）,氨氮(NH3-N)(mg/L),总磷(以P计)(mg/L)",
        "section,date,body,PH,DO [mg/L],CODMn(mg/L),NH3-N(mg/l),TP",
        "水站名称,采样日期,水域类型,酸碱度,溶解氧浓度,高锰酸盐,氨氮 浓度,总磷mg/L",
        "某市地表水\n断面,时间,水体,pH,溶解氧,高锰酸盐指数,氨氮,总磷\n,,,无量纲,mg/L,mg/L,mg/L,mg/L",
    ],
)
def test_a_black_river_is_black_whatever_its_columns_are_called(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], head: str
) -> None:
    """Chinese titles were not read: DO 1.1, ammonia 9.15, phosphorus 1.66 was class I, excellent, exit 0."""
    path = written(tmp_path, f"{head}\n{WATER_ROW}")
    code, found, _ = told(capsys, tmp_path, "water", "classify", path)
    assert (code, found["class"][0], found["deciding"][0]) == (0, ">V", "DO,CODMn,NH3N,TP")
    code, found, _ = told(capsys, tmp_path, "water", "evaluate", path)
    assert (code, found["class"][0], found["section"][0]) == (0, ">V", "某河断面")


def test_units_in_brackets_are_turned(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, "断面,时间,水体类型,氨氮(μg/L),总磷(ug/L)\nS,2025-05-01,河流,915,<20\n")
    _, found, _ = told(capsys, tmp_path, "water", "classify", path)
    assert found.select("NH3N", "TP", "class").rows() == [("0.915", "<0.02", "III")]
    path = written(tmp_path, "站点,时间,一氧化碳(μg/m³),细颗粒物(mg/m3)\nS,2025-05-01 01:00,600,0.035\n")
    _, found, _ = told(capsys, tmp_path, "air", "aqi", path)
    assert found.select("CO", "PM2_5", "IAQI_PM2_5").rows() == [("0.6", "35", "50")]


@pytest.mark.parametrize(
    ("head", "row", "words"),
    [
        ("断面,时间,水体类型,pH,色度", "S,2025-05-01,河流,7.5,5", "只有pH可评，不定类"),
        ("断面,时间,水体类型,pH,溶解氧,氨氮(mg/m2)", "S,2025-05-01,河流,7.5,8,9", "氨氮(mg/m2)未能采用，不定类"),
        ("断面,时间,水体类型,pH,溶解氧,NH3N,氨氮", "S,2025-05-01,河流,7.5,8,0.1,9", "氨氮未能采用，不定类"),
        ("断面,时间,水体类型,pH,溶解氧,氨氮平行样甲", "S,2025-05-01,河流,7.5,8,9", "氨氮平行样甲未能采用，不定类"),
        ("断面,时间,水体类型,pH,溶解氧,总磷", "S,2025-05-01,沟渠,7.5,8,9", "水体类型不明，TP未评价，不定类"),
    ],
)
def test_no_class_by_what_happened_to_be_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], head: str, row: str, words: str
) -> None:
    path = written(tmp_path, f"{head}\n{row}\n")
    code, found, summary = told(capsys, tmp_path, "water", "classify", path)
    assert (code, summary["usable"], found["class"][0]) == (1, 0, "")
    assert words in found["reason"][0]
    code, found, _ = told(capsys, tmp_path, "water", "classify", path, "--partial")
    assert (code, found["class"][0]) == (0, "I")
    assert words.removesuffix("，不定类") in found["reason"][0] or "pH" in words


@pytest.mark.parametrize(
    ("head", "rows"),
    [
        ("站点名称,监测时间,二氧化硫(μg/m³),PM2.5", ["甲,2025/5/1 {n}:00:00,6,35"]),
        ("站点,日期,小时,SO2,细颗粒物", ["甲,2025-05-01,{n}时,6,35"]),
        ("测点,日期,时间,SO₂,PM₂.₅(ug/m3)", ["甲,2025年5月1日,{n}:00,6,35"]),
        ("site,time,SO2,PM2.5", ["甲,20250501{n:02d}0000,6,35"]),
    ],
)
def test_air_is_read_as_people_write_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], head: str, rows: list[str]
) -> None:
    text = head + "\n" + "".join(rows[0].format(n=n) + "\n" for n in range(1, 25))
    path = written(tmp_path, text)
    _, found, _ = told(capsys, tmp_path, "air", "aqi", path, "--standard", "HJ633-2012")
    assert set(found["IAQI_PM2_5"]) == {"50"}
    _, found, _ = told(capsys, tmp_path, "air", "evaluate", path, "--by", "site", "--period", "day")
    assert found.select("site", "time", "n_PM2_5").rows() == [("甲", "2025-05-01", "24")]
    cities = written(tmp_path, "站点,城市,起,止\n甲,某市,2025-01-01,\n", "名册.csv")
    _, found, _ = told(
        capsys, tmp_path, "air", "evaluate", path, "--by", "city", "--period", "month", "--roster", cities
    )
    assert found["city"].to_list() == ["某市"]


def test_statistics_and_issued_figures_by_their_chinese_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head = "城市,年份,二氧化硫年均,NO2年均浓度(μg/m³),PM10均值,PM2.5年均值,一氧化碳第95百分位,臭氧8小时第90百分位"
    path = written(tmp_path, head + "\n某市,2025,6,20,60,30,1.0,160\n")
    code, found, _ = told(capsys, tmp_path, "air", "index", path, "--scheme", "auto")
    assert code in (0, 1)
    assert {"SO2_mean", "PM2_5_mean", "CO_P95", "O3_8h_P90", "period", "city"} <= set(found.columns)
    rows = "".join(f"某市,{year},{40 - n * 2}\n" for n, year in enumerate(range(2019, 2026)))
    path = written(tmp_path, "城市,年份,PM2.5年均值\n" + rows)
    _, found, _ = told(capsys, tmp_path, "air", "trend", path, "--column", "PM2_5_mean")
    assert found["trend"].to_list() == ["下降"]


def test_lakes_and_black_waters_by_their_chinese_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(
        tmp_path, "湖库名称,叶绿素a(mg/L),总磷,总氮,透明度(cm),高锰酸盐指数\n甲湖,0.018,0.082,1.31,50,4.12\n"
    )
    code, found, _ = told(capsys, tmp_path, "water", "tli", path)
    assert (code, found["chla_mg_m3"][0], found["sd_m"][0]) == (0, "18", "0.5")
    assert float(found["tli_sum"][0]) > 50
    head = "水体名称,点位,序号,日期,透明度(cm),水深(m),溶解氧,氧化还原电位,氨氮"
    path = written(tmp_path, head + "\n黑河,1,1,2025-05-01,8,1.2,0.1,-250,20\n")
    code, found, _ = told(capsys, tmp_path, "water", "black-odorous", path, "--level", "test")
    assert found["water_body"].to_list() == ["黑河"]


def test_a_sheet_a_header_row_and_an_order_of_dates_can_be_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "b.xlsx"
    with xlsxwriter.Workbook(path) as made:
        for name, value in (("甲", 6), ("乙", 7)):
            sheet = made.add_worksheet(name)
            for n, row in enumerate([["站点", "时间", "SO2"], ["S", "01/02/2025 01:00", value]]):
                sheet.write_row(n, 0, row)
    words = ("--sheet", "乙", "--dates", "dmy", "--standard", "HJ633-2012")
    _, found, _ = told(capsys, tmp_path, "air", "aqi", path, *words)
    assert (found["time"][0], found["SO2"][0]) == ("2025-02-01 01:00:00", "7.0")
    assert run(capsys, "air", "aqi", path, tmp_path / "o.csv", "--sheet", "丙")[0] in (1, 2)


@pytest.mark.parametrize("name", ["15-gis/places.geojson", "15-gis/points.kml"])
def test_a_map_is_no_table_of_a_command(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    path = shared("cases", *name.split("/"))
    code, _ = run(capsys, "air", "aqi", path, tmp_path / "o.csv")
    assert code != 0
    assert not (tmp_path / "o.csv").exists()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files") / "data"


def test_the_import_command_asks_makes_names_and_undoes(data: Path, tmp_path: Path) -> None:
    """A town's file without a station column landed on a point called 新方案, the next town's over it."""
    town = shared("cases", "14-no-point", "town_a.csv")
    refused = command(data, "import", str(town), "--json", check=False)
    assert refused.returncode == 1
    assert "--point" in json.loads(refused.stdout)["message"]
    unknown = command(data, "import", str(town), "--point", "甲镇", "--json", check=False)
    assert "--new-points" in json.loads(unknown.stdout)["message"]
    done = json.loads(command(data, "import", str(town), "--point", "甲镇", "--new-points", "--json").stdout)
    assert (done["readings_new"], done["points_made"]) == (4, ["甲镇"])
    assert {step["name"] for step in done["next"]} >= {"points_made", "to_judge", "roster", "boundary"}
    forms = shared("cases", "08-pm25in", "pm25in.csv")
    tried = json.loads(command(data, "import", str(forms), "--dry-run", "--json").stdout)
    assert (tried["profile"], tried["new_points"]) == ("pm25in", ["1088A", "1089A", "1090A"])
    assert "quality" in tried["unused_columns"]
    words = command(data, "import", "undo", str(done["job"]), "--reason", "弄错了").stdout
    assert "4 个读数" in words
    again = json.loads(command(data, "import", str(town), "--point", "甲镇", "--json").stdout)
    assert again["readings_new"] == 4
    assert command(data, "import", "undo", "999", check=False).returncode == 2


def test_points_places_and_rosters_by_command(data: Path, tmp_path: Path) -> None:
    places = shared("data", "geo_jiangsu", "jiangsu_prefectures.geojson")
    assert json.loads(command(data, "places", "import", str(places), "--json").stdout)["errors"] == []
    stations = shared("data", "air_cnemc_jiangsu_2019", "stations_jiangsu.csv")
    tried = json.loads(command(data, "points", "import", str(stations), "--dry-run", "--json").stdout)
    assert (tried["dry_run"], tried["errors"]) == (True, [])
    done = json.loads(command(data, "points", "import", str(stations), "--json").stdout)
    assert (done["new"], done["no_area"]) == (tried["new"], [])
    listed = command(
        data, "points", "roster", "--area", "南京市", "--roster", "county_air", "--since", "2019-01-01", "--json"
    )
    assert json.loads(listed.stdout)["points"] >= 5
    command(
        data, "points", "roster", "1151A", "--roster", "county_air", "--since", "2020-01-01", "--until", "2021-01-01"
    )
    command(data, "points", "template", "--out", str(tmp_path / "t.xlsx"))
    assert command(data, "points", "import", str(places), check=False).returncode != 0


def test_verify_reads_the_official_headers(tmp_path: Path) -> None:
    from qingyuan.ops.verify_water import _load

    frame = _load(shared("cases", "04-cnemc-water", "a_full_year.csv"))
    assert frame.columns == ["place", "section", "time", "status", "published", "pH", "DO", "CODMn", "NH3N", "TP"]
    assert frame["published"][0] == "III"
