"""Periods by HJ 663: validity, means, percentiles, compliance, good days, cities, deduction."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan.science.air import _stream, evaluate, summarise
from qingyuan.science.errors import BadArgumentError, MissingColumnError

CLEAN = {"SO2": 6.0, "NO2": 20.0, "CO": 0.6, "O3": 60.0, "PM10": 40.0, "PM2_5": 20.0}


def hourly(first: date, days: int, site: str = "S", **items: list[float | None]) -> pl.DataFrame:
    """Whole days with the same value in each hour; an item given as list has one value a day."""
    start = datetime.combine(first, datetime.min.time()) + timedelta(hours=1)
    columns = {name: [value] * days for name, value in CLEAN.items()} | items
    return pl.DataFrame(
        {
            "site": [site] * (24 * days),
            "time": [start + timedelta(hours=place) for place in range(24 * days)],
            **{name: np.repeat(np.array(values, dtype=float), 24) for name, values in columns.items()},
        }
    )


def only(frame: pl.DataFrame) -> dict[str, object]:
    assert len(frame) == 1
    return frame.row(0, named=True)


@pytest.mark.parametrize(
    ("first", "length", "missing", "valid"),
    [
        pytest.param(date(2025, 1, 1), 31, 4, True, id="27-of-31"),
        pytest.param(date(2025, 1, 1), 31, 5, False, id="26-of-31"),
        pytest.param(date(2025, 2, 1), 28, 3, True, id="february-25"),
        pytest.param(date(2025, 2, 1), 28, 4, False, id="february-24"),
    ],
)
def test_gb3095_table_4_month(first: date, length: int, missing: int, valid: bool) -> None:
    values = [None] * missing + [30.0] * (length - missing)
    row = only(evaluate(hourly(first, length, PM2_5=values), "site", "month"))
    assert row["n_PM2_5"] == length - missing
    assert (row["PM2_5_mean"] is not None) == valid
    assert ("PM2_5有效天数不足" in str(row["reason"])) != valid
    assert row["PM2_5_compliant"] == (True if valid else None)
    assert row["NO2_mean"] == 20


def test_gb3095_table_4_year_needs_324_days_and_every_month() -> None:
    year = hourly(date(2025, 1, 1), 365)
    assert only(evaluate(year, "site", "year"))["PM2_5_mean"] == 20
    holes = [None] * 365
    values = [None if place % 10 == 3 else 20.0 for place in range(365)]
    assert sum(value is not None for value in values) == 328
    row = only(evaluate(hourly(date(2025, 1, 1), 365, PM2_5=values), "site", "year"))
    assert row["n_PM2_5"] == 328
    assert row["PM2_5_mean"] == 20
    values = [None if place < 5 else 20.0 for place in range(365)]
    assert only(evaluate(hourly(date(2025, 1, 1), 365, PM2_5=values), "site", "year"))["PM2_5_mean"] is None
    assert only(evaluate(hourly(date(2025, 1, 1), 365, PM2_5=holes), "site", "year"))["PM2_5_mean"] is None


def test_a_year_of_323_days_is_too_short_though_no_month_is() -> None:
    lacking = {1: 4, 2: 3, 3: 4, 4: 3, 5: 4, 6: 3, 7: 4, 8: 4, 9: 3, 10: 4, 11: 3, 12: 3}
    values: list[float | None] = []
    for place in range(365):
        day = date(2025, 1, 1) + timedelta(days=place)
        values.append(None if day.day <= lacking[day.month] else 20.0)
    assert 365 - sum(lacking.values()) == 323
    assert only(evaluate(hourly(date(2025, 1, 1), 365, PM2_5=values), "site", "year"))["PM2_5_mean"] is None
    values[0] = 20.0
    assert only(evaluate(hourly(date(2025, 1, 1), 365, PM2_5=values), "site", "year"))["PM2_5_mean"] == 20


def test_quarter_and_span() -> None:
    frame = hourly(date(2025, 1, 1), 90)
    assert only(evaluate(frame, "site", "quarter"))["period"] == "2025Q1"
    assert only(evaluate(frame, "site", "quarter"))["PM10_mean"] == 40
    assert only(evaluate(frame.head(24 * 60), "site", "quarter"))["PM10_mean"] is None
    span = only(evaluate(frame.head(24 * 3), "site", "all"))
    assert (span["period"], span["from"], span["to"]) == ("all", date(2025, 1, 1), date(2025, 1, 3))
    assert span["PM10_mean"] == 40


def test_figures_with_too_few_days_can_be_kept_but_are_never_judged() -> None:
    row = only(evaluate(hourly(date(2025, 1, 1), 10), "site", "month", keep_invalid=True))
    assert row["PM2_5_mean"] == 20
    assert row["compliant"] is None
    assert "有效天数不足" in str(row["reason"])


@settings(max_examples=40)
@given(st.lists(st.integers(0, 900), min_size=27, max_size=31), st.sampled_from([90, 95, 98]))
def test_hj663_annex_a_percentile_is_linear(values: list[int], percent: int) -> None:
    column = {90: "O3", 95: "PM2_5", 98: "SO2"}[percent]
    name = {90: "O3_8h_P90", 95: "PM2_5_P95", 98: "SO2_P98"}[percent]
    padded = [*values, *[None] * (31 - len(values))]
    row = only(evaluate(hourly(date(2025, 1, 1), 31, **{column: [*map(_float, padded)]}), "site", "month"))
    ordered = sorted(values)
    place, rest = divmod((len(ordered) - 1) * percent, 100)
    above = ordered[min(place + 1, len(ordered) - 1)]
    hundredths = ordered[place] * 100 + (above - ordered[place]) * rest
    whole, left = divmod(hundredths, 100)
    assert row[name] == whole + (left > 50 or (left == 50 and whole % 2 == 1))


def _float(value: int | None) -> float | None:
    return None if value is None else float(value)


def test_compliance_needs_mean_and_percentile() -> None:
    values: list[float | None] = [20.0] * 25 + [90.0] * 6
    row = only(evaluate(hourly(date(2025, 1, 1), 31, PM2_5=values), "site", "month"))
    assert row["PM2_5_mean"] == 34
    assert row["PM2_5_mean_multiple"] is None
    assert row["PM2_5_P95"] == 90
    assert row["PM2_5_P95_multiple"] == 0.2
    assert (row["PM2_5_compliant"], row["PM10_compliant"], row["compliant"]) == (False, True, False)
    assert (row["PM2_5_over_days"], row["PM2_5_rate"]) == (6, 80.6)
    assert (row["aqi_days"], row["good_days"], row["heavy_days"], row["good_day_ratio"]) == (31, 25, 0, 80.6)


def test_days_name_what_exceeds_and_what_lacks() -> None:
    frame = hourly(date(2025, 1, 1), 2, PM2_5=[80.0, 20.0], PM10=[40.0, None])
    first, second = evaluate(frame.slice(0, 47), "site", "day").rows(named=True)
    assert (first["exceeding"], first["compliant"], first["primary"], first["reason"]) == ("PM2_5", False, "PM2_5", "")
    assert (second["exceeding"], second["compliant"]) == ("", None)
    assert second["reason"] == "PM10有效数据不足；1个小时没有行；缺PM10"


def test_odd_hours_are_named_on_their_day() -> None:
    frame = hourly(date(2025, 1, 1), 2).with_columns(pl.col("CO").cast(pl.String), time=pl.col("time").cast(pl.String))
    frame = frame.with_columns(
        CO=pl.Series(["800", "坏", "-1", *frame["CO"][3:]]), SO2=pl.Series([-1.0, *frame["SO2"][1:]])
    )
    first, second = evaluate(pl.concat([frame.reverse(), frame[:1]]), "site", "day").rows(named=True)
    assert first["reason"] == (
        "SO2、CO有负值，按缺测；CO有不是数值的格，按缺测；CO有超出合理范围的值，按缺测，请核对单位；同一小时有多行，取第一行"
    )
    assert (first["n_CO"], first["n_SO2"], second["n_CO"]) == (21, 23, 24)
    assert second["reason"] == ""


@pytest.mark.parametrize(
    ("standard", "limits", "compliant"),
    [("auto", "GB3095-2012", True), ("HJ633-2012", "GB3095-2012", True), ("HJ633-2026", "GB3095-2026", False)],
)
def test_a_named_edition_recomputes_with_its_limits(standard: str, limits: str, compliant: bool) -> None:
    frame = hourly(date(2025, 1, 1), 31, PM2_5=[32.0] * 31)
    row = only(evaluate(frame, "site", "month", standard))
    assert (row["limits"], row["PM2_5_compliant"]) == (limits, compliant)


def test_a_period_across_the_change_says_so() -> None:
    row = only(evaluate(hourly(date(2026, 1, 1), 90), "site", "quarter"))
    assert row["standard"] == "HJ633-2012,HJ633-2026"
    assert row["limits"] == "GB3095-2026"
    assert "跨标准更替" in str(row["reason"])
    assert only(evaluate(hourly(date(2026, 1, 1), 90), "site", "quarter", "HJ633-2026"))["reason"] == ""


def test_city_by_column_and_by_dated_roster() -> None:
    frame = pl.concat([hourly(date(2025, 1, 1), 2, f"S{n}", PM10=[10.0 * n, 10.0 * n]) for n in (1, 2, 4)])
    by_column = evaluate(frame.with_columns(city=pl.lit("A")), "city", "day")
    assert by_column["PM10"].to_list() == [23, 23]
    assert by_column["n_PM10"].to_list() == [3, 3]
    roster = pl.DataFrame(
        {
            "site": ["S1", "S2", "S4"],
            "city": ["A", "A", "A"],
            "since": [date(2020, 1, 1)] * 3,
            "until": [None, None, date(2025, 1, 1)],
        }
    )
    assert evaluate(frame, "city", "day", roster=roster)["PM10"].to_list() == [23, 15]
    with pytest.raises(MissingColumnError, match="city"):
        evaluate(frame, "city", "day")
    moved = frame.with_columns(city=pl.when(pl.col("time").dt.day() == 1).then(pl.lit("A")).otherwise(pl.lit("B")))
    with pytest.raises(BadArgumentError, match="roster"):
        evaluate(moved, "city", "day")


def test_deduction_keeps_both_values_and_the_days() -> None:
    values: list[float | None] = [20.0] * 27 + [300.0] * 4
    frame = hourly(date(2025, 3, 1), 31, PM10=values)
    events = pl.DataFrame({"site": ["S"] * 4, "date": [f"2025-03-{day}" for day in (28, 29, 30, 31)]})
    row = only(evaluate(frame, "site", "month", deducted=events))
    assert (row["PM10_mean"], row["PM10_mean_deducted"]) == (56, 20)
    assert (row["n_PM10"], row["n_PM10_deducted"]) == (31, 27)
    assert (row["good_days"], row["good_days_deducted"]) == (27, 31)
    assert (row["NO2_mean"], row["NO2_mean_deducted"]) == (20, 20)
    days = evaluate(frame, "site", "day", deducted=events)
    assert (days["AQI"][30], days["AQI_deducted"][30]) == (175, 30)
    assert days["PM10"][30] == 300


def test_a_row_without_a_time_is_not_lost() -> None:
    frame = hourly(date(2025, 1, 1), 1).with_columns(time=pl.col("time").cast(pl.String))
    frame = pl.concat([frame, frame[:1].with_columns(time=pl.lit("昨天"))])
    for by in ("site", "city"):
        result = evaluate(frame.with_columns(city=pl.lit("A")), by, "month", keep_invalid=True)
        assert result["reason"].to_list()[0] == "时间缺失或无法识别"
        assert result["PM10_mean"].to_list() == [None, 40]


@settings(max_examples=20)
@given(st.randoms(use_true_random=False), st.integers(1, 47))
def test_order_and_chunks_do_not_matter(random: object, cut: int) -> None:
    values = [[float(random.randint(0, 200)) for _ in range(2)] for _ in range(2)]  # type: ignore[attr-defined]
    frame = pl.concat([hourly(date(2025, 1, 1), 2, f"S{n}", O3=values[n]) for n in range(2)])
    whole = evaluate(frame, "site", "day")
    assert evaluate(frame.sample(fraction=1, shuffle=True, seed=cut), "site", "day").equals(whole)
    parts = pl.concat([evaluate(frame.filter(pl.col("site") == f"S{n}"), "site", "day") for n in range(2)])
    assert parts.equals(whole)


def test_an_empty_frame_gives_an_empty_result() -> None:
    frame = hourly(date(2025, 1, 1), 1).clear()
    for period in ("day", "month", "all"):
        assert evaluate(frame, "site", period).is_empty()


def test_summary_of_days_equals_the_evaluation_of_hours() -> None:
    values = [float(place % 37 * 5) for place in range(90)]
    frame = pl.concat([hourly(date(2026, 1, 1), 90, f"S{n}", PM10=values[n:] + values[:n]) for n in range(3)])
    days = evaluate(frame, "site", "day")
    for period in ("month", "quarter", "year", "all"):
        whole = evaluate(frame, "site", period)
        assert summarise(days, "site", period).equals(whole)
        assert summarise(days.sample(fraction=1, shuffle=True, seed=1), "site", period).equals(whole)
    bare = days.select("site", pl.col("time").cast(pl.String), "PM10")
    assert summarise(bare, "site", "month")["PM10_mean"].equals(evaluate(frame, "site", "month")["PM10_mean"])
    with pytest.raises(BadArgumentError, match="month"):
        summarise(days, "site", "day")


def test_large_tables_are_judged_some_stations_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = [hourly(date(2025, 1, 1), 3 + n, f"S{n}", PM10=[40.0 * n] * (3 + n)) for n in (3, 1, 2)]
    frame = pl.concat(parts).with_columns(city=pl.lit("A"))
    whole = {by: evaluate(frame, by, "day") for by in ("site", "city")}
    months = evaluate(frame, "site", "month", keep_invalid=True)
    frame.write_parquet(tmp_path / "hours.parquet", row_group_size=50)
    scan = pl.scan_parquet(tmp_path / "hours.parquet")
    monkeypatch.setattr(_stream, "BATCH_ROWS", 100)
    for by, expected in whole.items():
        assert evaluate(scan, by, "day").equals(expected)
        assert evaluate(frame, by, "day").equals(expected)
    assert evaluate(scan, "site", "month", keep_invalid=True).equals(months)
    for mixed in (frame.sort("time"), frame.sort("time").lazy()):
        assert evaluate(mixed, "site", "day").equals(whole["site"])
    assert evaluate(frame.clear().lazy(), "site", "day").is_empty()
    with pytest.raises(MissingColumnError, match="time"):
        evaluate(scan.select("site"), "site", "day")
