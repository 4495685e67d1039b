"""Parts of split messages put together once more, while the journal is read again from its beginning.

What became of each part then decides which parts belong together: those that were given up incomplete stay apart from
those that were joined, however late either was done. A part sent again word for word is none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from qingyuan.hj212 import Joined, Joiner, Known
from qingyuan.intake.journal import Record
from qingyuan.intake.parts import PART, PART_ALONE, frame_of, received_at

_NEVER_LATE = timedelta(days=1)  # what was joined is joined again, also where our own backlog held it up


class PartsAgain:
    """See `parts.Gathering`. outcomes_of: what became of the kept messages of a station, by position."""

    def __init__(
        self,
        known_of: Callable[[str], Known],
        outcomes_of: Callable[[str], Mapping[int, str]],
        timeout: timedelta = timedelta(minutes=5),
    ) -> None:
        self._known_of, self._outcomes_of = known_of, outcomes_of
        self._alone, self._together = Joiner(timeout), Joiner(_NEVER_LATE)
        self._positions: dict[int, int] = {}
        self._late: list[Joined] = []
        self.parts_of: dict[int, list[int]] = {}
        """Positions of all parts of a message, by that of the part that completed it."""

    def note(self, record: Record, mns: frozenset[str]) -> None:
        """A record that is not read itself but may be a part of one that is; mns: only of these stations, () all."""
        if b"PNO=" not in record.payload:
            return
        frame = frame_of(record, self._known_of)
        if frame is not None and frame.head.is_split and (not mns or frame.mn in mns):
            self.complete(record, frame.mn)

    def complete(self, record: Record, mn: str) -> tuple[Joined, list[int]] | None:
        """See `parts.Gathering.complete`."""
        outcome = self._outcomes_of(mn).get(record.position, PART)
        frame = frame_of(record, self._known_of) if outcome != PART else None  # PART: still waiting, or a repeat
        if frame is None:
            return None
        joiner = self._alone if outcome == PART_ALONE else self._together
        at = received_at(record)
        self._late += joiner.expire(at)
        self._positions[id(frame)] = record.position
        found: tuple[Joined, list[int]] | None = None
        for joined in joiner.add(frame, at):
            if joined.is_complete and any(part is frame for part in joined.parts):
                self.parts_of[record.position] = places = self._places(joined)
                found = joined, [place for place in places if place != record.position]
            else:
                self._late.append(joined)
        return found

    def given_up(self, now: datetime | None = None) -> list[tuple[Joined, list[int]]]:
        """What stayed incomplete until `now`, or (None) whatever is left, with the positions of its parts by number."""
        if now is None:
            self._late += self._alone.close() + self._together.close()
        else:
            self._late += self._alone.expire(now) + self._together.expire(now)
        late, self._late = self._late, []
        return [(joined, self._places(joined)) for joined in late]

    def _places(self, joined: Joined) -> list[int]:
        return [self._positions[id(part)] for part in joined.parts]
