"""Issued figures stand beside ours, with the difference, and are the ones that are taken."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from .test_air_history import csv, hours, run


def evaluated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], head: str, *rows: str, period: str = "day"
) -> tuple[pl.DataFrame, dict[str, object]]:
    hours("S1", "2025-06-01", 2).write_parquet(tmp_path / "hours.parquet")
    issued, out = csv(tmp_path / "issued.csv", head, *rows), tmp_path / "out.csv"
    words = ["--by", "city", "--period", period, "--issued", issued, "--json", "--keep-invalid"]
    code, told = run(capsys, "air", "evaluate", tmp_path / "hours.parquet", out, *words)
    assert code == 0
    return pl.read_csv(out), json.loads(told)


def test_both_values_stay_and_the_issued_one_is_taken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = ["甲,2025-06-01,33,47,PM2.5,公报1号", "甲,2025/06/02,32,,,"]
    found, told = evaluated(tmp_path, capsys, "city,time,PM2.5,AQI,primary,document", *rows)
    first, second = found.rows(named=True)
    assert (first["PM2_5"], first["PM2_5_issued"], first["PM2_5_difference"]) == (32, 33, -1)
    assert (first["PM2_5_taken"], first["PM2_5_taken_from"]) == (33, "issued")
    assert (first["AQI"], first["AQI_issued"], first["AQI_difference"]) == (46, 47, -1)
    assert (first["primary_issued"], first["primary_difference"]) == ("PM2_5", "不一致")
    assert first["issued_document"] == "公报1号"
    assert first["reason"].split("；") == [
        f"{name}计算值与发布值不同，取发布值" for name in ("PM2_5", "AQI", "primary")
    ]
    assert (second["PM2_5_difference"], second["PM2_5_taken_from"]) == (0, "issued")
    assert (second["AQI_issued"], second["AQI_taken"], second["AQI_taken_from"]) == (None, 46, "computed")
    assert not second["reason"]
    assert told["with_reason"] == 1


def test_odd_issued_rows_are_named_and_none_is_lost(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = ["甲,2025-06-01,高", "甲,2025-06-02,30", "甲,2025-06-02,31", "乙,2025-06-01,20", "甲,某日,20"]
    found, told = evaluated(tmp_path, capsys, "city,period,PM2_5", *rows)
    assert len(found) == 4
    by_row = found.select("city", "period", "PM2_5_taken", "PM2_5_taken_from", "reason").rows()
    assert by_row[0][2:4] == (32, "computed")
    assert "发布值：PM2_5不是数值" in by_row[0][4]
    assert by_row[1][2:4] == (30, "issued")
    assert "发布值有多行，取第一行" in by_row[1][4]
    assert by_row[2][:4] == ("乙", "2025-06-01", 20, "issued")
    assert "只有发布值，没有计算值" in by_row[2][4]
    assert by_row[3][1:3] == ("某日", 20)
    assert told["rows"] == 4


def test_issued_figures_of_months(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found, _ = evaluated(
        tmp_path, capsys, "city,period,PM2.5_mean,good_day_ratio", "甲,2025年6月,31.5,99", period="month"
    )
    row = found.row(0, named=True)
    assert (row["PM2_5_mean_taken"], row["PM2_5_mean_difference"], row["good_day_ratio_difference"]) == (31.5, 0.5, 1)


def test_a_table_that_does_not_fit_is_wrong_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hours("S1", "2025-06-01", 1).write_parquet(tmp_path / "hours.parquet")
    for head in ("city,period,nothing", "city,PM2_5", "site,period,PM2_5"):
        issued = csv(tmp_path / "issued.csv", head, ",".join(["甲", "2025-06-01", "3"][: head.count(",") + 1]))
        words = [
            tmp_path / "hours.parquet",
            tmp_path / "out.csv",
            "--by",
            "city",
            "--period",
            "day",
            "--issued",
            issued,
        ]
        assert run(capsys, "air", "evaluate", *words)[0] == 2


def test_water_classes_as_they_are_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = csv(
        tmp_path / "in.csv",
        "section,time,body,NH3N,TP",
        "东桥,2025-01-06,river,0.9,0.1",
        "西桥,2025-01-06,river,2.5,0.1",
    )
    issued = csv(tmp_path / "issued.csv", "断面,period,class,NH3N", "东桥,2025-01,Ⅲ类,0.95", "西桥,2025-01,Ⅴ,")
    out = tmp_path / "out.csv"
    code, _ = run(capsys, "water", "evaluate", source, out, "--issued", issued)
    assert code == 0
    first, second = pl.read_csv(out).rows(named=True)
    assert (first["class"], first["class_issued"], first["class_difference"], first["class_taken"]) == (
        "III",
        "III",
        "一致",
        "III",
    )
    assert (first["NH3N_difference"], first["NH3N_taken"]) == (-0.05, 0.95)
    assert (second["class"], second["class_issued"], second["class_taken"], second["class_taken_from"]) == (
        ">V",
        "V",
        "V",
        "issued",
    )
    assert (second["NH3N_taken"], second["NH3N_taken_from"]) == (2.5, "computed")
