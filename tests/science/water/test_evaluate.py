"""Periods, lakes, basins, targets and warnings: average first, classify second."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan.science.errors import BadArgumentError, MissingColumnError
from qingyuan.science.water import (
    basin_change,
    basin_rating,
    classify,
    closing_percentages,
    evaluate,
    exceedance_multiple,
    section_change,
    warning_level,
)
from science.shared_vectors import cases


def sheet(*rows: tuple[str, str, float | str | None], item: str = "NH3N", **fixed: Any) -> pl.DataFrame:
    """Rows of section, time and one item; `fixed` adds columns."""
    frame = pl.DataFrame(rows, schema=["section", "time", item], orient="row", strict=False)
    return frame.with_columns(pl.lit("river").alias("body")).with_columns(**{k: pl.lit(v) for k, v in fixed.items()})


def only(frame: pl.DataFrame) -> dict[str, Any]:
    assert len(frame) == 1
    return frame.row(0, named=True)


def test_average_first_classify_second() -> None:
    """Ⅲ and Ⅰ make Ⅱ over both months, not the worse of the two (as 江场河, 2024-01 to 02)."""
    frame = sheet(("S", "2024-01-05", 0.6), ("S", "2024-02-05", 0.1))
    assert evaluate(frame, "month")["class"].to_list() == ["III", "I"]
    row = only(evaluate(frame, "all"))
    assert (row["NH3N"], row["class"], row["months"]) == (0.35, "II", 2)


def test_ph_is_averaged_by_hydrogen_ions() -> None:
    values = (6.5, 7.9, 8.8, 9.0, 6.78, 8.87)
    frame = sheet(*(("S", f"2024-03-{day:02d}", value) for day, value in enumerate(values, 1)), item="pH")
    assert only(evaluate(frame, "month"))["pH"] == 7.0
    low = sheet(("S", "2024-03-01", 5.0), ("S", "2024-03-02", 9.0), item="pH")
    assert only(evaluate(low, "month", partial=True))["class"] == ">V", "mean of 5 and 9 is 5.3, not 7"


def test_the_mean_is_rounded_once_half_even() -> None:
    frame = sheet(("S", "2024-01-05", 0.144), ("S", "2024-01-06", 0.145), item="TP")
    assert only(evaluate(frame, "month"))["TP"] == 0.144
    third = sheet(*(("S", f"2024-01-0{n}", v) for n, v in enumerate((0.1005, 0.1005, 0.1006), 1)), item="TP")
    assert only(evaluate(third, "month"))["TP"] == 0.101


@pytest.mark.parametrize(
    ("cells", "mean"),
    [
        (["<0.02", "0.03"], 0.02),
        (["0.02L", "0.03"], 0.02),
        (["＜ 0.02", "0.03"], 0.02),
        (["--", "0.03"], 0.03),
        (["<0.02", "<0.02"], 0.01),
    ],
)
def test_a_non_detect_is_half_its_limit(cells: list[str], mean: float) -> None:
    frame = sheet(*(("S", f"2024-01-{day:02d}", cell) for day, cell in enumerate(cells, 1)), item="petroleum")
    row = only(evaluate(frame, "month"))
    assert row["petroleum"] == mean
    assert row["reason"] == ""


def test_months_weigh_alike_in_a_year() -> None:
    rows = [("S", f"2024-01-{day:02d}", 1.2) for day in range(1, 11)] + [("S", "2024-02-01", 0.2)]
    assert only(evaluate(sheet(*rows), "quarter"))["NH3N"] == 0.7


@pytest.mark.parametrize(
    ("months", "words"), [(12, ""), (9, "只有9个月的值"), (3, "只有3个月的值，少于8个月，不足以代表全年")]
)
def test_a_year_says_how_many_months_it_has(months: int, words: str) -> None:
    frame = sheet(*(("S", f"2024-{month:02d}-05", 0.5) for month in range(1, months + 1)))
    assert only(evaluate(frame, "year"))["reason"] == words


def test_a_lake_is_averaged_over_time_and_then_over_points() -> None:
    """Point A was sampled three times and B once: by points 0.06, by samples 0.05."""
    rows = [("A", f"2024-0{month}-05", 0.04) for month in (1, 2, 3)] + [("B", "2024-02-05", 0.08)]
    frame = sheet(*rows, item="TP", lake="太湖").with_columns(pl.lit("lake").alias("body"))
    row = only(evaluate(frame, "quarter", "lake"))
    assert (row["TP"], row["class"], row["points"]) == (0.06, "IV", 2)


def test_total_nitrogen_of_a_lake_is_reported_beside_the_class() -> None:
    frame = sheet(("A", "2024-01-05", 1.81), item="TN", DO=9.0).with_columns(pl.lit("lake").alias("body"))
    row = only(evaluate(frame, "month"))
    assert (row["TN"], row["class_TN"], row["class"]) == (1.81, "V", "I")


def test_what_cannot_be_used_is_counted_and_stays() -> None:
    frame = sheet(("S", "2024-01-05", "0.6"), ("S", "2024-01-06", "x"), ("S", "2024-01-07", "-1"), ("S", "昨天", "1"))
    result = evaluate(frame, "month").sort("period", nulls_last=True)
    assert result["samples"].sum() == 4
    assert result["reason"][0] == "NH3N有2个值不可用"
    assert "时间缺失" in result["reason"][1]
    assert result["class"].to_list() == ["III", None]


@pytest.mark.parametrize("month", ["2024-02", "2024/2", "2024年2月", "2024-02-17", "2024-02-17 08:00"])
def test_a_month_alone_is_a_time(month: str) -> None:
    row = only(evaluate(sheet(("S", month, 0.6)), "month"))
    assert (row["period"], row["class"]) == ("2024-02", "III")


def basin_of(*classes: str) -> pl.DataFrame:
    value = {"I": 0.1, "II": 0.4, "III": 0.9, "IV": 1.4, "V": 1.9, ">V": 9.0}
    return sheet(*((f"S{n}", "2024-01-05", value[name]) for n, name in enumerate(classes)), basin="B")


def test_a_basin_of_five_sections_goes_by_shares() -> None:
    row = only(evaluate(basin_of("I", "II", "III", "IV", ">V"), "month", "basin"))
    assert (row["rating"], row["class"], row["pct_I_III"], row["pct_inferiorV"]) == ("中度污染", None, 60.0, 20.0)
    assert row["main_pollutants"] == "氨氮(40.0%)"


def test_a_basin_of_four_sections_goes_by_means() -> None:
    row = only(evaluate(basin_of("I", "II", "III", ">V"), "month", "basin"))
    assert (row["class"], row["rating"]) == (">V", "重度污染")
    assert row["main_pollutants"] == "S3:氨氮(8.0)"


def test_a_dry_section_leaves_the_denominator() -> None:
    dry = sheet(("S9", "2024-01-05", None), basin="B").with_columns(pl.col("NH3N").cast(pl.Float64))
    row = only(evaluate(pl.concat([basin_of("I", "II", "III", "IV", ">V"), dry]), "month", "basin"))
    assert (row["sections"], row["not_sampled"], row["pct_I_III"]) == (5, 1, 60.0)
    assert row["reason"] == "1个断面没有类别，不计入"


@pytest.mark.parametrize("row", cases("water_vectors_basin.csv", "vector_id"))
def test_basin_vector(row: dict[str, str]) -> None:
    """B7 prints no rating and B9, B10 only shares of targets; B8 prints shares that sum to 100.1, ours close."""
    if row["rating_published"]:
        assert basin_rating(float(row["I_III_pct"]), float(row["inferior_V_pct"])) == row["rating_published"]
    counts = {"B7": [5, 7, 1, 0], "B9": [13, 2], "B10": [32, 3]}.get(row["vector_id"])
    if counts:
        assert closing_percentages(counts)[0] == float(row["I_III_pct"])
    if row["vector_id"] == "B8":
        printed = [5.0, 43.0, 26.3, 14.4, 4.5, 6.9]
        assert sum(printed) == pytest.approx(100.1)
        assert sum(closing_percentages([round(1613 * share / 100) for share in printed])) == pytest.approx(100)


@pytest.mark.parametrize("row", cases("water_vectors_percent_closure.csv", "vector_id"))
def test_percentages_close_as_printed(row: dict[str, str]) -> None:
    groups = ("I_III", "IV", "V", "inferiorV")
    counts = [int(row[f"n_{group}"]) for group in groups]
    assert sum(counts) == int(row["stations"]) - int(row["not_sampled"])
    assert closing_percentages(counts) == [float(row[f"pct_{group}"]) for group in groups]


@given(st.lists(st.integers(0, 500), min_size=1, max_size=8), st.integers(0, 3))
def test_percentages_always_close(counts: list[int], decimals: int) -> None:
    shares = closing_percentages(counts, decimals)
    assert round(sum(shares), decimals) == (100 if sum(counts) else 0)
    plain = [100 * count / sum(counts) if sum(counts) else 0 for count in counts]
    assert all(abs(share - exact) < 10**-decimals + 1e-9 for share, exact in zip(shares, plain, strict=True))


@pytest.mark.parametrize("row", cases("water_vectors_exceedance.csv", "vector_id"))
def test_exceedance_vector(row: dict[str, str]) -> None:
    """The multiple is printed, the value mostly not: every value well inside the implied span must give it."""
    limit, decimals = round(float(row["reference_limit"]) * 10**6), int(row["decimals"])
    if row["value"]:
        values = [float(row["value"])]
    else:
        low, high = float(row["implied_value_low"]), float(row["implied_value_high"])
        values = [low + (high - low) * share for share in (0.02, 0.5, 0.98)]
    for value in values:
        assert exceedance_multiple(round(value * 10**6), limit, decimals) == row["multiple_published"]


TARGETS = pl.DataFrame(
    {
        "section": ["S", "S", "S", "S"],
        "kind": ["function_zone", "assessment", "assessment", "incentive"],
        "target": ["IV", "II", "III", "II"],
        "since": ["2020-01-01", "2020-01-01", "2024-02-01", "2020-01-01"],
        "until": [None, "2024-01-31", None, None],
    }
)


def test_three_dated_targets_are_judged_apart() -> None:
    frame = sheet(("S", "2024-01-05", 0.9), ("S", "2024-02-05", 0.9))
    first, second = evaluate(frame, "month", targets=TARGETS).rows(named=True)
    assert (first["meets_function_zone"], first["meets_assessment"], first["meets_incentive"]) == ("yes", "no", "no")
    assert first["exceeding_assessment"] == "氨氮(0.8)"
    assert (second["target_assessment"], second["meets_assessment"]) == ("III", "yes")


def test_item_targets_and_excluded_items() -> None:
    special = pl.DataFrame(
        {
            "section": ["S"] * 3,
            "kind": ["assessment", "assessment", ""],
            "target": ["IV", None, None],
            "item": [None, "NH3N", "F"],
            "limit": [None, "3", None],
            "since": ["2020-01-01"] * 3,
            "excluded": [None, None, "yes"],
            "reason": [None, None, "本底值，某文件"],
        }
    )
    frame = sheet(("S", "2024-01-05", 6.9), F=2.0)
    row = only(evaluate(frame, "month", targets=special))
    assert row["class"] == ">V"
    assert row["exceeding_assessment"] == "氨氮(1.3)"
    assert row["reason"] == "F不参加评价（本底值，某文件）"
    met = only(evaluate(sheet(("S", "2024-01-05", 2.9), F=2.0), "month", targets=special))
    assert met["meets_assessment"] == "yes"


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("kind", "wish", "row 2, kind"),
        ("target", "VII", "row 2, target"),
        ("since", "soon", "row 2, since"),
        ("until", None, "row 4, since"),
    ],
)
def test_a_wrong_target_row_is_named(column: str, value: str | None, words: str) -> None:
    wrong = TARGETS.with_columns(pl.lit(value).alias(column)) if value is None else TARGETS.with_columns(
        pl.when(pl.int_range(pl.len()) == 0).then(pl.lit(value)).otherwise(pl.col(column)).alias(column)
    )  # fmt: skip
    with pytest.raises(BadArgumentError, match=words):
        evaluate(sheet(("S", "2024-01-05", 0.9)), "month", targets=wrong)


def test_a_section_without_a_target_cannot_be_judged() -> None:
    row = only(evaluate(sheet(("X", "2024-01-05", 0.9)), "month", targets=TARGETS))
    assert row["meets_assessment"] is None


def test_deterioration_against_last_year() -> None:
    rows = [("S", f"{year}-0{month}-05", value) for year, value in ((2024, 0.4), (2025, 1.8)) for month in (1, 2)]
    result = evaluate(sheet(*rows), "month", targets=TARGETS)
    assert result["class_cumulative"].to_list() == ["II", "II", "V", "V"]
    assert result["warning"].to_list() == [None, None, "一级", "一级"]
    assert result["change_last_year"].to_list() == [None, None, "明显变差", "明显变差"]


@pytest.mark.parametrize(
    ("classes", "expected"),
    [
        (("IV", "III", "IV", "III", "III"), "二级"),
        (("V", "III", "V", "III", "III"), "一级"),
        (("V", "III", "IV", "III", "III"), "二级"),
        (("III", "I", "III", "I", "I"), ""),
        (("IV", "III", "IV", "III", "IV"), ""),
        (("IV", None, "IV", "III", "III"), None),
    ],
)
def test_warning_levels(classes: tuple[str | None, ...], expected: str | None) -> None:
    assert warning_level(*classes) == expected


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [("I", "II", "无明显变化"), ("II", "III", "有所变差"), (">V", "III", "明显好转"), (None, "I", None)],
)
def test_section_changes_by_grades(before: str | None, after: str, words: str | None) -> None:
    assert section_change(before, after) == words


@pytest.mark.parametrize(
    ("shares", "words"),
    [
        ((70, 5, 80, 5), "无明显变化"),
        ((70, 5, 80.1, 5), "有所好转"),
        ((70, 5, 60, 15), "有所变差"),
        ((70, 5, 60, 15.1), "明显变差"),
    ],
)
def test_basin_changes_by_shares(shares: tuple[float, float, float, float], words: str) -> None:
    assert basin_change(*shares) == words


def test_wrong_use_is_refused() -> None:
    frame = sheet(("S", "2024-01-05", 0.9))
    with pytest.raises(BadArgumentError, match="week"):
        evaluate(frame, "week")  # type: ignore[arg-type]
    with pytest.raises(MissingColumnError, match="basin"):
        evaluate(frame, "month", "basin")


CELLS = st.lists(st.tuples(st.sampled_from("AB"), st.integers(1, 4), st.integers(0, 3000)), min_size=1, max_size=20)


@settings(max_examples=40)
@given(CELLS, st.sampled_from(["month", "quarter", "all"]))
def test_order_of_rows_does_not_matter(cells: list[tuple[str, int, int]], period: str) -> None:
    frame = sheet(*((s, f"2024-0{month}-01", value / 1000) for s, month, value in cells))
    assert evaluate(frame.reverse(), period).equals(evaluate(frame, period))  # type: ignore[arg-type]


@settings(max_examples=40)
@given(CELLS)
def test_one_sample_a_month_is_classified_as_it_stands(cells: list[tuple[str, int, int]]) -> None:
    single = {(s, month): value for s, month, value in cells}
    frame = sheet(*((s, f"2024-0{month}-01", value / 1000) for (s, month), value in sorted(single.items())))
    assert evaluate(frame, "month")["class"].to_list() == classify(frame, "evaluation")["class"].to_list()
