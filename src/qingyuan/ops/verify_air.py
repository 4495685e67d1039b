"""Recompute the published hourly index of a national air export and compare."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from qingyuan.intake.files import NotATableError, Wanted, read_table, recognise_columns
from qingyuan.ops.verify_result import NothingComparableError, UnreadableSourceError, VerifyResult
from qingyuan.rules import rule_book
from qingyuan.science import air

PUBLISHED = "AQI"
HOURLY = ("SO2", "NO2", "CO", "O3", "PM10", "PM2_5")
WANTED = Wanted(
    {name: (name, "mg/m3" if name == "CO" else "ug/m3") for name in HOURLY} | {PUBLISHED: (PUBLISHED, "1")}, "site"
)
_SITES = ("station_code", "site", "station")


def verify_air_hourly(path: Path) -> VerifyResult:
    """Agreement of the published hourly AQI with ours, over complete rows.

    The file (CSV, Parquet, Excel) has columns time, AQI, SO2, NO2, O3, PM10, PM2_5 [ug/m3], CO [mg/m3] and a
    site (station_code, site or station). Time closes its hour, Beijing time; the edition is picked by date.
    A row is complete when all six items and the published index are there. Incomplete rows with an index are
    not compared, but counted in `extra`.

    Raises UnreadableSourceError for a file without these columns, NothingComparableError without a complete
    row.
    """
    frame = _load(path)
    site = next((name for name in _SITES if name in frame.columns), None)
    if site is None:
        raise UnreadableSourceError(str(path), f"列 {', '.join(frame.columns[:12])}", f"站点列，{'或'.join(_SITES)}")
    source = frame.select(
        pl.col(site).cast(pl.String).alias("site"),
        "time",
        *(_number(frame, name) for name in HOURLY),
        _number(frame, PUBLISHED).alias("published"),
    )
    ours = air.aqi(source, "hour", stamps="closes").with_columns(
        pl.col("published").cast(pl.Int64, strict=False), pl.col("AQI").cast(pl.Int64)
    )
    missing = pl.any_horizontal(pl.col(f"IAQI_{name}").is_null() for name in HOURLY)
    told = ours.with_columns(
        pl.when(pl.col("standard").is_null())
        .then(pl.lit("时间缺失或早于任何标准"))
        .when(pl.col("published").is_null())
        .then(pl.lit("没有发布AQI"))
        .when(missing)
        .then(pl.lit("六项不全"))
        .alias("left_out")
    )
    compared = told.filter(pl.col("left_out").is_null())
    reasons = _counts(told["left_out"])
    if not len(compared):
        raise NothingComparableError(str(path), reasons)
    wrong = compared.filter(pl.col("published") != pl.col("AQI"))
    partial = told.filter((pl.col("left_out") == "六项不全") & pl.col("AQI").is_not_null())
    also = int((partial["published"] == partial["AQI"]).sum())
    used = "、".join(compared["standard"].unique().sort().to_list())
    return VerifyResult(
        str(path),
        len(told),
        len(compared),
        len(compared) - len(wrong),
        wrong.select("site", "time", *HOURLY, "published", pl.col("AQI").alias("recomputed"), "primary", "standard"),
        reasons,
        [
            f"标准：{used}；时间为小时末；PM 用小时均值按24小时分级",
            f"六项不全而有发布值的 {len(partial)} 行中 {also} 行也一致",
        ],
        {"incomplete": len(partial), "incomplete_agree": also},
    )


def _load(path: Path) -> pl.DataFrame:
    try:
        frame = recognise_columns(read_table(path), WANTED, rule_book()).frame
    except NotATableError as error:
        raise UnreadableSourceError(str(path), error.got, error.expected) from error
    missing = [name for name in ("time", PUBLISHED, *HOURLY) if name not in frame.columns]
    if missing:
        raise UnreadableSourceError(str(path), f"列 {', '.join(frame.columns[:12])}", f"还有列 {', '.join(missing)}")
    return frame


def _number(frame: pl.DataFrame, name: str) -> pl.Expr:
    """The column as a number; a Float32 stays one, so that its printed decimals are found again."""
    column = pl.col(name)
    return column if frame.schema[name].is_numeric() else column.cast(pl.Float64, strict=False)


def _counts(reasons: pl.Series) -> dict[str, int]:
    table = reasons.drop_nulls().value_counts(sort=True)
    return {str(reason): int(count) for reason, count in table.iter_rows()}
