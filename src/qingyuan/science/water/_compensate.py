"""Money between areas for the water that leaves them, by a scheme as data, with every step shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from qingyuan.rules import RuleBook, rule_book
from qingyuan.rules.water_evaluation import CompensationRule
from qingyuan.science.errors import BadArgumentError, MissingColumnError
from qingyuan.science.rounding import SCALE
from qingyuan.science.water._cells import numbers_of


def compensate(frame: pl.DataFrame, scheme: str, *, book: RuleBook | None = None) -> pl.DataFrame:
    """What each section and item costs.

    Parameters
    ----------
    frame
        `section`, `item`, `value` and `target` [mg/L]; `flow_m3` (volume of the period) for schemes that
        charge by load. Other columns are kept.
    scheme
        A scheme of water_compensation.csv.

    Returns
    -------
    The frame with multiple, amount [CNY], steps (the arithmetic in words), scheme, reason.

    Notes
    -----
    kind load: (value - target) · volume · price, nothing at or below the target. kind step: the amount of the
    step that holds the exceedance multiple, (above, to]. An item that the scheme does not know, or a missing
    input, has no amount and says so.

    References
    ----------
    The schemes' own standards and doubts stand in water_compensation.csv.
    """
    book = rule_book() if book is None else book
    rules = [rule for rule in book.water_tables.compensation if rule.scheme == scheme]
    if not rules:
        known = sorted({rule.scheme for rule in book.water_tables.compensation})
        raise BadArgumentError("scheme", scheme, ", ".join(known))
    missing = [name for name in ("section", "item", "value", "target") if name not in frame.columns]
    if missing:
        raise MissingColumnError(missing, frame.columns)
    value, target = (numbers_of(frame[name]).cast(pl.Float64).to_list() for name in ("value", "target"))
    flow = (
        numbers_of(frame["flow_m3"]).cast(pl.Float64).to_list() if "flow_m3" in frame.columns else [None] * len(frame)
    )
    rows = [
        _charge([rule for rule in rules if rule.item == item], now, goal, volume)
        for item, now, goal, volume in zip(frame["item"], value, target, flow, strict=True)
    ]
    schema = {"multiple": pl.Float64, "amount": pl.Float64, "steps": pl.String, "reason": pl.String}
    return frame.with_columns(*pl.DataFrame(rows, schema=schema), pl.lit(scheme).alias("scheme"))


def _charge(
    rules: Sequence[CompensationRule], value: float | None, target: float | None, flow: float | None
) -> dict[str, Any]:
    empty: dict[str, Any] = {"multiple": None, "amount": None, "steps": "", "reason": ""}
    if not rules:
        return empty | {"reason": "方案没有这个项目"}
    if value is None or target is None or target <= 0 or value < 0:
        return empty | {"reason": "缺浓度或目标"}
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
