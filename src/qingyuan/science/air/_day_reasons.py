"""What is to be said about station-days, in words."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from qingyuan.science.rounding import Mask

SHORT = "{}有效数据不足"
NEGATIVE = "{}有负值，按缺测"
UNREADABLE = "{}有不是数值的格，按缺测"
DOUBTFUL = "{}有超出合理范围的值，请核对单位"
UNDATED = "时间缺失或无法识别"
DOUBLED = "同一小时有多行，取第一行"


def day_reasons(flags: Mapping[str, Mapping[str, Mask]], doubled: Mask, undated: Mask) -> pl.Series:
    """One text for each day: `flags` hold the days by wording and item, in the order they are to be told."""
    pairs = [(word, item, days) for word, found in flags.items() for item, days in found.items()]
    codes = undated.astype(np.int64) | doubled.astype(np.int64) << 1
    for place, (_, _, days) in enumerate(pairs, start=2):
        codes |= days.astype(np.int64) << place

    def words(code: int) -> str:
        if code & 1:
            return UNDATED
        parts = []
        for word in flags:
            told = [item for place, (kind, item, _) in enumerate(pairs, start=2) if kind == word and code >> place & 1]
            if told:
                parts.append(word.format("、".join(told)))
        if code & 2:
            parts.append(DOUBLED)
        return "；".join(parts)

    distinct, where = np.unique(codes, return_inverse=True)
    return pl.Series("reason", [words(int(code)) for code in distinct], dtype=pl.String).gather(where)
