"""Parts of split messages while they wait for each other. What waits stands in the store, so a crash loses none of it.

A part by itself is never read: writers that cut the text anywhere may end it in the middle of a number.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

from qingyuan.hj212 import Frame, Framer, Joined, Joiner, Known
from qingyuan.intake.journal import Journal, Record
from qingyuan.readings import Message, Store

PART, PART_JOINED, PART_ALONE = "part", "part_joined", "part_alone"
MOST = 1000


class Gathering(Protocol):
    """Where the parts of split messages are looked for."""

    def complete(self, record: Record, mn: str) -> tuple[Joined, list[int]] | None:
        """The message that this part completes, and the positions of the parts before it; None if none."""
        ...


class Parts:
    """Looks for the parts that belong to one. timeout: how long the first waits for the last."""

    def __init__(self, journal: Journal, store: Store, known_of: Callable[[str], Known], timeout: timedelta) -> None:
        self._journal, self._store, self._known_of, self.timeout = journal, store, known_of, timeout
        self._in_batch: list[Record] = []

    def begin(self) -> None:
        """A new batch: what the last one kept is in the store now."""
        self._in_batch = []

    def complete(self, record: Record, mn: str) -> tuple[Joined, list[int]] | None:
        """The message that this part completes, and the positions of the parts before it; None if it must wait."""
        kept = {m.origin for m in self._store.messages(station=mn, outcome=PART, limit=MOST)}
        earlier = [r for p in sorted(kept) if p < record.position and (r := self._journal.read_at(p)) is not None]
        earlier += [r for r in self._in_batch if r.position not in kept]
        joiner = Joiner(self.timeout)
        positions: dict[int, int] = {}
        for one in earlier:
            frame = frame_of(one, self._known_of)
            if frame is not None:
                positions[id(frame)] = one.position
                joiner.add(frame, received_at(one))
        frame = frame_of(record, self._known_of)
        made = joiner.add(frame, received_at(record)) if frame is not None else []
        found = next((joined for joined in made if joined.is_complete and frame in joined.parts), None)
        if found is None:
            self._in_batch.append(record)
            return None
        before = [positions[id(part)] for part in found.parts if id(part) in positions]
        self._in_batch = [r for r in self._in_batch if r.position not in before]
        return found, before

    def overdue(self, now: datetime) -> list[tuple[Joined, list[Message]]]:
        """What has waited too long by `now`, as far as it came, with the messages of its parts in order."""
        kept = sorted(self._store.messages(outcome=PART, limit=10 * MOST))
        if not kept or now.timestamp() - kept[0].received_at < self.timeout.total_seconds():
            return []
        joiner = Joiner(self.timeout)
        by_frame: dict[int, Message] = {}
        given_up: list[Joined] = []
        for message in kept:
            record = self._journal.read_at(message.origin)
            frame = frame_of(record, self._known_of) if record is not None else None
            if record is not None and frame is not None:
                by_frame[id(frame)] = message
                given_up += joiner.add(frame, received_at(record))
        given_up += joiner.expire(now)
        return [(joined, [by_frame[id(part)] for part in joined.parts]) for joined in given_up]


def frame_of(record: Record, known_of: Callable[[str], Known]) -> Frame | None:
    """The frame of a record; None where a lost key or a changed dialect makes it none."""
    framer = Framer(known_of=known_of)
    pieces: Sequence[object] = framer.feed(record.payload) + framer.close()
    return next((piece for piece in pieces if isinstance(piece, Frame)), None)


def received_at(record: Record) -> datetime:
    """The instant of receipt."""
    return datetime.fromtimestamp(record.received_us / 1_000_000, UTC)
