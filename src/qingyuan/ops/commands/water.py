"""water classify, evaluate, tli, cwqi, rank, target, balance: evaluation of files, without a bureau around it."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from typing import Any

import polars as pl

from qingyuan.ops import tables
from qingyuan.ops.errors import WrongUse

ITEM_WORDS = (
    "pH、DO、CODMn、COD、BOD5、NH3N、TP、Cu、Zn、F、Se、As、Hg、Cd、Cr6、Pb、CN、volatile_phenol、petroleum、LAS、"
    "sulfide（mg/L，pH 无单位；可缺列；TN 单独列报，不参加定类）"
)
CELL_WORDS = "未检出写 <0.01 或 0.01L，按检出限一半。"
COLUMNS = {
    "NH3-N": "NH3N",
    "Cr(VI)": "Cr6",
    "oil": "petroleum",
    "断面": "section",
    "断面名称": "section",
    "时间": "time",
    "水体类型": "body",
}
BODY_WORDS = {"河流": "river", "河": "river", "湖库": "lake", "湖泊": "lake", "水库": "lake", "湖": "lake"}


def water(sub: Any) -> None:
    """The group and its parts."""
    parser = sub.add_parser(
        "water", help="地表水评价（文件到文件）", description="按 GB 3838 和环办〔2011〕22号评价文件中的地表水数据。"
    )
    part = parser.add_subparsers(dest="part", metavar="动作", required=True, parser_class=type(parser))
    _classify_parser(part)


def _classify_parser(part: Any) -> None:
    parser = part.add_parser(
        "classify",
        help="每行的水质类别、定类项目、主要污染指标",
        description=f"输入列：section, time, body（river 河流 / lake 湖库）, 以及 {ITEM_WORDS}；其他列原样保留。{CELL_WORDS}"
        "输出加列：class（I…V, >V）, deciding（定类项目，逗号连）, main_pollutants（超Ⅲ类倍数）, standard, reason。",
    )
    tables.add_files(parser)
    parser.add_argument(
        "--profile",
        choices=("realtime", "evaluation"),
        default="realtime",
        help="realtime 实时发布口径，原始值直接比较（默认）；evaluation 评价口径，先修约",
    )
    parser.set_defaults(run=_run_classify)


def _run_classify(a: argparse.Namespace) -> int:
    from qingyuan.science.water import classify

    tables.check_out(a.out)
    frame = read_sections(a)
    result = classify(frame, a.profile)
    result = with_doubts(result, frame)
    tables.write(result, a.out, numbers=_items(frame))
    return tables.finish(a, tables.Summary.of(result["reason"], result["class"].count()))


def read_sections(a: argparse.Namespace, needed: Iterable[str] = ("section", "time", "body")) -> pl.DataFrame:
    """The input table with the system's column names; WrongUse where it lacks what it must have."""
    frame = tables.read(a.file)
    frame = frame.rename(
        {old: new for old, new in COLUMNS.items() if old in frame.columns and new not in frame.columns}
    )
    missing = [name for name in needed if name not in frame.columns]
    if missing:
        raise WrongUse(f"{a.file.name} 缺少列 {'、'.join(missing)}；应有 {'、'.join(needed)} 和项目列")
    if not _items(frame):
        raise WrongUse(f"{a.file.name} 没有任何项目列；应有 {ITEM_WORDS}")
    if "body" in frame.columns:
        frame = frame.with_columns(pl.col("body").cast(pl.String).str.strip_chars().replace(BODY_WORDS))
    return frame


def with_doubts(result: pl.DataFrame, frame: pl.DataFrame) -> pl.DataFrame:
    """The reasons of `result` with what is odd about times, neighbours and columns of `frame`."""
    from qingyuan.science.air import time_doubts
    from qingyuan.science.water import row_doubts

    known = frozenset(("section", "time", "body", *result.columns[frame.width :]))
    times = time_doubts(frame.select(pl.col("section").alias("site"), "time"))
    parts = pl.DataFrame([result["reason"], times.alias("times"), row_doubts(frame, known).alias("rows")])
    joined = parts.select(
        pl.concat_str(pl.all().replace("", None), separator=tables.SEPARATOR, ignore_nulls=True).alias("reason")
    )["reason"]
    return result.with_columns(joined)


def _items(frame: pl.DataFrame) -> list[str]:
    from qingyuan.science.water import ITEMS

    return [name for name in (*ITEMS, "TN") if name in frame.columns]


ALL = (water,)
