"""water classify, evaluate, tli, cwqi, rank, target, balance: evaluation of files, without a bureau around it."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl

from qingyuan.intake.files import Wanted, recognise_columns
from qingyuan.intake.files.synonyms import body_of
from qingyuan.ops import tables
from qingyuan.ops.commands import water_tools
from qingyuan.ops.errors import WrongUse
from qingyuan.rules import RuleBook
from qingyuan.science.errors import BadArgumentError, MissingColumnError

ITEM_WORDS = (
    "pH、DO、CODMn、COD、BOD5、NH3N、TP、Cu、Zn、F、Se、As、Hg、Cd、Cr6、Pb、CN、volatile_phenol、petroleum、LAS、"
    "sulfide（mg/L，pH 无单位，列名括号里的其他单位换算；可缺列；也认 氨氮、总磷 等中文名；TN 单独列报，不参加定类）"
)
CELL_WORDS = "未检出写 <0.01 或 0.01L，按检出限一半；只写“未检出”“ND”的按 0 参加，并写明。只有 pH 可评时不定类。"
_ITEMS = (
    "pH",
    "DO",
    "CODMn",
    "COD",
    "BOD5",
    "NH3N",
    "TP",
    "Cu",
    "Zn",
    "F",
    "Se",
    "As",
    "Hg",
    "Cd",
    "Cr6",
    "Pb",
    "CN",
    "volatile_phenol",
    "petroleum",
    "LAS",
    "sulfide",
    "TN",
)
WATER = Wanted(
    {name: (name, "1" if name == "pH" else "mg/L") for name in _ITEMS}
    | {"faecal_coliform": ("faecal_coliform", "count/L")},
    "section",
    ("body", "lake", "basin"),
    is_water=True,
)
ISSUED = Wanted({}, "section", ("lake", "basin", "period", "class", "document", "issuer"), is_water=True)
TARGETS = Wanted({}, "section", ("kind", "target", "since", "until", "item"), has_time=False)


def water(sub: Any) -> None:
    """The group and its parts."""
    parser = sub.add_parser(
        "water", help="地表水评价（文件到文件）", description="按 GB 3838 和环办〔2011〕22号评价文件中的地表水数据。"
    )
    part = parser.add_subparsers(dest="part", metavar="动作", required=True, parser_class=type(parser))
    _classify_parser(part)
    _evaluate_parser(part)
    water_tools.add(part)


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
    parser.add_argument(
        "--partial", action="store_true", help="只有 pH 可评，或有项目没能采用时，也按其余项目给出类别（仍写明）"
    )
    parser.set_defaults(run=_run_classify)


def _run_classify(a: argparse.Namespace) -> int:
    from qingyuan.science.water import classify

    tables.check_out(a.out)
    frame, left_out = sections_and_left_out(a)
    result = classify(frame, a.profile, partial=a.partial, book=tables.book_of(a))
    result = without_left_out(result, frame, left_out, a.partial)
    result = with_doubts(result, frame, tables.book_of(a))
    tables.write(result, a.out, numbers=item_columns(frame))
    facts: dict[str, object] = {"left_out": left_out} if left_out else {}
    return tables.finish(a, tables.Summary.of(result["reason"], result["class"].count()), **facts)


def without_left_out(result: pl.DataFrame, frame: pl.DataFrame, left_out: list[str], partial: bool) -> pl.DataFrame:
    """No class where an item was measured that could not be read; `partial` keeps what the others say. Both are told."""
    if not left_out:
        return result
    filled = pl.any_horizontal(pl.col(name).cast(pl.String).str.strip_chars().str.len_chars() > 0 for name in left_out)
    hit = frame.select(filled.fill_null(False).alias("hit"))["hit"]
    words = f"{'、'.join(left_out)}未能采用{'' if partial else '，不定类'}"
    said = pl.concat_str(
        [pl.col("reason").replace("", None), pl.lit(words)], separator=tables.SEPARATOR, ignore_nulls=True
    )
    blank = [] if partial else ["class", "deciding", "main_pollutants"]
    return result.with_columns(
        pl.when(hit).then(said).otherwise("reason").alias("reason"),
        *(pl.when(hit).then(pl.lit(None, result.schema[name])).otherwise(name).alias(name) for name in blank),
    )


def _evaluate_parser(part: Any) -> None:
    parser = part.add_parser(
        "evaluate",
        help="断面、湖库、流域的月、季、年评价（先均值，后定类）",
        description=f"输入列：section, time, body, 以及 {ITEM_WORDS}；--by lake 另需 lake 列（湖库名，section 为点位）；"
        f"--by basin 另需 basin 列。{CELL_WORDS}pH 按氢离子浓度平均；湖库先时间、后空间平均。"
        "输出列（section、lake）：period, body, samples, months, 各项目均值（按评价规定修约）, class_TN（湖库总氮单独列报）, "
        "class, deciding, "
        "main_pollutants, standard, reason, quality, until, class_before, change, class_last_year, change_last_year；"
        "有目标时加 target_*, meets_*（yes/no）, exceeding_*（* 为 function_zone、assessment、incentive），"
        "按月时加 class_cumulative, warning（恶化预警一级、二级）。"
        "输出列（basin）：period, sections, not_sampled, n_*, pct_*（合计 100）, class（不足 5 个断面时）, rating, "
        "main_pollutants, standard, change, change_last_year, reason。",
    )
    tables.add_files(parser)
    parser.add_argument(
        "--period", choices=("month", "quarter", "year", "all"), default="month", help="时段（默认 month）"
    )
    parser.add_argument("--by", choices=("section", "basin", "lake"), default="section", help="对象（默认 section）")
    parser.add_argument(
        "--targets",
        type=Path,
        metavar="FILE",
        help="目标表：section, kind（function_zone/assessment/incentive）, target（I…V）, since, until, "
        "item 与 limit（个别项目的目标）, excluded（yes）与 reason（不参加评价的项目及依据）",
    )
    parser.add_argument(
        "--partial", action="store_true", help="只有 pH 可评，或有项目没能采用时，也按其余项目给出类别（仍写明）"
    )
    tables.add_issued(parser, "section、lake 或 basin")
    parser.set_defaults(run=_run_evaluate)


def _run_evaluate(a: argparse.Namespace) -> int:
    from qingyuan.science.water import evaluate, with_doubts_of_rows

    tables.check_out(a.out)
    extra = () if a.by == "section" else (a.by,)
    frame, left_out = sections_and_left_out(a, ("section", "time", "body", *extra))
    if left_out and not a.partial:
        raise WrongUse(
            f"{a.file.name} 的列 {'、'.join(left_out)} 认得出项目而不能用（单位不对，或同一项目有两列）；改好列名或单位，"
            "或用 --partial 只按其余项目评价"
        )
    targets = targets_of(a) if a.targets else None
    if targets is not None and a.by != "section":
        raise WrongUse("--targets 只用于 --by section")
    try:
        result = evaluate(frame, a.period, a.by, targets=targets, partial=a.partial, book=tables.book_of(a))
    except (MissingColumnError, BadArgumentError) as error:
        if targets is None:
            raise
        raise WrongUse(f"目标表 {a.targets.name}：{error}") from error
    book = tables.book_of(a)
    bounds: dict[str, tuple[float | None, float | None]] = {
        name: (float(item.plausible_low), float(item.plausible_high)) for name, item in book.items.items()
    }
    found = doubts(frame, book)
    result = with_doubts_of_rows(result, frame, found, a.period, a.by)
    result = tables.with_issued(result, a, bounds, lambda frame: _issued(frame, book))
    tables.write(result, a.out)
    judged = result["rating" if a.by == "basin" else "class"].count()
    odd = tables.Summary.of(found, 0).reasons
    return tables.finish(a, tables.Summary.of(result["reason"], judged), input_rows=len(frame), input_reasons=odd)


def _issued(frame: pl.DataFrame, book: RuleBook) -> pl.DataFrame:
    """Issued figures with names and classes as ours are written: Ⅲ is III, 劣Ⅴ is >V."""
    named = plain_sections(recognise_columns(frame, ISSUED, book).frame)
    words = {known.name_zh: known.name for known in book.water_classes}
    return named.with_columns(
        pl.col(name).cast(pl.String).str.strip_chars().str.strip_suffix("类").replace(words)
        for name in named.columns
        if name.startswith("class")
    )


def sections_and_left_out(
    a: argparse.Namespace, needed: Iterable[str] = ("section", "time", "body")
) -> tuple[pl.DataFrame, list[str]]:
    """The input table with the system's column names, and the columns that name an item and could not be used: another kind
    of unit, or said twice. WrongUse where it lacks what it must have."""
    found = recognise_columns(tables.read_in(a), WATER, tables.book_of(a), dates=a.dates)
    frame = found.frame
    missing = [name for name in needed if name not in frame.columns]
    if missing:
        raise WrongUse(
            f"{a.file.name} 缺少列 {'、'.join(missing)}；应有 {'、'.join(needed)} 和项目列；得到 {'、'.join(frame.columns[:20])}"
        )
    if not item_columns(frame):
        raise WrongUse(f"{a.file.name} 没有任何项目列；应有 {ITEM_WORDS}")
    if "body" in frame.columns:
        words = frame["body"].cast(pl.String).str.strip_chars()
        known = {word: body_of(word) or word for word in words.drop_nulls().unique()}
        frame = frame.with_columns((words.replace(known) if known else words).alias("body"))
    return plain_sections(frame), [*found.left_out, *suspects(frame)]


def suspects(frame: pl.DataFrame) -> list[str]:
    """Columns that no name was found for, though an item of the class stands in their title (氨氮(实测值,A样))."""
    from qingyuan.rules import rule_book
    from qingyuan.science.water import ITEMS

    words = [name_zh for item in ITEMS if len(name_zh := rule_book("").item(item).name_zh) > 1]
    own = {*WATER.items, *WATER.texts, "section", "time"}
    return [name for name in frame.columns if name not in own and any(word in name for word in words)]


def targets_of(a: argparse.Namespace) -> pl.DataFrame:
    """The table of targets under the names of this system."""
    return plain_sections(recognise_columns(tables.read(a.targets), TARGETS, tables.book_of(a)).frame)


def plain_sections(frame: pl.DataFrame) -> pl.DataFrame:
    """Section names as text; numbers of a workbook (1.0) as they were typed (1)."""
    return tables.plain_names(frame, "section", "lake", "basin")


def with_doubts(result: pl.DataFrame, frame: pl.DataFrame, book: RuleBook) -> pl.DataFrame:
    """The reasons of `result` with what is odd about times, neighbours and columns of `frame`."""
    found = doubts(frame, book, frozenset(result.columns[frame.width :]))
    parts = pl.DataFrame([result["reason"], found])
    joined = parts.select(
        pl.concat_str(pl.all().replace("", None), separator=tables.SEPARATOR, ignore_nulls=True).alias("reason")
    )["reason"]
    return result.with_columns(joined)


def doubts(frame: pl.DataFrame, book: RuleBook, known: frozenset[str] = frozenset()) -> pl.Series:
    """What is odd about the times, neighbours and columns of each row; empty where nothing."""
    from qingyuan.science.air import time_doubts
    from qingyuan.science.water import row_doubts, whole_dates

    times = time_doubts(frame.select(pl.col("section").alias("site"), whole_dates(frame["time"]))).alias("times")
    rows = row_doubts(frame, known | {"section", "time", "body", "lake", "basin"}, book=book).alias("rows")
    joined = pl.concat_str(pl.all().replace("", None), separator=tables.SEPARATOR, ignore_nulls=True)
    return pl.DataFrame([times, rows]).select(joined.alias("doubts"))["doubts"]


def item_columns(frame: pl.DataFrame) -> list[str]:
    from qingyuan.science.water import ITEMS

    return [name for name in (*ITEMS, "TN") if name in frame.columns]


ALL = (water,)
