"""Live frames before what lies before them: while a history is worked off, what devices measure now is read first.

Beyond the position that is reached the journal is looked through once, record by record, for reports whose own time is
about now. These are read at once; the reader leaves them out when it comes by. Which they are is known from
the messages that the store keeps beyond the position, so that a crash neither loses nor doubles one. Everything else
(parts of split messages, answers, what was rejected, what is old) waits for its turn: its order matters, its minute not.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from qingyuan.intake.journal import Journal, Record, RecordKind
from qingyuan.readings import Store

_REPORT = re.compile(rb"(?:^|;)CN=(2011|2051|2061|2031);")
_TIME = re.compile(rb"DataTime=(\d{14})")
_PART = b"PNUM="
_OF_DAYS = b"2031"
EARLY, LATE, LATE_DAY = 15 * 60, 3 * 3600, 30 * 3600
"""Seconds from the time of a live report to now: a clock may be fast by so much; an hour is sent when it has ended, a day
within the morning after."""
BEIJING = timedelta(hours=8)
FORGET = 10_000


def is_live(record: Record, now: float) -> bool:
    """Whether a record is a whole report of what is measured at present [epoch seconds]."""
    if record.kind is not RecordKind.FRAME or _PART in record.payload:
        return False
    report, time = _REPORT.search(record.payload), _TIME.search(record.payload)
    begin = _second(time[1]) if report and time else None
    if report is None or begin is None:
        return False
    age = now - begin
    return -EARLY <= age <= (LATE_DAY if report[1] == _OF_DAYS else LATE)


@lru_cache(maxsize=4096)
def _second(stamp: bytes) -> int | None:
    """Epoch seconds of YYYYMMDDhhmmss in Beijing; None for what is no time."""
    text = stamp.decode()
    try:
        month, day, hour, minute, second = (int(text[at : at + 2]) for at in range(4, 14, 2))
        return int((datetime(int(text[:4]), month, day, hour, minute, second, tzinfo=UTC) - BEIJING).timestamp())
    except ValueError:
        return None


class Ahead:
    """How far the journal was looked through, and which records beyond the position reached were read.

    Both go forward only, so that these are numbers in ascending order, eight bytes each: a long history may have a
    million live frames behind it.
    """

    def __init__(self, journal: Journal, store: Store) -> None:
        self._journal, self._store = journal, store
        self._taken: array[int] | None = None
        self._passed = 0
        self.looked = 0

    def look(self, offset: int, now: float, most: int, limit: int) -> tuple[list[Record], int]:
        """At most `limit` live records among the next `most`, not read yet; and when the last one looked at was received
        [us], or 0.
        """
        self._known(offset)
        found: list[Record] = []
        received = 0
        for record in self._journal.read(max(self.looked, offset), most, skips_damage=True):
            self.looked, received = record.next_position, max(received, record.received_us)
            if not self._is_taken(record.position) and is_live(record, now):
                found.append(record)
                if len(found) >= limit:
                    break
        return found, received

    def keep(self, records: list[Record]) -> None:
        """These are read now. They lie beyond all that was looked at, but after a restart, when it is looked at anew."""
        taken = self._known(0)
        is_between = bool(records and taken and records[0].position < taken[-1])
        taken.extend(record.position for record in records)
        if is_between:
            self._taken, self._passed = array("q", sorted(taken[self._passed :])), 0

    def without(self, records: list[Record], offset: int) -> list[Record]:
        """Those that were not read ahead; the others come by for the last time."""
        taken = self._known(offset)
        if self._passed >= len(taken):
            return records
        left = [record for record in records if not self._is_taken(record.position)]
        self._passed = bisect_left(taken, records[-1].next_position, self._passed)
        if self._passed >= FORGET:
            del taken[: self._passed]
            self._passed = 0
        return left

    def _is_taken(self, position: int) -> bool:
        taken = self._known(0)
        at = bisect_left(taken, position, self._passed)
        return at < len(taken) and taken[at] == position

    def _known(self, offset: int) -> array[int]:
        if self._taken is None:
            self._taken = array("q", sorted(self._store.origins_since(offset)))
        return self._taken
