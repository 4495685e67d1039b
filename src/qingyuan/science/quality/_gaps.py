"""Intervals that should have a reading and have none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np

from qingyuan.rules import RuleBook
from qingyuan.science.errors import BadArgumentError
from qingyuan.science.quality._rule import Rule
from qingyuan.science.quality._track import Mask, Span, Track

MINUTE = 60


@dataclass(frozen=True, kw_only=True)
class Gap(Rule):
    """At least `points` intervals of the plan without a reading, between two readings at most `minutes` apart.

    It says something of the time between readings, never of a reading: `spans` is asked instead of `hits`. A silence
    that still lasts, or one longer than `minutes`, is no gap but a series that has stopped.
    """

    points: int
    minutes: float
    kind = "gap"

    def longest(self) -> int:
        """How far from a reading the next one may be for a gap [s]."""
        return int(self.minutes * MINUTE)

    def hits(self, track: Track, usable: Mask) -> Mask:
        return np.zeros(len(track.start), dtype=np.bool_)

    def spans(self, start: Iterable[int], length: int) -> list[Span]:
        """The gaps between readings that begin at `start` [s, any order], as half-open spans of seconds.

        length: seconds from one interval of the plan to the next. Every gap is told by the two readings around it
        alone, so that a part of a series gives the same gaps as the whole. BadArgumentError for a length below 1.
        """
        if length < 1:
            raise BadArgumentError("length", length, "at least one second")
        known = sorted(set(start))
        least, longest = (max(1, self.points) + 1) * length, self.longest()
        return [(one + length, other) for one, other in pairwise(known) if least <= other - one <= longest]


def gap_rule_for(book: RuleBook, item: str, grain: str, point_kind: str, day: date) -> Gap | None:
    """The gap rule for an item and a grain at a kind of point on a date; None where there is none."""
    for row in book.quality_rules(item, grain, point_kind, day):
        if row.kind == "gap" and row.minutes is not None:
            return Gap(points=row.points or 1, minutes=float(row.minutes), version=row.version, outcome=row.outcome)
    return None
