"""What is odd about the times of rows: order, zones, missing hours, doubled rows."""

from __future__ import annotations

import polars as pl

from qingyuan.rules import RuleBook, rule_book
from qingyuan.science.air._columns import ITEMS, Averaging
from qingyuan.science.air._figures import sound
from qingyuan.science.civil import civil_time
from qingyuan.science.figures import doubled_rows, joined_reasons, unknown_columns

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


def gap_doubts(frame: pl.DataFrame, averaging: Averaging = "hour") -> pl.Series:
    """How many hours (days) without a row lie just before each row of its `site`; empty where none does.

    Rows are taken in the order of their times. The first row of a site has nothing before it.
    """
    if "time" not in frame.columns:
        return pl.Series("gap", [""] * len(frame), dtype=pl.String)
    step, unit = ("1h", "个小时") if averaging == "hour" else ("1d", "天")
    site = frame["site"].cast(pl.String) if "site" in frame.columns else pl.repeat("", len(frame), eager=True)
    keyed = pl.DataFrame([site.alias("site"), civil_time(frame["time"]).dt.truncate(step).alias("time")])
    dated = keyed.with_row_index("row").filter(pl.col("time").is_not_null()).sort("site", "time", maintain_order=True)
    since = (pl.col("time") - pl.col("time").shift(1)).over("site")
    steps = since.dt.total_hours() if averaging == "hour" else since.dt.total_days()
    told = dated.select("row", pl.when(steps > 1).then(pl.format("前面缺{}" + unit, steps - 1)).alias("gap"))
    return keyed.with_row_index("row").join(told, on="row", how="left", maintain_order="left")["gap"].fill_null("")


def cell_doubts(frame: pl.DataFrame, *, book: RuleBook | None = None) -> pl.Series:
    """What is odd about the cells of hourly rows: no number, negative, out of range, unknown items, no site, doubled."""
    book = rule_book() if book is None else book
    items = [item for item in ITEMS if item in frame.columns]
    _, said = sound(frame, items, book)
    parts = [said, *unknown_doubts(frame, book=book)]
    if "site" in frame.columns:
        words = pl.when(pl.col("site").is_null()).then(pl.lit("缺站点")).otherwise(pl.lit("")).alias("site")
        parts.append(frame.select(words)["site"])
        if "time" in frame.columns:
            keyed = pl.DataFrame([frame["site"], civil_time(frame["time"]).alias("time")])
            parts.append(doubled_rows(keyed, ["site", "time"], "同一站点同一时间有多行"))
    return joined_reasons(parts, len(frame))


def unknown_doubts(frame: pl.DataFrame, *, book: RuleBook | None = None) -> list[pl.Series]:
    """A column of words for each column of the frame that holds numbers and is no item of the rule book."""
    book = rule_book() if book is None else book
    names = unknown_columns(frame, {*book.items, *ITEMS, "site", "time", "city"})
    filled = [
        frame.select(pl.col(name).cast(pl.String).str.strip_chars().replace("", None).is_not_null())[name]
        for name in names
    ]
    return [
        pl.select(pl.when(one).then(pl.lit(f"不认识的项目{name}，未评价")).otherwise(pl.lit("")).alias(name))[name]
        for name, one in zip(names, filled, strict=True)
    ]


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
