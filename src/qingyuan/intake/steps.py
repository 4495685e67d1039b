"""How far apart a device's minute data stand, learnt from the times that it prints.

Not every register says how many minutes an interval has; taken for ten, one minute of a logger that reports every
minute would count as ten. A step is believed once it was met twice in a row, a longer one than is known only when it
was met many times: a device that loses every other packet must not seem to be slower than it is.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterable
from itertools import pairwise

MINUTE, HOUR = 60, 3600
_MOST_STATIONS, _MOST_STAMPS = 20_000, 16
_TWICE, _OFTEN = 2, 8


def step_of(starts: Iterable[int], known: int) -> int:
    """The step [s] between interval starts [s], or `known` where they do not tell.

    >>> step_of([0, 60, 120, 600], 600)
    60
    >>> step_of([0, 1800], 600)
    600
    """
    ordered = sorted(set(starts))
    gaps = Counter(b - a for a, b in pairwise(ordered))
    whole = {gap: count for gap, count in gaps.items() if gap % MINUTE == 0 and gap <= HOUR}
    if not whole:
        return known
    step = min(whole, key=lambda gap: (-whole[gap], gap))
    return step if whole[step] >= (_TWICE if step < known else _OFTEN) else known


class Steps:
    """The last times of minute data by station."""

    def __init__(self) -> None:
        self._stamps: OrderedDict[str, list[int]] = OrderedDict()

    def note(self, mn: str, starts: Iterable[int]) -> None:
        """Times [s] that a station printed, in the order of receipt."""
        kept = self._stamps.pop(mn, [])
        kept.extend(starts)
        self._stamps[mn] = sorted(set(kept))[-_MOST_STAMPS:]
        if len(self._stamps) > _MOST_STATIONS:
            self._stamps.popitem(last=False)

    def of(self, mn: str, known: int) -> int:
        """The step of a station [s]; `known` where its times do not tell."""
        return step_of(self._stamps.get(mn, ()), known)
