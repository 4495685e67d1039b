"""Main pollution indicators of a section, with exceedance multiples."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import polars as pl

from qingyuan.science.errors import BadArgumentError
from qingyuan.science.rounding import Integers, divide_half_even
from qingyuan.science.water._item import ItemResult
from qingyuan.science.water._multiple import exceedance_multiple

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
    found = [np.flatnonzero(result.rank > GOOD_RANK) for result in results]
    row = np.concatenate([np.zeros(0, dtype=np.int64), *found])
    if not len(row):
        return pl.Series("main_pollutants", [""] * len(worst), dtype=pl.String)
    place = np.concatenate([np.full(len(rows), number) for number, rows in enumerate(found)])
    rank, excess, base = (
        np.concatenate([getattr(result, part)[rows] for result, rows in zip(results, found, strict=True)])
        for part in ("rank", "excess", "base")
    )
    whole, rest = _exact(excess, base)
    first = np.array([not result.listed_first for result in results])[place]
    order = np.lexsort((place, -rest, -whole, -rank, first, row))
    row, place, excess, base = row[order], place[order], excess[order], base[order]
    starts = np.flatnonzero(np.diff(row, prepend=-1))
    kept = np.arange(len(row)) - np.repeat(starts, np.diff(starts, append=len(row))) < MOST
    names = pl.Series([result.name_zh for result in results]).gather(place[kept])
    texts = pl.DataFrame({"row": row[kept], "text": names + _multiples(excess[kept], base[kept], decimals)})
    joined = texts.group_by("row", maintain_order=True).agg(pl.col("text").str.join(","))
    every = pl.DataFrame({"row": np.arange(len(worst))}).join(joined, on="row", how="left", maintain_order="left")
    return every["text"].fill_null("").alias("main_pollutants")


def _exact(excess: Integers, base: Integers) -> tuple[Integers, Integers]:
    """Whole part and rest of excess / base, the rests over one denominator, so that they order exactly.

    Items without a multiple get -1, below all others.
    """
    some = np.maximum(base, 1)
    common = math.lcm(*np.unique(some).tolist())
    whole, rest = np.divmod(excess, some)
    if common > np.iinfo(np.int64).max:
        raise BadArgumentError("class III limits", np.unique(some).tolist(), "limits with few digits; mend the pack")
    return np.where(base > 0, whole, -1), np.where(base > 0, rest * (common // some), 0)


def _multiples(excess: Integers, base: Integers, decimals: int) -> pl.Series:
    """Multiples in brackets; empty for items without one."""
    some = np.maximum(base, 1)
    digits = divide_half_even(excess * 10**decimals, some)
    whole, part = np.divmod(digits, 10**decimals)
    texts = pl.DataFrame({"whole": whole, "part": part, "has": base > 0}).select(
        pl.when(pl.col("has"))
        .then(pl.format("({}.{})", pl.col("whole"), pl.col("part").cast(pl.String).str.zfill(decimals)))
        .otherwise(pl.lit(""))
        .alias("text")
    )["text"]
    small = np.flatnonzero((digits == 0) & (excess > 0) & (base > 0))
    if not len(small):
        return texts
    printed = [f"({exceedance_multiple(int(excess[n] + base[n]), int(base[n]), decimals)})" for n in small]
    return texts.scatter(small, printed)
