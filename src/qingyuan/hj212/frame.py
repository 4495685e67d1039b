"""One frame with its head, and the piece of a stream that is no frame."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Literal, NamedTuple

from qingyuan.hj212.crc import CrcDialect
from qingyuan.hj212.deviations import Deviation, is_fatal

Edition = Literal["2005", "2017", "2025"]
_EDITIONS: dict[int, Edition] = {0: "2005", 1: "2017", 2: "2025"}
_HEAD_KEYS = frozenset({"QN", "ST", "CN", "PW", "MN", "Flag", "PNUM", "PNO"})
_HEAD_KEYS_2025 = frozenset({"RF"})
_EMPTY_MN_ALLOWED = frozenset({"1001", "9013"})  # HJ 212-2025: a logger that has no MN yet
_MN_2017 = re.compile(r"[0-9A-Fa-f]{24}")
_CP_OPENS = b"CP=&&"
_BEGINS = re.compile(rb"##[0-9]{0,4}(?=QN=|ST=|CN=|PW=|MN=|Flag=)")
_MOST_HEADS = 20_000
_QN_DIGITS, _QN_OPENS, _QN_END = 17, b"QN=", 20
_LEAST_CP = 7  # "CP=&&&&"
_known_heads: dict[bytes, Head] = {}
"""Heads without oddities by what stands between QN and CP: a device repeats it in every frame."""


def edition_of(flag: int | None) -> Edition:
    """The edition that the version bits of Flag name; no Flag means 2005, an unknown number the newest known."""
    return _EDITIONS.get((flag or 0) >> 2, "2025")


def names_edition(flag: int | None) -> bool:
    """Whether the version bits of Flag name an edition that is known; a missing Flag does (2005)."""
    return (flag or 0) >> 2 in _EDITIONS


class Head(NamedTuple):
    """The fields before CP. Text is as printed, "" where the frame has none; `flag`, `pnum`, `pno` None if
    absent.
    """

    qn: str
    st: str
    cn: str
    pw: str
    mn: str
    flag: int | None
    pnum: int | None
    pno: int | None
    extra: dict[str, str]
    deviations: tuple[Deviation, ...]

    @property
    def edition(self) -> Edition:
        """The edition that the version bits of Flag name; no Flag means 2005, an unknown number the newest
        known.
        """
        return edition_of(self.flag)

    @property
    def wants_answer(self) -> bool:
        """Whether the sender waits for an acknowledgement (lowest bit of Flag)."""
        return bool((self.flag or 0) & 1)

    @property
    def is_split(self) -> bool:
        """Whether this is one packet of several (second bit of Flag)."""
        return bool((self.flag or 0) & 2)

    @property
    def is_resent(self) -> bool:
        """Whether the sender says that it sends this again (RF=1, edition 2025)."""
        return self.extra.get("RF") == "1"


@dataclass(frozen=True, slots=True)
class Rejected:
    """Bytes that are no usable frame, whole and unchanged, and why."""

    raw: bytes
    reason: Deviation
    deviations: tuple[Deviation, ...] = ()
    dialect: CrcDialect | None = None

    @property
    def head(self) -> Head:
        """What can be read of the fields before CP; empty where the piece does not begin like a frame."""
        begins = _BEGINS.match(self.raw)
        return read_head(self.raw[begins.end() :] if begins else b"")


@dataclass(slots=True)
class Frame:
    """A frame whose length and check are right. The head is read once, on first use, without touching CP.

    raw: all bytes from `##` to the tail, as received; body: the data segment in plain text; declared_crc: the
    check as a number; dialect: how it was computed, None where it covers the ciphertext.
    """

    raw: bytes
    body: bytes
    declared_crc: int
    framing_deviations: tuple[Deviation, ...] = ()
    _head: Head | None = field(default=None, repr=False, compare=False)
    dialect: CrcDialect | None = CrcDialect.HJ
    is_encrypted: bool = False

    @property
    def head(self) -> Head:
        """The fields before CP."""
        if self._head is None:
            self._head = read_head(self.body)
        return self._head

    @property
    def deviations(self) -> tuple[Deviation, ...]:
        """Deviations of framing and head together; those of CP come with the message."""
        return self.framing_deviations + self.head.deviations

    @property
    def is_usable(self) -> bool:
        """Whether framing and head allow the message to be used (no fatal deviation)."""
        return not is_fatal(self.deviations)

    @property
    def qn(self) -> str:
        """Request number as printed."""
        return self.head.qn

    @property
    def st(self) -> str:
        """System code."""
        return self.head.st

    @property
    def cn(self) -> str:
        """Command code."""
        return self.head.cn

    @property
    def pw(self) -> str:
        """Access password."""
        return self.head.pw

    @property
    def mn(self) -> str:
        """Device identity."""
        return self.head.mn

    @property
    def flag(self) -> int | None:
        """Version, split and answer bits; None if absent (2005)."""
        return self.head.flag

    @property
    def pnum(self) -> int | None:
        """Number of packets of a split message."""
        return self.head.pnum

    @property
    def pno(self) -> int | None:
        """Number of this packet, from 1."""
        return self.head.pno

    @property
    def wants_answer(self) -> bool:
        """Whether the sender waits for an acknowledgement."""
        return self.head.wants_answer

    @property
    def edition(self) -> Edition:
        """Edition of the protocol by the version bits of Flag."""
        return self.head.edition

    @property
    def cp(self) -> bytes:
        """The bytes between `CP=&&` and the closing `&&`; to the end of the segment if it is not closed."""
        start = self.body.find(_CP_OPENS)
        if start < 0:
            return b""
        content = self.body[start + len(_CP_OPENS) :]
        return content[:-2] if content.endswith(b"&&") else content


def is_valid_qn(qn: str) -> bool:
    """Whether a request number is a time with milliseconds, 17 digits (HJ 212-2017, table 3)."""
    if len(qn) != _QN_DIGITS or not (qn.isascii() and qn.isdigit()):
        return False
    return _is_second(qn[:14])


@lru_cache(maxsize=8192)
def _is_second(digits: str) -> bool:
    try:
        datetime.fromisoformat(f"{digits[:8]}T{digits[8:]}")
    except ValueError:
        return False
    return True


def read_head(body: bytes) -> Head:
    """The fields of a data segment before CP; never raises, what is odd becomes a deviation."""
    opens = body.find(_CP_OPENS)
    key = body[_QN_END:opens]
    known = _known_heads.get(key)
    digits = body[3:_QN_END]
    has_qn = body[:3] == _QN_OPENS and body[-2:] == b"&&" and digits.isdigit() and len(body) >= opens + _LEAST_CP
    if known is not None and has_qn:
        qn = digits.decode("ascii")
        if _is_second(qn[:14]):
            return tuple.__new__(Head, (qn, *known[1:]))  # the same as Head(...), in a third of the time
    head = _read_head_carefully(body)
    is_plain = has_qn and opens > _QN_END and _QN_OPENS not in key and len(head.qn) == _QN_DIGITS and not head.extra
    if known is None and is_plain and not head.deviations:
        if len(_known_heads) >= _MOST_HEADS:
            _known_heads.clear()  # only a flood of made-up devices comes this far
        _known_heads[key] = head
    return head


def known_head(body: bytes) -> Head | None:
    """What is known of the head of a segment without oddities (its QN is not that of this segment)."""
    return _known_heads.get(body[_QN_END : body.find(_CP_OPENS)]) if body.startswith(_QN_OPENS) else None


def _read_head_carefully(body: bytes) -> Head:
    """Any head, field by field."""
    seen: list[Deviation] = []
    cut = body.find(_CP_OPENS)
    if cut < 0:
        seen.append(Deviation.NO_CP)
        cut = len(body)
    elif not body.endswith(b"&&") or len(body) < cut + len(_CP_OPENS) + 2:
        seen.append(Deviation.CP_NOT_CLOSED)
    text = body[:cut].decode("utf-8", "replace")
    if "," in text or (cut < len(body) and text and not text.endswith(";")):
        seen.append(Deviation.HEAD_FORM)
        text = text.replace(",", ";")
    fields: dict[str, str] = {}
    for part in text.split(";"):
        key, equals, value = part.partition("=")
        if not equals:
            if part.strip() and Deviation.HEAD_FORM not in seen:
                seen.append(Deviation.HEAD_FORM)
            continue
        if part != part.strip() or key != key.strip() or value != value.strip():
            key, value = key.strip(), value.strip()
            if Deviation.BLANKS not in seen:
                seen.append(Deviation.BLANKS)
        fields[key] = value
    return _judge(fields, seen)


def _judge(fields: dict[str, str], seen: list[Deviation]) -> Head:
    flag, pnum, pno = (_small_number(fields.get(key)) for key in ("Flag", "PNUM", "PNO"))
    qn, st, cn, mn = (fields.get(key, "") for key in ("QN", "ST", "CN", "MN"))
    if not cn:
        seen.append(Deviation.NO_CN)
    if not mn and cn not in _EMPTY_MN_ALLOWED:
        seen.append(Deviation.NO_MN)
    if not st:
        seen.append(Deviation.NO_ST)
    elif len(st) != 2:
        seen.append(Deviation.ST_FORM)
    if "PW" not in fields:
        seen.append(Deviation.NO_PW)
    if not qn:
        seen.append(Deviation.NO_QN)
    elif not is_valid_qn(qn):
        seen.append(Deviation.QN_FORM)
    _judge_flag(fields, flag, pnum, pno, seen)
    if mn and flag is not None and flag >> 2 == 1 and not _MN_2017.fullmatch(mn):
        seen.append(Deviation.MN_FORM)
    extra = {key: value for key, value in fields.items() if key not in _HEAD_KEYS}
    if extra.keys() - (_HEAD_KEYS_2025 if edition_of(flag) == "2025" else frozenset()):
        seen.append(Deviation.UNKNOWN_HEAD_FIELD)
    return Head(qn, st, cn, fields.get("PW", ""), mn, flag, pnum, pno, extra, tuple(seen))


def _judge_flag(
    fields: dict[str, str], flag: int | None, pnum: int | None, pno: int | None, seen: list[Deviation]
) -> None:
    if "Flag" not in fields:
        seen.append(Deviation.NO_FLAG)
    elif flag is None or flag > 255:
        seen.append(Deviation.FLAG_RANGE)
    elif flag >> 2 not in _EDITIONS:
        seen.append(Deviation.UNKNOWN_VERSION)
    is_split = bool((flag or 0) & 2)
    if is_split and (pnum is None or pno is None):
        seen.append(Deviation.SPLIT_WITHOUT_NUMBERS)
    elif not is_split and ("PNUM" in fields or "PNO" in fields):
        seen.append(Deviation.NUMBERS_WITHOUT_SPLIT)
    if pnum is not None and pno is not None and not 1 <= pno <= pnum:
        seen.append(Deviation.PACKET_NUMBER_RANGE)


def _small_number(text: str | None) -> int | None:
    """A decimal number of at most six digits; None if the text is absent or anything else."""
    if text is None or not 1 <= len(text) <= 6 or not (text.isascii() and text.isdigit()):
        return None
    return int(text)
