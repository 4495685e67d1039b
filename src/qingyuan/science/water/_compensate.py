"""Money between areas for the water that leaves them, by a scheme as data, with every step shown."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any

import polars as pl

from qingyuan.rules import RuleBook, rule_book
from qingyuan.rules.water_rows import CompensationRule
from qingyuan.science.errors import BadArgumentError, MissingColumnError
from qingyuan.science.figures import joined_reasons, sound_figures
from qingyuan.science.rounding import SCALE
from qingyuan.science.water._cells import numbers_of
from qingyuan.science.water._eras import by_era

DOUBLED = "同一断面同一项目有多行"
NOTHING: Mapping[str, Any] = MappingProxyType({"multiple": None, "amount": None, "steps": "", "reason": ""})


def compensate(frame: pl.DataFrame, scheme: str, *, book: RuleBook | None = None) -> pl.DataFrame:
    """What each section and item costs.

    Parameters
    ----------
    frame
        `section`, `item`, `value` and `target` [mg/L]; `flow_m3` (volume of the period) for schemes that
        charge by load; `time` or `period` picks the scheme's rows in force. Other columns are kept.
    scheme
        A scheme of water_compensation.csv.

    Returns
    -------
    The frame with multiple, amount [CNY], steps (the arithmetic in words), scheme, reason.

    Notes
    -----
    kind load: (value - target) · volume · price, nothing at or below the target. kind step: the amount of the
    step that holds the exceedance multiple, (above, to]. An item that the scheme does not know, or a missing
    input, has no amount and says so; so does a row of a date on which the scheme was not in force. Doubled rows
    are charged and named.

    References
    ----------
    The schemes' own standards and doubts stand in water_compensation.csv.
    """
    book = rule_book() if book is None else book
    known = sorted({rule.scheme for rule in book.water_tables.compensation.rows})
    if scheme not in known:
        raise BadArgumentError("scheme", scheme, ", ".join(known))
    missing = [name for name in ("section", "item", "value", "target") if name not in frame.columns]
    if missing:
        raise MissingColumnError(missing, frame.columns)
    clean, doubts = sound_figures(frame, dict.fromkeys(("value", "target", "flow_m3"), (0.0, None)), numbers_of)
    keys = [name for name in ("section", "item", "time", "period") if name in frame.columns]
    twice = frame.select(pl.when(pl.struct(keys).is_duplicated()).then(pl.lit(DOUBLED)).alias("twice"))["twice"]
    charged = by_era(clean, book, "断面补偿方案", lambda part, day: _charged(part, scheme, day, book))
    names = [name for name in charged.columns if name not in frame.columns]
    return frame.with_columns(
        *(charged[name] for name in names if name != "reason"),
        joined_reasons([doubts, charged["reason"], twice], len(frame)),
    )


def _charged(frame: pl.DataFrame, scheme: str, day: date | None, book: RuleBook) -> pl.DataFrame:
    """Rows of one set of rules, their figures being numbers."""
    rules = [rule for rule in book.water_tables.on(day).compensation if rule.scheme == scheme]
    flow = frame["flow_m3"].to_list() if "flow_m3" in frame.columns else [None] * len(frame)
    rows = [
        {**NOTHING, "reason": f"方案{scheme}在该日期没有施行"}
        if not rules
        else _charge([rule for rule in rules if rule.item == item], now, goal, volume, _highest(item, book))
        for item, now, goal, volume in zip(frame["item"], frame["value"], frame["target"], flow, strict=True)
    ]
    schema = {"multiple": pl.Float64, "amount": pl.Float64, "steps": pl.String, "reason": pl.String}
    return frame.with_columns(*pl.DataFrame(rows, schema=schema), pl.lit(scheme).alias("scheme"))


def _highest(item: object, book: RuleBook) -> float:
    known = book.items.get(str(item))
    return float(known.plausible_high) if known else math.inf


def _charge(
    rules: Sequence[CompensationRule], value: float | None, target: float | None, flow: float | None, highest: float
) -> dict[str, Any]:
    empty = dict(NOTHING)
    if not rules:
        return empty | {"reason": "方案没有这个项目"}
    if value is None or target is None or target <= 0 or value < 0:
        return empty | {"reason": "缺浓度或目标"}
    if value > highest:
        return empty | {"reason": "value超出合理范围，按缺测，请核对单位"}
    above, bound = round(value * SCALE) - round(target * SCALE), round(target * SCALE)
    multiple = above / bound
    if above <= 0:
        return empty | {"multiple": multiple, "amount": 0.0, "steps": f"{value:g}≤{target:g}，不补偿"}
    empty["multiple"] = multiple
    return empty | (_by_load if rules[0].kind == "load" else _by_step)(rules, value, target, flow)


def _by_load(rules: Sequence[CompensationRule], value: float, target: float, flow: float | None) -> dict[str, Any]:
    if flow is None:
        return {"reason": "缺水量 flow_m3"}
    price = float(rules[0].amount)
    tonnes = (round(value * SCALE) - round(target * SCALE)) / SCALE * flow / 1e6
    steps = f"({value:g}-{target:g})mg/L×{flow:g}m³÷10⁶={tonnes:.4f}t；×{price:g}元/t"
    return {"amount": round(tonnes * price, 2), "steps": steps}


def _by_step(rules: Sequence[CompensationRule], value: float, target: float, _: float | None) -> dict[str, Any]:
    above, bound = round(value * SCALE) - round(target * SCALE), round(target * SCALE)
    words = f"超标倍数({value:g}-{target:g})/{target:g}={above / bound:.3f}"
    for rule in rules:
        low, high = float(rule.multiple_above or 0), rule.multiple_to
        if above > low * bound and (high is None or above <= float(high) * bound):
            bounds = f"({low:g},{'∞' if high is None else high}]"
            return {"amount": float(rule.amount), "steps": f"{words}，在{bounds}档：{rule.amount:f}元"}
    return {"amount": 0.0, "steps": f"{words}，低于最低档"}
