"""Guessing a mapping from headers."""

from __future__ import annotations

import polars as pl
import pytest

from qingyuan.intake.files import PointNeededError, ProfileError, apply, built_in, propose, read_table, unmapped_columns
from qingyuan.intake.files.synonyms import read_header
from science.shared_vectors import data_file

HOURS = [f"2026-03-01 {hour:02d}:00" for hour in range(4)]


@pytest.mark.parametrize(
    ("title", "item", "unit"),
    [
        ("二氧化硫(μg/m³)", "SO2", "ug/m3"),
        ("CO（毫克/立方米）", "CO", "mg/m3"),
        ("氨氮[mg/L]", "NH3N", "mg/L"),
        ("NH3N_mgL", "NH3N", "mg/L"),
        ("PM2.5", "PM2_5", ""),
        ("w01018", "COD", ""),
        ("溶解氧", "DO", ""),
        ("备注", "", ""),
        ("氨氮(NH3-N)(mg/L)", "NH3N", "mg/L"),
        ("总磷（以P计，mg/L）", "TP", "mg/L"),
        ("细颗粒物(PM2.5) 浓度(μg/m³)", "PM2_5", "ug/m3"),
        ("颗粒物(PM2.5)", "PM2_5", ""),
        ("叶绿素α(mg/L)", "chl_a", "mg/L"),
        ("PM2.5_24h", "", ""),
        ("氨氮(mg/m2)", "", ""),
    ],
)
def test_a_header_is_taken_apart(title: str, item: str, unit: str) -> None:
    header = read_header(title)
    assert (header.item, header.unit) == (item, unit)


def test_a_chinese_air_export() -> None:
    frame = pl.DataFrame(
        {
            "监测时间": HOURS,
            "站点名称": ["城东"] * 4,
            "细颗粒物(μg/m³)": ["35", "36", "--", "38"],
            "一氧化碳（mg/m³）": ["0.6"] * 4,
            "备注": ["x"] * 4,
        }
    )
    profile = propose(frame, "城东站")
    assert (profile.kind, profile.grain, profile.stamps) == ("air", "hour", "closes")
    assert {column.item: column.unit for column in profile.columns} == {"PM2_5": "ug/m3", "CO": "mg/m3"}
    assert unmapped_columns(profile, frame) == ["备注"]
    parsed = apply(profile, frame)
    assert (len(parsed.rows), parsed.errors, parsed.empty) == (7, [], 1)


def test_a_unit_is_guessed_from_plausible_values() -> None:
    frame = pl.DataFrame({"time": HOURS, "site": ["A"] * 4, "CO": [600.0, 700.0, 800.0, 900.0]})
    assert propose(frame).columns[0].unit == "ug/m3"


def test_a_long_laboratory_table() -> None:
    frame = pl.DataFrame(
        {
            "采样日期": ["2026-03-01", "2026-03-01", "2026-03-02", "2026-03-02"],
            "断面名称": ["一号桥"] * 4,
            "监测项目": ["氨氮", "总磷", "氨氮", "色度"],
            "监测值": ["0.5", "0.01L", "0.6", "5"],
            "单位": ["mg/L", "mg/L", "mg/L", "度"],
        }
    )
    profile = propose(frame)
    assert (profile.layout, profile.kind, profile.grain) == ("long", "water", "day")
    parsed = apply(profile, frame)
    assert parsed.rows.select("item", "qualifier").rows() == [("NH3N", ""), ("TP", "<"), ("NH3N", "")]
    assert [error.row for error in parsed.errors] == [5]


def test_date_and_hour_in_two_columns() -> None:
    frame = pl.DataFrame({"日期": ["2026-03-01"] * 2, "小时": ["8:00", "9:00"], "站点": ["A"] * 2, "SO2": ["1", "2"]})
    parsed = apply(propose(frame), frame)
    assert (len(parsed.rows), parsed.errors) == (2, [])


def test_a_table_without_a_point_column_has_to_be_told_its_point() -> None:
    """Two towns' files without a column of stations went to one point named after the profile: 16 became 86."""
    frame = pl.DataFrame({"time": HOURS, "SO2": ["1"] * 4})
    profile = propose(frame, "厂界")
    assert (profile.fixed_point, profile.point_columns) == ("", ())
    with pytest.raises(PointNeededError, match="--point"):
        apply(profile, frame)


@pytest.mark.parametrize(
    ("frame", "words"),
    [({"站点": ["A"], "SO2": ["1"]}, "时间列"), ({"时间": ["2026-03-01"], "颜色": ["红"]}, "数值列")],
)
def test_what_cannot_be_guessed_is_said(frame: dict[str, list[str]], words: str) -> None:
    with pytest.raises(ProfileError, match=words):
        propose(pl.DataFrame(frame))


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("air-hourly", "air_cnemc_jiangsu_2019/jiangsu_station_hourly_2019_jan_sep.parquet"),
        ("beijing-prsa", "air_beijing_prsa/prsa_8stations_201303_201602.parquet"),
    ],
)
def test_a_guess_comes_near_the_built_in_profile(name: str, file: str) -> None:
    """Words (wind directions) apart, the guess maps the same items with the same units."""
    frame = read_table(data_file(file)).head(2_000)
    known = {column.item: column.unit for column in built_in(name).columns if not column.words}
    guess = propose(frame)
    found = {column.item: column.unit for column in guess.columns}
    assert {item: found.get(item) for item in known} == known
    assert (guess.grain, guess.stamps) == ("hour", "closes")
