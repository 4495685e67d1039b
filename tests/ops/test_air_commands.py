"""`qingyuan air …`: files in, files out, exit codes, one line of JSON."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from qingyuan.cli import main
from qingyuan.ops import tables

HEAD = "site,time,SO2,NO2,CO,O3,PM10,PM2_5,note"
GOOD = "S1,2025-06-01 08:00,6,20,0.6,60,40,60,晴"


def table(folder: Path, *rows: str, head: str = HEAD) -> Path:
    path = folder / "in.csv"
    path.write_text("\n".join([head, *rows]), encoding="utf-8")
    return path


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str]:
    try:
        code = main([str(word) for word in words])
    except SystemExit as stop:
        code = int(str(stop.code))
    return code, capsys.readouterr().out


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".xlsx"])
def test_aqi_adds_its_columns_and_keeps_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], suffix: str
) -> None:
    out = tmp_path / f"out{suffix}"
    code, words = run(capsys, "air", "aqi", table(tmp_path, GOOD), out, "--json")
    assert code == 0
    assert words.count("\n") == 1
    assert json.loads(words)["rows"] == json.loads(words)["usable"] == 1
    row = tables.read(out).row(0, named=True)
    assert int(row["AQI"]) == 82
    assert (row["primary"], row["category"], row["level"], row["standard"]) == ("PM2_5", "良", "II", "HJ633-2012")
    assert row["note"] == "晴"
    assert float(row["SO2"]) == 6
    assert not row["reason"]


def test_every_bad_row_stays_with_its_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = {
        GOOD: "",
        "S1,2025-06-01 10:00,六,20,0.6,60,40,60,": "SO2不是数值，按缺测",
        "S1,2025-06-01 11:00,6,-1,0.6,60,40,60,": "NO2为负值，按缺测",
        "S1,2025-06-01 12:00,6,20,800,60,40,60,": "CO超出合理范围，按缺测，请核对单位",
        "S1,2025-06-01 09:00,6,20,0.6,60,40,60,": "时间次序颠倒",
        "S1,2025-06-01T13:00+08:00,6,20,0.6,60,40,60,": "时区写法与其他行不同",
        "S2,2025-06-01 08:00,6,20,0.6,60,40,60,": "同一站点同一时间有多行",
        "S2,2025-06-01 08:00,6,20,0.6,60,40,61,": "同一站点同一时间有多行",
        "S3,1999-06-01 08:00,6,20,0.6,60,40,60,": "早于任何AQI标准",
        "S3,昨天,6,20,0.6,60,40,60,": "时间缺失或无法识别",
        "S3,2026-06-01 08:00,6,20,,60,40,60,": "缺CO；项目不全且AQI不大于100，按HJ 633-2026 5.3.1不发布",
    }
    out = tmp_path / "out.csv"
    code, words = run(capsys, "air", "aqi", table(tmp_path, *rows), out, "--json")
    found = pl.read_csv(out)["reason"].fill_null("").to_list()
    assert code == 0
    assert len(found) == len(rows)
    for reason, expected in zip(found, rows.values(), strict=True):
        assert reason == expected if not expected else expected in reason
    summary = json.loads(words)
    assert summary["rows"] == len(rows)
    assert summary["with_reason"] == len(rows) - 1
    assert summary["reasons"]["同一站点同一时间有多行"] == 2


def test_missing_hours_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = table(tmp_path, GOOD, GOOD.replace("08:00", "12:00"))
    _, words = run(capsys, "air", "aqi", source, tmp_path / "out.csv", "--json")
    assert json.loads(words)["missing_hours"] == 3


def test_a_zoned_spelling_is_the_same_instant(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.csv"
    rows = [f"S{n},{time},6,20,0.6,60,40,60," for n, time in enumerate(["2026-02-28 16:00Z", "2026-02-28 16:01Z"])]
    run(capsys, "air", "aqi", table(tmp_path, *rows), out)
    assert pl.read_csv(out)["standard"].to_list() == ["HJ633-2012", "HJ633-2026"]


@pytest.mark.parametrize(
    ("words", "rows", "expected"),
    [
        pytest.param([], [GOOD], 0, id="written"),
        pytest.param([], ["S1,2025-06-01 08:00,,,,,,,"], 1, id="no-usable-row"),
        pytest.param([], [], 1, id="no-row"),
        pytest.param([], [GOOD, "S1,2025-06-01 09:00,,20,0.6,60,40,60,"], 0, id="reason-is-no-failure"),
        pytest.param(
            ["--fail-on-reason"], [GOOD, "S1,2025-06-01 09:00,,20,0.6,60,40,60,"], 1, id="unless-asked-to-fail"
        ),
        pytest.param(["--standard", "HJ633-1999"], [GOOD], 2, id="unknown-standard"),
        pytest.param(["--averaging", "week"], [GOOD], 2, id="unknown-averaging"),
    ],
)
def test_exit_codes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], rows: list[str], expected: int
) -> None:
    out = tmp_path / "out.csv"
    assert run(capsys, "air", "aqi", table(tmp_path, *rows), out, *words)[0] == expected
    assert out.exists() == (expected != 2)


def test_wrong_use_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, out = table(tmp_path, GOOD), tmp_path / "out.csv"
    assert run(capsys, "air", "aqi", tmp_path / "none.csv", out)[0] == 2
    assert run(capsys, "air", "aqi", source, tmp_path / "out.txt")[0] == 2
    assert run(capsys, "air", "aqi", table(tmp_path, "1,2", head="a,b"), out)[0] == 2
    assert run(capsys, "air", "aqi", table(tmp_path, "S,1", head="site,SO2"), out)[0] == 2
    assert run(capsys, "air", "aqi", table(tmp_path, "S,1", head="site,SO2"), out, "--standard", "HJ633-2012")[0] == 0
    numbers = tmp_path / "numbers.parquet"
    pl.DataFrame({"site": ["S"], "time": [7], "SO2": [6.0]}).write_parquet(numbers)
    assert run(capsys, "air", "aqi", numbers, out)[0] == 2


def test_day_rows_under_a_named_edition(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = table(tmp_path, "S1,2025-06-01,6,20,0.6,90,40,60", head="site,time,SO2,NO2,CO,O3_8h,PM10,PM2.5")
    out = tmp_path / "out.csv"
    assert run(capsys, "air", "aqi", source, out, "--averaging", "day", "--standard", "HJ633-2026")[0] == 0
    assert pl.read_csv(out)["AQI"].to_list() == [100]


def test_help_is_chinese_and_names_the_columns(capsys: pytest.CaptureFixture[str]) -> None:
    _, words = run(capsys, "air", "aqi", "--help")
    assert "用法" in words
    assert all(name in words for name in ("site", "O3_8h", "primary", "reason"))


def test_evaluate_from_hours(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    head = "site,city,time,SO2,NO2,CO,O3,PM10,PM2.5"
    rows = [
        f"S{n},甲,2025-06-{day:02d} {hour:02d}:00,6,20,0.6,60,{40 * n},20"
        for n in (1, 2)
        for day in range(1, 31)
        for hour in range(1, 24)
    ]
    out = tmp_path / "out.csv"
    source = table(tmp_path, *rows, head=head)
    code, words = run(capsys, "air", "evaluate", source, out, "--by", "city", "--period", "month", "--json")
    found = pl.read_csv(out).row(0, named=True)
    assert code == 0
    assert (found["city"], found["period"], found["PM10_mean"], found["good_day_ratio"]) == ("甲", "2025-06", 60, 100)
    assert json.loads(words)["input_rows"] == len(rows)
    assert run(capsys, "air", "evaluate", source, out, "--by", "site", "--period", "year")[0] == 1
    roster = tmp_path / "roster.csv"
    roster.write_text("site,city,since,until\nS1,乙,2020-01-01,\nS2,乙,2020-01-01,2025-05-31\n", encoding="utf-8")
    words_ = ("--by", "city", "--period", "day", "--roster", roster)
    assert run(capsys, "air", "evaluate", source, out, *words_)[0] == 0
    day = pl.read_csv(out).row(0, named=True)
    assert (day["city"], day["PM10"], day["reason"]) == ("乙", 40, "")
    assert run(capsys, "air", "evaluate", source, out, "--by", "county", "--period", "day")[0] == 2


def test_index_then_rank_then_change(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    head = "city,period,SO2_mean,NO2_mean,PM10_mean,PM2.5_mean,CO_P95,O3_8h_P90"
    source = table(tmp_path, "甲,2025-09,9,14,77,23,1.1,96", "乙,2025-09,11,16,40,16,0.6,139", head=head)
    first, second = tmp_path / "index.csv", tmp_path / "rank.xlsx"
    assert run(capsys, "air", "index", source, first)[0] == 0
    found = pl.read_csv(first)
    assert found["composite"].to_list() == [3.14, 2.63]
    assert found["index_primary"].to_list() == ["PM10", "O3_8h"]
    assert run(capsys, "air", "rank", first, second, "--before", first)[0] == 0
    ranked = tables.read(second)
    assert ranked["rank"].to_list() == [2, 1]
    assert ranked["change_rate"].to_list() == [0, 0]
    assert run(capsys, "air", "rank", first, second, "--by", "nothing")[0] == 2
    assert run(capsys, "air", "index", source, first, "--scheme", "nothing")[0] == 2
    assert run(capsys, "air", "index", table(tmp_path, "甲,,,,,,,", head=head), first)[0] == 1


def test_compensate_prints_the_steps(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    head = "town,PM2.5,improvement_rate,target_rate"
    source = table(tmp_path, "甲,28,6,5", "乙,30,5,5", "丙,35,8,5", "丁,40,1,5", "戊,42,-2,5", head=head)
    out = tmp_path / "out.csv"
    code, words = run(capsys, "air", "compensate", source, out, "--json")
    assert code == 0
    assert json.loads(words)["usable"] == 5
    assert pl.read_csv(out)["amount"].to_list() == [40, 40, 40, -60, -60]
    assert "35/28×0.6 = 0.75" in pl.read_csv(out)["steps"][0]
    assert run(capsys, "air", "compensate", source, out, "--scheme", "shandong_2014")[0] == 2
    code, words = run(capsys, "air", "compensate", "--list")
    assert code == 0
    assert "wujiang_2020" in words
