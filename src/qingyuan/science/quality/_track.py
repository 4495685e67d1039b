"""The readings of one series over a span, with what lies beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qingyuan.science.errors import BadArgumentError

Floats = NDArray[np.float64]
Seconds = NDArray[np.int64]
Mask = NDArray[np.bool_]

Span = tuple[int, int]
"""Seconds, half-open."""


@dataclass(frozen=True)
class Track:
    """Readings of one series, one for each interval.

    start: seconds at which the intervals begin, rising; values: in the item's judging unit, NaN for no number; raw:
    the numbers as the device printed them, before any conversion of unit (the values where left out); letters: device
    flag of each reading, empty for none; beside: values of other items of the same point over the same intervals;
    neighbours: values of the same item at other points over the same intervals, one row each. NaN is missing everywhere.
    """

    start: Seconds
    values: Floats
    raw: Floats = field(default_factory=lambda: np.zeros(0))
    letters: Sequence[str] = ()
    beside: Mapping[str, Floats] = field(default_factory=dict)
    neighbours: Sequence[Floats] = ()

    def __post_init__(self) -> None:
        rows = len(self.start)
        if rows > 1 and not (np.diff(self.start) > 0).all():
            raise BadArgumentError("start", "times out of order or doubled", "rising times, each once")
        if not len(self.raw):
            object.__setattr__(self, "raw", self.values)
        if not len(self.letters):
            object.__setattr__(self, "letters", [""] * rows)
        lengths = {"values": len(self.values), "raw": len(self.raw), "letters": len(self.letters)}
        lengths |= {f"beside {name}": len(column) for name, column in self.beside.items()}
        lengths |= {f"neighbour {place}": len(column) for place, column in enumerate(self.neighbours)}
        for name, length in lengths.items():
            if length != rows:
                raise BadArgumentError(name, f"{length} entries", f"{rows}, one for each time")

    def __len__(self) -> int:
        return len(self.start)

    def part(self, span: Span) -> Track:
        """The readings that begin inside a span."""
        first, last = np.searchsorted(self.start, span)
        keep = slice(int(first), int(last))
        return Track(
            self.start[keep],
            self.values[keep],
            self.raw[keep],
            self.letters[keep],
            {name: column[keep] for name, column in self.beside.items()},
            [column[keep] for column in self.neighbours],
        )


def track(start: ArrayLike, values: ArrayLike, **beside: ArrayLike) -> Track:
    """A track from anything array-like; `beside` by item."""
    other = {name: np.asarray(column, dtype=np.float64) for name, column in beside.items()}
    return Track(np.asarray(start, dtype=np.int64), np.asarray(values, dtype=np.float64), beside=other)
