"""air aqi, evaluate, index, rank, compensate: evaluation of files, without a bureau around it."""

from __future__ import annotations

import argparse
from typing import Any

import polars as pl

from qingyuan.ops import tables
from qingyuan.ops.errors import WrongUse

STANDARDS = ("auto", "HJ633-2012", "HJ633-2026")
ITEM_WORDS = "SO2、NO2、CO、O3、O3_8h、PM10、PM2_5（CO 用 mg/m³，其他用 µg/m³；可缺列；也认 PM2.5）"
_ALIASES = {"PM2.5": "PM2_5", "PM25": "PM2_5", "O3-8h": "O3_8h"}


def air(sub: Any) -> None:
    """The group and its parts."""
    parser = sub.add_parser(
        "air", help="空气质量评价（文件到文件）", description="按 GB 3095、HJ 633、HJ 663 评价文件中的空气数据。"
    )
    part = parser.add_subparsers(dest="part", metavar="动作", required=True, parser_class=type(parser))
    _aqi_parser(part)


def _aqi_parser(part: Any) -> None:
    parser = part.add_parser(
        "aqi",
        help="每行的 IAQI、AQI、首要污染物、类别",
        description=f"输入列：site, time, 以及 {ITEM_WORDS}；其他列原样保留。"
        "输出加列：IAQI_<项目>, AQI, primary（多个用逗号连）, category, level, standard, reason。"
        "2012 版：有什么算什么，缺项写在 reason；2026 版：缺项且 AQI≤100 时不给 AQI。",
    )
    tables.add_files(parser)
    _standard(parser)
    parser.add_argument("--averaging", choices=("hour", "day"), default="hour", help="hour 小时值（默认），day 日值")
    _stamps(parser)
    parser.set_defaults(run=_run_aqi)


def _run_aqi(a: argparse.Namespace) -> int:
    from qingyuan.science.air import ITEMS, aqi, missing_hours, time_doubts

    tables.check_out(a.out)
    frame = _named(tables.read(a.file))
    if not set(ITEMS) & set(frame.columns):
        raise WrongUse(f"{a.file.name} 没有任何项目列；应有 {ITEM_WORDS}")
    if "time" not in frame.columns and a.standard == "auto":
        raise WrongUse(f"{a.file.name} 没有 time 列，无法按日期选标准；请加列，或用 --standard 指定")
    result = aqi(frame, a.averaging, a.standard, stamps=a.stamps)
    doubts = time_doubts(frame)
    result = result.with_columns(
        pl.concat_str(
            [pl.col("reason").replace("", None), doubts.alias("doubts").replace("", None)],
            separator=tables.SEPARATOR,
            ignore_nulls=True,
        ).alias("reason")
    )
    usable = result.select(pl.any_horizontal(pl.col("^IAQI_.*$").is_not_null()).sum()).item()
    tables.write(result, a.out, numbers=ITEMS)
    facts = {"missing_hours": missing_hours(frame)} if a.averaging == "hour" else {}
    return tables.finish(a, tables.Summary.of(result["reason"], usable), **facts)


def _standard(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--standard", choices=STANDARDS, default="auto", help="auto 按日期选（默认），或指定一版，全部按它重算"
    )


def _stamps(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--stamps",
        choices=("closes", "opens"),
        default="closes",
        help="小时的时间是该小时的结束（closes，默认；00:00 属前一日）还是开始（opens）",
    )


def _named(frame: pl.DataFrame) -> pl.DataFrame:
    """Column names of exports as this system writes them, unless both are there."""
    return frame.rename(
        {old: new for old, new in _ALIASES.items() if old in frame.columns and new not in frame.columns}
    )


ALL = (air,)
