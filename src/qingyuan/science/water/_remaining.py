"""What the remaining months must average, so that a yearly target is still met."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl

from qingyuan.rules import RuleBook, rule_book
from qingyuan.science.errors import BadArgumentError
from qingyuan.science.rounding import SCALE, Integers, Mask, scaled
from qingyuan.science.water._classify import ITEMS
from qingyuan.science.water._means import PH, mean_values, read_values
from qingyuan.science.water._periods import with_period
from qingyuan.science.water._targets import KINDS, read_targets


def remaining_mean(limit: float, mean: float, months: int, months_left: int) -> float:
    """The mean that the months left must keep so that all months together meet a limit.

    (limit (n + k) - mean n) / k for n months with a mean so far and k months left. Negative: out of reach
    for a concentration. For DO the same figure is the least mean.

    >>> remaining_mean(1.0, 1.2, 8, 4)
    0.6
    """
    if months < 0 or months_left < 1:
        raise BadArgumentError("months", (months, months_left), "0 or more months passed, at least one left")
    left = Decimal(str(limit)) * (months + months_left) - Decimal(str(mean)) * months
    return float(left / months_left)


def remaining(
    frame: pl.DataFrame,
    targets: pl.DataFrame,
    kind: str = "assessment",
    *,
    year: int | None = None,
    book: RuleBook | None = None,
) -> pl.DataFrame:
    """For each section and item of a year: the mean so far and what the months left must average.

    Parameters
    ----------
    frame
        `section`, `time`, `body` and items.
    targets
        As `read_targets` takes them; `kind` picks which target. Items left out there are left out here.
    year
        Else the latest year in the frame.

    Returns
    -------
    section, year, item, target (class), limit, months, months_left, mean (so far), needed (at most; for DO
    at least), status (达标可期: the mean so far keeps the limit; 需改善: it does not, but the target can be
    met; 无法达到; 全年已定达标, 全年已定超标), reason; sorted. pH has no mean to keep and is left out.

    Notes
    -----
    A month's mean counts once, whatever its samples. `needed` is cut to the safe side at one decimal more
    than the item is evaluated with. Sections without a target, and those not measured in the year, get one row that
    says so. Cells that cannot be used, and rows without a readable time, are counted in the reason.
    """
    book = rule_book() if book is None else book
    if kind not in KINDS:
        raise BadArgumentError("kind", kind, ", ".join(KINDS))
    goals = read_targets(targets, book=book)
    dated = with_period(frame, "year")
    chosen = year if year is not None else dated["_time"].dt.year().max()
    inside = (pl.col("_time").dt.year() == chosen).fill_null(False)
    left_out = _left_out(dated)
    timed = dated.filter(inside)
    items = [item for item in ITEMS if item in frame.columns and item != PH]
    rows: list[dict[str, Any]] = []
    months = timed.select("section", "_month").unique().sort("section", "_month").with_row_index("_place")
    place = timed.join(months, on=["section", "_month"], how="left", nulls_equal=True, maintain_order="left")["_place"]
    values, bad = read_values(timed, items, book)
    means = mean_values(place.cast(pl.Int64).to_numpy(), len(months), values)
    facts = {
        section: (day, body)
        for section, day, body in timed.group_by("section")
        .agg(pl.col("_time").dt.date().max(), pl.col("body").cast(pl.String).drop_nulls().first())
        .iter_rows()
    }
    unusable = timed.select("section").with_columns(pl.Series(item, mask) for item, mask in bad.items())
    counted = {row["section"]: row for row in unusable.group_by("section").agg(pl.all().sum()).iter_rows(named=True)}
    whole_year = "这一年" if chosen is None else f"{chosen!r}年"
    for section in dated["section"].unique(maintain_order=True):
        if section not in facts:
            rows.append(_row(section, chosen, reason=_joined(left_out.get(section, ""), f"{whole_year}没有监测值")))
    for (section,), part in months.group_by("section", maintain_order=True):
        day, body = facts[section]
        lost = _joined("" if section is not None else "缺断面", left_out.get(section, ""))
        goal, why = goals.on(str(section), kind, day)
        if goal is None:
            rows.append(_row(section, chosen, reason=_joined("没有目标", lost)))
            continue
        here = part["_place"].to_numpy()
        special = dict(goal.limits)
        whole = int(book.water_tables.on(day).number("target.months"))
        for item in (name for name in items if name not in goal.excluded):
            limit_row = book.water_limit_rows.get((item, "any"), day) or book.water_limit_rows.get((item, body), day)
            if limit_row is None:
                rows.append(_row(section, chosen, item=item, reason=_joined("水体类型不明，没有限值", lost)))
                continue
            bound = special.get(item, limit_row.limit(goal.target))
            assert bound is not None
            decimals = book.decimals("water_evaluation", item, day) + 1
            found, some = means[item]
            needed = _needed(found[here], some[here], scaled(bound), limit_row.compare == "at_least", decimals, whole)
            odd = f"{item}有{counted[section][item]}个值不可用" if counted[section][item] else ""
            told = _joined(needed.pop("reason", ""), why, odd, lost)
            row = {"item": item, "target": goal.target, "limit": float(bound), "reason": told} | needed
            rows.append(_row(section, chosen, **row))
    schema = {
        "section": pl.String,
        "year": pl.Int64,
        "item": pl.String,
        "target": pl.String,
        "limit": pl.Float64,
        "months": pl.Int64,
        "months_left": pl.Int64,
        "mean": pl.Float64,
        "needed": pl.Float64,
        "status": pl.String,
        "reason": pl.String,
    }
    return pl.DataFrame(rows, schema=schema).sort("section", maintain_order=True)


def _left_out(dated: pl.DataFrame) -> dict[object, str]:
    """By section: how many rows have no readable time, where there are any."""
    lost = dated.filter(pl.col("_time").is_null()).group_by("section", maintain_order=True).len()
    return {section: f"{rows}行时间缺失或无法识别，未计入" for section, rows in lost.iter_rows()}


def _joined(*parts: str) -> str:
    return "；".join(filter(None, parts))


def _row(section: object, year: object, **facts: Any) -> dict[str, Any]:
    empty = dict.fromkeys(("item", "target", "limit", "months", "months_left", "mean", "needed", "status"))
    name = None if section is None else str(section)
    return {"section": name, "year": year} | empty | {"reason": ""} | facts


def _needed(values: Integers, some: Mask, limit: int, at_least: bool, decimals: int, whole: int) -> dict[str, Any]:
    """`whole`: the months of a year."""
    months = int(some.sum())
    left = whole - months
    if not months:
        return {"months": 0, "months_left": left, "reason": "没有监测值"}
    total = int(values[some].sum())
    mean = round(total / months / SCALE, decimals + 1)
    kept = total >= limit * months if at_least else total <= limit * months
    if not left:
        return {"months": months, "months_left": 0, "mean": mean, "status": f"全年已定{'达标' if kept else '超标'}"}
    step = SCALE // 10**decimals
    rest = limit * whole - total
    units = -(-rest // (left * step)) if at_least else rest // (left * step)
    needed = units / 10**decimals
    status = "达标可期" if kept else "需改善"
    if units < 0 and not at_least:
        status = "无法达到"
    return {"months": months, "months_left": left, "mean": mean, "needed": needed, "status": status}
