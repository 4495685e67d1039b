"""Intervals that should have a reading and have none."""

from __future__ import annotations

import numpy as np

from qingyuan.science.errors import BadArgumentError
from qingyuan.science.quality._track import Seconds, Span


def gaps(start: Seconds, length: int, span: Span, points: int = 1) -> list[Span]:
    """Runs of at least `points` missing intervals in a span, as half-open spans of seconds.

    start: seconds at which the intervals that have a reading begin, in any order; length: seconds of an interval. The
    intervals of the plan begin at whole multiples of the length from the beginning of the span.
    """
    if length < 1:
        raise BadArgumentError("length", length, "at least one second")
    slots = max(0, -(-(span[1] - span[0]) // length))
    there = np.zeros(slots + 2, dtype=np.bool_)
    there[[0, -1]] = True
    place = (np.asarray(start, dtype=np.int64) - span[0]) // length
    there[1 + place[(place >= 0) & (place < slots)]] = True
    edges = np.flatnonzero(np.diff(there.astype(np.int8)))
    first, last = edges[0::2], edges[1::2]
    return [
        (span[0] + int(begin) * length, min(span[0] + int(end) * length, span[1]))
        for begin, end in zip(first, last, strict=True)
        if end - begin >= points
    ]
