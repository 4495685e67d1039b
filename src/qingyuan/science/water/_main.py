"""Main pollution indicators of a section, with exceedance multiples."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import polars as pl

from qingyuan.science.rounding import Integers
from qingyuan.science.water._item import ItemResult

MOST = 3
GOOD_RANK = 3


def main_pollutants(results: Sequence[ItemResult], worst: Integers, decimals: int) -> pl.Series:
    """Up to three items beyond class III, as 高锰酸盐指数(1.2), joined by ","; else empty.

    Cyanide and heavy metals that exceed come first, then the worse class, then the larger multiple; items
    without a multiple (pH, DO) follow those with one. A multiple is value over class III limit minus one,
    half to even at `decimals`, one digit kept.

    References
    ----------
    环办〔2011〕22号, main pollution indicators of a section.
    """
    texts = [""] * len(worst)
    for row in np.flatnonzero(worst > GOOD_RANK).tolist():
        found = [result for result in results if result.rank[row] > GOOD_RANK]
        found.sort(key=lambda result: _order(result, row))
        texts[row] = ",".join(_print(result, row, decimals) for result in found[:MOST])
    return pl.Series("main_pollutants", texts, dtype=pl.String)


def _order(result: ItemResult, row: int) -> tuple[bool, int, Fraction]:
    return (not result.listed_first, -int(result.rank[row]), -_multiple(result, row))


def _multiple(result: ItemResult, row: int) -> Fraction:
    base = int(result.base[row])
    return Fraction(int(result.excess[row]), base) if base else Fraction(-1)


def _print(result: ItemResult, row: int, decimals: int) -> str:
    multiple = _multiple(result, row)
    if multiple < 0:
        return result.name_zh
    while True:
        digits = round(multiple * 10**decimals)
        if digits or not multiple:
            break
        decimals += 1
    whole, part = divmod(digits, 10**decimals)
    return f"{result.name_zh}({whole}.{part:0{decimals}d})"
