"""water tli, cwqi, rank, target, balance, compensate, black-odorous, bloom, trend."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from qingyuan.intake.files import Wanted, recognise_columns
from qingyuan.intake.files.synonyms import body_of, item_of
from qingyuan.ops import tables
from qingyuan.ops.errors import WrongUse
from qingyuan.science.errors import BadArgumentError, MissingColumnError

Work = Callable[[pl.DataFrame, argparse.Namespace], tuple[pl.DataFrame, str | int]]


def add(part: Any) -> None:
    """Their parsers, under `water`."""
    _tool(
        part,
        "tli",
        _tli,
        "湖库综合营养状态指数",
        "输入列（可缺，缺项时权重归一）：chla_mg_m3, tp_mg_L, tn_mg_L, sd_m, codmn_mg_L；"
        "没有浓度时可直接给 tli_chla, tli_tp, tli_tn, tli_sd, tli_codmn。"
        "输出加列：tli_chla…tli_codmn, tli_sum, state, reason。",
    )
    parser = _tool(
        part,
        "cwqi",
        _cwqi,
        "城市水质指数 CWQI",
        "输入列：body, 以及参评项目的时段均值（--by city 另需 city, section；有 period 列时分时段）。"
        "输出加列：cwqi_<项目>, cwqi, cwqi_items（项目数，不同项目数不可比）, reason；"
        "--by city：n_river, n_lake, cwqi_river, cwqi_lake, cwqi, cwqi_items, reason。",
    )
    parser.add_argument("--by", choices=("section", "city"), default="section", help="逐行（默认），或先按城市平均")
    parser = _tool(
        part,
        "rank",
        _rank,
        "按指数升序排名，同值同名次",
        "输入列：指数列（默认 cwqi），--base 为基期指数列；excluded（yes）与 excluded_reason 的行不参加排名。"
        "输出加列：rank, delta_pct, rank_change（变化越负越靠前）, reason。",
    )
    parser.add_argument("--column", default="cwqi", metavar="列", help="排名所用的列（默认 cwqi）")
    parser.add_argument("--base", metavar="列", help="基期的列，给出时加变化排名")
    parser = _tool(
        part,
        "target",
        _target,
        "剩余月份须保持的均值",
        "输入列：section, time, body, 各项目。输出列：section, year, item, target, limit, months, months_left, "
        "mean, needed（DO 为至少，其他为至多）, status, reason。",
    )
    parser.add_argument("--targets", required=True, type=Path, metavar="FILE", help="目标表，同 water evaluate")
    parser.add_argument(
        "--kind",
        choices=("function_zone", "assessment", "incentive"),
        default="assessment",
        help="按哪种目标（默认考核）",
    )
    parser.add_argument("--year", type=int, metavar="年", help="年份（默认数据中的最后一年）")
    _tool(
        part,
        "balance",
        _balance,
        "生活污水集中收集率与污染物平衡（公式为设定，未核实）",
        "输入列（一厂一行）：area, volume_m3, industrial_share, cod_in_mg_L, bod_in_mg_L, domestic_sewage_m3, "
        "population, days。输出列（一区一行）：各项输入合计、参考值、rate_cod_pct, rate_bod_pct, "
        "people_connected, uncollected_cod_t, formula, reason。",
    )
    parser = _tool(
        part,
        "compensate",
        _compensate,
        "断面补偿测算，列出每一步",
        "输入列：section, item, value, target, flow_m3（按量计费时）。输出加列：multiple, amount（元）, steps, "
        "scheme, reason。方案在规则表 water_compensation。",
    )
    parser.add_argument("--scheme", required=True, metavar="方案", help="如 taihu_pilot、jiangsu_2021")
    parser = _tool(
        part,
        "black-odorous",
        _black_odorous,
        "黑臭水体分级",
        "输入列（一次检测一行）：water_body, point, order, time, transparency（cm）, depth（cm）, DO, ORP（mV）, NH3N。"
        "输出列（--level）：test 逐次 level_<项目>, level；point 逐点 tests, level, in_reach；body 逐水体 heavy_points, level。",
    )
    parser.add_argument("--level", choices=("test", "point", "body"), default="body", help="输出到哪一级（默认 body）")
    _tool(
        part,
        "bloom",
        _bloom,
        "水华程度分级（阈值为设定，未核实）",
        "输入列：density_cells_L（藻密度，个/L）或 area_share_pct（水华面积占比，%）。输出加列：bloom, reason。",
    )
    parser = _tool(
        part,
        "trend",
        _trend,
        "多时段变化趋势（秩相关系数）",
        "输入列：section, period（或 time）, 数值列（--column）。每断面至少 5 个时段。"
        "输出列：section, n, r, critical, trend（上升、下降、无显著趋势）, reason。",
    )
    parser.add_argument("--column", required=True, metavar="列", help="数值列，如 NH3N")


def _tool(part: Any, name: str, work: Work, help_text: str, description: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = part.add_parser(name, help=help_text, description=description)
    tables.add_files(parser)
    parser.set_defaults(run=lambda a: _run(a, work))
    return parser


def _run(a: argparse.Namespace, work: Work) -> int:
    """Read, work, write; `work` names the column that tells a usable row, or counts the usable rows."""
    tables.check_out(a.out)
    frame = _known(tables.read_in(a), a, work)
    try:
        result, usable = work(frame, a)
    except (MissingColumnError, BadArgumentError) as error:
        raise WrongUse(f"{a.file.name}：{error}") from error
    tables.write(result, a.out, numbers=frame.columns)
    told = result["reason"] if "reason" in result.columns else pl.Series([""] * len(result), dtype=pl.String)
    if isinstance(usable, str):
        usable = result[usable].count() if usable in result.columns else 0
    return tables.finish(a, tables.Summary.of(told, usable))


_TLI = Wanted(
    {
        "chla_mg_m3": ("chl_a", "ug/L"),
        "tp_mg_L": ("TP", "mg/L"),
        "tn_mg_L": ("TN", "mg/L"),
        "codmn_mg_L": ("CODMn", "mg/L"),
    },
    "",
    ("lake", "section", "period"),
    {"sd_m": ("transparency", "m")},
    is_water=True,
)
_BLACK = Wanted(
    {"DO": ("DO", "mg/L"), "NH3N": ("NH3N", "mg/L")},
    "",
    ("water_body", "point", "order", "ORP"),
    {"transparency": ("transparency", "cm"), "depth": ("depth", "cm")},
    is_water=True,
)
_SHARES = Wanted(
    {},
    "",
    ("area", "volume_m3", "industrial_share", "cod_in_mg_L", "bod_in_mg_L", "domestic_sewage_m3", "population", "days"),
    has_time=False,
)


def _known(frame: pl.DataFrame, a: argparse.Namespace, work: Work) -> pl.DataFrame:
    """The table under the names of this system, whichever of them the tool reads."""
    from qingyuan.ops.commands.water import WATER

    figures = Wanted(
        WATER.items, "section", ("body", "city", "period", "cwqi", "excluded", "excluded_reason"), is_water=True
    )
    amounts = Wanted({}, "section", ("item", "value", "target", "flow_m3"), has_time=False)
    blooms = Wanted({"density_cells_L": ("algae", "cells/L")}, "section", ("area_share_pct",), is_water=True)
    choices: dict[Work, Wanted] = {
        _tli: _TLI,
        _black_odorous: _BLACK,
        _balance: _SHARES,
        _compensate: amounts,
        _bloom: blooms,
        _target: WATER,
    }
    found = recognise_columns(frame, choices.get(work, figures), tables.book_of(a), dates=a.dates).frame
    if work is _compensate and "item" in found.columns:
        names = {text: item_of(text) or text for text in found["item"].cast(pl.String).drop_nulls().unique()}
        found = found.with_columns(pl.col("item").cast(pl.String).replace(names)) if names else found
    if "body" in found.columns:
        words = {text: body_of(text) or text for text in found["body"].cast(pl.String).drop_nulls().unique()}
        found = found.with_columns(pl.col("body").cast(pl.String).replace(words)) if words else found
    column = getattr(a, "column", None)
    if column and column not in found.columns and item_of(column) in found.columns:
        a.column = item_of(column)
    return found


def _tli(frame: pl.DataFrame, a: argparse.Namespace) -> tuple[pl.DataFrame, str]:
    from qingyuan.science.water import tli

    return tli(frame, book=tables.book_of(a)), "tli_sum"


def _cwqi(frame: pl.DataFrame, a: argparse.Namespace) -> tuple[pl.DataFrame, str]:
    from qingyuan.science.water import city_cwqi, cwqi

    return (city_cwqi if a.by == "city" else cwqi)(frame, book=tables.book_of(a)), "cwqi"


def _rank(frame: pl.DataFrame, a: argparse.Namespace) -> tuple[pl.DataFrame, str]:
    from qingyuan.science.water import rank

    return rank(frame, a.column, a.base, book=tables.book_of(a)), "rank"


def _target(frame: pl.DataFrame, a: argparse.Namespace) -> tuple[pl.DataFrame, str]:
    from qingyuan.science.water import remaining

    for name in ("section", "time", "body"):
        if name not in frame.columns:
            raise MissingColumnError([name], frame.columns)
    from qingyuan.ops.commands.water import plain_sections, targets_of

    targets = targets_of(a)
    return remaining(plain_sections(frame), targets, a.kind, year=a.year, book=tables.book_of(a)), "status"


def _balance(frame: pl.DataFrame, a: argparse.Namespace) -> tuple[pl.DataFrame, int]:
    from qingyuan.science.water import balance

    result = balance(frame, book=tables.book_of(a))
    known = pl.any_horizontal(pl.col("rate_cod_pct", "rate_bod_pct").is_not_null())
    return result, int(result.select(known.sum()).item())


def _compensate(frame: pl.DataFrame, a: argparse.Namespace) -> tuple[pl.DataFrame, str]:
    from qingyuan.science.water import compensate

    return compensate(frame, a.scheme, book=tables.book_of(a)), "amount"


def _black_odorous(frame: pl.DataFrame, a: argparse.Namespace) -> tuple[pl.DataFrame, str]:
    from qingyuan.science.water import black_odorous

    tests, points, bodies = black_odorous(frame, book=tables.book_of(a))
    return {"test": tests, "point": points, "body": bodies}[a.level], "level"


def _bloom(frame: pl.DataFrame, a: argparse.Namespace) -> tuple[pl.DataFrame, str]:
    from qingyuan.science.water import blooms

    return blooms(frame, book=tables.book_of(a)), "bloom"


def _trend(frame: pl.DataFrame, a: argparse.Namespace) -> tuple[pl.DataFrame, str]:
    from qingyuan.science.water import trends

    when = "period" if "period" in frame.columns else "time"
    return trends(frame, "section", a.column, when, book=tables.book_of(a)), "trend"
