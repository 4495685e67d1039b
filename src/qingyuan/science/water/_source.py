"""Drinking-water sources: supplementary and specific items."""

from __future__ import annotations

from typing import Any

import polars as pl

from qingyuan.rules import RuleBook, rule_book
from qingyuan.science.errors import MissingColumnError
from qingyuan.science.rounding import SCALE, scaled
from qingyuan.science.water._cells import read_cells, sampling_time
from qingyuan.science.water._multiple import exceedance_multiple


def judge_source(frame: pl.DataFrame, *, book: RuleBook | None = None) -> pl.DataFrame:
    """Values of a drinking-water source against tables 2 and 3 of GB 3838.

    Parameters
    ----------
    frame
        A row a value: `time`, `item` (Chinese name or code of the standard's table), `value` [mg/L]. Other
        columns are kept.

    Returns
    -------
    The frame with limit [mg/L], meets (yes, no; null: cannot tell), multiple (only where exceeded), reason.

    Notes
    -----
    The items of table 1 are judged by `classify`, and a source needs both. A value equal to the limit holds
    it; a non-detect is half its limit.

    References
    ----------
    GB 3838-2002, tables 2 and 3, clause 5.
    """
    book = rule_book() if book is None else book
    missing = [name for name in ("time", "item", "value") if name not in frame.columns]
    if missing:
        raise MissingColumnError(missing, frame.columns)
    table = book.water_tables.source_limits
    names = {limit.code: name for name, held in table.entries.items() for _, limit in held if limit.code}
    values, usable, _ = read_cells(frame["value"])
    rows: list[dict[str, Any]] = []
    for place, (item, day) in enumerate(zip(frame["item"], sampling_time(frame["time"]).dt.date(), strict=True)):
        name = str(item).strip()
        limit = None if day is None else table.get(names.get(name, name), day)
        row: dict[str, Any] = {"limit": None, "meets": None, "multiple": None, "reason": ""}
        if limit is None:
            row["reason"] = "时间缺失或无法识别" if day is None else f"没有“{name}”的饮用水源限值"
        elif not usable[place] or values[place] < 0:
            row |= {"limit": float(limit.limit), "reason": "没有可用的值"}
        else:
            bound, value = scaled(limit.limit), int(values[place])
            decimals = book.decimals("water_multiple", "*", day)
            over = exceedance_multiple(value, bound, decimals) if value > bound else None
            row |= {"limit": bound / SCALE, "meets": "no" if over else "yes", "multiple": over}
        rows.append(row)
    schema = {"limit": pl.Float64, "meets": pl.String, "multiple": pl.String, "reason": pl.String}
    return frame.with_columns(*pl.DataFrame(rows, schema=schema))
