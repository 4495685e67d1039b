"""Main pollution indicators of a section, with exceedance multiples."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import cache

import numpy as np
import polars as pl

from qingyuan.science.rounding import Integers, divide_half_even
from qingyuan.science.water._item import ItemResult, Ranks
from qingyuan.science.water._multiple import exceedance_multiple

MOST = 3
GOOD_RANK = 3
ROOM = 2**58
"""A multiple is below it, so that a class and whether the item is named first fit before it into 64 bits."""


def main_pollutants(results: Sequence[ItemResult], worst: Ranks, decimals: int) -> pl.Series:
    """Up to three items beyond class III, as 高锰酸盐指数(1.2), joined by ","; else empty.

    Cyanide and heavy metals that exceed come first, then the worse class, then the larger multiple; items
    without a multiple (pH, DO) follow those with one. A multiple is value over class III limit minus one,
    half to even at `decimals`, one digit kept.

    References
    ----------
    环办〔2011〕22号, main pollution indicators of a section.
    """
    found = [np.flatnonzero(result.rank > GOOD_RANK) for result in results]
    if not any(len(rows) for rows in found):
        return pl.Series("main_pollutants", [""] * len(worst), dtype=pl.String)
    keys, places = (np.full((MOST, len(worst)), -1, dtype=np.int64) for _ in range(2))
    for place, (rows, key) in enumerate(zip(found, _keys(results, found), strict=True)):
        _put(keys, places, rows, key, place)
    texts = _texts(results, places.ravel(), decimals)
    slots = pl.DataFrame([texts.slice(slot * len(worst), len(worst)).alias(str(slot)) for slot in range(MOST)])
    joined = slots.select(pl.concat_str(pl.all(), separator=",", ignore_nulls=True))
    return joined.to_series().alias("main_pollutants")


def _keys(results: Sequence[ItemResult], found: Sequence[Integers]) -> list[Integers]:
    """By item, what the items of a row are ordered by, in one number: named first, class, multiple (none: below all).

    Multiples over the least common multiple of the limits are whole numbers, so that they order exactly; where those
    would not fit, their places in the order of all do.
    """
    common = math.lcm(*(base for result in results for base in result.bases if base))
    multiples = []
    for result, rows in zip(results, found, strict=True):
        base = result.base[rows]
        excess = result.compared[rows] - base
        most = max((common // base for base in result.bases if base), default=0)
        if most * int(excess.max(initial=0)) >= ROOM:
            multiples = _in_order(results, found)
            break
        multiples.append(np.where(base > 0, excess * (common // np.maximum(base, 1)) + 1, 0))
    return [
        (result.listed_first * 8 + result.rank[rows].astype(np.int64)) * (2 * ROOM) + multiple
        for result, rows, multiple in zip(results, found, multiples, strict=True)
    ]


def _in_order(results: Sequence[ItemResult], found: Sequence[Integers]) -> list[Integers]:
    """The place of each multiple among the distinct ones of all items, from 1 on; 0 for items without one."""
    pairs = [
        ((r.compared[rows] - r.base[rows]).tolist(), r.base[rows].tolist())
        for r, rows in zip(results, found, strict=True)
    ]
    every = sorted({Fraction(e, b) for excess, base in pairs for e, b in zip(excess, base, strict=True) if b})
    at = {multiple: place for place, multiple in enumerate(every, 1)}
    return [
        np.array([at[Fraction(e, b)] if b else 0 for e, b in zip(excess, base, strict=True)], dtype=np.int64)
        for excess, base in pairs
    ]


def _put(keys: Integers, places: Integers, rows: Integers, key: Integers, place: int) -> None:
    """Put an item into the slots of its rows, the largest key first; an equal one stays behind what is there."""
    carried = np.full(len(rows), place)
    is_put = np.zeros(len(rows), dtype=np.bool_)
    for slot in range(MOST):
        held_key, held = keys[slot, rows], places[slot, rows]
        is_put = is_put | (key > held_key)  # what was there moves on by one slot, all of it
        keys[slot, rows], places[slot, rows] = np.where(is_put, key, held_key), np.where(is_put, carried, held)
        key, carried = np.where(is_put, held_key, key), np.where(is_put, held, carried)


def _texts(results: Sequence[ItemResult], places: Integers, decimals: int) -> pl.Series:
    """The name and the multiple of the item at each place (slot by slot, a row each); null where there is none."""
    some = np.flatnonzero(places >= 0)
    place, row = places[some], some % len(results[0].rank)
    excess, base = np.zeros(len(some), dtype=np.int64), np.zeros(len(some), dtype=np.int64)
    for number, result in enumerate(results):
        here = np.flatnonzero(place == number)
        base[here] = result.base[row[here]]
        excess[here] = result.compared[row[here]] - base[here]
    texts = pl.Series([result.name_zh for result in results]).gather(place) + _multiples(excess, base, decimals)
    at = np.zeros(len(places), dtype=np.int64)
    at[some] = np.arange(1, len(some) + 1)
    return pl.concat([pl.Series([None], dtype=pl.String), texts]).gather(at)


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
    printed = cache(lambda over, limit: f"({exceedance_multiple(over + limit, limit, decimals)})")
    return texts.scatter(small, list(map(printed, excess[small].tolist(), base[small].tolist())))
