"""Hourly index of 200,000 made-up rows: exact integers, against floats in Polars and decimals in Python.

The float peer is what one would write first; it is wrong by one wherever a product of floats lands above a
whole number. How often that happens in the sample is printed, and so is the agreement with the decimal peer.
Run: python benchmarks/evaluate_air_small.py
"""

from __future__ import annotations

import sys
from decimal import ROUND_CEILING, Decimal
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl

sys.path.insert(0, str(Path(__file__).resolve().parent))

from harness import compare, show
from qingyuan.rules import AqiItem, rule_book
from qingyuan.science.air import aqi, day_values

ROWS = 200_000
DECIMAL_ROWS = 2_000
STANDARD = "HJ633-2012"


def sample(rows: int) -> pl.DataFrame:
    """Hours of many stations, values of the usual size and decimals."""
    random = np.random.default_rng(20260301)
    frame = {
        item: np.round(random.gamma(2.0, mean / 2.0, rows)) for item, mean in (("SO2", 8), ("NO2", 30), ("O3", 60))
    }
    frame |= {item: np.round(random.gamma(2.0, mean / 2.0, rows)) for item, mean in (("PM10", 70), ("PM2_5", 40))}
    frame["CO"] = np.round(random.gamma(2.0, 0.4, rows), 1)
    times = pl.datetime_range(pl.datetime(2025, 1, 1), pl.datetime(2025, 12, 31, 23), "1h", eager=True).alias("time")
    return pl.DataFrame(frame).with_columns(
        times.gather(np.arange(rows) % len(times)),
        pl.Series("site", np.arange(rows) // len(times)).cast(pl.String),
    )


def items() -> tuple[AqiItem, ...]:
    """The hourly items of the edition."""
    return rule_book().aqi_edition(STANDARD).items("hour")


def in_floats(frame: pl.DataFrame) -> pl.DataFrame:
    """Linear interpolation and ceil in floats, as Polars expressions."""
    columns = []
    for item in items():
        nodes = list(zip(item.column.iaqi, map(float, item.column.concentration), strict=True))
        value, answer = pl.col(item.item), pl.lit(None, dtype=pl.Float64)
        for (low, start), (high, end) in pairwise(nodes):
            line = ((high - low) / (end - start) * (value - start) + low).ceil()
            answer = pl.when((value > start) & (value <= end)).then(line).otherwise(answer)
        columns.append(pl.when(value <= 0).then(0.0).otherwise(answer).alias(f"IAQI_{item.item}"))
    return frame.with_columns(columns).with_columns(
        pl.max_horizontal(f"IAQI_{item.item}" for item in items()).alias("AQI")
    )


def in_decimals(frame: pl.DataFrame) -> list[int]:
    """Row by row with Decimal: exact, and slow."""
    found = []
    for row in frame.select([item.item for item in items()]).iter_rows(named=True):
        best = 0
        for item in items():
            value = Decimal(repr(row[item.item]))
            nodes = list(zip(item.column.iaqi, item.column.concentration, strict=True))
            for (low, start), (high, end) in pairwise(nodes):
                if start < value <= end:
                    exact = (high - low) * (value - start) / (end - start) + low
                    best = max(best, int(exact.to_integral_value(ROUND_CEILING)))
        found.append(best)
    return found


def main() -> None:
    """Measure, and say where the float peer is wrong."""
    frame, few = sample(ROWS), sample(DECIMAL_ROWS)
    ours = aqi(frame, "hour", STANDARD)
    floats = in_floats(frame)
    wrong = int((ours["AQI"].cast(pl.Float64) != floats["AQI"]).sum())
    exact = aqi(few, "hour", STANDARD)["AQI"].to_list() == in_decimals(few)
    show(
        compare(
            f"hourly index, {ROWS} rows",
            ("A qingyuan.science.air.aqi", lambda: aqi(frame, "hour", STANDARD)),
            ("B Polars floats, index only", lambda: in_floats(frame)),
        ),
        compare(
            f"hourly index, {DECIMAL_ROWS} rows",
            ("A qingyuan.science.air.aqi", lambda: aqi(few, "hour", STANDARD)),
            ("B Python Decimal row by row", lambda: in_decimals(few)),
        ),
        compare(
            f"station-days of {ROWS} rows",
            ("A qingyuan.science.air.day_values", lambda: day_values(frame)),
            ("B Polars group-by means only", lambda: _means(frame)),
        ),
    )
    sys.stdout.write(f"float peer wrong in {wrong} of {ROWS} rows; equal to the decimal peer: {exact}\n")


def _means(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.group_by("site", pl.col("time").dt.date()).agg(
        pl.col("SO2", "NO2", "CO", "O3", "PM10", "PM2_5").mean()
    )


if __name__ == "__main__":
    main()
