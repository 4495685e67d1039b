"""The class of single values of one item."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qingyuan.rules import WaterLimit
from qingyuan.science.rounding import Integers, Mask, scaled

NONE, BEST = 0, 1
BEYOND_V = 6
MAIN_CLASS = "III"
Ranks = NDArray[np.int8]


@dataclass
class ItemResult:
    """What became of one item, an entry per row.

    `rank` is 1 (class I) to 6 (beyond V), 0 where the item was not judged. `compared` and `base` are scaled
    integers: the value as it was compared, and the class III limit (0 for items without a multiple).
    """

    item: str
    name_zh: str
    listed_first: bool
    rank: Ranks
    compared: Integers
    base: Integers
    bases: tuple[int, ...]
    """The distinct values of `base`."""
    missing: Mask
    negative: Mask
    unreadable: Mask
    absurd: Mask
    unplaced: Mask
    doubtful: Mask
    unlimited: Mask


def rank_values(limit: WaterLimit, values: Integers) -> Ranks:
    """Ranks 1 to 6 of scaled values: the best class whose limit holds, equality holds.

    References
    ----------
    GB 3838-2002, table 1.
    """
    if limit.low is not None and limit.high is not None:
        inside = (values >= scaled(limit.low)) & (values <= scaled(limit.high))
        return np.where(inside, np.int8(BEST), np.int8(BEYOND_V))
    ranks = np.full(len(values), BEST, dtype=np.int8)
    for bound in map(scaled, limit.limits):
        ranks += values < bound if limit.compare == "at_least" else values > bound
    return ranks


def class_three(limit: WaterLimit) -> int:
    """The scaled base of the exceedance multiple; 0 for pH and DO, which have none."""
    bound = limit.limit(MAIN_CLASS)
    return scaled(bound) if bound is not None and limit.compare == "at_most" else 0
