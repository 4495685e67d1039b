"""What is odd about the times of rows: order, zones, missing hours, doubled rows."""

from __future__ import annotations

import polars as pl

from qingyuan.science.civil import civil_time

_ZONE = r"(?i)(z|[+-]\d{2}:?\d{2})$"
_CLOCK = r"\d{1,2}:\d{2}"


def time_doubts(frame: pl.DataFrame) -> pl.Series:
    """What is to be said about the time of each row, empty where nothing.

    Looks at `time`, within each `site` where that column exists. Named: a time that cannot be read; a row
    before an earlier row's time (unsorted); zones written in more than one way in one column (then every row
    that is not written as most are; a tie goes to the spelling that sorts first). The answer for a row
    depends on its neighbours, unlike that of `aqi`.
    """
    if "time" not in frame.columns:
        return pl.Series("doubts", [""] * len(frame), dtype=pl.String)
    keyed = pl.DataFrame(
        {
            "site": frame["site"].cast(pl.String) if "site" in frame.columns else pl.repeat("", len(frame), eager=True),
            "time": civil_time(frame["time"]),
            "zone": _zones(frame["time"]),
        }
    )
    usual = _usual(keyed["zone"])
    latest = pl.col("time").cum_max().over("site")
    parts = [
        pl.when(pl.col("time").is_null()).then(pl.lit("时间缺失或无法识别")),
        pl.when(pl.col("time") < latest).then(pl.lit("时间次序颠倒")),
        pl.when(pl.col("zone") != usual).then(pl.lit("时区写法与其他行不同，按所写时区换算（未写按北京时间）")),
    ]
    return keyed.select(pl.concat_str(parts, separator="；", ignore_nulls=True).alias("doubts"))["doubts"]


def missing_hours(frame: pl.DataFrame) -> int:
    """Hours between the first and last row of each site that have no row."""
    if not {"site", "time"} <= set(frame.columns) or frame.is_empty():
        return 0
    hours = frame.select(pl.col("site"), civil_time(frame["time"]).dt.truncate("1h").alias("time")).drop_nulls("time")
    spans = hours.group_by("site").agg(
        ((pl.col("time").max() - pl.col("time").min()).dt.total_hours() + 1 - pl.col("time").n_unique()).alias("lack")
    )
    return int(spans["lack"].sum())


def _zones(times: pl.Series) -> pl.Series:
    """How the zone of each cell is written; null where the cell shows no clock time."""
    if times.dtype != pl.String:
        return pl.Series("zone", [None] * len(times), dtype=pl.String)
    text = pl.col("time").str.strip_chars()
    zone = text.str.extract(_ZONE, 1).fill_null("").str.to_uppercase().replace("+0800", "+08:00")
    return pl.DataFrame({"time": times}).select(pl.when(text.str.contains(_CLOCK)).then(zone).alias("zone"))["zone"]


def _usual(zones: pl.Series) -> str:
    counts = zones.drop_nulls().value_counts().sort("count", zones.name, descending=[True, False])
    return str(counts[zones.name][0]) if len(counts) else ""
