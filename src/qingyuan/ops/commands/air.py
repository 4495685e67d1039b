"""air aqi, evaluate, index, rank, compensate: evaluation of files, without a bureau around it."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import Any

import polars as pl

from qingyuan.ops import tables
from qingyuan.ops.commands import air_history, air_ranking
from qingyuan.ops.commands.air_tables import (
    ITEM_WORDS,
    deducted_of,
    exempt_of,
    hours_of,
    issued_figures,
    named,
    not_found,
    roster_of,
    with_left_out,
)
from qingyuan.ops.errors import WrongUse

STANDARDS = ("auto", "HJ633-2012", "HJ633-2026")


def air(sub: Any) -> None:
    """The group and its parts."""
    parser = sub.add_parser(
        "air", help="空气质量评价（文件到文件）", description="按 GB 3095、HJ 633、HJ 663 评价文件中的空气数据。"
    )
    part = parser.add_subparsers(dest="part", metavar="动作", required=True, parser_class=type(parser))
    _aqi_parser(part)
    _evaluate_parser(part)
    _rolling_parser(part)
    air_ranking.add(part)
    air_history.add(part)


def _aqi_parser(part: Any) -> None:
    parser = part.add_parser(
        "aqi",
        help="每行的 IAQI、AQI、首要污染物、类别",
        description=f"输入列：site, time, 以及 {ITEM_WORDS}；其他列原样保留。"
        "输出加列：IAQI_<项目>, AQI, primary（多个用逗号连）, category, level, standard, reason。"
        "2012 版：有什么算什么，缺项写在 reason；2026 版：缺项且 AQI≤100 时不给 AQI。"
        "小时用 O3、日用 O3_8h（2012 版日值的 O3_8h 超过 800 时用 O3 的分指数）。",
    )
    tables.add_files(parser)
    _standard(parser)
    parser.add_argument("--averaging", choices=("hour", "day"), default="hour", help="hour 小时值（默认），day 日值")
    tables.add_stamps(parser)
    tables.add_exempt(parser, "site")
    parser.set_defaults(run=_run_aqi)


def _run_aqi(a: argparse.Namespace) -> int:
    from qingyuan.science.air import (
        ITEMS,
        aqi,
        gap_doubts,
        missing_hours,
        time_doubts,
        unknown_doubts,
        with_exemptions,
    )
    from qingyuan.science.figures import joined_reasons, plain_cells

    tables.check_out(a.out)
    frame, left_out = with_left_out(tables.read_in(a), dates=a.dates)
    if not set(ITEMS) & set(frame.columns):
        raise WrongUse(f"{a.file.name} 没有任何项目列；应有 {ITEM_WORDS}")
    if "time" not in frame.columns and a.standard == "auto":
        raise WrongUse(f"{a.file.name} 没有 time 列，无法按日期选标准；请加列，或用 --standard 指定")
    if "time" in frame.columns:
        tables.readable_time(frame, a.file)
    result = aqi(plain_cells(frame, ITEMS), a.averaging, a.standard, stamps=a.stamps, book=tables.book_of(a))
    result = result.with_columns(frame[name] for name in ITEMS if name in frame.columns)
    exempt = exempt_of(a, "site")
    if exempt is not None:
        tables.need(frame, a.file, "site", "time")
        result = with_exemptions(result, exempt, "site", a.averaging, stamps=a.stamps, book=tables.book_of(a))
    odd = [time_doubts(frame), gap_doubts(frame, a.averaging), *unknown_doubts(frame, book=tables.book_of(a))]
    result = result.with_columns(joined_reasons([result["reason"], *odd], len(frame)))
    usable = result.select(pl.any_horizontal(pl.col("^IAQI_.*$").is_not_null()).sum()).item()
    tables.write(result, a.out, numbers=ITEMS)
    added = ("AQI", "primary", "category", "level", "standard", "reason")
    replaced = [name for name in frame.columns if name in added or name.startswith("IAQI_")]
    facts: dict[str, object] = {"replaced": replaced} if replaced else {}
    if left_out:
        facts["left_out"] = left_out
    if a.averaging == "hour":
        facts["missing_hours"] = missing_hours(frame)
        if "O3_8h" in frame.columns:
            facts["not_used"] = ["O3_8h"]
    return tables.finish(a, tables.Summary.of(result["reason"], usable), **facts)


def _rolling_parser(part: Any) -> None:
    parser = part.add_parser(
        "rolling",
        help="每小时的臭氧 8 小时滑动平均",
        description="输入列：site, time, O3（µg/m³）的小时值；其他列原样保留。"
        "输出加列：O3_8h（本小时和前 7 小时的平均，至少 6 个有效）, n_O3_8h（有效小时）, reason。",
    )
    tables.add_files(parser)
    tables.add_stamps(parser)
    parser.set_defaults(run=_run_rolling)


def _run_rolling(a: argparse.Namespace) -> int:
    from qingyuan.science.air import gap_doubts, rolling_ozone, time_doubts
    from qingyuan.science.civil import civil_time
    from qingyuan.science.figures import doubled_rows, joined_reasons, plain_cells

    tables.check_out(a.out)
    frame = tables.need(named(tables.read_in(a), dates=a.dates), a.file, "site", "time", "O3")
    tables.readable_time(frame, a.file)
    result = rolling_ozone(plain_cells(frame, ["O3"]), stamps=a.stamps, book=tables.book_of(a))
    keyed = pl.DataFrame([frame["site"], civil_time(frame["time"]).alias("time")])
    odd = [time_doubts(frame), gap_doubts(frame), doubled_rows(keyed, ["site", "time"], "同一站点同一时间有多行")]
    result = result.with_columns(frame["O3"], joined_reasons([result["reason"], *odd], len(frame)))
    tables.write(result, a.out, numbers=("O3",))
    return tables.finish(a, tables.Summary.of(result["reason"], result["O3_8h"].count()))


def _evaluate_parser(part: Any) -> None:
    parser = part.add_parser(
        "evaluate",
        help="由小时值得出站点或城市的日、月、季、年评价",
        description="输入列：site, time, SO2, NO2, CO, O3, PM10, PM2_5 的小时值（CO 用 mg/m³，其他用 µg/m³）；"
        "按城市时另要 city 列，或用 --roster 给出名册。"
        "--period day 输出：site 或 city, time, period, 各项目日值, n_<项目>（有效小时，O3_8h 为有效窗口，城市为有效站点）, "
        "IAQI_<项目>, AQI, primary, category, level, standard, exceeding（超标项目）, compliant, reason。"
        "其他时段输出：period, from, to, <项目>_mean 与 <项目>_P<百分位>（各带 _multiple 超标倍数）, n_<项目>（有效天数）, "
        "<项目>_over_days, <项目>_rate（达标率 %）, <项目>_compliant, compliant, aqi_days, good_days, heavy_days, "
        "good_day_ratio（优良天数比例 %，分母为有 AQI 的天数）, standard, limits, reason。"
        "有效数据不足的值为空；不能判定的 compliant 为空。",
    )
    tables.add_files(parser)
    parser.add_argument("--by", choices=("site", "city"), required=True, help="按站点或城市")
    parser.add_argument("--period", choices=("day", "month", "quarter", "year", "all"), required=True, help="时段")
    _standard(parser)
    tables.add_hours(parser)
    parser.add_argument(
        "--deduct",
        metavar="文件",
        type=Path,
        help="扣除日（沙尘、例外事件）：site 或 city, date, items（可缺，缺则 PM10,PM2_5）；另出 _deducted 列，原值保留",
    )
    tables.add_exempt(parser, "site 或 city")
    tables.add_issued(parser, "site 或 city")
    parser.set_defaults(run=_run_evaluate)


def _run_evaluate(a: argparse.Namespace) -> int:
    from qingyuan.science.air import ITEMS, bounds_by_name, cell_doubts, evaluate, time_doubts, with_notes
    from qingyuan.science.civil import civil_time
    from qingyuan.science.figures import joined_reasons

    tables.check_out(a.out)
    frame = hours_of(a.file, a)
    deducted, exempt = deducted_of(a), exempt_of(a, a.by)
    book, roster = tables.book_of(a), roster_of(a)
    zones = time_doubts(frame)  # needs the times as they are written; all else gets them read, once
    frame = frame.with_columns(civil_time(frame["time"]))
    result = evaluate(
        frame,
        a.by,
        a.period,
        a.standard,
        roster,
        stamps=a.stamps,
        grade=a.grade,
        keep_invalid=a.keep_invalid,
        deducted=deducted,
        exempt=exempt,
        book=book,
    )
    doubts = joined_reasons([zones, cell_doubts(frame, book=book)], len(frame))
    result = with_notes(result, frame, doubts, a.by, a.period, roster, stamps=a.stamps)
    result = tables.with_issued(result, a, bounds_by_name(result.columns, book), issued_figures)
    tables.write(result, a.out)
    figures = [name for name in result.columns if name in ITEMS or re.search(r"_(mean|P\d+)$", name)]
    usable = result.select(pl.any_horizontal(pl.col(figures).is_not_null()).sum()).item()
    odd = tables.Summary.of(doubts, len(frame))
    lost = {"deduct_not_found": deducted, "exempt_not_found": exempt}
    facts = {name: not_found(table, frame, a, roster) for name, table in lost.items() if table is not None}
    summary = tables.Summary.of(result["reason"], usable)
    return tables.finish(a, summary, input_rows=odd.rows, input_reasons=odd.reasons, **facts)


def _standard(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--standard", choices=STANDARDS, default="auto", help="auto 按日期选（默认），或指定一版，全部按它重算"
    )


ALL = (air,)
