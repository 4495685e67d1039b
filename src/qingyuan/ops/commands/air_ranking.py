"""air index, rank, compensate: composite index, ranking, town compensation."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import polars as pl

from qingyuan.intake.files import Wanted, recognise_columns
from qingyuan.ops import tables
from qingyuan.ops.errors import WrongUse
from qingyuan.rules import rule_book

FIGURES = ("SO2_mean", "NO2_mean", "PM10_mean", "PM2_5_mean", "CO_P95", "O3_8h_P90")


def add(part: Any) -> None:
    """The three parsers."""
    _index_parser(part)
    _rank_parser(part)
    _compensate_parser(part)


def tidy(frame: pl.DataFrame) -> pl.DataFrame:
    """Statistics under the names of this system (PM2.5年均, CO第95百分位), unless both are there."""
    wanted = Wanted({"AQI": ("AQI", "1")}, "", ("site", "city", "period", "composite"), figures=FIGURES)
    frame = recognise_columns(frame, wanted, rule_book("")).frame
    names = {old: old.replace("PM2.5", "PM2_5") for old in frame.columns if "PM2.5" in old}
    return frame.rename({old: new for old, new in names.items() if new not in frame.columns})


def _index_parser(part: Any) -> None:
    parser = part.add_parser(
        "index",
        help="综合指数与单项指数",
        description=f"输入列：{', '.join(FIGURES)}（CO 用 mg/m³，其他用 µg/m³），period 或 to（选方案用）；其他列保留。"
        "输出加列：index_<项目>（单项指数，先修约到两位再相加）, composite, index_primary, scheme, reason。"
        "有 <统计值>_deducted 列（air evaluate --deduct）时，"
        "另加扣除后的 index_<项目>_deducted, composite_deducted 等，原值照给。",
    )
    tables.add_files(parser)
    parser.add_argument("--scheme", default="auto", metavar="方案", help="方案名；auto 按日期选（默认）")
    parser.add_argument("--unrounded", action="store_true", help="单项指数不先修约（少数公报这样算）")
    parser.set_defaults(run=_run_index)


def _run_index(a: argparse.Namespace) -> int:
    from qingyuan.science.air import composite

    tables.check_out(a.out)
    book = tables.book_of(a)
    if a.scheme not in ("auto", *book.air_evaluation.schemes):
        raise WrongUse(f"没有方案“{a.scheme}”；应为 auto、{'、'.join(book.air_evaluation.schemes)}")
    frame = tidy(tables.read_in(a))
    if not set(FIGURES) & set(frame.columns):
        raise WrongUse(f"{a.file.name} 没有统计值列；应有 {'、'.join(FIGURES)}")
    result = composite(frame, a.scheme, round_single=not a.unrounded, book=book)
    if taken := [name for name in FIGURES if f"{name}_deducted" in frame.columns]:
        other = composite(
            frame.with_columns(pl.col(f"{name}_deducted").alias(name) for name in taken),
            a.scheme,
            round_single=not a.unrounded,
            book=book,
        )
        added = [name for name in other.columns if name.startswith("index_") or name == "composite"]
        result = result.with_columns(other[name].alias(f"{name}_deducted") for name in added)
    tables.write(result, a.out, numbers=FIGURES)
    return tables.finish(a, tables.Summary.of(result["reason"], result["composite"].count()))


def _rank_parser(part: Any) -> None:
    parser = part.add_parser(
        "rank",
        help="排名与变化程度排名",
        description="输入列：--by 所写的列（默认 composite）；其他列保留。"
        "输出加列：rank（1 最好，并列同名次、下一名次跳过）, reason。"
        "给出 --before（上年同期的同样的表）时另加：<列>_before, change_rate（%）, improvement_rank, worsening_rank"
        "（compliant 为 true 的不列入恶化排名）。",
    )
    tables.add_files(parser)
    parser.add_argument(
        "--by", default="composite", metavar="列", help="排序列，逗号分隔，后列定前列的并列；列名后加 :desc 表示大为好"
    )
    parser.add_argument("--within", metavar="列", help="分组列：每个值各排各的（默认：有 period 列就按它）")
    parser.add_argument("--before", metavar="文件", type=Path, help="上期的表，做变化程度排名")
    parser.add_argument("--key", default="city", metavar="列", help="两期对应的列（默认 city）")
    parser.set_defaults(run=_run_rank)


def _run_rank(a: argparse.Namespace) -> int:
    from qingyuan.science.air import rank, rank_change

    tables.check_out(a.out)
    frame = tidy(tables.read_in(a))
    keys = [part.split(":")[0] for part in a.by.split(",")]
    within = a.within or ("period" if "period" in frame.columns else None)
    tables.need(frame, a.file, *keys, *([within] if within else []), *([a.key] if a.before else []))
    result = rank(frame, a.by, within, book=tables.book_of(a))
    if a.before is not None:
        before = tidy(tables.read(a.before))
        tables.need(before, a.before, a.key, keys[0])
        result = rank_change(result, before, a.key, keys[0], book=tables.book_of(a))
    tables.write(result, a.out, numbers=(*FIGURES, *keys))
    return tables.finish(a, tables.Summary.of(result["reason"], result["rank"].count()))


def _compensate_parser(part: Any) -> None:
    parser = part.add_parser(
        "compensate",
        help="镇街、区县空气质量补偿",
        description="输入列由方案决定，例如 wujiang_2020：PM2_5, improvement_rate, target_rate；"
        "同比类方案：<项目> 与 <项目>_last，可有 factor。其他列保留。"
        "输出加列：score, amount（万元，正为得、负为付）, steps（逐步算式）, scheme, reason。用 --list 看全部方案与所需列。",
    )
    tables.add_files(parser)
    parser.add_argument("--scheme", default="wujiang_2020", metavar="方案", help="方案名（默认 wujiang_2020）")
    parser.add_argument("--scheme-file", metavar="文件", type=Path, help="另读一份方案表（CSV，列同内置方案）")
    parser.add_argument("--within", metavar="列", help="分组列（默认：有 period 列就按它）")
    parser.add_argument("--list", action=_List, help="列出方案")
    parser.set_defaults(run=_run_compensate)


class _List(argparse.Action):
    """Prints the schemes and ends, as --help does."""

    def __init__(self, option_strings: list[str], dest: str, **kwargs: Any) -> None:
        super().__init__(option_strings, dest, nargs=0, **kwargs)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        for scheme in rule_book().air_compensation.values():
            print(f"{scheme.name}\t{scheme.name_zh}\t{scheme.origin.certainty}\t{scheme.origin.source}")
            for step in scheme.steps:
                print(f"    {step.kind}\t{step.a}\t{step.b}\t{step.coefficient}\t{step.count or ''}\t{step.words}")
        parser.exit(0)


def _run_compensate(a: argparse.Namespace) -> int:
    from qingyuan.rules import DataFolder
    from qingyuan.rules.air_compensation import load_compensation
    from qingyuan.science.air import compensate
    from qingyuan.science.errors import MissingColumnError

    tables.check_out(a.out)
    book = tables.book_of(a)
    if a.scheme_file is None:
        known = book.air_compensation
    elif a.scheme_file.is_file():
        text = a.scheme_file.read_text("utf-8-sig")
        known = load_compensation(DataFolder({a.scheme_file.name: text}), a.scheme_file.name)
    else:
        raise WrongUse(f"没有这个文件：{a.scheme_file}")
    if a.scheme not in known:
        raise WrongUse(f"没有方案“{a.scheme}”；应为 {'、'.join(known)}")
    frame = tidy(tables.read_in(a))
    within = a.within or ("period" if "period" in frame.columns else None)
    try:
        result = compensate(frame, known[a.scheme], within=within, book=book)
    except MissingColumnError as error:
        raise WrongUse(
            f"{a.file.name} 缺少方案 {a.scheme} 需要的列 {'、'.join(error.missing)}；有 {'、'.join(error.found)}"
        ) from error
    tables.write(result, a.out)
    return tables.finish(a, tables.Summary.of(result["reason"], result["amount"].count()))
