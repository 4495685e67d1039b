"""Reading the columns that the air functions share: items and the date a row is judged by."""

from __future__ import annotations

from typing import Literal

import polars as pl

from qingyuan.science.errors import BadArgumentError, MissingColumnError

Averaging = Literal["hour", "day"]
Stamps = Literal["opens", "closes"]

ITEMS = ("SO2", "NO2", "CO", "O3", "O3_8h", "PM10", "PM2_5")
BEIJING = "Asia/Shanghai"
_FORMATS = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%d",
    "%Y/%m/%d %H:%M",
)


def require(frame: pl.DataFrame, *columns: str) -> None:
    """MissingColumnError when a column is not there."""
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise MissingColumnError(missing, frame.columns)


def civil_time(times: pl.Series) -> pl.Series:
    """Times as naive Beijing civil time; text is read where it is a time, else null."""
    kind = times.dtype
    if isinstance(kind, pl.Datetime):
        naive = (
            times
            if kind.time_zone is None
            else times.dt.convert_time_zone(BEIJING).dt.replace_time_zone(None)
        )
        return naive.cast(pl.Datetime("us"))
    if kind == pl.Date:
        return times.cast(pl.Datetime("us"))
    if kind == pl.String:
        texts = times.to_frame("t")
        tries = [
            pl.col("t").str.strip_chars().str.to_datetime(form, strict=False, time_unit="us")
            for form in _FORMATS
        ]
        return texts.select(pl.coalesce(tries))["t"]
    if kind == pl.Null:
        return times.cast(pl.Datetime("us"))
    raise BadArgumentError("time", str(kind), "dates, times or their text")


def opening_time(times: pl.Series, averaging: Averaging, stamps: Stamps) -> pl.Series:
    """The civil time at which each row's hour opens; for days, midnight."""
    civil = civil_time(times)
    if averaging == "day":
        return civil.dt.truncate("1d")
    if stamps == "closes":
        civil = civil.dt.offset_by("-1us")
    return civil.dt.truncate("1h")
