"""From the stamps of a file to intervals in UTC."""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from qingyuan.intake.files.profile import Profile
from qingyuan.science.civil import BEIJING, civil_time
from qingyuan.science.moments import date_order

GRAIN_LENGTH = {"raw": "1s", "minute": "1m", "hour": "1h", "day": "1d"}
ZONED = r"(?:Z|UTC|GMT|\d[+-]\d{2}:?\d{2})$"
GRAIN_WORDS = {"minute": "整分", "hour": "整点", "day": "日期（零点）", "raw": "到秒的时间"}


@dataclass(frozen=True)
class Stamps:
    """start and end [UTC], null where `expected` says what was wanted; `got` is the text of the file."""

    start: pl.Series
    end: pl.Series
    got: pl.Series
    expected: pl.Series


def read_stamps(profile: Profile, frame: pl.DataFrame) -> Stamps:
    """Intervals of all rows. An instant is the second it falls in; other stamps must lie on their grain."""
    got = _joined(frame, profile.time_columns)
    civil = _parsed(profile, frame, got)
    length = GRAIN_LENGTH[profile.grain]
    aligned = civil.dt.truncate(length)
    expected = (
        pl.when(pl.col("civil").is_null())
        .then(pl.lit(f"时间，如 2026-03-01 08:00{'，格式 ' + profile.time_format if profile.time_format else ''}"))
        .when(pl.col("civil") != pl.col("aligned"))
        .then(pl.lit(GRAIN_WORDS[profile.grain]))
    )
    frame = pl.DataFrame({"civil": civil, "aligned": aligned}).with_columns(expected.alias("expected"))
    opens = pl.col("civil").dt.offset_by(f"-{length}") if profile.stamps == "closes" else pl.col("civil")
    bounds = frame.select(
        pl.when(pl.col("expected").is_null()).then(opens).alias("start"), pl.col("expected")
    ).with_columns(pl.col("start").dt.offset_by(length).alias("end"))
    return Stamps(_utc(bounds["start"]), _utc(bounds["end"]), got, bounds["expected"])


def settled(profile: Profile, frame: pl.DataFrame) -> Profile:
    """The profile with what only the whole file can tell: whether day or month comes first in 01/02/2020."""
    if profile.date_order or profile.time_format or not set(profile.time_columns) <= set(frame.columns):
        return profile
    found = date_order(_joined(frame, profile.time_columns).unique())
    return replace(profile, date_order=found) if found else profile


def joined_times(profile: Profile, frame: pl.DataFrame) -> pl.Series:
    """The time columns of a table as one column of text."""
    return _joined(frame, profile.time_columns)


def _joined(frame: pl.DataFrame, columns: tuple[str, ...]) -> pl.Series:
    texts = [_text(frame[name], is_part=len(columns) > 1).alias(name) for name in columns]
    return pl.DataFrame(texts).select(pl.concat_str(pl.all(), separator=" ").alias("got"))["got"]


def _text(column: pl.Series, *, is_part: bool) -> pl.Series:
    """A column of times as text: whole numbers without a point, of a date with a clock beside it the day alone."""
    kind = column.dtype
    if isinstance(kind, pl.Datetime) and is_part:
        return column.dt.to_string("%Y-%m-%d")
    if kind.is_float():
        whole = column.cast(pl.Int64, strict=False)
        text = (
            pl.when(pl.col("whole") == pl.col("own"))
            .then(pl.col("whole").cast(pl.String))
            .otherwise(pl.col("own").cast(pl.String))
        )
        return pl.DataFrame([whole.alias("whole"), column.alias("own")]).select(text.alias("text"))["text"]
    return column.cast(pl.String).str.strip_chars()


def _parsed(profile: Profile, frame: pl.DataFrame, got: pl.Series) -> pl.Series:
    if profile.time_format:
        return got.str.to_datetime(profile.time_format, strict=False, time_unit="us")
    single = frame[profile.time_columns[0]] if len(profile.time_columns) == 1 else got
    if not single.dtype.is_temporal():
        single = got
    if profile.zone == "ignore" and single.dtype == pl.String:
        single = single.str.replace(r"\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})$", "")
    civil = civil_time(single, profile.date_order)
    if profile.zone != "UTC" or (single.dtype == pl.String and single.str.contains(ZONED).any()):
        return civil
    return civil.dt.offset_by("8h")


def _utc(naive: pl.Series) -> pl.Series:
    zoned = naive.dt.replace_time_zone(BEIJING, ambiguous="earliest", non_existent="null")
    return zoned.dt.convert_time_zone("UTC")
