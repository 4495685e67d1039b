"""The built-in profiles on small cuts of their formats, and on the shared data."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from qingyuan.intake.files import (
    Profile,
    ProfileError,
    apply,
    built_in,
    importers,
    read_points,
    read_table,
)
from science.shared_vectors import data_file


def cut(name: str, rows: int) -> pl.DataFrame:
    return read_table(data_file(name)).head(rows)


@pytest.mark.parametrize("name", list(importers()))
def test_built_in_profiles_are_sound_and_round_trip(name: str) -> None:
    profile = built_in(name)
    profile.check()
    assert Profile.from_json(profile.to_json()) == profile


def test_an_unknown_profile_names_the_known_ones() -> None:
    with pytest.raises(ProfileError, match="air-hourly"):
        built_in("nope")


def test_national_air_closes_its_hours_and_its_index_is_issued(tmp_path: Path) -> None:
    path = tmp_path / "air.csv"
    path.write_text("station_code,time,PM2_5,CO,AQI\n1151A,2019-01-01 00:00:00,72,0.5,97\n", encoding="utf-8")
    parsed = apply(built_in("air-hourly"), read_table(path))
    assert parsed.rows.select("item", "value", "status").rows() == [
        ("PM2_5", 72.0, "realtime"),
        ("CO", 0.5, "realtime"),
        ("AQI", 97.0, "issued"),
    ]
    assert parsed.rows["end"][0] == datetime(2018, 12, 31, 16, tzinfo=UTC)


def test_prsa_co_is_converted_and_wind_becomes_degrees() -> None:
    frame = pl.DataFrame(
        {
            "station": ["Dingling"],
            "time": ["2013-03-01 01:00:00"],
            "CO": ["300"],
            "wd": ["NNW"],
            "WSPM": ["4.4"],
        }
    )
    rows = apply(built_in("beijing-prsa"), frame).rows
    assert rows.select("item", "value", "unit").rows() == [
        ("CO", 0.3, "mg/m3"),
        ("wind_direction", 337.5, "deg"),
        ("wind_speed", 4.4, "m/s"),
    ]


def test_national_air_of_the_shared_data() -> None:
    frame = cut("air_cnemc_jiangsu_2019/jiangsu_station_hourly_2019_jan_sep.parquet", 20_000)
    parsed = apply(built_in("air-hourly"), frame)
    columns = ["SO2", "NO2", "CO", "O3", "PM10", "PM2_5", "AQI"]
    assert parsed.errors == []
    assert len(parsed.rows) == sum(len(frame) - frame[name].null_count() for name in columns)


def test_national_water_reports_rows_without_time() -> None:
    frame = cut("water_cnemc_auto/daily_series_2020-05_2020-12.parquet", 17_009)
    parsed = apply(built_in("water"), frame)
    assert {error.column for error in parsed.errors} == {"time"}
    assert len(parsed.errors) == frame["time"].null_count() == 4700
    classes = parsed.rows.filter(pl.col("item") == "water_class")
    assert set(classes["status"]) == {"issued"}
    assert set(parsed.rows["flag"]) <= {"N", "M", "F"}


def test_four_hourly_water_keeps_doubles_once() -> None:
    frame = cut("water_cnemc_auto/four_hourly_2021-04-01_05_js_sh_ah.parquet", 7_891)
    parsed = apply(built_in("water"), frame)
    doubled = [error for error in parsed.errors if "已有" in error.expected]
    assert len(doubled) == 764
    keys = ["point", "item", "start", "status"]
    assert not parsed.rows.select(keys).is_duplicated().any()


def test_prsa_of_the_shared_data() -> None:
    parsed = apply(built_in("beijing-prsa"), cut("air_beijing_prsa/prsa_8stations_201303_201602.parquet", 10_000))
    assert parsed.errors == []
    co = parsed.rows.filter(pl.col("item") == "CO")["value"]
    assert 0.1 <= float(co.min()) < float(co.max()) <= 20  # type: ignore[arg-type]


def test_station_list_of_the_shared_data() -> None:
    points, errors = read_points(read_table(data_file("air_cnemc_jiangsu_2019/stations_jiangsu.csv")), "air")
    assert (len(points), errors) == (97, [])
    assert (points[0].code, points[0].name, points[0].lon) == ("1151A", "迈皋桥", 118.803)


def test_station_list_rows_that_cannot_be_are_errors() -> None:
    frame = pl.DataFrame(
        {
            "站点编码": ["A", "A", None, "B"],
            "站点名称": ["甲", "乙", "丙", "丁"],
            "经度": ["120", "1", "1", "920"],
            "纬度": ["32"] * 4,
        }
    )
    points, errors = read_points(frame, "air")
    assert [(point.code, point.name, point.lon, point.lat) for point in points] == [("A", "甲", 120.0, 32.0)]
    assert [error.row for error in errors] == [3, 4, 5]
