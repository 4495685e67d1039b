"""Composite index, ranking, rates, compensation, heavy pollution, trend, moving means."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import polars as pl
import pytest

from qingyuan.rules import DataFolder, RuleDataError, rule_book
from qingyuan.rules.air_compensation import KINDS, load_compensation
from qingyuan.science.air import (
    change_rate,
    compare,
    compensate,
    composite,
    heavy_levels,
    moving_mean,
    rank,
    rank_change,
)
from qingyuan.science.errors import BadArgumentError, MissingColumnError
from qingyuan.science.rounding import round_values
from qingyuan.science.stats import spearman
from science.shared_vectors import cases, vectors

FIGURES = {"SO2_mean": 9, "NO2_mean": 14, "PM10_mean": 77, "PM2_5_mean": 23, "CO_P95": 1.1, "O3_8h_P90": 96}


def figures(row: dict[str, str]) -> pl.DataFrame:
    return pl.DataFrame({name: [float(row[name.replace("PM2_5", "PM2.5")])] for name in FIGURES})


@pytest.mark.parametrize("row", cases("air_vectors_composite_index.csv"))
def test_composite_vector(row: dict[str, str]) -> None:
    """C08 comes from unrounded concentrations upstream (within 0.03); C09 adds unrounded single indices."""
    result = composite(figures(row), "rank_2014_2018").row(0, named=True)
    singles = [result[f"index_{name}"] for name in ("SO2", "NO2", "PM10", "PM2_5", "CO", "O3_8h")]
    assert [f"{value:.2f}" for value in singles] == row["single_indices_2dp"].split("|")
    assert result["composite"] == float(row["sum_of_2dp_single_indices"])
    published = float(row["composite_published"])
    if row["id"] == "C08":
        assert result["composite"] == pytest.approx(published, abs=0.03)
    elif row["id"] == "C09":
        assert composite(figures(row), "rank_2014_2018", round_single=False)["composite"][0] == published
    else:
        assert result["composite"] == published


@pytest.mark.parametrize("row", cases("air_vectors_rounding.csv"))
def test_rounding_vector(row: dict[str, str]) -> None:
    assert round_values(pl.Series([float(row["value"])]), int(row["decimals"]))[0] == float(row["expected"])


@pytest.mark.parametrize("row", cases("air_vectors_rates.csv"))
def test_rate_vector(row: dict[str, str]) -> None:
    now, before = pl.Series([float(row["numerator_or_new"])]), pl.Series([float(row["denominator_or_old"])])
    if row["type"] == "good_day_ratio":
        assert round(100 + change_rate(now, before)[0], 1) == float(row["published"])
    else:
        assert change_rate(now, before)[0] == float(row["published"])


def test_ranking_vectors() -> None:
    rows = vectors("air_vectors_ranking.csv")
    if not rows:
        pytest.skip("shared vectors absent: air_vectors_ranking.csv (set QINGYUAN_SHARED)")
    result = rank(pl.DataFrame(rows).drop("rank"))
    assert result["rank"].to_list() == [int(row["rank"]) for row in rows]


def test_scheme_by_date_and_reasons() -> None:
    frame = pl.DataFrame(
        {"period": ["2025-12", "2026Q1", "2026", "2031", "spring"], **{k: [v] * 5 for k, v in FIGURES.items()}}
    )
    frame = frame.with_columns(CO_P95=pl.Series([1.1, 1.1, 1.1, 1.1, None]))
    result = composite(frame)
    assert result["scheme"].to_list() == [
        "rank_2014_2018",
        "equal_weight_transition_2026",
        "equal_weight_transition_2026",
        "equal_weight_final_2031",
        "rank_2014_2018",
    ]
    assert result["composite"].to_list() == [3.14, 3.43, 3.43, 4.26, None]
    assert result["reason"][4] == "缺CO_P95；时段没有可识别的日期，按rank_2014_2018"
    assert result["index_primary"][0] == "PM10"
    weighted = composite(frame, "weighted_3_2_2_vendor_2026")
    assert weighted["composite"][1] == pytest.approx(0.15 + 0.7 + 1.28 + 3 * 0.77 + 0.28 + 2 * 0.6)
    with pytest.raises(BadArgumentError, match="rank_2014_2018"):
        composite(frame, "unknown")
    with pytest.raises(MissingColumnError):
        composite(frame.select("period"))


def test_ties_share_a_rank_and_the_next_is_skipped() -> None:
    frame = pl.DataFrame(
        {"c": [2.1, 1.5, 2.1, 3.0, None], "good": [80.0, 90.0, 85.0, 85.0, 99.0], "m": [1, 1, 1, 2, 2]}
    )
    assert rank(frame, "c")["rank"].to_list() == [2, 1, 2, 4, None]
    assert "不参加排名" in rank(frame, "c")["reason"][4]
    assert rank(frame, "good:desc")["rank"].to_list() == [5, 2, 3, 3, 1]
    assert rank(frame, "good:desc,c")["rank"].to_list() == [5, 2, 3, 4, 1]
    assert rank(frame, "c", "m")["rank"].to_list() == [2, 1, 2, 1, None]


def test_change_ranking_leaves_those_that_meet_grade_two_out_of_worsening() -> None:
    now = pl.DataFrame(
        {
            "city": ["A", "B", "C", "D", "E"],
            "composite": [3.0, 4.4, 2.2, 3.0, 5.0],
            "compliant": [False, False, True, False, None],
        }
    )
    before = pl.DataFrame({"city": ["A", "B", "C", "D"], "composite": [3.3, 4.0, 2.0, 3.0]})
    result = rank_change(now, before, "city")
    assert result["change_rate"].to_list() == [-9.1, 10.0, 10.0, 0.0, None]
    assert result["improvement_rank"].to_list() == [1, 3, 3, 2, None]
    assert result["worsening_rank"].to_list() == [None, 1, None, None, None]
    assert "无变化率" in result["reason"][4]


def test_comparison_refuses_two_sets_of_rules() -> None:
    old = pl.DataFrame({"city": ["A", "B"], "PM2_5_mean": [30.0, 20.0], "limits": ["GB3095-2012"] * 2})
    new = pl.DataFrame({"city": ["A", "C"], "PM2_5_mean": [27.0, 20.0], "limits": ["GB3095-2026"] * 2})
    with pytest.raises(BadArgumentError, match="limits"):
        compare(new, old, "city", ["PM2_5_mean"])
    same = compare(new.with_columns(limits=pl.lit("GB3095-2012")), old, "city", ["PM2_5_mean"])
    assert same.rows() == [("A", 27.0, 30.0, -10.0), ("C", 20.0, None, None), ("B", None, 20.0, None)]


def test_three_year_moving_mean_needs_all_years() -> None:
    yearly = pl.DataFrame(
        {"city": ["A"] * 4, "period": ["2022", "2023", "2024", "2025"], "PM2_5_mean": [35.0, 36.0, 34.0, 36.0]}
    )
    assert moving_mean(yearly, "city", ["PM2_5_mean"])["PM2_5_mean_3y"].to_list() == [None, None, 35.0, 35.0]
    gap = yearly.with_columns(PM2_5_mean=pl.Series([35.0, None, 34.0, 36.0]))
    assert moving_mean(gap, "city", ["PM2_5_mean"])["PM2_5_mean_3y"].to_list() == [None] * 4


TOWNS = pl.DataFrame(
    {
        "town": ["甲", "乙", "丙", "丁", "戊"],
        "PM2_5": [28.0, 30.0, 35.0, 40.0, 42.0],
        "improvement_rate": [6.0, 5.0, 8.0, 1.0, -2.0],
        "target_rate": [5.0] * 5,
    }
)


def amounts(frame: pl.DataFrame, name: str, **options: str) -> list[float | None]:
    return compensate(frame, rule_book().air_compensation[name], **options)["amount"].to_list()


def test_wujiang_2020_steps_and_amounts() -> None:
    result = compensate(TOWNS, rule_book().air_compensation["wujiang_2020"])
    assert result["amount"].to_list() == [40, 40, 40, -60, -60]
    assert result["score"][0] == pytest.approx(35 / 28 * 0.6 + 6 / 5 * 0.4)
    assert result["steps"][0].split("；")[0] == "PM2.5目标值/月均值：35/28×0.6 = 0.75"
    both = TOWNS.with_columns(improvement_rate=pl.Series([9.0, 5.0, 8.0, 1.0, -2.0]))
    assert amounts(both, "wujiang_2020") == [60, 60, 0, -60, -60]


def test_x08_one_payer_shared_by_three_towns() -> None:
    shipped = DataFolder.shipped().texts["air_compensation.csv"]
    one_payer = shipped.replace("pay_last,score,desc,60,2", "pay_last,score,desc,60,1")
    scheme = load_compensation(DataFolder({"s.csv": one_payer}), "s.csv")["wujiang_2020"]
    assert compensate(TOWNS, scheme)["amount"].to_list() == [20, 20, 20, 0, -60]


def test_ties_and_missing_cells_are_named() -> None:
    tied = TOWNS.with_columns(PM2_5=pl.Series([28.0, 30.0, 30.0, 40.0, None]))
    result = compensate(tied, rule_book().air_compensation["wujiang_2020"])
    assert result["amount"][4] is None
    assert result["reason"][4] == "缺PM2_5，不参加结算"
    assert "并列" in result["reason"][1]
    with pytest.raises(MissingColumnError, match="target_rate"):
        compensate(TOWNS.drop("target_rate"), rule_book().air_compensation["wujiang_2020"])


def test_each_month_is_settled_for_itself() -> None:
    two = pl.concat([TOWNS.with_columns(period=pl.lit("2020-04")), TOWNS[:3].with_columns(period=pl.lit("2020-05"))])
    assert amounts(two, "wujiang_2020", within="period")[:5] == [40, 40, 40, -60, -60]
    assert sum(filter(None, amounts(two, "wujiang_2020", within="period"))) == 0


ANHUI = {"PM2_5_last": [30.0], "PM2_5": [24.0], "PM10_last": [47.0], "PM10": [44.0], "factor": [None]}


@pytest.mark.parametrize("row", cases("air_vectors_ecocomp.csv"))
def test_ecocomp_vector(row: dict[str, str]) -> None:
    """X05 and X06 use an inferred K; X07 is a sum of four published parts."""
    if row["id"] in ("X01", "X02", "X03", "X04"):
        place = {"40%": 1, "30%": 2, "20%": 3, "10%": 4}[row["calculation_wan_yuan"].split("* ")[1]]
        frame = pl.DataFrame({"total": ["94.5"], "rank": [place]})
        assert amounts(frame, "anqing_2018") == [float(row["expected_wan_yuan"])]
    elif row["id"] == "X05":
        assert amounts(pl.DataFrame(ANHUI), "anhui_2018") == [94.5]
    elif row["id"] == "X06":
        frame = pl.DataFrame({**ANHUI, "PM2_5_last": [34.0], "PM10_last": [45.0]})
        assert (34 - 24) * 3 + (45 - 44) == 31
        assert amounts(frame, "anhui_2018") == [float(row["expected_wan_yuan"])]
    elif row["id"] == "X07":
        head = DataFolder.shipped().texts["air_compensation.csv"].splitlines()[0]
        lines = [
            f"press,,taiyuan,太原,{n},add,{a},,{c},,{a},2021-01-01,,setting,test"
            for n, (a, c) in enumerate((("p1", 1), ("p2", 1), ("p3", 1), ("p4", -1)), 1)
        ]
        lines.append("press,,taiyuan,太原,5,settle,,,,,,2021-01-01,,setting,test")
        scheme = load_compensation(DataFolder({"s.csv": "\n".join([head, *lines])}), "s.csv")["taiyuan"]
        frame = pl.DataFrame({"p1": [10.25], "p2": [6.34], "p3": [17.29], "p4": [13.0]})
        assert compensate(frame, scheme)["amount"].to_list() == [float(row["expected_wan_yuan"])]
    else:
        assert row["id"] == "X08", "a new vector: say how it is worked out"


SHANDONG = {"PM2_5": 50, "PM10": 90, "SO2": 20, "NO2": 42}
SHANDONG |= {"PM2_5_last": 60, "PM10_last": 100, "SO2_last": 20, "NO2_last": 40}
GOOD_DAYS = {"good_day_ratio": 70, "good_day_ratio_last": 65}


@pytest.mark.parametrize(
    ("scheme", "columns", "expected"),
    [
        pytest.param("shandong_2014", {**SHANDONG, "factor": 1.5}, 219, id="shandong-2014"),
        pytest.param("shandong_2017", {**SHANDONG, **GOOD_DAYS, "factor": None}, 684, id="shandong-2017"),
        pytest.param("zhengzhou_2020", {"PM2_5": 48, "baseline": 40}, -110, id="zhengzhou-ladder"),
        pytest.param("zhengzhou_2020", {"PM2_5": 39, "baseline": 40}, 0, id="zhengzhou-below"),
        pytest.param("qingdao_2014", {"PM2_5": 38, "PM2_5_target": 40, "PM2_5_last": 45}, 120, id="qingdao-met"),
        pytest.param("qingdao_2014", {"PM2_5": 47, "PM2_5_target": 40, "PM2_5_last": 45}, -100, id="qingdao-worse"),
        pytest.param("chengdu_2016", {"PM2_5": 47, "PM2_5_target": 40, "PM2_5_last": 45}, -80, id="chengdu-rise"),
        pytest.param("wuhan_2016", {"PM2_5": 47, "PM2_5_last": 45, "PM10_last": 80, "PM10": 70}, 240, id="wuhan"),
    ],
)
def test_scheme_by_hand(scheme: str, columns: dict[str, float], expected: float) -> None:
    assert amounts(pl.DataFrame({name: [value] for name, value in columns.items()}), scheme) == [expected]


def test_schemes_as_data() -> None:
    assert {step.kind for scheme in rule_book().air_compensation.values() for step in scheme.steps} <= set(KINDS)
    text = DataFolder.shipped().texts["air_compensation.csv"].replace(",1,add_ratio", ",3,add_ratio", 1)
    with pytest.raises(RuleDataError, match="row 2"):
        load_compensation(DataFolder({"s.csv": text}), "s.csv")


def days(*values: int | None, first: date = date(2025, 1, 1)) -> pl.DataFrame:
    times = [first + timedelta(days=place) for place in range(len(values))]
    return pl.DataFrame({"city": ["A"] * len(values), "time": times, "AQI": list(values)})


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param([201], ["yellow"], id="one-day-over-200"),
        pytest.param([200], [None], id="200-is-not-over"),
        pytest.param([151, 151], ["yellow"] * 2, id="two-days-over-150"),
        pytest.param([151, None, 151], [None] * 3, id="a-missing-day-breaks-the-run"),
        pytest.param([151, 151, 151], ["orange"] * 3, id="three-days-over-150"),
        pytest.param([201, 201, 100], ["orange", "orange", None], id="two-days-over-200"),
        pytest.param([201, 201, 201], ["orange"] * 3, id="three-days-over-200-without-300"),
        pytest.param([201, 301, 201], ["red"] * 3, id="three-days-over-200-with-one-over-300"),
        pytest.param([160, 201, 301, 201, 160], ["orange", "red", "red", "red", "orange"], id="red-inside-orange"),
    ],
)
def test_heavy_pollution_levels(values: list[int | None], expected: list[str | None]) -> None:
    assert heavy_levels(days(*values))["heavy"].to_list() == expected


def test_heavy_pollution_by_place_and_date() -> None:
    assert heavy_levels(days(101, 101), place="321282")["heavy"].to_list() == ["pre_yellow"] * 2
    assert heavy_levels(days(210, 210, first=date(2018, 1, 1)))["heavy"].to_list() == ["yellow"] * 2


def test_trend_of_hj663_annex_b() -> None:
    critical = [(entry.n, float(entry.at_05)) for entry in rule_book().air_evaluation.spearman]
    assert spearman([40, 38, 39, 35, 33], critical).r == pytest.approx(-0.9)
    assert spearman([40, 38, 39, 35, 33], critical).direction == "falling"
    assert spearman([40, 38, 39, 33, 35], critical).direction == "none"
    assert spearman([1, 2, 3, 4, 5], critical).direction == "rising"
    assert spearman([5, 5, 5, 5, 5], critical).direction == "none"
    assert spearman([float(n) for n in range(11)], critical).critical == float(Decimal("0.564"))
    with pytest.raises(BadArgumentError, match="at least 5"):
        spearman([1, 2, 3], critical)
