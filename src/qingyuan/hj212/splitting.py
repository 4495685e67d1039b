"""Messages too long for one packet: put together when read, cut when written.

The standard's own parts repeat DataTime, are whole at item level and have different request numbers, so parts belong
together by (MN, ST, CN, DataTime, PNUM). Other writers cut the text of CP anywhere; their later parts bear no
DataTime. Such a part joins only the message of its own (MN, ST, CN, PNUM) that it cannot but belong to: by its request
number, which is that of the other parts or follows theirs at once, or, where there is none, as the next part on the
line. What belongs to no message, because the rest of its own was lost, waits alone until it is given up. Time passes
only as the caller says.

References: HJ 212-2017, 6.3 (PNUM, PNO), annex C.49, C.50.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from qingyuan.hj212.contents import time_text
from qingyuan.hj212.deviations import Deviation, is_fatal
from qingyuan.hj212.encode import encode
from qingyuan.hj212.errors import UnencodableError
from qingyuan.hj212.frame import Frame
from qingyuan.hj212.message import beijing_time

STANDARD_CP = 950
"""Longest data section, bytes (HJ 212-2017, table 2)."""

_DATA_TIME = re.compile(rb"DataTime=([0-9]+)(?:;|\Z)")
_BEGINS_ITEM = re.compile(rb"[0-9A-Za-z]{1,20}-[A-Z][A-Za-z]*=")
_SEPARATORS = b";,"
_ENDS_WHOLE = re.compile(rb"(?:\A|[;,&])(?:DataTime=[0-9]{14}|[0-9A-Za-z]{1,20}-Flag=[A-Z])\Z")
_NEXT = timedelta(seconds=10)
"""Longest time between parts of one message that follow each other: the time-out of table 1."""
_SPLIT_BIT = 2

_Group = tuple[str, str, str, int]


@dataclass(frozen=True)
class Joined:
    """A message put together from its parts.

    frame: one frame with the joined data section, to be decoded like any other; its head is that of the first part
    without the split. parts: in the order of their numbers. missing: numbers that did not come.
    """

    frame: Frame
    parts: tuple[Frame, ...]
    missing: tuple[int, ...]

    @property
    def is_complete(self) -> bool:
        """Whether every part came."""
        return not self.missing

    @property
    def completeness(self) -> float:
        """Share of the parts that came, 0 to 1."""
        return len(self.parts) / (len(self.parts) + len(self.missing))


@dataclass(eq=False)
class _Open:
    group: _Group
    data_time: bytes
    opened_at: datetime
    last_at: datetime
    parts: dict[int, Frame] = field(default_factory=dict)
    deviations: dict[Deviation, None] = field(default_factory=dict)


class Joiner:
    """Gathers parts. timeout: how long a message waits for its parts after the first came. most: open messages kept;
    beyond it the oldest is given up.
    """

    def __init__(self, timeout: timedelta = timedelta(seconds=60), most: int = 10_000) -> None:
        self._timeout, self._most = timeout, most
        self._open: OrderedDict[int, _Open] = OrderedDict()  # by identity, oldest first
        self._by_group: dict[_Group, list[_Open]] = {}
        self._latest: OrderedDict[_Group, _Open] = OrderedDict()  # what began last, also where it is done
        self._done: OrderedDict[tuple[_Group, bytes], datetime] = OrderedDict()

    @property
    def waiting(self) -> int:
        """Messages of which parts are still to come."""
        return len(self._open)

    def add(self, frame: Frame, at: datetime) -> list[Joined]:
        """Take a frame at an instant; return what it completes and what had to be given up.

        A frame that is no part of anything, or whose head cannot be used, is returned at once. A part that came
        before, also of a message already complete, is dropped where it is the same.
        """
        head = frame.head
        if not head.is_split or is_fatal(frame.deviations) or head.pnum is None or head.pno is None:
            return [Joined(frame, (frame,), ())]
        group = (head.mn, head.st, head.cn, head.pnum)
        found = _DATA_TIME.match(frame.cp)
        data_time = found[1] if found else b""
        self._forget(at)
        if (group, data_time or frame.body) in self._done:
            return []
        message = self._message(group, data_time, frame, at)
        message.last_at = at
        known = message.parts.get(head.pno)
        if known is None:
            message.parts[head.pno] = frame
        elif known.cp != frame.cp:
            message.deviations[Deviation.SPLIT_CONFLICT] = None  # the later one is what the device stands by
            message.parts[head.pno] = frame
        if len(message.parts) == head.pnum:
            self._close(message)
            self._done[group, message.data_time] = at
            for part in message.parts.values():  # one without a time is only known by what it says
                if _DATA_TIME.match(part.cp) is None:
                    self._done[group, part.body] = at
            return [_joined(message)]
        return [self._give_up(next(iter(self._open.values())))] if len(self._open) > self._most else []

    def expire(self, at: datetime) -> list[Joined]:
        """What has waited too long by `at`, as far as it came."""
        late = [message for message in self._open.values() if at - message.opened_at >= self._timeout]
        return [self._give_up(message) for message in late]

    def close(self) -> list[Joined]:
        """Everything that still waits."""
        return [self._give_up(message) for message in list(self._open.values())]

    def _message(self, group: _Group, data_time: bytes, part: Frame, at: datetime) -> _Open:
        """The open message a part belongs to; a new one if there is none."""
        waiting, number = self._by_group.get(group, ()), part.head.pno or 0
        for message in waiting:
            if number in message.parts and message.parts[number].body == part.body:  # sent again
                return message
        for message in reversed(waiting):
            if data_time and message.data_time == data_time:
                return message
            is_cut = not data_time or not message.data_time
            is_last = self._latest.get(group) is message
            if is_cut and number not in message.parts and _belongs(part, message, at, is_last=is_last):
                message.data_time = message.data_time or data_time
                return message
        message = _Open(group, data_time, at, at)
        self._open[id(message)] = message
        self._latest[group] = message
        self._latest.move_to_end(group)
        if len(self._latest) > self._most:
            self._latest.popitem(last=False)
        self._by_group.setdefault(group, []).append(message)
        return message

    def _close(self, message: _Open) -> None:
        del self._open[id(message)]
        same = self._by_group[message.group]
        same.remove(message)
        if not same:
            del self._by_group[message.group]

    def _give_up(self, message: _Open) -> Joined:
        self._close(message)
        return _joined(message)

    def _forget(self, at: datetime) -> None:
        while self._done and at - next(iter(self._done.values())) >= self._timeout:
            self._done.popitem(last=False)
        while len(self._done) > self._most:
            self._done.popitem(last=False)


def _belongs(part: Frame, message: _Open, at: datetime, *, is_last: bool) -> bool:
    """Whether a part can be of no other message than this one, one of the two lacking a DataTime.

    is_last: no other message of the group began after it; else only an equal request number tells.
    """
    number, qn = part.head.pno or 0, part.head.qn
    others = {known: one.head.qn for known, one in message.parts.items()}
    if qn and all(qn == other for other in others.values()):
        return True
    if not is_last:
        return False
    if not qn or not all(others.values()):  # no number to tell by: only the next one on the line
        return not qn and number == max(others) + 1 and at - message.last_at <= _NEXT
    return all(_follows(qn, number, other, known) for known, other in others.items())


def _follows(qn: str, number: int, other: str, known: int) -> bool:
    """Whether two request numbers are a short time apart, in the order of the parts."""
    mine, theirs = _instant(qn), _instant(other)
    if mine is None or theirs is None:
        return False
    apart = mine - theirs if number > known else theirs - mine
    return timedelta(0) <= apart <= _NEXT * abs(number - known)


def _instant(qn: str) -> datetime | None:
    start = beijing_time(qn[:14]) if len(qn) == 17 and qn.isascii() and qn.isdigit() else None
    return None if start is None else start + timedelta(milliseconds=int(qn[14:]))


def _joined(message: _Open) -> Joined:
    numbers = sorted(message.parts)
    parts = tuple(message.parts[number] for number in numbers)
    missing = tuple(number for number in range(1, message.group[3] + 1) if number not in message.parts)
    content = b""
    for number, part in zip(numbers, parts, strict=True):
        cp = _without_torn_end(part.cp) if number + 1 in missing else part.cp
        content = _appended(content, cp)
    first = parts[0].head
    head = first._replace(flag=(first.flag or 0) & ~_SPLIT_BIT, pnum=None, pno=None)
    if missing:
        message.deviations[Deviation.SPLIT_INCOMPLETE] = None
    found = dict.fromkeys(one for part in parts for one in part.framing_deviations) | message.deviations
    front = parts[0].body[: parts[0].body.index(b"CP=&&") + len(b"CP=&&")]
    body = b"%s%s&&" % (front, content)
    raw = b"".join(part.raw for part in parts)
    frame = Frame(raw, body, parts[0].declared_crc, tuple(found), head, parts[0].dialect, parts[0].is_encrypted)
    return Joined(frame, parts, missing)


def _without_torn_end(cp: bytes) -> bytes:
    """A part whose next one is lost, without its last value: the text may have been cut in the middle of the number."""
    if _ENDS_WHOLE.search(cp):
        return cp
    return cp[: max(cp.rfind(b";"), cp.rfind(b","), 0)]


def _appended(content: bytes, more: bytes) -> bytes:
    """Two parts of a data section as one: a repeated DataTime goes, a dropped semicolon comes back."""
    if not content:
        return more
    repeated = _DATA_TIME.match(more)
    if repeated is not None:
        more = more[repeated.end() :]
        return content.rstrip(_SEPARATORS) + b";" + more if more else content
    last = re.split(rb"[;,]", content)[-1]
    is_whole = b"=" in last and not last.endswith(b"=")
    return content + (b";" if is_whole and _BEGINS_ITEM.match(more) else b"") + more


def split_cp(cp: str, most: int = STANDARD_CP) -> list[str]:
    """A data section in pieces of at most `most` bytes, whole at item level, each with the DataTime.

    UnencodableError if one item alone is too long.
    """
    if len(cp.encode()) <= most:
        return [cp]
    groups = cp.split(";")
    lead = groups.pop(0) if groups[0].startswith("DataTime=") else ""
    pieces: list[str] = []
    current = lead
    for group in groups:
        joined = f"{current};{group}" if current else group
        if len(joined.encode()) > most and current != lead:
            pieces.append(current)
            joined = f"{lead};{group}" if lead else group
        if len(joined.encode()) > most:
            raise UnencodableError("数据项", len(joined.encode()), f"连同 DataTime 至多 {most} 字节")
        current = joined
    return [*pieces, current]


def encode_parts(
    *, qn: str, st: str, cn: str, pw: str, mn: str, flag: int, cp: str, most: int = STANDARD_CP
) -> Iterator[bytes]:
    """The frames of a message: one, or as many parts as it needs, each with a request number a millisecond later.

    flag: without the split bit. UnencodableError as in `encode` and `split_cp`, or for a QN that is no time.
    """
    pieces = split_cp(cp, most)
    if len(pieces) == 1:
        yield encode(qn=qn, st=st, cn=cn, pw=pw, mn=mn, flag=flag, cp=cp)
        return
    start = beijing_time(qn[:14]) if len(qn) == 17 and qn.isdigit() else None
    if start is None:
        raise UnencodableError("QN", qn, "17 位时间")
    for number, piece in enumerate(pieces, start=1):
        later = start + timedelta(milliseconds=int(qn[14:]) + number - 1)
        part_qn = f"{time_text(later)}{later.microsecond // 1000:03d}"
        yield encode(
            qn=part_qn, st=st, cn=cn, pw=pw, mn=mn, flag=flag | _SPLIT_BIT, cp=piece, pnum=len(pieces), pno=number
        )
