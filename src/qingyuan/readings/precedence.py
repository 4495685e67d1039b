"""Which revision of an interval is in force, wherever its revisions lie and in whatever order they came.

Status first, then rank (review over device over derived), then the device's own stamp, then the journal position.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import NamedTuple

from qingyuan.readings.model import Reading


class Found(NamedTuple):
    """A reading as an engine finds it: a `Reading` and its device stamp."""

    series: int
    start: int
    end: int
    value: float | None
    decimals: int
    flag: str
    qualifier: str
    status: int
    rank: int
    origin: int
    received_at: int
    capture: float | None
    revisions: int
    stamp: int

    @property
    def key(self) -> tuple[int, int, int]:
        """The interval that it speaks of."""
        return self[:3]

    @property
    def order(self) -> tuple[int, int, int, int]:
        """The greatest of an interval's revisions is in force; equal order means the same revision."""
        return (self.status, self.rank, self.stamp, self.origin)

    def reading(self) -> Reading:
        """What users of the store see."""
        return Reading._make(self[:13])


_identity = itemgetter(*map(Found._fields.index, ("series", "start", "end", "status", "rank", "stamp", "origin")))


def without_doubles(revisions: Iterable[Found]) -> list[Found]:
    """Revisions, one that was met twice (on its way to the archive) once."""
    return list({_identity(f): f for f in revisions}.values())


def distinct(revisions: Iterable[Found]) -> dict[tuple[int, int, int], dict[tuple[int, int, int, int], Found]]:
    """Revisions by interval and order; one that was met twice (on its way to the archive) is there once."""
    found: dict[tuple[int, int, int], dict[tuple[int, int, int, int], Found]] = {}
    for revision in revisions:
        found.setdefault(revision.key, {}).setdefault(revision.order, revision)
    return found


def in_force(revisions: Iterable[Found]) -> list[Found]:
    """The winner of each interval with the number of its distinct revisions, sorted by series and start."""
    return [
        by_order[max(by_order)]._replace(revisions=len(by_order)) for _, by_order in sorted(distinct(revisions).items())
    ]


def contested(one: Sequence[Found], other: Sequence[Found]) -> set[tuple[int, int, int]]:
    """Intervals of which two sources each have a winner."""
    few, many = sorted((one, other), key=len)
    keys = {f[:3] for f in few}
    return {key for f in many if (key := f[:3]) in keys}
