"""The sub-index (IAQI) of one item, in whole numbers."""

from __future__ import annotations

from functools import cache

import numpy as np

from qingyuan.rules import AqiItem, IaqiColumn
from qingyuan.science.rounding import Integers, Mask, divide_up, scaled

ABSENT = -1


@cache
def _nodes(column: IaqiColumn) -> tuple[Integers, Integers]:
    return (
        np.array([scaled(value) for value in column.concentration], dtype=np.int64),
        np.array(column.iaqi, dtype=np.int64),
    )


def sub_index(item: AqiItem, values: Integers, usable: Mask) -> tuple[Integers, Mask]:
    """IAQI of scaled concentrations, ABSENT where there is none, and a mask of values above the last node.

    Linear between breakpoints, rounded up. Values must not be negative where usable.

    References
    ----------
    HJ 633-2012, 4.2 and table 1; HJ 633-2026, 4.2.5, 4.2.6 and table 3.
    """
    concentration, iaqi = _nodes(item.column)
    last = len(concentration) - 1
    place = np.searchsorted(concentration, values, side="left")
    upper = np.clip(place, 1, last)
    low, high = concentration[upper - 1], concentration[upper]
    rise = iaqi[upper] - iaqi[upper - 1]
    index = iaqi[upper - 1] + divide_up(rise * (np.minimum(values, concentration[-1]) - low), high - low)
    beyond: Mask = usable & (place > last)
    index = np.where(beyond, ABSENT if item.over_value is None else item.over_value, index)
    return np.where(usable, index, ABSENT), beyond
