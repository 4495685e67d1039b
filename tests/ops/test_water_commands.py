"""`qingyuan water …`: files in, files out, exit codes, one line of JSON."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from qingyuan.cli import main
from qingyuan.ops import tables

HEAD = "section,time,body,pH,DO,CODMn,NH3N,TP,petroleum,note"
GOOD = "S1,2025-06-01,river,7.5,8,16,0.1,0.1,<0.01,晴"


def table(folder: Path, *rows: str, head: str = HEAD, name: str = "in.csv") -> Path:
    path = folder / name
    path.write_text("\n".join([head, *rows]), encoding="utf-8")
    return path


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str]:
    try:
        code = main([str(word) for word in words])
    except SystemExit as stop:
        code = int(str(stop.code))
    return code, capsys.readouterr().out


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".xlsx"])
def test_classify_adds_its_columns_and_keeps_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], suffix: str
) -> None:
    out = tmp_path / f"out{suffix}"
    code, words = run(capsys, "water", "classify", table(tmp_path, GOOD), out, "--json")
    assert code == 0
    assert words.count("\n") == 1
    assert json.loads(words)["rows"] == json.loads(words)["usable"] == 1
    row = tables.read(out).row(0, named=True)
    assert (row["class"], row["deciding"], row["standard"]) == (">V", "CODMn", "GB3838-2002")
    assert row["main_pollutants"] == "高锰酸盐指数(1.7)"
    assert row["note"] == "晴"
    assert not row["reason"]


def test_the_profile_is_a_choice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, out = table(tmp_path, "S1,2025-06-01,河流,9.4,8,3,0.1,0.1,,"), tmp_path / "out.csv"
    for profile, expected in (("realtime", ">V"), ("evaluation", "II")):
        assert run(capsys, "water", "classify", source, out, "--profile", profile)[0] == 0
        assert pl.read_csv(out)["class"].to_list() == [expected]


def test_every_bad_row_stays_with_its_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = {
        "S1,2025-06-01 08:00,river,7.5,8,16,0.1,0.1,<0.01,,": "",
        "S1,2025-06-01 12:00,river,7.5,八,3,0.1,0.1,0.01,,": "DO不是数值，按缺测",
        "S1,2025-06-01 13:00,river,7.5,8,3,-0.1,0.1,0.01,,": "NH3N为负值，按缺测",
        "S1,2025-06-01 14:00,river,7.5,800,3,0.1,0.1,0.01,,": "DO超出合理范围，按缺测，请核对单位",
        "S1,2025-06-01 09:00,river,7.5,8,3,0.1,0.1,0.01,,": "时间次序颠倒",
        "S1,2025-06-01T15:00+08:00,river,7.5,8,3,0.1,0.1,0.01,,": "时区写法与其他行不同",
        "S2,2025-06-01 08:00,pond,7.5,8,3,0.1,0.1,0.01,,": "水体类型不明，TP未评价",
        "S3,2025-06-01 08:00,lake,7.5,8,3,0.1,0.1,0.01,,": "同一断面同一时间有多行",
        "S3,2025-06-01 08:00,lake,7.5,8,3,0.1,0.2,0.01,,": "同一断面同一时间有多行",
        "S4,1999-06-01 08:00,lake,7.5,8,3,0.1,0.2,0.01,,": "早于任何水质标准",
        "S4,昨天,lake,7.5,8,3,0.1,0.2,0.01,,": "时间缺失",
        "S5,2025-06-01 08:00,lake,7.5,8,3,0.1,0.2,--,3.1,": "不认识的项目NO2X，未评价",
    }
    out = tmp_path / "out.csv"
    source = table(tmp_path, *rows, head=HEAD.replace("note", "NO2X,note"))
    code, words = run(capsys, "water", "classify", source, out, "--json")
    found = pl.read_csv(out)["reason"].fill_null("").to_list()
    assert code == 0
    assert len(found) == len(rows)
    for reason, expected in zip(found, rows.values(), strict=True):
        assert reason == expected if not expected else expected in reason
    assert json.loads(words)["with_reason"] == len(rows) - 1
    assert json.loads(words)["reasons"]["同一断面同一时间有多行"] == 2


@pytest.mark.parametrize(
    ("words", "rows", "expected"),
    [
        pytest.param([], [GOOD], 0, id="written"),
        pytest.param([], ["S1,2025-06-01,river,,,,,,,"], 1, id="no-usable-row"),
        pytest.param([], [GOOD, "S1,2025-07-01,river,7,,,,,,"], 0, id="reason-is-no-failure"),
        pytest.param(["--fail-on-reason"], [GOOD, "S1,2025-07-01,river,7,,,,,,"], 1, id="unless-asked-to-fail"),
        pytest.param(["--fail-on-reason"], [GOOD], 0, id="a-non-detect-is-no-reason"),
        pytest.param(["--profile", "monthly"], [GOOD], 2, id="unknown-profile"),
    ],
)
def test_exit_codes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], rows: list[str], expected: int
) -> None:
    out = tmp_path / "out.csv"
    assert run(capsys, "water", "classify", table(tmp_path, *rows), out, *words)[0] == expected
    assert out.exists() == (expected != 2)


def test_wrong_use_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, out = table(tmp_path, GOOD), tmp_path / "out.csv"
    assert run(capsys, "water", "classify", tmp_path / "none.csv", out)[0] == 2
    assert run(capsys, "water", "classify", source, tmp_path / "out.txt")[0] == 2
    assert run(capsys, "water", "classify", table(tmp_path, "1,2", head="a,b"), out)[0] == 2
    assert run(capsys, "water", "classify", table(tmp_path, "S,2025-01-01,1", head="section,time,DO"), out)[0] == 2
    assert not out.exists()


def test_help_is_chinese_and_names_the_columns(capsys: pytest.CaptureFixture[str]) -> None:
    _, words = run(capsys, "water", "classify", "--help")
    assert "用法" in words
    assert all(name in words for name in ("section", "volatile_phenol", "main_pollutants", "reason"))


def test_evaluate_months_with_targets(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = table(tmp_path, GOOD, GOOD.replace("06-01", "06-11").replace(",16,", ",4,"))
    targets = table(tmp_path, "S1,assessment,III,2020-01-01", head="section,kind,target,since", name="targets.csv")
    out = tmp_path / "out.csv"
    code, words = run(capsys, "water", "evaluate", source, out, "--targets", targets, "--json")
    assert code == 0
    assert words.count("\n") == 1
    row = pl.read_csv(out).row(0, named=True)
    assert (row["period"], row["samples"], row["CODMn"], row["class"]) == ("2025-06", 2, 10.0, "IV")
    assert (row["meets_assessment"], row["exceeding_assessment"]) == ("no", "高锰酸盐指数(0.7)")


def test_evaluate_tells_what_was_odd_in_the_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, words = run(capsys, "water", "evaluate", table(tmp_path, GOOD, GOOD), tmp_path / "out.csv", "--json")
    assert json.loads(words)["input_reasons"] == {"同一断面同一时间有多行": 2}


def test_evaluate_wrong_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, out = table(tmp_path, GOOD), tmp_path / "out.csv"
    targets = table(tmp_path, "S1,wish,III,2020-01-01", head="section,kind,target,since", name="targets.csv")
    assert run(capsys, "water", "evaluate", source, out, "--by", "basin")[0] == 2
    assert run(capsys, "water", "evaluate", source, out, "--period", "week")[0] == 2
    assert run(capsys, "water", "evaluate", source, out, "--targets", targets)[0] == 2
    assert not out.exists()


TOOLS = {
    "tli": (["chla_mg_m3,tp_mg_L,tn_mg_L,sd_m,codmn_mg_L", "44.7,0.07,1.43,0.45,5.58"], [], {"tli_sum": 58.925}),
    "cwqi": (["body,DO,CODMn", "river,10,3"], [], {"cwqi": 1.0, "cwqi_items": 2}),
    "cwqi-city": (["city,section,body,CODMn", "C,a,river,3", "C,b,river,9"], ["--by", "city"], {"cwqi": 1.0}),
    "rank": (["county,cwqi,before", "A,2,4", "B,1,1"], ["--base", "before"], {"rank": 2, "delta_pct": -50.0}),
    "balance": (["area,volume_m3,cod_in_mg_L,domestic_sewage_m3", "A,1000,175,1000"], [], {"rate_cod_pct": 50.0}),
    "compensate": (
        ["section,item,value,target", "S,TP,0.25,0.2"],
        ["--scheme", "jiangsu_2021"],
        {"amount": 500000.0, "multiple": 0.25},
    ),
    "black-odorous": (["water_body,point,order,NH3N", "W,p,1,20"], [], {"level": "重度", "heavy_points": 1}),
    "bloom": (["density_cells_L", "1.351e7"], [], {"bloom": "轻度水华"}),
    "trend": (
        ["section,period,NH3N", *(f"S,202{n},0.{n}" for n in range(1, 7))],
        ["--column", "NH3N"],
        {"trend": "上升", "r": 1.0},
    ),
}


@pytest.mark.parametrize("name", TOOLS)
def test_tools_from_file_to_file(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    (head, *rows), words, expected = TOOLS[name]
    out = tmp_path / "out.csv"
    code, told = run(
        capsys, "water", name.removesuffix("-city"), table(tmp_path, *rows, head=head), out, *words, "--json"
    )
    assert code == 0
    assert told.count("\n") == 1
    row = pl.read_csv(out).row(0, named=True)
    assert {column: row[column] for column in expected} == expected


def test_target_says_what_the_months_left_must_average(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    targets = table(tmp_path, "S1,assessment,III,2020-01-01", head="section,kind,target,since", name="targets.csv")
    source = table(
        tmp_path, *(f"S1,2025-0{month}-05,river,1.2" for month in range(1, 9)), head="section,time,body,NH3N"
    )
    out = tmp_path / "out.csv"
    assert run(capsys, "water", "target", source, out, "--targets", targets)[0] == 0
    row = pl.read_csv(out).row(0, named=True)
    assert (row["needed"], row["status"], row["months_left"]) == (0.6, "需改善", 4)


@pytest.mark.parametrize("name", ["tli", "cwqi", "rank", "balance", "black-odorous", "bloom"])
def test_tools_refuse_a_table_without_their_columns(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    out = tmp_path / "out.csv"
    assert run(capsys, "water", name, table(tmp_path, "1,2", head="a,b"), out)[0] == 2
    assert not out.exists()


@pytest.mark.parametrize("by", ["section", "lake", "basin"])
@pytest.mark.parametrize("period", ["month", "quarter", "year", "all"])
def test_a_table_without_rows_is_written_and_is_no_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], by: str, period: str
) -> None:
    out = tmp_path / "out.csv"
    source = table(tmp_path, head="section,time,body,basin,lake,DO,TN")
    assert run(capsys, "water", "evaluate", source, out, "--by", by, "--period", period)[0] == 1
    assert "reason" in pl.read_csv(out).columns


@pytest.mark.parametrize("suffix", [".parquet", ".xlsx"])
def test_sections_may_be_numbers(tmp_path: Path, capsys: pytest.CaptureFixture[str], suffix: str) -> None:
    """A workbook reads 1 as 1.0, and the targets may come from another kind of file."""
    source, targets, out = tmp_path / f"in{suffix}", tmp_path / "targets.parquet", tmp_path / "out.xlsx"
    tables.write(pl.DataFrame({"section": [1], "time": ["2025-01"], "body": ["river"], "DO": [4.0]}), source)
    goal = {"section": [1], "kind": ["assessment"], "target": ["III"], "since": ["2020-01-01"]}
    tables.write(pl.DataFrame(goal), targets)
    assert run(capsys, "water", "evaluate", source, out, "--targets", targets)[0] == 0
    assert tables.read(out)["meets_assessment"].to_list() == ["no"]
    assert run(capsys, "water", "target", source, out, "--targets", targets)[0] == 0
    assert tables.read(out)["status"].to_list() == ["需改善"]
