"""Settings and tables of water are those of the row's own date, and a date before all of them is a reason."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from qingyuan.rules import DataFolder, NoRuleError, RuleBook, load
from qingyuan.rules.packs import read_pack, with_packs
from qingyuan.science import water

SHIPPED = DataFolder.shipped()


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> RuleBook:
    """The shipped rules with some that change on 2026-01-01."""
    folder = tmp_path_factory.mktemp("county")
    rows = {
        "water_tli_items.csv": ["DB,,chla,叶绿素a,mg/m3,3.5,1.086,1,2026-01-01,,setting,ours"],
        "water_tli_states.csv": ["DB,,3,55,yes,轻度富营养,lightly eutrophic,2026-01-01,,setting,ours"],
        "water_settings.csv": [
            "DB,,year.months.least,3,month,最少月数,2026-01-01,,setting,ours",
            "DB,,quarter.samples,3,count,采样次数,2026-01-01,,setting,ours",
            "DB,,balance.cod.reference,300,mg/L,参考浓度,2026-01-01,,setting,ours",
            "DB,,plausible.multiple_of_v,10,1,倍数,2026-01-01,,setting,ours",
            "DB,,change.section.marked,1,grade,级差,2026-01-01,,setting,ours",
            "DB,,basin.share_method.sections,2,count,断面数,2026-01-01,,setting,ours",
        ],
        "water_bloom_levels.csv": ["DB,,3,5000000,10,轻度水华,2026-01-01,,setting,ours"],
        "water_compensation.csv": ["DB,,taihu_pilot,load,TP,200000,CNY/t,,,2026-01-01,,setting,ours"],
        "water_black_odorous.csv": ["DB,,NH3N,氨氮,mg/L,high,4.0,15,2026-01-01,,setting,ours"],
    }
    for file, lines in rows.items():
        header = SHIPPED.texts[file].splitlines()[0]
        (folder / file).write_text("\n".join([header, *lines]) + "\n", "utf-8")
    return load(with_packs(SHIPPED, [read_pack(Path(folder))]))


def test_the_trophic_index_by_date(changed: RuleBook) -> None:
    frame = pl.DataFrame({"lake": list("abcd"), "chla_mg_m3": [10.0] * 4,
                          "time": ["2025-12-31", "2026-01-01", "1999-06-01", "去年"]})  # fmt: skip
    result = water.tli(frame, book=changed)
    assert result["lake"].to_list() == list("abcd")
    # 10 (2.5 + 1.086 ln 10) = 50.006, with 3.5: 60.006
    assert result["tli_chla"].to_list() == [50.006, 60.006, None, 60.006]
    assert result["state"].to_list() == ["轻度富营养", "中度富营养", None, "中度富营养"]
    assert result["reason"][2] == "早于任何营养状态规则"
    assert result["reason"][3].endswith("时间缺失或无法识别，按现行规则")
    assert water.tli(frame.drop("time"), book=changed)["tli_chla"].to_list() == [60.006] * 4


@pytest.mark.parametrize(
    ("column", "old", "new"),
    [("time", "2025", "2026"), ("period", "2025Q4", "2026Q1"), ("period", "2025-12", "2026-01"),
     ("to", "2025-12-31", "2026-01-31")],
)  # fmt: skip
def test_any_column_of_times_picks_the_rules(changed: RuleBook, column: str, old: str, new: str) -> None:
    frame = pl.DataFrame({"chla_mg_m3": [10.0, 10.0], column: [old, new]})
    assert water.tli(frame, book=changed)["tli_chla"].to_list() == [50.006, 60.006]


def test_rows_come_back_in_their_order(changed: RuleBook) -> None:
    times = ["2026-03-01", "2025-03-01", "1999-03-01", "2026-04-01", "2025-04-01"]
    frame = pl.DataFrame({"n": range(5), "time": times, "chla_mg_m3": [10.0] * 5})
    assert water.tli(frame, book=changed)["n"].to_list() == list(range(5))


def test_settings_of_periods_by_date(changed: RuleBook) -> None:
    rows = [("S", f"{year}-{month:02d}-05", "river", 8.0, 0.1) for year in (2025, 2026) for month in (1, 2, 3, 4)]
    frame = pl.DataFrame(rows, schema=["section", "time", "body", "DO", "TP"], orient="row")
    year = water.evaluate(frame, "year", book=changed)
    assert ["少于8个月" in text for text in year["reason"]] == [True, False]
    assert year["reason"][1] == "只有4个月的值"
    quarter = water.evaluate(frame.filter(pl.col("time").str.slice(5, 2) != "03"), "quarter", book=changed)
    assert quarter.filter(pl.col("period") == "2025-Q1")["reason"][0] == ""
    assert quarter.filter(pl.col("period") == "2026-Q1")["reason"][0] == "季度采样少于3次"


def test_changes_and_basins_by_date(changed: RuleBook) -> None:
    values = {"2024-05": 0.1, "2025-05": 0.25, "2026-05": 0.35}
    rows = [(s, "河", f"{m}-05", "river", v) for m, v in values.items() for s in ("S", "T")]
    frame = pl.DataFrame(rows, schema=["section", "basin", "time", "body", "TP"], orient="row")
    section = water.evaluate(frame, "year", book=changed).filter(pl.col("section") == "S")
    assert section["change"].to_list() == [None, "明显变差", "明显变差"]  # II → IV, IV → V
    assert water.evaluate(frame, "year").filter(pl.col("section") == "S")["change"].to_list()[2] == "有所变差"
    basin = water.evaluate(frame, "year", "basin", book=changed)
    assert basin["class"].to_list() == ["II", "IV", None]
    assert basin["rating"].to_list() == ["优", "轻度污染", "轻度污染"]


def test_a_doubtful_multiple_by_date(changed: RuleBook) -> None:
    frame = pl.DataFrame(
        {"section": ["S", "S"], "time": ["2025-06-01", "2026-06-01"], "body": ["river"] * 2, "TP": [5.0] * 2}
    )
    assert ["疑为单位错误" in text for text in water.classify(frame, book=changed)["reason"]] == [False, True]


def test_blooms_compensation_and_black_odorous_by_date(changed: RuleBook) -> None:
    times = ["2025-06-01", "2026-06-01", "2005-06-01"]
    blooms = water.blooms(pl.DataFrame({"time": times, "density_cells_L": [6e6] * 3}), book=changed)
    assert blooms["bloom"].to_list() == ["无明显水华", "轻度水华", None]
    assert blooms["reason"].to_list() == ["", "", "早于任何水华分级规则"]
    loads = pl.DataFrame({"section": ["S"] * 3, "time": times, "item": ["TP"] * 3, "value": [0.3] * 3,
                          "target": [0.2] * 3, "flow_m3": [1e6] * 3})  # fmt: skip
    money = water.compensate(loads, "taihu_pilot", book=changed)
    assert money["amount"].to_list() == [10000.0, 20000.0, None]
    assert money["reason"][2] == "早于任何断面补偿方案"
    steps = water.compensate(loads.with_columns(time=pl.lit("2020-01-01")), "jiangsu_2021", book=changed)
    assert steps["reason"][0].startswith("方案jiangsu_2021在该日期没有施行")
    tests = pl.DataFrame(
        {"water_body": ["W"] * 3, "point": [1, 2, 3], "order": [1, 2, 3], "time": times, "NH3N": [5.0] * 3}
    )
    graded, _, _ = water.black_odorous(tests, book=changed)
    assert graded["level"].to_list() == ["无", "轻度", None]
    assert graded["reason"][2].startswith("早于任何黑臭水体规则")


def test_balance_by_period(changed: RuleBook) -> None:
    frame = pl.DataFrame({"area": ["甲"] * 3, "period": ["2025-06", "2026-06", "1999-06"], "volume_m3": [100.0] * 3,
                          "cod_in_mg_L": [175.0] * 3, "domestic_sewage_m3": [200.0] * 3})  # fmt: skip
    result = water.balance(frame, book=changed)
    assert result["period"].to_list() == ["2025-06", "2026-06", "1999-06"]
    assert result["rate_cod_pct"].to_list() == [25.0, 29.17, None]
    assert result["reason"][2] == "早于任何平衡核算规则"


def test_the_city_index_takes_the_limits_of_each_row() -> None:
    frame = pl.DataFrame({"body": ["river"] * 2, "time": ["2025-01", "1990-01"], "NH3N": [0.5, 0.5]})
    result = water.cwqi(frame)
    assert result["cwqi"].to_list() == [0.5, None]
    assert result["reason"][1] == "早于任何水质指数规则"


def test_a_table_without_rows_for_a_day_is_an_error() -> None:
    tables = load(SHIPPED).water_tables
    assert tables.on(date(2026, 1, 1)).number("year.months") == 12
    with pytest.raises(NoRuleError, match="2001-01-01"):
        _ = tables.on(date(2001, 1, 1)).tli_items
    with pytest.raises(NoRuleError, match="2001-01-01"):
        tables.on(date(2001, 1, 1)).number("year.months")
