"""Files as people bring them: for every command each odd row has its reason in OUT and is counted, none is lost."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from qingyuan.ops import tables

from .test_air_history import csv, run

AIR = "site,city,time,SO2,NO2,CO,O3,PM10,PM2_5"
GOOD = "6,20,0.6,60,40,20"


def work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], head: str, rows: list[str], *words: object
) -> tuple[pl.DataFrame, dict[str, Any]]:
    """OUT with texts only, and the summary; the command must have written OUT."""
    out = tmp_path / "out.csv"
    code, told = run(capsys, *words[:2], csv(tmp_path / "in.csv", head, *rows), out, *words[2:], "--json")
    assert told.count("\n") == 1, told
    summary = json.loads(told)
    assert code == (0 if summary["usable"] else 1)
    found = pl.read_csv(out, infer_schema=False).with_columns(pl.all().fill_null(""))
    assert summary["rows"] == len(found)
    assert summary["with_reason"] == (found["reason"] != "").sum()
    for word in {part for text in found["reason"] for part in text.split("；") if part}:
        assert any(word.endswith(key) for key in summary["reasons"]), word
    return found, summary


def hours(day: int, *skip: int) -> list[str]:
    return [f"S1,甲,2025-06-{day:02d} {hour:02d}:00,{GOOD}" for hour in range(1, 24) if hour not in skip]


ODD_HOURS = {
    f"S1,甲,2025-06-01 05:00,{GOOD}": "同一站点同一时间有多行",
    "S1,甲,2025-06-02 05:00,-6,坏,800,60,40,20": "SO2为负值，按缺测",
    f"S1,甲,2025-06-02T06:30+08:00,{GOOD}": "时区写法与其他行不同",
    f"S1,甲,昨天,{GOOD}": "时间缺失或无法识别",
    f"S1,甲,1999-01-01 05:00,{GOOD}": "时间次序颠倒",
    f",甲,2025-06-02 05:00,{GOOD}": "缺站点",
}


@pytest.mark.parametrize("by", ["site", "city"])
@pytest.mark.parametrize("period", ["day", "month", "quarter", "year", "all"])
def test_air_evaluate_tells_of_every_odd_hour(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], by: str, period: str
) -> None:
    rows = [f"{row},7" for row in (*hours(1), *hours(2, 5), *ODD_HOURS)]
    found, summary = work(tmp_path, capsys, f"{AIR},NO3", rows, "air", "evaluate", "--by", by, "--period", period)
    told = "；".join(found["reason"])
    assert summary["input_rows"] == len(rows)
    for words in ("时区写法与其他行不同", "时间缺失或无法识别", "时间次序颠倒", "缺站点", "不认识的项目NO3，未评价"):
        assert words in told
        assert any(words in key for key in summary["input_reasons"])
    if by == "site" or period != "day":  # the day of a city is made of days of stations, whose rows tell of the cells
        for words in ("负值，按缺测", "不是数值" if period != "day" else "不是数值的格", "按缺测，请核对单位"):
            assert words in told
    assert summary["input_reasons"]["NO2不是数值，按缺测"] == 1
    assert summary["input_reasons"]["CO超出合理范围，按缺测，请核对单位"] == 1
    assert "早于任何" in told or period == "all"


def test_a_station_that_no_city_counts_is_not_lost(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [*hours(1), f"S2,,2025-06-01 05:00,{GOOD}"]
    found, _ = work(tmp_path, capsys, AIR, rows, "air", "evaluate", "--by", "city", "--period", "day")
    assert found.filter(pl.col("city") == "")["reason"].to_list() == ["1行：站点不在名册（或没有城市），未计入"]
    roster = csv(tmp_path / "roster.csv", "site,city,since,until", "S1,乙,2025-06-01,2025-06-01")
    rows = [*hours(1), *hours(2)]
    found, _ = work(
        tmp_path, capsys, AIR, rows, "air", "evaluate", "--by", "city", "--period", "day", "--roster", roster
    )
    assert found.select("city", "period", "reason").rows() == [
        ("乙", "2025-06-01", ""), ("", "2025-06-02", "23行：站点不在名册（或没有城市），未计入"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "rows",
    [
        ["S1,甲,很早,"],
        ["S1,甲,2025-01-01,总是"],
        ["S1,甲,2025-06-01,2025-05-01"],
        ["S1,甲,2025-01-01,", "S1,乙,2025-02-01,"],
    ],
    ids=["no-since", "no-until", "turned-round", "twice-on-a-day"],
)
def test_a_roster_that_cannot_hold_is_wrong_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], rows: list[str]
) -> None:
    source = csv(tmp_path / "in.csv", AIR, *hours(1))
    roster = csv(tmp_path / "roster.csv", "site,city,since,until", *rows)
    words = (source, tmp_path / "out.csv", "--by", "city", "--period", "day", "--roster", roster)
    assert run(capsys, "air", "evaluate", *words)[0] == 2


def test_air_aqi_names_gaps_marks_and_unknown_items(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        f"S1,甲,2025-06-01 01:00,{GOOD},1",
        "S1,甲,2025-06-01 05:00, 6 ,--,NA,—,/,20,",
        f"S1,甲,2025-06-01 24:00,{GOOD},2",
        f"S1,甲,2025-06-02T00:00+08:00,{GOOD},",
    ]
    found, summary = work(tmp_path, capsys, f"{AIR},NO3", rows, "air", "aqi")
    assert found["reason"].to_list() == [
        "不认识的项目NO3，未评价",
        "缺NO2、CO、O3、PM10；前面缺3个小时",
        "同一站点同一时间有多行；前面缺18个小时；不认识的项目NO3，未评价",
        "同一站点同一时间有多行；时区写法与其他行不同，按所写时区换算（未写按北京时间）",
    ]
    assert found["SO2"][1] == " 6 "
    assert found["IAQI_SO2"][1] == "2"
    assert summary["missing_hours"] == 21


def test_air_index_rank_and_compensate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    head = "city,period,SO2_mean,NO2_mean,PM10_mean,PM2.5_mean,CO_P95,O3_8h_P90"
    rows = ["甲,2025-09,9,14,77,23,1.1,96"] * 2 + ["乙,2010-01,9,14,77,23,1.1,96", "丙,2025-09,-9,高,77,23,800,96"]
    found, _ = work(tmp_path, capsys, head, rows, "air", "index")
    assert found["composite"].to_list() == ["3.14", "3.14", "", ""]
    assert found["reason"].to_list() == [
        *["同一对象同一时段有多行"] * 2,
        "早于任何综合指数方案",
        "SO2_mean为负值，按缺测；NO2_mean不是数值，按缺测；CO_P95超出合理范围，按缺测，请核对单位；缺SO2_mean、NO2_mean、CO_P95",
    ]
    assert found["CO_P95"][3] == "800"
    before = csv(tmp_path / "before.csv", "city,composite", "甲,3", "甲,4", "乙,5", "丙,2")
    found, _ = work(
        tmp_path, capsys, "city,composite", ["甲,3.1", "乙,坏", "丙,1.9", "丁,"], "air", "rank", "--before", before
    )
    assert found["rank"].to_list() == ["2", "", "1", ""]
    assert found["change_rate"].to_list() == ["", "", "-5.0", ""]
    assert found["reason"].to_list() == [
        "上期有多行，无变化率",
        "composite不是数值，按缺测；缺composite，不参加排名；缺上期或本期，无变化率",
        "",
        "缺composite，不参加排名；缺上期或本期，无变化率",
    ]
    rows = ["甲,28,6,5", "乙,-30,5,5", "丙,35,无,5", "丁,40,1,0", "戊,42,-2,5"]
    found, _ = work(tmp_path, capsys, "town,PM2_5,improvement_rate,target_rate", rows, "air", "compensate")
    assert [bool(amount) for amount in found["amount"]] == [True, False, False, False, True]
    assert "PM2_5为负值，按缺测" in found["reason"][1]
    assert "improvement_rate不是数值，按缺测" in found["reason"][2]


WATER = "section,time,body,pH,DO,NH3N,TP,XX"
ODD_SAMPLES = [
    "S1,2025-06-02,river,7,8,0.5,0.1,1",
    "S1,2025-06-01,river,7,8,0.5,0.1,",
    "S1,2025-06-01,river,7,8,0.5,0.1,",
    "S1,2025-06-03T00:00+08:00,river,7,8,-0.5,坏,",
    "S1,2025-06-04,pond,15.2,800,5000,0.1,",
    "S1,昨天,river,7,8,0.5,0.1,",
    "S1,1999-06-01,river,7,8,0.5,0.1,",
    ",2025-06-01,river,7,8,0.5,0.1,",
    "S2,2025-06-01,lake,,,,,",
]
SAID = ("时间次序颠倒", "同一断面同一时间有多行", "缺断面", "不认识的项目XX，未评价", "时间缺失或无法识别", "早于任何")


@pytest.mark.parametrize("by", ["section", "lake", "basin"])
@pytest.mark.parametrize("period", ["month", "quarter", "year", "all"])
def test_water_evaluate_tells_of_every_odd_sample(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], by: str, period: str
) -> None:
    head = WATER if by == "section" else f"{by},{WATER}"
    rows = ODD_SAMPLES if by == "section" else [f"甲,{row}" for row in ODD_SAMPLES]
    found, summary = work(tmp_path, capsys, head, rows, "water", "evaluate", "--by", by, "--period", period)
    told = "；".join(found["reason"])
    for words in SAID[:5]:
        assert words in told
    assert summary["input_rows"] == len(rows)
    assert summary["input_reasons"]["同一断面同一时间有多行"] == 2
    if by != "basin":
        assert "NH3N有2个值不可用" in told


def test_water_classify_and_target(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found, _ = work(tmp_path, capsys, WATER, ODD_SAMPLES, "water", "classify")
    told = "；".join(found["reason"])
    assert all(words in told for words in SAID)
    assert found.select("pH", "DO", "NH3N").row(4) == ("15.2", "800", "5000")
    assert found["class"].to_list() == ["II", "II", "II", "I", "", "", "", "II", ""]
    targets = csv(tmp_path / "targets.csv", "section,kind,target,since", "S1,assessment,III,2020-01-01")
    found, _ = work(tmp_path, capsys, WATER, ODD_SAMPLES, "water", "target", "--targets", targets)
    assert found.filter(pl.col("item") == "NH3N").select("mean", "reason").rows() == [
        ("0.5", "NH3N有2个值不可用；1行时间缺失或无法识别，未计入")
    ]
    assert found.filter(pl.col("section") == "")["reason"].to_list() == ["没有目标；缺断面"]


def test_water_indices(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found, _ = work(tmp_path, capsys, WATER, ODD_SAMPLES, "water", "cwqi")
    assert found["cwqi"].to_list() == ["1.625"] * 3 + ["0.625", "", "1.625", "", "1.625", ""]
    assert found["reason"][6] == "早于任何水质指数规则"
    assert "TP不是数值，按缺测" in found["reason"][3]
    found, _ = work(
        tmp_path, capsys, f"city,{WATER}", [f"甲,{row}" for row in ODD_SAMPLES], "water", "cwqi", "--by", "city"
    )
    assert "1行：NH3N为负值，按缺测" in found["reason"][0]
    assert "同一断面有多行，一起平均" in found["reason"][0]
    head = "lake,time,chla_mg_m3,tp_mg_L,tn_mg_L,sd_m,codmn_mg_L"
    rows = ["甲,2025-01-01,10,0.1,1,0.5,5"] * 2 + ["乙,2025-01-01,-1,坏,5000,500,0", "丙,1999-01-01,10,0.1,1,0.5,5"]
    found, _ = work(tmp_path, capsys, head, rows, "water", "tli")
    assert found["tli_sum"].to_list() == ["53.689", "53.689", "", ""]
    for words in (
        "chla_mg_m3为负值",
        "tp_mg_L不是数值",
        "tn_mg_L超出合理范围",
        "sd_m超出合理范围",
        "高锰酸盐指数不是正数",
    ):
        assert words in found["reason"][2]
    assert (found["reason"][0], found["reason"][3]) == ("同一湖库同一时间有多行", "早于任何营养状态规则")
    found, _ = work(
        tmp_path, capsys, "county,cwqi,last", ["甲,3.1,-3", "甲,3.2,3", "乙,坏,3"], "water", "rank", "--base", "last"
    )
    assert found["rank"].to_list() == ["1", "2", ""]
    assert found["reason"].to_list() == [
        "last为负值，按缺测；没有last，不排变化；同一对象有多行", "同一对象有多行", "cwqi不是数值，按缺测；没有cwqi，不排名",
    ]  # fmt: skip


def test_water_balance_and_compensation(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    head = "area,volume_m3,industrial_share,cod_in_mg_L,bod_in_mg_L,domestic_sewage_m3,population,days"
    rows = ["甲,1000,0.2,200,90,2000,100,30", "甲,-1000,0.1,坏,99999,3000,200,30", "乙,1000,20,200,90,2000,100,30"]
    found, _ = work(tmp_path, capsys, head, rows, "water", "balance")
    assert found["cod_load_t"].to_list() == ["0.16", ""]  # a share of 20 is no share of 0
    assert found["rate_cod_pct"].to_list() == ["22.86", ""]
    for words in ("volume_m3为负值", "cod_in_mg_L不是数值", "bod_in_mg_L超出合理范围", "population在同一区有不同的值"):
        assert words in found["reason"][0]
    assert "industrial_share超出合理范围" in found["reason"][1]
    rows = ["A,CODMn,8,6,1000000", "A,CODMn,8,6,1000000", "B,CODMn,-8,六,1000000", "C,XX,8,6,1", "D,CODMn,8000,6,1"]
    found, _ = work(
        tmp_path, capsys, "section,item,value,target,flow_m3", rows, "water", "compensate", "--scheme", "taihu_pilot"
    )
    assert found["amount"].to_list() == ["30000.0", "30000.0", "", "", ""]
    assert found["reason"].to_list() == [
        *["同一断面同一项目有多行"] * 2, "value为负值，按缺测；target不是数值，按缺测；缺浓度或目标", "方案没有这个项目",
        "value超出合理范围，按缺测，请核对单位",
    ]  # fmt: skip


def test_black_odorous_blooms_and_trends(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    head = "water_body,point,order,time,transparency,DO"
    rows = ["甲,1,1,2025-01-01,5,0.1", "甲,1,1,2025-01-01,5,0.1", "甲,1,1,2025-01-02,-5,坏", "甲,2,2,1999-01-01,5,0.1"]
    found, _ = work(tmp_path, capsys, head, rows, "water", "black-odorous", "--level", "test")
    assert found["level"].to_list() == ["重度", "重度", "", ""]
    assert found.select("transparency", "DO").row(2) == ("-5", "坏")
    assert found["reason"][2] == "transparency为负值，按缺测；DO不是数值，按缺测；没有可评价的指标"
    assert found["reason"][3].startswith("早于任何黑臭水体规则")
    for level in ("point", "body"):
        found, _ = work(tmp_path, capsys, head, rows, "water", "black-odorous", "--level", level)
        assert "同一点位同一时间有多行" in found["reason"][0]
    rows = ["2025-01-01,13510000", "2025-01-01,-1", "2025-01-01,多", "2019-01-01,13510000"]
    found, _ = work(tmp_path, capsys, "time,density_cells_L", rows, "water", "bloom")
    assert found["bloom"].to_list() == ["轻度水华", "", "", ""]
    assert found["reason"].to_list()[3] == "早于任何水华分级规则"
    rows = [
        "A,2019,0.1",
        "A,2020,-0.1",
        "A,2021,坏",
        *(f"B,{year},0.{n}" for n, year in enumerate((2018, 2019, 2021, 2022, 2023))),
    ]
    found, _ = work(tmp_path, capsys, "section,period,TP", rows, "water", "trend", "--column", "TP")
    assert found["reason"].to_list() == [
        "1行：TP为负值，按缺测；1行：TP不是数值，按缺测；少于5个时段，不能判断",
        "年份不连续",
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_encodings_and_separators(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], encoding: str, separator: str
) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    text = f"{AIR},备注\nS1,甲,2025-06-01 08:00,{GOOD},晴\n".replace(",", separator)
    source.write_bytes(text.encode(encoding))
    assert run(capsys, "air", "aqi", source, out)[0] == 0
    assert pl.read_csv(out).select("AQI", "备注").row(0) == (40, "晴")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", 1, id="empty"),
        pytest.param("\n\n", 1, id="blank"),
        pytest.param("site,time,SO2\n", 1, id="no-rows"),
        pytest.param("site,time,SO2,SO2\nS,2025-06-01,1,2\n", 2, id="a-column-twice"),
        pytest.param("site,time,NO3\nS,2025-06-01,1\n", 2, id="no-item"),
        pytest.param("site,SO2\nS,1\n", 2, id="no-time"),
        pytest.param("site,time,SO2\nS,2025-06-01,1,2\n", 1, id="wider-than-the-header"),
    ],
)
def test_files_without_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, expected: int) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text(text, "utf-8")
    assert run(capsys, "air", "aqi", source, out)[0] == expected
    assert out.exists() == (text.count("\n") == 1)


@pytest.mark.parametrize("content", [b"PK\x03\x04garbage", b"PAR1garbage", bytes(range(256)) * 4])
def test_damaged_files(tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes) -> None:
    source = tmp_path / "in.xlsx"
    source.write_bytes(content)
    assert run(capsys, "air", "aqi", source, tmp_path / "out.csv")[0] == 1


def test_numbers_of_a_workbook_stay_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A station code of 1001 is a float in Excel; it must meet 1001 of a CSV roster."""
    times = [datetime.fromisoformat(f"2025-06-01 {hour:02d}:00") for hour in range(1, 24)]
    frame = pl.DataFrame({"site": [1001] * 23, "time": times, "PM2_5": [20.0] * 23})
    frame.write_excel(tmp_path / "in.xlsx")
    roster = csv(tmp_path / "roster.csv", "site,city,since", "1001,甲,2025-01-01")
    out = tmp_path / "out.xlsx"
    words = ("--by", "city", "--period", "day", "--roster", roster)
    assert run(capsys, "air", "evaluate", tmp_path / "in.xlsx", out, *words)[0] == 0
    assert tables.read(out).select("city", "PM2_5").rows() == [("甲", 20)]


