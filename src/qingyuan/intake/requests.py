"""What the gateway may ask of a device: its clock to be set, and data that it has stored. Nothing else can be sent.

The bureau decides and lays its wishes down as a file; the gateway makes the frame in the device's own edition when the
device is connected, puts it into the journal and then on the device's own line.

References: HJ 212-2017, annex C.3 (1012), C.21, C.22 (history), C.48; the form of 2005 is a setting of the rule tables.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from qingyuan.hj212 import Head, command, encode
from qingyuan.hj212.contents import FieldTime, History
from qingyuan.intake.errors import NotSendable, NoWishes
from qingyuan.rules import rule_book

SET_TIME = "1012"
HISTORY = frozenset({"2031", "2041", "2051", "2061"})
SENDABLE = HISTORY | {SET_TIME}
"""Every command that a wish may bear. What changes a device (interval, calibration, sampling, password, key, address)
is the firm's duty and stands outside of this set for good."""
REPLIES = frozenset({"9011", "9012", "9013", "9014"})
"""What is never answered: it is an answer."""
WISHES_FILE = "gateway_wishes.json"
"""Name of the file in the run folder."""
_QN = re.compile(r"[0-9]{17}")
_WANTS_ANSWER = 1


@dataclass(frozen=True)
class Wish:
    """One request to send. qn: its number, by which the answers are known; begin, end: first and last wanted interval
    (their starts), None for 1012; until: not to be sent after it.
    """

    qn: str
    mn: str
    cn: str
    begin: datetime | None
    end: datetime | None
    until: datetime

    def __post_init__(self) -> None:
        """Raises NotSendable for any command but those of SENDABLE, and for a number that is no request number."""
        if self.cn not in SENDABLE or (self.cn in HISTORY) != (self.begin is not None and self.end is not None):
            raise NotSendable(self.mn, self.cn)
        if not _QN.fullmatch(self.qn):
            raise NotSendable(self.mn, f"{self.cn} QN={self.qn}")


Wishes = Callable[[], Sequence[Wish]]
"""Reads the wishes anew; may fail."""


def request_frame(wish: Wish, head: Head, now: datetime, key: bytes | None) -> bytes:
    """The frame, as the device itself speaks: edition, ST and PW of its last head; key: encrypts, if it encrypts.

    NotSendable where its edition has no such command.
    """
    if command(head.edition, wish.cn) is None:
        raise NotSendable(wish.mn, f"{wish.cn} ({head.edition})")
    flag = ((head.flag or 0) & ~0b11) | _WANTS_ANSWER
    return encode(
        qn=wish.qn,
        st=head.st,
        cn=wish.cn,
        pw=head.pw,
        mn=wish.mn,
        flag=flag,
        cp=_content(wish, head.edition, now),
        sm4_key=key,
    )


def _content(wish: Wish, edition: str, now: datetime) -> str:
    if wish.begin is None or wish.end is None:
        return FieldTime(now).cp()
    return History(wish.begin, wish.end).cp().replace(";", rule_book().protocol.separators[edition])


def content_of(wishes: Iterable[Wish]) -> dict[str, object]:
    """What the file of wishes holds."""
    rows = [
        [w.qn, w.mn, w.cn, w.begin and w.begin.isoformat(), w.end and w.end.isoformat(), w.until.isoformat()]
        for w in wishes
    ]
    return {"wishes": rows}


class WishesFile:
    """See `Wishes`. No file, no wishes; parsed again only when it was replaced."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int, int] | None = None
        self._wishes: tuple[Wish, ...] = ()

    def __call__(self) -> Sequence[Wish]:
        """The wishes that stand. Raises NoWishes for a file that cannot be read."""
        try:
            told = self._path.stat()
        except FileNotFoundError:
            self._seen, self._wishes = None, ()
            return ()
        seen = (told.st_ino, told.st_mtime_ns, told.st_size)
        if seen != self._seen:
            try:
                self._wishes = tuple(map(_wish, json.loads(self._path.read_text(encoding="utf-8"))["wishes"]))
            except (OSError, ValueError, KeyError, TypeError) as error:
                raise NoWishes(str(self._path), str(error)) from error
            self._seen = seen
        return self._wishes


def _wish(row: Sequence[str | None]) -> Wish:
    qn, mn, cn, begin, end, until = row
    return Wish(str(qn), str(mn), str(cn), _instant(begin), _instant(end), datetime.fromisoformat(str(until)))


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
