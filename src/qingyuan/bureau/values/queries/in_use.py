"""Which hours of an outlet are before its first operation or after its end: nothing is due in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, time

import numpy as np
from numpy.typing import NDArray

from qingyuan import clock
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.registers.models import Outlet
from qingyuan.bureau.values.queries.hour_states import HOUR, MISSING

EARLIER = 180 * 24 * HOUR  # seconds before a window in which a reading shows that the outlet ran before it

Pair = tuple[str, str]


def hours_outside(
    outlets: Mapping[str, Outlet], states: Mapping[Pair, NDArray[np.int8]], series: Mapping[Pair, int], begin: int
) -> dict[str, NDArray[np.bool_]]:
    """By point: True for each hour from `begin` [epoch seconds] on in which the outlet was not in use.

    Parameters
    ----------
    outlets
        By code of their point.
    states
        Of each point and item one state an hour, as read, before tags and planned stops.
    series
        Numbers of the series that exist.

    Notes
    -----
    In use: from the day the point was taken into use (`active_from`) to the day it was taken out of use (`active_to`, not
    counted). Where no first day is registered, from the hour of the first reading of any of the items, if there was none
    in the 180 days before: ours, and doubtful, for an outlet that discharged before its analyser sent anything is not
    seen. Silence is never taken for an end, and an outlet that never sent anything lacks all its hours.
    """
    of: dict[str, list[Pair]] = defaultdict(list)
    for pair in states:
        of[pair[0]].append(pair)
    found = {}
    unknown: dict[str, int | None] = {}
    for code, pairs in of.items():
        hours = len(states[pairs[0]])
        outside = np.zeros(hours, dtype=np.bool_)
        point = outlets[code].point
        outside[: _place(point.active_from, begin, 0)] = True
        outside[_place(point.active_to, begin, hours) :] = True
        found[code] = outside
        came = np.flatnonzero(np.any([states[pair] != MISSING for pair in pairs], axis=0))
        if point.active_from is None and (not len(came) or came[0] > 0):
            unknown[code] = int(came[0]) if len(came) else None
    for code, first in _begun(unknown, of, series, begin).items():
        found[code][:first] = True
    return found


def _place(day: date | None, begin: int, otherwise: int) -> int:
    if day is None:
        return otherwise
    return max(0, (int(datetime.combine(day, time.min, clock.BEIJING).timestamp()) - begin) // HOUR)


def _begun(
    unknown: Mapping[str, int | None], of: Mapping[str, list[Pair]], series: Mapping[Pair, int], begin: int
) -> dict[str, int | None]:
    """By point the place of the first reading there ever was; None: it came after the window."""
    numbers = {code: [series[pair] for pair in of[code] if pair in series] for code in unknown}
    asked = sorted({number for own in numbers.values() for number in own})
    if not asked:
        return {}
    earlier = readings().coverage(asked, begin - EARLIER, begin)
    ever = readings().latest(asked)
    return {
        code: first
        for code, first in unknown.items()
        if not any(n in earlier for n in numbers[code])
        and (first is not None or any(n in ever and ever[n].start >= begin for n in numbers[code]))
    }
