"""air heavy, trend, compare, moving-mean, exempt: what several days or years say together."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import Any

import polars as pl

from qingyuan.ops import tables
from qingyuan.ops.commands.air_ranking import tidy
from qingyuan.ops.commands.air_tables import hours_of, roster_of
from qingyuan.ops.errors import WrongUse

EDITIONS = ("HJ633-2012", "HJ633-2026")
_FIGURE = re.compile(r"_(mean|P\d+)$")


def add(part: Any) -> None:
    """Their parsers."""
    _heavy_parser(part)
    _trend_parser(part)
    _compare_parser(part)
    _moving_parser(part)
    _exempt_parser(part)


def _heavy_parser(part: Any) -> None:
    parser = part.add_parser(
        "heavy",
        help="重污染天气预警条件：每天够哪一级",
        description="输入列：city（或 --key 所写的列）, time（日期）, AQI（日值，实测或预报）；其他列保留。"
        "输出加列：heavy（yellow、orange、red 等，空为不够条件）, heavy_zh, reason；按对象和日期排列。"
        "一天属于某级，指它在满足该级条件的连续天数之内；缺日期或缺 AQI 时连续中断，并写明。规则按每天的日期选用。",
    )
    tables.add_files(parser)
    _key(parser)
    parser.set_defaults(run=_run_heavy)


def _run_heavy(a: argparse.Namespace) -> int:
    from qingyuan.science.air import heavy_levels

    tables.check_out(a.out)
    frame = tidy(tables.read_in(a))
    tables.need(frame, a.file, a.key, "time", "AQI")
    tables.readable_time(frame, a.file)
    result = heavy_levels(frame, a.key, book=tables.book_of(a))
    tables.write(result, a.out, numbers=("AQI",))
    usable = _count(result, pl.col("AQI").cast(pl.Float64, strict=False).is_between(0, 500))
    levels = dict(result["heavy"].drop_nulls().value_counts(sort=True).iter_rows())
    return tables.finish(a, tables.Summary.of(result["reason"], usable), levels=levels)


def _trend_parser(part: Any) -> None:
    parser = part.add_parser(
        "trend",
        help="多年变化趋势（秩相关系数）",
        description="输入列：city（或 --key 所写的列）, period（年份；或 --when 所写的列）, --column 所写的数值列，"
        "每对象每年一行。"
        "输出列：对象列, n（年数）, r, critical（临界值）, trend（上升、下降、无显著趋势）, reason。"
        "至少 5 年（设定）；缺的年份不补，写明。",
    )
    tables.add_files(parser)
    _key(parser)
    parser.add_argument("--column", required=True, metavar="列", help="数值列，如 PM2_5_mean")
    parser.add_argument("--when", default="period", metavar="列", help="时段列（默认 period）")
    parser.set_defaults(run=_run_trend)


def _run_trend(a: argparse.Namespace) -> int:
    from qingyuan.science.air import trends

    tables.check_out(a.out)
    frame = tidy(tables.read_in(a))
    tables.need(frame, a.file, a.key, a.when, a.column)
    result = trends(frame, a.key, a.column, a.when, book=tables.book_of(a))
    tables.write(result, a.out)
    summary = tables.Summary.of(result["reason"], result["trend"].count())
    return tables.finish(a, summary, input_rows=len(frame))


def _compare_parser(part: Any) -> None:
    parser = part.add_parser(
        "compare",
        help="同比：两年都按指定的同一版规则重算",
        description="输入列同 air evaluate（小时值）。没有 --before 时 IN 里要有两年的数据。"
        "输出列：site 或 city, period, 各统计值（SO2_mean, NO2_mean, PM10_mean, PM2_5_mean, CO_P95, O3_8h_P90, composite, "
        "good_day_ratio）各带 _before（上年同期）与 _change（变化率 %，优良天数比例为百分点）, compliant, compliant_before, "
        "standard, limits, scheme, reason。跨标准更替时必须这样比：两边的限值、指数和综合指数方案是同一套。",
    )
    tables.add_files(parser)
    parser.add_argument("--before", metavar="文件", type=Path, help="上年的小时值（缺省：就在 IN 里）")
    parser.add_argument("--by", choices=("site", "city"), required=True, help="按站点或城市")
    parser.add_argument("--period", choices=("month", "quarter", "year", "all"), required=True, help="时段")
    parser.add_argument("--standard", choices=EDITIONS, required=True, help="两边都按这一版重算")
    tables.add_hours(parser)
    parser.set_defaults(run=_run_compare)


def _run_compare(a: argparse.Namespace) -> int:
    from qingyuan.science.air import compare_years, hour_doubts, with_notes

    tables.check_out(a.out)
    if a.period == "all" and a.before is None:
        raise WrongUse("--period all 比的是两份表，另要 --before")
    now = hours_of(a.file, a)
    before = None if a.before is None else hours_of(a.before, a)
    book, roster = tables.book_of(a), roster_of(a)
    result = compare_years(
        now,
        before,
        a.by,
        a.period,
        a.standard,
        roster,
        stamps=a.stamps,
        grade=a.grade,
        keep_invalid=a.keep_invalid,
        book=book,
    )
    both = [hour_doubts(now, book=book)] + ([] if before is None else [hour_doubts(before, book=book)])
    result = with_notes(result, now, both[0], a.by, a.period, roster, stamps=a.stamps)
    tables.write(result, a.out)
    odd = tables.Summary.of([text for doubts in both for text in doubts], 0)
    usable = _count(result, pl.any_horizontal(pl.col("^.*_change$").is_not_null()))
    summary = tables.Summary.of(result["reason"], usable)
    return tables.finish(a, summary, standard=a.standard, input_rows=odd.rows, input_reasons=odd.reasons)


def _moving_parser(part: Any) -> None:
    parser = part.add_parser(
        "moving-mean",
        help="三年滑动平均（年数为设定）",
        description="输入：air evaluate --period year 的输出，即 city（或 --key 所写的列）, period（年份）和统计值列。"
        "输出加列：<统计值>_3y（含本年的连续三年都有值才给）, reason。"
        "--deducted 时另给扣除例外事件（沙尘等）后的 <统计值>_deducted_3y，原值的照给。"
        "HJ 663-2026 提出三年滑动平均和例外事件，用于哪些统计值没有查到，所以默认不用、由人指定。",
    )
    tables.add_files(parser)
    _key(parser)
    parser.add_argument("--columns", metavar="列", help="统计值列，逗号分隔（默认表中全部 _mean 和 _P 列）")
    parser.add_argument("--years", type=int, metavar="年数", help="连续年数（默认取设定 3）")
    parser.add_argument(
        "--deducted", action="store_true", help="另算扣除例外事件后的（air evaluate --deduct 给出的列）"
    )
    parser.set_defaults(run=_run_moving)


def _run_moving(a: argparse.Namespace) -> int:
    from qingyuan.science.air import moving_mean

    tables.check_out(a.out)
    if a.years is not None and a.years < 1:
        raise WrongUse(f"--years 得到 {a.years}，应为 1 或更多")
    frame = tidy(tables.read_in(a))
    columns = a.columns.split(",") if a.columns else [name for name in frame.columns if _FIGURE.search(name)]
    if not columns:
        raise WrongUse(f"{a.file.name} 没有统计值列；应有 PM2_5_mean 一类的列，或用 --columns 指定")
    if a.deducted:
        columns += [f"{name}_deducted" for name in columns]
    tables.need(frame, a.file, a.key, "period", *columns)
    result = moving_mean(frame, a.key, columns, a.years, book=tables.book_of(a))
    tables.write(result, a.out, numbers=columns)
    usable = _count(result, pl.any_horizontal(pl.col(r"^.*_\d+y$").is_not_null()))
    return tables.finish(a, tables.Summary.of(result["reason"], usable))


def _exempt_parser(part: Any) -> None:
    parser = part.add_parser(
        "exempt",
        help="哪些项目够免测条件（HJ 633-2026 5.3.2）",
        description="输入：air evaluate --period day 的输出，即 site（或 --key 所写的列）, time, AQI, primary。"
        "输出：对象列, item, since, until（三年历史之后的那一年）, reason；可直接给 --exempt 用。"
        "条件：连续三年里该项目没有在轻度及以上污染日作过首要污染物；是否真的没有列入监测，由人决定、从表中留下。",
    )
    tables.add_files(parser)
    _key(parser, "site")
    parser.set_defaults(run=_run_exempt)


def _run_exempt(a: argparse.Namespace) -> int:
    from qingyuan.science.air import exempt_items

    tables.check_out(a.out)
    frame = tables.need(tidy(tables.read_in(a)), a.file, a.key, "time", "AQI", "primary")
    tables.readable_time(frame, a.file)
    result = exempt_items(frame, a.key, book=tables.book_of(a))
    tables.write(result, a.out)
    return tables.finish(a, tables.Summary.of(result["reason"], result["item"].count()), input_rows=len(frame))


def _key(parser: argparse.ArgumentParser, default: str = "city") -> None:
    parser.add_argument("--key", default=default, metavar="列", help=f"对象列（默认 {default}）")


def _count(frame: pl.DataFrame, condition: pl.Expr) -> int:
    return int(frame.select(condition.fill_null(False).sum()).item())
