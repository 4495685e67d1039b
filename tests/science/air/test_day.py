"""Station-days and city-days: validity, ozone windows, rounding."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingyuan.science.air import aqi, city_values, day_values
from science.shared_vectors import data_file

MIDNIGHT = datetime.fromisoformat("2025-06-01T00:00")


def hours(values: list[float | None], item: str = "PM10", site: str = "S") -> pl.DataFrame:
    times = [MIDNIGHT + timedelta(hours=place) for place in range(len(values))]
    return pl.DataFrame(
        {"site": [site] * len(values), "time": times, item: values}, schema_overrides={item: pl.Float64}
    )


def day(values: list[float | None], item: str = "PM10") -> dict[str, object]:
    return day_values(hours(values, item)).row(0, named=True)


@pytest.mark.parametrize(("valid", "value"), [(24, 50), (20, 50), (19, None)])
def test_gb3095_table_4_a_day_needs_20_hours(valid: int, value: float | None) -> None:
    row = day([50.0] * valid + [None] * (24 - valid))
    assert (row["PM10"], row["n_PM10"]) == (value, valid)
    assert ("PM10有效数据不足" in str(row["reason"])) == (value is None)


def test_a_mean_is_rounded_once_half_to_even() -> None:
    assert day([44.0] * 12 + [45.0] * 12)["PM10"] == 44
    assert day([45.0] * 12 + [46.0] * 12)["PM10"] == 46
    assert day([0.7] * 12 + [0.8] * 12, "CO")["CO"] == 0.8


def test_negative_hours_do_not_count() -> None:
    assert day([50.0] * 20 + [-5.0] * 4)["PM10"] == 50


def test_hj663_largest_8_h_mean_ends_from_08_to_24() -> None:
    """The hours before 08:00 count only inside the window that ends at 08:00."""
    assert day([160.0] * 8 + [0.0] * 16, "O3")["O3_8h"] == 160
    assert day([320.0] + [0.0] * 23, "O3")["O3_8h"] == 40
    assert day([0.0] * 16 + [96.0] * 8, "O3")["O3_8h"] == 96


def test_an_8_h_mean_needs_6_hours_and_is_exact() -> None:
    row = day([None, None] + [70.0, 70.0, 70.0, 70.0, 70.0, 71.0] + [None] * 16, "O3")
    assert row["n_O3_8h"] == 3
    assert row["O3_8h"] is None
    assert day([100.0] * 7 + [None] + [0.0] * 16, "O3")["O3_8h"] == 100


@pytest.mark.parametrize(
    ("level", "value", "windows"),
    [(160.0, None, 12), (161.0, 161, 12)],
    ids=["at the limit", "above the limit"],
)
def test_hj663_6_1_2_too_few_windows_count_when_they_exceed(level: float, value: float | None, windows: int) -> None:
    row = day([level] * 17 + [None] * 7, "O3")
    assert (row["O3_8h"], row["n_O3_8h"]) == (value, windows)


def test_a_closing_stamp_of_midnight_belongs_to_the_day_before() -> None:
    frame = hours([50.0] * 24).with_columns(pl.col("time").dt.offset_by("1h"))
    closed = day_values(frame, stamps="closes")
    assert closed["time"].to_list() == [date(2025, 6, 1)]
    assert closed["n_PM10"].to_list() == [24]


def test_a_doubled_hour_is_taken_once_and_said() -> None:
    frame = pl.concat([hours([50.0] * 24), hours([900.0])])
    row = day_values(frame).row(0, named=True)
    assert (row["PM10"], row["n_PM10"]) == (50, 24)
    assert "多行" in row["reason"]


def test_rows_without_time_are_said_not_dropped() -> None:
    frame = hours([50.0] * 3).with_columns(time=pl.lit("明天"))
    result = day_values(frame)
    assert result["time"].to_list() == [None]
    assert "时间缺失" in result["reason"][0]


def test_before_any_rule_a_day_is_not_valid() -> None:
    frame = hours([50.0] * 24).with_columns(pl.col("time").dt.offset_by("-40y"))
    assert day_values(frame)["PM10"].to_list() == [None]


def test_day_values_feed_the_daily_index() -> None:
    frame = hours([75.0] * 24, "PM2_5").with_columns(O3=pl.lit(100.0))
    row = aqi(day_values(frame), "day").row(0, named=True)
    assert (row["AQI"], row["primary"]) == (100, "PM2_5")


@given(
    st.lists(st.one_of(st.none(), st.integers(0, 500).map(float)), min_size=48, max_size=48),
    st.permutations(range(48)),
)
def test_order_and_chunks_do_not_matter(values: list[float | None], order: list[int]) -> None:
    frame = hours(values, "O3")
    whole = day_values(frame)
    assert day_values(frame[order]).equals(whole)
    assert pl.concat([day_values(frame[:24]), day_values(frame[24:])]).equals(whole)


def roster(*stations: tuple[str, str, str | None]) -> pl.DataFrame:
    rows = [
        ("C", site, date.fromisoformat(since), until and date.fromisoformat(until)) for site, since, until in stations
    ]
    schema = {"city": pl.String, "site": pl.String, "since": pl.Date, "until": pl.Date}
    return pl.DataFrame(rows, schema=schema, orient="row")


def station_days(values: dict[str, float | None]) -> pl.DataFrame:
    return pl.DataFrame(
        {"site": list(values), "time": [date(2025, 6, 1)] * len(values), "PM2_5": list(values.values())},
        schema_overrides={"PM2_5": pl.Float64},
    )


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"A": 10.0, "B": 11.0, "C": 12.0, "D": 13.0}, 12),
        ({"A": 10.0, "B": 11.0, "C": 12.0, "D": None}, 11),
        ({"A": 10.0, "B": 11.0, "C": None, "D": None}, None),
        ({"A": 10.0, "B": 11.0, "C": 12.0}, 11),
        ({"A": 10.0, "B": 11.0, "C": 12.0, "D": 13.0, "X": 500.0}, 12),
    ],
    ids=["all: 11.5 to even", "three of four", "two of four", "one silent", "one not on the roster"],
)
def test_a_city_needs_75_percent_of_its_roster(values: dict[str, float | None], expected: float | None) -> None:
    stations = roster(*((site, "2020-01-01", None) for site in "ABCD"))
    assert city_values(station_days(values), stations)["PM2_5"].to_list() == [expected]


def test_a_roster_is_dated() -> None:
    stations = roster(("A", "2020-01-01", None), ("B", "2020-01-01", "2025-05-31"), ("C", "2025-06-02", None))
    row = city_values(station_days({"A": 10.0, "B": 90.0, "C": 90.0}), stations).row(0, named=True)
    assert (row["PM2_5"], row["n_due"]) == (10, 1)


def test_published_running_maximum_of_ozone_agrees() -> None:
    """The source's own daily maximum so far, at midnight, within its rounding for whole days."""
    path = data_file("air_cnemc_jiangsu_2019/jiangsu_station_hourly_2019_jan_sep.parquet")
    frame = pl.read_parquet(path, columns=["station_code", "time", "O3", "O3_8h_24h"]).rename({"station_code": "site"})
    ours = day_values(frame, stamps="closes").filter(pl.col("n_O3") == 24)
    theirs = frame.filter(pl.col("time").dt.hour() == 0).select(
        "site", pl.col("time").dt.offset_by("-1d").dt.date(), "O3_8h_24h"
    )
    both = ours.join(theirs.drop_nulls(), on=["site", "time"])
    near = ((both["O3_8h"] - both["O3_8h_24h"]).abs() <= 1).mean()
    assert len(both) > 10_000
    assert near is not None
    assert near > 0.95
