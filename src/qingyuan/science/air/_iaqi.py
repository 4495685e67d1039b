"""The sub-index (IAQI) of one item, in whole numbers."""

from __future__ import annotations

from functools import cache

import numpy as np

from qingyuan.rules import AqiItem, IaqiColumn
from qingyuan.science.rounding import Integers, Mask, divide_up, scaled

ABSENT = -1


@cache
def _pieces(column: IaqiColumn) -> tuple[Integers, Integers, Integers, Integers, Integers]:
    """Concentrations of the nodes; start, length, first index and rise of the pieces between them."""
    concentration = np.array([scaled(value) for value in column.concentration], dtype=np.int64)
    iaqi = np.array(column.iaqi, dtype=np.int64)
    return concentration, concentration[:-1], np.diff(concentration), iaqi[:-1], np.diff(iaqi)


def sub_index(item: AqiItem, values: Integers, usable: Mask) -> tuple[Integers, Mask]:
    """IAQI of scaled concentrations, ABSENT where there is none, and a mask of values above the last node.

    Linear between breakpoints, rounded up. Values must not be negative where usable.

    References
    ----------
    HJ 633-2012, 4.2 and table 1; HJ 633-2026, 4.2.5, 4.2.6 and table 3.
    """
    concentration, start, length, first, rise = _pieces(item.column)
    piece = np.searchsorted(concentration[1:-1], values, side="left")
    above = np.minimum(values, concentration[-1]) - start.take(piece)
    index = first.take(piece) + divide_up(rise.take(piece) * above, length.take(piece))
    beyond: Mask = usable & (values > concentration[-1])
    index = np.where(beyond, ABSENT if item.over_value is None else item.over_value, index)
    return np.where(usable, index, ABSENT), beyond
