"""Rules that hold a reading against others of the same time: neighbours, impossible pairs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.lib.stride_tricks import sliding_window_view

from qingyuan.science.quality._rule import Rule
from qingyuan.science.quality._shape import MINUTE
from qingyuan.science.quality._track import Floats, Mask, Seconds, Track

_LARGEST_TABLE = 4_000_000
"""Values laid out at once; a longer series is rolled by Polars, which is slower to start."""


@dataclass(frozen=True, kw_only=True)
class Neighbour(Rule):
    """A series that drifts away from its neighbours.

    The median, over the `minutes` up to a reading, of value less median of the neighbours is beyond
    tolerance + relative x |median of the neighbours|; at least `points` readings with a neighbour in the window.
    """

    tolerance: float
    minutes: float
    points: int
    relative: float = 0.0
    kind = "neighbour"

    def reach(self) -> tuple[int, int]:
        return round(self.minutes * MINUTE), 0

    def hits(self, track: Track, usable: Mask) -> Mask:
        found = np.zeros(len(track), dtype=np.bool_)
        if not len(track.neighbours):
            return found
        level = _median(np.vstack(track.neighbours))
        places = np.flatnonzero(usable & np.isfinite(level))
        apart = track.values[places] - level[places]
        if 2 * int((np.abs(apart) > self.tolerance).sum()) < self.points:
            return found  # a median beyond the tolerance needs half of its window there
        middle, around, count = _rolling(track.start[places], apart, level[places], round(self.minutes * MINUTE))
        out = (count >= self.points) & (np.abs(middle) > self.tolerance + self.relative * np.abs(around))
        found[places[out]] = True
        return found


def _rolling(time: Seconds, apart: Floats, level: Floats, span: int) -> tuple[Floats, Floats, Seconds]:
    """Medians of two columns over (t - span, t], and how many values they are of."""
    step = int(np.diff(time).min()) if len(time) > 1 else span
    slots = (time - time[0]) // step
    width = -(-span // step)
    if ((time - time[0]) % step).any() or len(time) * width > _LARGEST_TABLE:
        rows = pl.DataFrame({"time": time, "apart": apart, "level": level})
        rolled = rows.rolling("time", period=f"{span}i", closed="right").agg(
            pl.col("apart").median(), pl.col("level").median(), pl.len().cast(pl.Int64).alias("points")
        )
        return rolled["apart"].to_numpy(), rolled["level"].to_numpy(), rolled["points"].to_numpy()
    medians = []
    for column in (apart, level):
        even = np.full(int(slots[-1]) + width, np.nan)
        even[slots + width - 1] = column
        table = sliding_window_view(even, width)[slots].T.copy()
        count = np.isfinite(table).sum(axis=0)
        medians.append(_median(table))
    return medians[0], medians[1], count


def _median(table: Floats) -> Floats:
    """The median of each column without NaN; NaN where all of it is."""
    table.sort(axis=0)  # NaN last
    count = np.isfinite(table).sum(axis=0)
    low, high = np.maximum(count - 1, 0) // 2, count // 2
    columns = np.arange(table.shape[1])
    middle: Floats = (table[low, columns] + table[np.minimum(high, len(table) - 1), columns]) / 2
    return np.where(count > 0, middle, np.nan)


@dataclass(frozen=True, kw_only=True)
class Pair(Rule):
    """A part that is larger than its whole: PM2.5 over PM10, ammonia over total nitrogen.

    part > whole x (1 + relative) + tolerance. `part`: this series is the part, `other` the whole; else the reverse.
    Both are flagged, for which of the two is wrong cannot be told from the pair.
    """

    other: str
    tolerance: float
    relative: float = 0.0
    part: bool = True
    kind = "pair"

    def hits(self, track: Track, usable: Mask) -> Mask:
        if self.other not in track.beside:
            return np.zeros(len(track), dtype=np.bool_)
        other = track.beside[self.other]
        part, whole = (track.values, other) if self.part else (other, track.values)
        found: Mask = usable & (part > whole * (1 + self.relative) + self.tolerance)  # false for NaN
        return found
