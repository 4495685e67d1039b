"""Reading the columns that the air functions share: items and the date a row is judged by."""

from __future__ import annotations

from typing import Literal

import polars as pl

from qingyuan.science.civil import civil_time
from qingyuan.science.errors import MissingColumnError

Averaging = Literal["hour", "day"]
Stamps = Literal["opens", "closes"]

ITEMS = ("SO2", "NO2", "CO", "O3", "O3_8h", "PM10", "PM2_5")


def require(frame: pl.DataFrame, *columns: str) -> None:
    """MissingColumnError when a column is not there."""
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise MissingColumnError(missing, frame.columns)


def opening_time(times: pl.Series, averaging: Averaging, stamps: Stamps) -> pl.Series:
    """The civil time at which each row's hour opens; for days, midnight."""
    civil = civil_time(times)
    if averaging == "day":
        return civil.dt.truncate("1d")
    if stamps == "closes":
        civil = civil.dt.offset_by("-1us")
    return civil.dt.truncate("1h")
