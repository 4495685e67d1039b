"""One frame with its head, and the piece of a stream that is no frame."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from qingyuan.hj212.crc import CrcDialect
from qingyuan.hj212.deviations import Deviation, is_fatal
from qingyuan.hj212.head import Edition, Head
from qingyuan.hj212.head_reading import read_head

_CP_OPENS = b"CP=&&"
_BEGINS = re.compile(rb"##[0-9]{0,4}(?=QN=|ST=|CN=|PW=|MN=|Flag=)")


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
