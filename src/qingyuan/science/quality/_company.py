"""Rules that hold a reading against others of the same time: neighbours, impossible pairs."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import polars as pl

from qingyuan.science.quality._rule import Rule
from qingyuan.science.quality._shape import MINUTE
from qingyuan.science.quality._track import Mask, Track


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
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # no neighbour at a time: NaN, which is what is meant
            level = np.nanmedian(np.vstack(track.neighbours), axis=0)
        places = np.flatnonzero(usable & np.isfinite(level))
        if len(places) < self.points:
            return found
        rows = pl.DataFrame(
            {"time": track.start[places], "apart": track.values[places] - level[places], "level": level[places]}
        )
        span = f"{round(self.minutes * MINUTE)}i"
        rolled = rows.rolling("time", period=span, closed="right").agg(
            pl.col("apart").median(), pl.col("level").median(), pl.len().alias("points")
        )
        out = (
            (rolled["points"] >= self.points)
            & (rolled["apart"].abs() > self.tolerance + self.relative * rolled["level"].abs())
        ).to_numpy()
        found[places[out]] = True
        return found


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
