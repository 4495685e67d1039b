"""HJ 633-2026, 5.3.2: an item that is not monitored because it never mattered withholds no index."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from qingyuan.science.air import aqi, evaluate, exempt_items, with_exemptions
from qingyuan.science.errors import MissingColumnError

SIX = {"SO2": 6.0, "NO2": 20.0, "CO": 0.6, "O3_8h": 60.0, "PM10": 40.0, "PM2_5": 40.0}
EXEMPT = pl.DataFrame({"site": ["S"], "item": ["CO"], "since": [date(2026, 4, 1)], "until": [date(2026, 4, 30)]})


def day(when: str, site: str = "S", **items: object) -> pl.DataFrame:
    return pl.DataFrame({"site": [site], "time": [when]} | {name: [value] for name, value in (SIX | items).items()})


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        pytest.param(day("2026-04-15", CO=None), 60, id="exempt-and-not-monitored"),
        pytest.param(day("2026-04-15").drop("CO"), 60, id="no-column-at-all"),
        pytest.param(day("2026-04-15", CO="/"), 60, id="a-dash-is-not-monitored"),
        pytest.param(day("2026-04-15", CO=-1.0), None, id="a-bad-value-is-monitored"),
        pytest.param(day("2026-04-15", CO=800.0), None, id="an-implausible-value-is-monitored"),
        pytest.param(day("2026-05-01", CO=None), None, id="after-the-exemption"),
        pytest.param(day("2026-03-31", CO=None), None, id="before-the-exemption"),
        pytest.param(day("2026-04-15", CO=None, SO2=None), None, id="another-item-is-missing-too"),
        pytest.param(day("2026-04-15", site="T", CO=None), None, id="another-station"),
        pytest.param(day("2026-04-15"), 60, id="nothing-missing"),
    ],
)
def test_only_what_is_exempt_withholds_nothing(frame: pl.DataFrame, expected: int | None) -> None:
    judged = aqi(frame, "day")
    row = with_exemptions(judged, EXEMPT).row(0, named=True)
    assert row["AQI"] == expected
    if expected is not None and judged["AQI"][0] is None:
        assert (row["primary"], row["category"], row["level"]) == ("PM2_5", "良", "II")
        assert row["reason"].endswith("CO未监测，按HJ 633-2026 5.3.2免测，AQI按其余项目")
        assert "5.3.1" not in row["reason"]


def test_the_edition_of_2012_needs_no_exemption() -> None:
    judged = aqi(day("2025-04-15", CO=None), "day")
    assert with_exemptions(judged, EXEMPT).equals(judged)


def test_hours_and_periods() -> None:
    """Good days of a month count days with an index: an exempt item no longer loses them all."""
    times = pl.datetime_range(pl.datetime(2026, 4, 1, 1), pl.datetime(2026, 5, 1), "1h", eager=True)
    hours = pl.DataFrame({"site": "S", "time": times}).with_columns(
        SO2=6.0, NO2=20.0, O3=60.0, PM10=40.0, PM2_5=40.0, CO=pl.lit(None, dtype=pl.Float64)
    )
    without = evaluate(hours, "site", "month").row(0, named=True)
    granted = evaluate(hours, "site", "month", exempt=EXEMPT).row(0, named=True)
    assert (without["aqi_days"], granted["aqi_days"], granted["good_days"]) == (0, 30, 30)
    assert granted["CO_compliant"] is None  # an item that is not monitored is not judged either
    one = aqi(hours.head(1), "hour", stamps="closes")
    assert with_exemptions(one, EXEMPT, "site", "hour")["AQI"].to_list() == [60]
    too_few = evaluate(
        hours.with_columns(CO=pl.when(pl.col("time").dt.hour() < 3).then(0.6)), "site", "day", exempt=EXEMPT
    )
    assert too_few["AQI"].drop_nulls().is_empty()


def test_three_years_without_being_primary_on_a_bad_day() -> None:
    rows = [("S", f"{year}-01-{n:02d}", value, primary) for year in (2023, 2024, 2025)
            for n, (value, primary) in enumerate([(120, "PM2_5"), (90, "CO"), (101, "O3_8h,NO2")], start=1)]  # fmt: skip
    rows += [("T", "2023-01-01", 50, ""), ("T", "2025-01-01", 50, ""), ("S", "某日", 300, "CO")]
    found = exempt_items(pl.DataFrame(rows, schema=["site", "time", "AQI", "primary"], orient="row"))
    ours = found.filter(pl.col("site") == "S")
    assert sorted(ours["item"]) == ["CO", "PM10", "SO2"]
    assert set(ours.select("since", "until").rows()) == {(date(2026, 1, 1), date(2026, 12, 31))}
    assert found.filter(pl.col("site") == "T")["reason"].to_list() == ["没有连续3年的AQI"]
    assert found["reason"][-1] == "历史中有1行时间或AQI无法识别，未计入"


def test_the_table_must_say_which_item() -> None:
    with pytest.raises(MissingColumnError, match="item"):
        with_exemptions(aqi(day("2026-04-15", CO=None), "day"), EXEMPT.drop("item"))
