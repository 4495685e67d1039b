"""What a device answers when the platform asks: its clock is set, what it has stored is sent, anything else is refused.

References: HJ 212-2017, annex C.3, C.21, C.48: 9011 (will it be done), the data, 9012 (what came of it).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

from qingyuan.hj212 import Frame, acknowledge, decode, interpret
from qingyuan.hj212.contents import FieldTime, History
from qingyuan.simulate.frames import Sending

REFUSED, NO_DATA, WELL = 2, 100, 1
_NOT_REQUESTS = frozenset({"9011", "9012", "9013", "9014"})


class Logger(Protocol):
    """The devices behind one line."""

    def stored(self, mn: str, cn: str, begin: datetime, end: datetime) -> Sequence[Sending]:
        """What a device has for periods that begin in [begin, end], sent before or not."""
        ...

    def set_clock(self, mn: str, to: datetime) -> None:
        """The device goes by this time from now on."""
        ...


def answers(frame: Frame, logger: Logger) -> Iterator[bytes | Sending]:
    """What is written for a frame of the platform, in order: replies as bytes, stored data as what is to be delivered."""
    if frame.cn in _NOT_REQUESTS:
        return
    content = interpret(decode(frame))
    if isinstance(content, FieldTime):
        yield acknowledge(frame, "9011")
        logger.set_clock(frame.mn, content.system_time)
        yield acknowledge(frame, "9012")
    elif isinstance(content, History):
        yield acknowledge(frame, "9011")
        rows = logger.stored(frame.mn, frame.cn, content.begin, content.end)
        yield from rows
        yield acknowledge(frame, "9012", WELL if rows else NO_DATA)
    else:
        yield acknowledge(frame, "9011", REFUSED)
