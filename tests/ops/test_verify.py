"""`verify`: what a source publishes against what we compute."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import polars as pl
import pytest

from qingyuan.ops import verify
from science.shared_vectors import data_file

AIR = {"SO2": 6.0, "NO2": 20.0, "CO": 0.6, "O3": 60.0, "PM10": 40.0, "PM2_5": 75.0}


def air_rows(*published: float | None, **changes: float | None) -> pl.DataFrame:
    rows = [
        {"station_code": "1151A", "time": f"2019-01-01 {place:02d}:00:00", "AQI": value, **AIR, **changes}
        for place, value in enumerate(published)
    ]
    return pl.DataFrame(rows, schema_overrides=dict.fromkeys(["AQI", *AIR], pl.Float64))


def water_rows(body: str, published: list[str], tp: float, section: str = "湖心") -> pl.DataFrame:
    rows = [
        {
            "time": f"2020-05-{place + 1:02d} 08:00:00",
            "province": "江苏省",
            "section": section,
            "wq_class": grade,
            "status": "正常",
            "pH": 7.5,
            "DO_mgL": 8.123,
            "CODMn_mgL": 2.0,
            "NH3N_mgL": 0.1,
            "TP_mgL": tp,
            "body": body,
        }
        for place, grade in enumerate(published)
    ]
    return pl.DataFrame(rows)


def call(*arguments: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    parser = argparse.ArgumentParser()
    verify.add_arguments(parser)
    code = verify.run(parser.parse_args(arguments))
    out, err = capsys.readouterr()
    return code, out, err


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_air_agreement_disagreement_and_what_was_left_out(tmp_path: Path, suffix: str) -> None:
    frame = pl.concat([air_rows(100, 99, None), air_rows(100, NO2=None)])
    path = tmp_path / f"air{suffix}"
    if suffix == ".csv":
        frame.write_csv(path)
    else:
        frame.write_parquet(path)
    result = verify.verify_air_hourly(path)
    assert (result.rows, result.compared, result.agree, result.disagree) == (4, 2, 1, 1)
    assert result.left_out == {"没有发布AQI": 1, "六项不全": 1}
    assert result.extra == {"incomplete": 1, "incomplete_agree": 1}
    assert result.disagreements.select("published", "recomputed").rows() == [(99, 100)]


def test_water_learns_the_body_on_the_first_half(tmp_path: Path) -> None:
    """TP 0.06 is II by river and IV by lake limits; the section publishes IV throughout."""
    path = tmp_path / "water.csv"
    pl.concat([water_rows("?", ["Ⅳ"] * 6, 0.06), water_rows("?", ["Ⅱ"] * 6, 0.06, "河口")]).write_csv(path)
    result = verify.verify_water(path)
    assert (result.rows, result.compared, result.disagree) == (12, 6, 0)
    assert result.extra["lake_sections"] == 1
    assert result.extra["share_all_river"] == 0.5


def test_water_of_two_provinces_with_one_name_are_apart(tmp_path: Path) -> None:
    path = tmp_path / "water.csv"
    other = water_rows("?", ["Ⅱ"] * 4, 0.06).with_columns(province=pl.lit("安徽省"))
    pl.concat([water_rows("?", ["Ⅳ"] * 4, 0.06), other]).write_csv(path)
    assert verify.verify_water(path).disagree == 0


def test_water_status_and_blank_classes_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "water.csv"
    frame = water_rows("?", ["Ⅱ", "Ⅱ", "-", "*"], 0.06)
    stopped = water_rows("?", ["Ⅱ"], 0.06).with_columns(status=pl.lit("维护"))
    pl.concat([frame, stopped]).write_csv(path)
    result = verify.verify_water(path)
    assert result.left_out == {"没有发布类别": 2, "状态不是正常": 1, "用于学习河流或湖库限值的前一半": 1}


def test_json_is_one_line_with_the_promised_fields(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, out = tmp_path / "air.csv", tmp_path / "wrong.csv"
    air_rows(100, 99).write_csv(path)
    code, text, err = call("air-hourly", str(path), "--json", "--disagreements", str(out), capsys=capsys)
    assert code == 0
    assert err == ""
    assert text.count("\n") == 1
    found = json.loads(text)
    assert {name: found[name] for name in ("rows", "compared", "agree", "disagree", "share")} == {
        "rows": 2,
        "compared": 2,
        "agree": 1,
        "disagree": 1,
        "share": 0.5,
    }
    assert pl.read_csv(out)["published"].to_list() == [99]


def test_text_shows_the_disagreement(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "air.csv"
    air_rows(100, 99).write_csv(path)
    code, text, _ = call("air-hourly", str(path), capsys=capsys)
    assert code == 0
    assert "不一致 1 行" in text
    assert "published 99" in text


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (None, 2, "没有这个文件"),
        ("", 1, "空文件"),
        ("time,AQI\n2019-01-01,3\n", 1, "SO2"),
        ("station_code,time,AQI,SO2,NO2,CO,O3,PM10,PM2_5\n", 1, "没有一行可以核对"),
        ("station_code,time,AQI,SO2,NO2,CO,O3,PM10,PM2_5\nA,x,y,z,,,,,\n", 1, "没有一行可以核对"),
    ],
    ids=["no file", "empty", "columns missing", "no rows", "no usable row"],
)
def test_bad_input_is_one_clear_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str | None, code: int, words: str
) -> None:
    path = tmp_path / "air.csv"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    found, _, err = call("air-hourly", str(path), capsys=capsys)
    assert found == code
    assert words in err
    assert err.count("\n") == 1


def test_an_unwritable_disagreements_file_is_wrong_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "air.csv"
    air_rows(100).write_csv(path)
    assert call("air-hourly", str(path), "--disagreements", str(tmp_path), capsys=capsys)[0] == 2


def test_national_hourly_air_agrees_in_every_complete_row() -> None:
    result = verify.verify_air_hourly(data_file("air_cnemc_jiangsu_2019/jiangsu_station_hourly_2019_jan_sep.parquet"))
    assert (result.rows, result.compared, result.disagree) == (509_184, 422_016, 0)


def test_national_water_agrees_to_three_nines() -> None:
    result = verify.verify_water(data_file("water_cnemc_auto/daily_series_2020-05_2020-12.parquet"))
    assert result.compared > 5_000
    assert result.share >= 0.999
    assert float(result.extra["share_all_river"]) < result.share


def test_rounded_water_values_are_reported_as_such() -> None:
    result = verify.verify_water(data_file("water_cnemc_auto/four_hourly_2021-04-01_05_js_sh_ah.parquet"))
    assert any("修约" in note for note in result.notes)
    assert result.share > 0.95
