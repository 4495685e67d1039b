"""`qingyuan air heavy|trend|compare|moving-mean`, and deducted days on their way into the composite index."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from qingyuan.cli import main


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str]:
    try:
        code = main([str(word) for word in words])
    except SystemExit as stop:
        code = int(str(stop.code))
    return code, capsys.readouterr().out


def csv(path: Path, head: str, *rows: str) -> Path:
    path.write_text("\n".join([head, *rows]), encoding="utf-8")
    return path


def hours(site: str, first: str, days: int, **values: float) -> pl.DataFrame:
    base = {"SO2": 6.0, "NO2": 20.0, "CO": 0.6, "O3": 60.0, "PM10": 40.0, "PM2_5": 32.0} | values
    times = [datetime.fromisoformat(first) + timedelta(hours=n + 1) for n in range(24 * days)]
    return pl.DataFrame({"site": site, "city": "甲", "time": times}).with_columns(
        pl.lit(value).alias(item) for item, value in base.items()
    )


@pytest.mark.parametrize("name", ["heavy", "trend", "compare", "moving-mean", "exempt", "rolling"])
def test_help_is_chinese_and_names_the_columns(capsys: pytest.CaptureFixture[str], name: str) -> None:
    code, words = run(capsys, "air", name, "--help")
    assert code == 0
    assert "用法" in words
    assert "reason" in words


def test_heavy_levels_with_a_reason_for_every_odd_row(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = {
        "甲,2026-01-01,160": ("orange", ""),
        "甲,2026-01-02,201": ("red", ""),
        "甲,2026-01-03,301": ("red", ""),
        "甲,2026-01-04,201": ("red", ""),
        "甲,2026-01-06,160": (None, "前面缺日期"),
        "甲,2026-01-07,很高": (None, "AQI不是数值，按缺测"),
        "甲,2026-01-08,": (None, "缺AQI"),
        "甲,2026-01-09,900": (None, "AQI超出合理范围"),
        "乙,2010-01-01,301": (None, "早于任何重污染预警规则"),
        "乙,2026-01-01,301": ("yellow", "前面缺日期"),
        "乙,2026-01-01,90": (None, "同一对象同一天有多行，取第一行"),
        "乙,去年,301": (None, "时间缺失或无法识别"),
    }
    out = tmp_path / "out.csv"
    code, words = run(capsys, "air", "heavy", csv(tmp_path / "in.csv", "city,time,AQI", *rows), out, "--json")
    cells = pl.read_csv(out, infer_schema=False).fill_null("").rows()
    found = {",".join(row[:3]): row[3:] for row in cells}
    assert code == 0
    assert len(found) == len(rows)
    for key, (level, reason) in rows.items():
        assert found[key][0] == (level or ""), key
        assert (reason in found[key][2]) if reason else not found[key][2], key
    summary = json.loads(words)
    assert (summary["rows"], summary["levels"]["red"]) == (12, 3)
    assert summary["with_reason"] == 8


def test_trend_of_yearly_means(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [f"甲,{2019 + n},{value}" for n, value in enumerate((40, 38, 39, 35, 33))]
    rows += ["乙,2021,30", "乙,2022,", "丙,2019,30", "丙,2019,31", "丁,2019,高"]
    out = tmp_path / "out.csv"
    code, words = run(capsys, "air", "trend", csv(tmp_path / "in.csv", "city,period,PM2.5_mean", *rows), out,
                      "--column", "PM2_5_mean", "--json")  # fmt: skip
    found = pl.read_csv(out).rows(named=True)
    assert code == 0
    assert (found[0]["r"], found[0]["n"], found[0]["trend"], found[0]["reason"]) == (-0.9, 5, "下降", "")
    assert [row["trend"] for row in found[1:]] == [None] * 3
    for row, reason in zip(
        found[1:], ("缺1个时段的值；少于5个时段", "同一时段有多行", "PM2_5_mean不是数值"), strict=True
    ):
        assert reason in row["reason"]
    assert json.loads(words)["usable"] == 1
    assert run(capsys, "air", "trend", tmp_path / "in.csv", out, "--column", "NO2_mean")[0] == 2


def test_compare_recomputes_both_sides_under_one_edition(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A quarter of 2026 stands under the limits of 2026 by date, the one of 2025 under those of 2012."""
    now, before = hours("S1", "2026-01-01", 90), hours("S1", "2025-01-01", 90, PM2_5=40.0)
    now.write_parquet(tmp_path / "now.parquet")
    before.write_parquet(tmp_path / "before.parquet")
    pl.concat([before, now]).write_parquet(tmp_path / "both.parquet")
    out = tmp_path / "out.csv"
    words = ["--by", "city", "--period", "quarter"]
    # 2026: 0.10 + 0.50 + 0.67 + 1.07 + 0.15 + 0.38, before 1.33 for PM2.5; 2012: 40/70 and 32/35, 40/35
    expected = {"HJ633-2026": ("GB3095-2026", False, 2.87, 3.13), "HJ633-2012": ("GB3095-2012", True, 2.61, 2.84)}
    for standard, (limits, compliant, composite, composite_before) in expected.items():
        for files in (
            [tmp_path / "now.parquet", out, "--before", tmp_path / "before.parquet"],
            [tmp_path / "both.parquet", out],
        ):
            code, _ = run(capsys, "air", "compare", *files, *words, "--standard", standard)
            assert code == 0
            row = pl.read_csv(out).row(-1, named=True)
            assert (row["period"], row["limits"], row["standard"]) == ("2026Q1", limits, standard)
            assert (row["PM2_5_mean"], row["PM2_5_mean_before"], row["PM2_5_mean_change"]) == (32, 40, -20)
            assert (row["compliant"], row["compliant_before"]) == (compliant, False)
            assert (row["composite"], row["composite_before"]) == (composite, composite_before)
            assert (row["good_day_ratio"], row["good_day_ratio_change"]) == (100, 0)
    first = pl.read_csv(out).row(0, named=True)
    assert (first["period"], first["PM2_5_mean_before"], first["reason"]) == ("2025Q1", None, "没有上年同期")


