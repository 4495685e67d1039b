"""One record of the journal: what it holds, how it lies in the file, how a sound one is known."""

from __future__ import annotations

import struct
import zlib
from enum import IntEnum
from typing import NamedTuple

_HEAD = struct.Struct("<4sIIBBHq")  # magic, payload length, checksum, kind, marks, peer length, received microseconds
_CHECKED = struct.Struct("<IBBHq")  # what the checksum covers of the head, before peer and payload
_MAGIC = b"QYJ1"


class RecordKind(IntEnum):
    """What a record holds."""

    FRAME = 1
    REJECTED = 2
    FILE = 3
    STATEMENT = 4
    REQUEST = 5


class Mark(IntEnum):
    """Bits that the writer sets for the reader."""

    ADOPT = 1
    WRONG_NETWORK = 2


class NewRecord(NamedTuple):
    """A record on its way in. received_us: microseconds since 1970-01-01 UTC; peer: where it came from."""

    kind: RecordKind
    payload: bytes
    peer: str
    received_us: int
    marks: int = 0


class Record(NamedTuple):
    """A record read back, with its position and the position after it."""

    position: int
    next_position: int
    kind: RecordKind
    payload: bytes
    peer: str
    received_us: int
    marks: int


def encoded(record: NewRecord) -> bytes:
    peer = record.peer.encode()[:255]
    body = peer + record.payload
    length, facts = len(record.payload), (record.kind, record.marks, len(peer), record.received_us)
    checksum = zlib.crc32(body, zlib.crc32(_CHECKED.pack(length, *facts)))
    return _HEAD.pack(_MAGIC, length, checksum, *facts) + body


def decoded(data: memoryview, offset: int, base: int) -> Record | None:
    """The record at `offset` of a segment that begins at position `base`; None if it is not whole or not sound."""
    if offset + _HEAD.size > len(data):
        return None
    magic, length, checksum, kind, marks, peer_length, received_us = _HEAD.unpack_from(data, offset)
    start = offset + _HEAD.size
    end = start + peer_length + length
    if magic != _MAGIC or end > len(data):
        return None
    body = bytes(data[start:end])
    if zlib.crc32(body, zlib.crc32(_CHECKED.pack(length, kind, marks, peer_length, received_us))) != checksum:
        return None
    peer = body[:peer_length].decode(errors="replace")
    return Record(base + offset, base + end, RecordKind(kind), body[peer_length:], peer, received_us, marks)


def goes_on(data: memoryview, offset: int) -> bool:
    """Whether a sound record begins anywhere at or after `offset`."""
    return next_sound(data, offset) is not None


def next_sound(data: memoryview, offset: int) -> int | None:
    """Where the first sound record at or after `offset` begins."""
    text = bytes(data[offset:])
    place = text.find(_MAGIC)
    while place >= 0:
        if decoded(data, offset + place, 0) is not None:
            return offset + place
        place = text.find(_MAGIC, place + 1)
    return None