@pytest.mark.parametrize(
    ("option", "head", "row", "code"),
    [
        ("--deduct", "site,date,items", "S1,2025-06-01,PM10", 0),
        ("--deduct", "site,date,items", "S1,2025-06-01,PM2.5、PM10", 0),
        ("--deduct", "site,date,items", "S1,那天,PM10", 2),
        ("--deduct", "site,date,items", "S1,2025-06-01,PM1", 2),
        ("--deduct", "city,date", "甲,2025-06-01", 2),
        ("--exempt", "site,item,since", "S1,CO,2025-01-01", 0),
        ("--exempt", "site,item,since", "S1,CO2,2025-01-01", 2),
        ("--exempt", "site,item,since", "S1,CO,从前", 2),
    ],
)
def test_side_tables_are_looked_at_before_work_begins(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str, head: str, row: str, code: int
) -> None:
    source, side = csv(tmp_path / "in.csv", AIR, *hours(1)), csv(tmp_path / "side.csv", head, row)
    out = tmp_path / "out.csv"
    words = ("--by", "site", "--period", "day", option, side, "--json")
    assert run(capsys, "air", "evaluate", source, out, *words)[0] == code
    assert out.exists() == (code == 0)


def test_a_side_row_that_meets_nothing_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    side = csv(tmp_path / "side.csv", "site,date", "S1,2025-06-01", "S9,2025-06-01")
    _, summary = work(
        tmp_path, capsys, AIR, hours(1), "air", "evaluate", "--by", "site", "--period", "day", "--deduct", side
    )
    assert summary["deduct_not_found"] == 1


def test_columns_that_the_result_takes_the_place_of_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found, summary = work(
        tmp_path, capsys, f"{AIR},AQI,primary", [f"S1,甲,2025-06-01 08:00,{GOOD},99,CO"], "air", "aqi"
    )
    assert found.select("AQI", "primary").row(0) == ("40", "")
    assert summary["replaced"] == ["AQI", "primary"]
