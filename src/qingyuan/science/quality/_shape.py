"""Rules that look at the course of a series: stuck, spike, step, rate.

Neighbours in time are the usable readings next to a reading, as far as the rule looks; a hole wider than that ends
what it can see, so that a reading's verdict depends on nothing beyond its reach.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from qingyuan.science.quality._rule import Rule
from qingyuan.science.quality._track import Floats, Mask, Seconds, Track

MINUTE = 60
HOUR_MINUTES = 60.0


@dataclass(frozen=True, kw_only=True)
class Stuck(Rule):
    """Values within `tolerance` of each other for at least `minutes` and `points` readings.

    A run is broken by a hole longer than `minutes`. Values not above `low` are not judged: a gas that is not there
    reads the same for days.
    """

    tolerance: float
    minutes: float
    points: int
    low: float | None = None
    kind = "stuck"

    def reach(self) -> tuple[int, int]:
        span = 2 * round(self.minutes * MINUTE)
        return span, span

    def hits(self, track: Track, usable: Mask) -> Mask:
        places = np.flatnonzero(usable)
        found = np.zeros(len(track), dtype=np.bool_)
        if len(places) < self.points:
            return found
        time, value = track.start[places], track.values[places]
        span = round(self.minutes * MINUTE)
        holes = np.concatenate([[0], np.cumsum(np.diff(time) > span)])
        here = np.arange(len(places))
        last = np.maximum(np.searchsorted(time, time + span), here + self.points - 1)
        first = np.minimum(np.searchsorted(time, time - span, side="right") - 1, here - self.points + 1)
        marks = np.zeros(len(places) + 1, dtype=np.int64)
        for starts, ends in ((here, last), (first, here)):
            inside = (starts >= 0) & (ends < len(places))
            begin, end = starts[inside], ends[inside]
            # a window that counting stretched over more than twice the span is beyond reach
            near = (holes[begin] == holes[end]) & (time[end] - time[begin] <= 2 * span)
            begin, end = begin[near], end[near]
            flat = _extent(value, begin, end) <= self.tolerance
            np.add.at(marks, begin[flat], 1)
            np.add.at(marks, end[flat] + 1, -1)
        stuck = np.cumsum(marks[:-1]) > 0
        if self.low is not None:
            stuck &= value > self.low
        found[places[stuck]] = True
        return found


@dataclass(frozen=True, kw_only=True)
class Spike(Rule):
    """One value that stands out from both its neighbours to the same side.

    By more than tolerance + relative x |mean of the neighbours|; neighbours at most `minutes` away.
    """

    tolerance: float
    minutes: float
    relative: float = 0.0
    kind = "spike"

    def reach(self) -> tuple[int, int]:
        span = round(self.minutes * MINUTE)
        return span, span

    def hits(self, track: Track, usable: Mask) -> Mask:
        places = np.flatnonzero(usable)
        found = np.zeros(len(track), dtype=np.bool_)
        if len(places) < 3:
            return found
        time, value = track.start[places], track.values[places]
        near = np.diff(time) <= round(self.minutes * MINUTE)
        before, after = value[1:-1] - value[:-2], value[1:-1] - value[2:]
        allowed = self.tolerance + self.relative * np.abs(value[:-2] + value[2:]) / 2
        out = near[:-1] & near[1:] & (before * after > 0)
        out &= np.minimum(np.abs(before), np.abs(after)) > allowed
        found[places[1:-1][out]] = True
        return found


@dataclass(frozen=True, kw_only=True)
class Step(Rule):
    """The first reading after a shift of level: `points` before and `points` from it on, each side for itself.

    The medians of the sides, and the two readings at the shift, differ by more than tolerance + relative x |median
    before|, and every reading lies nearer to the median of its own side. All within `minutes` of the first reading after.
    """

    tolerance: float
    minutes: float
    points: int
    relative: float = 0.0
    kind = "step"

    def reach(self) -> tuple[int, int]:
        span = round(self.minutes * MINUTE)
        return span, span

    def hits(self, track: Track, usable: Mask) -> Mask:
        places = np.flatnonzero(usable)
        found = np.zeros(len(track), dtype=np.bool_)
        size = self.points
        if len(places) < 2 * size:
            return found
        time, value = track.start[places], track.values[places]
        sides = sliding_window_view(value, 2 * size)
        before, after = sides[:, :size], sides[:, size:]
        low, high = np.median(before, axis=1), np.median(after, axis=1)
        here = np.arange(size, len(places) - size + 1)
        span = round(self.minutes * MINUTE)
        near = (time[here] - time[here - size] <= span) & (time[here + size - 1] - time[here] <= span)
        shift = np.abs(high - low)
        apart = (np.abs(before - low[:, None]) < shift[:, None] / 2).all(axis=1)
        apart &= (np.abs(after - high[:, None]) < shift[:, None] / 2).all(axis=1)
        allowed = self.tolerance + self.relative * np.abs(low)
        out = near & apart & (np.minimum(shift, np.abs(after[:, 0] - before[:, -1])) > allowed)
        found[places[here[out]]] = True
        return found


@dataclass(frozen=True, kw_only=True)
class Rate(Rule):
    """A change from the reading before that is faster than `tolerance` [unit per hour]; at most `minutes` apart."""

    tolerance: float
    minutes: float
    kind = "rate"

    def reach(self) -> tuple[int, int]:
        return round(self.minutes * MINUTE), 0

    def hits(self, track: Track, usable: Mask) -> Mask:
        places = np.flatnonzero(usable)
        found = np.zeros(len(track), dtype=np.bool_)
        if len(places) < 2:
            return found
        time, value = track.start[places], track.values[places]
        apart = np.diff(time)
        out = apart <= round(self.minutes * MINUTE)
        out &= np.abs(np.diff(value)) * (HOUR_MINUTES * MINUTE) > self.tolerance * apart
        found[places[1:][out]] = True
        return found


def _extent(value: Floats, first: Seconds, last: Seconds) -> Floats:
    """Largest less smallest value of each window [first, last], by maxima of doubling lengths."""
    if not len(first):
        return np.zeros(0)
    length = last - first + 1
    level = np.floor(np.log2(length)).astype(np.int64)
    high, low, width = value, value, 1
    extent = np.zeros(len(first))
    for step in range(int(level.max()) + 1):
        mine = level == step
        start, end = first[mine], last[mine] - width + 1
        extent[mine] = np.maximum(high[start], high[end]) - np.minimum(low[start], low[end])
        if len(high) > width:
            high, low = np.maximum(high[:-width], high[width:]), np.minimum(low[:-width], low[width:])
        width *= 2
    return extent
