"""Rolling 8 h ozone: GB 3095-2012, table 4; the same windows as those of the daily maximum."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingyuan.science.air import day_values, rolling_ozone
from qingyuan.science.errors import MissingColumnError

START = datetime.fromisoformat("2025-06-01 01:00")


def hourly(*values: object, site: str = "S") -> pl.DataFrame:
    times = [START + timedelta(hours=n) for n in range(len(values))]
    return pl.DataFrame({"site": [site] * len(values), "time": times, "O3": list(values)}, strict=False)


def test_a_window_needs_six_of_eight_hours() -> None:
    result = rolling_ozone(hourly(10, 20, 30, 40, 50, 60, 70, 80, 90))
    assert result["O3_8h"].to_list() == [None] * 5 + [35, 40, 45, 55]
    assert result["n_O3_8h"].to_list() == [1, 2, 3, 4, 5, 6, 7, 8, 8]
    assert result["reason"].to_list() == ["8小时内有效数据不足"] * 5 + [""] * 4


def test_rounding_is_half_even_once() -> None:
    assert rolling_ozone(hourly(*[4] * 4, *[5] * 4))["O3_8h"][-1] == 4  # 4.5
    assert rolling_ozone(hourly(*[5] * 4, *[6] * 4))["O3_8h"][-1] == 6  # 5.5


def test_odd_hours_do_not_count_and_are_named() -> None:
    result = rolling_ozone(hourly("10", "x", "-1", "9000", *["10"] * 6))
    assert result["n_O3_8h"].to_list() == [1, 1, 1, 1, 2, 3, 4, 5, 5, 6]
    for row, words in ((1, "不是数值"), (2, "为负值"), (3, "超出合理范围")):
        assert words in result["reason"][row]
    assert result["O3_8h"][-1] == 10


def test_gaps_doubles_and_order() -> None:
    frame = hourly(*range(10, 22)).gather([11, 0, 1, 2, 3, 4, 5, 7, 8, 9, 10])
    result = rolling_ozone(frame)
    assert result["n_O3_8h"][0] == 7  # hours 5 to 12, the seventh is not there
    doubled = pl.concat([frame, frame.head(1).with_columns(O3=pl.lit(999, dtype=pl.Int64))])
    assert rolling_ozone(doubled)["O3_8h"].to_list()[:11] == result["O3_8h"].to_list()
    assert rolling_ozone(doubled)["O3_8h"][11] == result["O3_8h"][0]


def test_undated_and_early_rows_say_so() -> None:
    frame = pl.DataFrame({"site": ["S", "S"], "time": ["昨天", "1999-01-01 01:00"], "O3": [10, 10]})
    assert rolling_ozone(frame)["reason"].to_list() == ["时间缺失或无法识别", "早于任何空气质量标准"]
    with pytest.raises(MissingColumnError):
        rolling_ozone(frame.drop("O3"))


@given(st.lists(st.one_of(st.none(), st.integers(0, 400)), min_size=24, max_size=24))
def test_the_daily_maximum_is_the_largest_of_its_windows(values: list[int | None]) -> None:
    """Differential: windows that end at 08:00 to 24:00, worked out in another way."""
    frame = hourly(*values).with_columns(pl.col("O3").cast(pl.Float64))
    day = day_values(frame, stamps="closes").row(0, named=True)
    windows = rolling_ozone(frame)["O3_8h"].to_list()[7:]
    found = [value for value in windows if value is not None]
    assert day["n_O3_8h"] == len(found)
    if day["O3_8h"] is not None:
        assert day["O3_8h"] == max(found)
    else:
        assert len(found) < 14