def test_compare_refuses_the_rules_of_the_date(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hours("S1", "2026-01-01", 2).write_parquet(tmp_path / "now.parquet")
    words = [tmp_path / "now.parquet", tmp_path / "out.csv", "--by", "site", "--period", "all", "--standard"]
    assert run(capsys, "air", "compare", *words, "auto")[0] == 2
    assert run(capsys, "air", "compare", *words, "HJ633-2026")[0] == 2
    assert not (tmp_path / "out.csv").exists()


def test_moving_mean_with_and_without_events(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = ["甲,2023,36,35", "甲,2024,34,34", "甲,2025,36,33", "乙,2024,30,30", "乙,2025,,30", "丙,今年,30,30"]
    source = csv(tmp_path / "in.csv", "city,period,PM2_5_mean,PM2_5_mean_deducted", *rows)
    out = tmp_path / "out.csv"
    code, words = run(capsys, "air", "moving-mean", source, out, "--json")
    plain = pl.read_csv(out)
    assert code == 0
    assert plain["PM2_5_mean_3y"].to_list() == [None, None, 35, None, None, None]
    assert "PM2_5_mean_deducted_3y" not in plain.columns
    assert json.loads(words)["usable"] == 1
    assert "period不是年份" in plain["reason"][5]
    assert plain["reason"][1] == "PM2_5_mean近3年不全"
    run(capsys, "air", "moving-mean", source, out, "--deducted")
    both = pl.read_csv(out)
    assert (both["PM2_5_mean_3y"][2], both["PM2_5_mean_deducted_3y"][2]) == (35, 34)
    run(capsys, "air", "moving-mean", source, out, "--years", "2")
    assert pl.read_csv(out)["PM2_5_mean_2y"].to_list() == [None, 35, 35, None, None, None]
    assert run(capsys, "air", "moving-mean", source, out, "--years", "0")[0] == 2


def test_two_rows_of_one_year_are_named_not_averaged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = ["甲,2023,36", "甲,2024,34", "甲,2024,35", "甲,2025,36"]
    out = tmp_path / "out.csv"
    code, _ = run(capsys, "air", "moving-mean", csv(tmp_path / "in.csv", "city,period,PM2_5_mean", *rows), out)
    assert code == 1
    assert ["同一对象同一年有多行" in text for text in pl.read_csv(out)["reason"]] == [False, True, True, False]


def test_deducted_days_reach_the_composite_index(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Both values stand side by side: dust of one day out of a month."""
    rows = hours("S1", "2025-03-01", 31).with_columns(
        PM10=pl.when(pl.col("time") > datetime.fromisoformat("2025-03-31")).then(660.0).otherwise(40.0)
    )
    rows.write_parquet(tmp_path / "hours.parquet")
    events = csv(tmp_path / "dust.csv", "city,date", "甲,2025-03-31")
    month, index = tmp_path / "month.csv", tmp_path / "index.csv"
    words = ["--by", "city", "--period", "month", "--deduct", events]
    assert run(capsys, "air", "evaluate", tmp_path / "hours.parquet", month, *words)[0] == 0
    found = pl.read_csv(month)
    assert (found["PM10_mean"][0], found["PM10_mean_deducted"][0]) == (60, 40)
    assert run(capsys, "air", "index", month, index)[0] == 0
    both = pl.read_csv(index)
    assert (both["index_PM10"][0], both["index_PM10_deducted"][0]) == (0.86, 0.57)
    assert both["composite"][0] - both["composite_deducted"][0] == pytest.approx(0.29)


def test_exempt_items_from_days_go_straight_into_the_index(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    days = csv(
        tmp_path / "days.csv", "site,time,AQI,primary", *(f"S,{year}-06-01,120,PM2.5" for year in (2023, 2024, 2025))
    )
    found, out = tmp_path / "exempt.csv", tmp_path / "out.csv"
    code, words = run(capsys, "air", "exempt", days, found, "--json")
    assert code == 0
    assert json.loads(words)["usable"] == 5
    source = csv(tmp_path / "in.csv", "site,time,NO2,CO,O3,PM10,PM2_5", "S,2026-06-01 08:00,20,0.6,60,40,40")
    for words_, expected in (([], [None]), (["--exempt", found], [60])):
        assert run(capsys, "air", "aqi", source, out, *words_)[0] == 0
        assert pl.read_csv(out)["AQI"].to_list() == expected


def test_rolling_ozone_keeps_the_raw_cells(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        f"S,2025-06-01 {hour:02d}:00,{value}" for hour, value in enumerate([10, 20, 30, 40, 50, 60, "坏", 80], start=1)
    ]
    out = tmp_path / "out.csv"
    code, words = run(capsys, "air", "rolling", csv(tmp_path / "in.csv", "site,time,O3", *rows), out, "--json")
    found = pl.read_csv(out)
    assert code == 0
    assert json.loads(words)["usable"] == 3
    assert found["O3_8h"].to_list()[5:] == [35, 35, 41]
    assert found["O3"][6] == "坏"
    assert found["reason"][6] == "O3不是数值，按缺测"


def test_a_column_that_the_hourly_index_does_not_use_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = csv(tmp_path / "in.csv", "site,time,O3,O3_8h", "S,2025-06-01 08:00,60,300")
    code, words = run(capsys, "air", "aqi", source, tmp_path / "out.csv", "--json")
    assert (code, json.loads(words)["not_used"]) == (0, ["O3_8h"])
