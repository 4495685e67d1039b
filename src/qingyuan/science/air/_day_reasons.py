"""What is to be said about station-days, in words."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from qingyuan.science.air._validity import HOURS
from qingyuan.science.rounding import Integers, Mask

SHORT = "{}有效数据不足"
NEGATIVE = "{}有负值，按缺测"
UNREADABLE = "{}有不是数值的格，按缺测"
DOUBTFUL = "{}有超出合理范围的值，按缺测，请核对单位"
_FLAGS, _COUNT = 2, 5
UNDATED = "时间缺失或无法识别"
LACKING = "{}个小时没有行"
DOUBLED = "同一小时有多行，取第一行"


def day_reasons(flags: Mapping[str, Mapping[str, Mask]], doubled: Mask, undated: Mask, rows: Integers) -> pl.Series:
    """One text for each day.

    `flags` hold the days by wording and item, in the order they are to be told; `rows`
    the hours of each day that have a row.
    """
    pairs = [(word, item, days) for word, found in flags.items() for item, days in found.items()]
    lacking = np.where(undated, 0, HOURS - rows)
    codes = undated.astype(np.int64) | doubled.astype(np.int64) << 1 | lacking << _FLAGS
    for place, (_, _, days) in enumerate(pairs, start=_FLAGS + _COUNT):
        codes |= days.astype(np.int64) << place

    def words(code: int) -> str:
        if code & 1:
            return UNDATED
        parts = []
        for word in flags:
            items = [
                item
                for place, (kind, item, _) in enumerate(pairs, start=_FLAGS + _COUNT)
                if kind == word and code >> place & 1
            ]
            if items:
                parts.append(word.format("、".join(items)))
        if hours := code >> _FLAGS & (1 << _COUNT) - 1:
            parts.append(LACKING.format(hours))
        if code & 2:
            parts.append(DOUBLED)
        return "；".join(parts)

    if not codes.any():
        return pl.repeat("", len(codes), eager=True).alias("reason")
    told = np.flatnonzero(codes)
    distinct, which = np.unique(codes[told], return_inverse=True)
    where = np.zeros(len(codes), dtype=np.int64)
    where[told] = which + 1
    return pl.Series("reason", ["", *(words(int(code)) for code in distinct)], dtype=pl.String).gather(where)
