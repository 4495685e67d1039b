"""The raw journal: every message that came in, as it came, before anything else happens to it.

One sequence of records in segment files `<first position>.qyj`. A position is the byte offset in the whole sequence
and is the *origin* of every reading made from the record. Several processes may append (an advisory lock orders
them); `append` returns after fsync, and readers see nothing of it before. A torn tail, left by a crash before fsync,
was never acknowledged and is cut off by the next writer. A bad place with sound records after it is no torn tail but
damage: nothing is cut, writing goes on in a new segment, and the reader says where it stopped.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import struct
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from enum import IntEnum
from pathlib import Path
from typing import NamedTuple

from qingyuan.intake.errors import JournalDamaged, JournalFull

_HEAD = struct.Struct("<4sIIBBHq")  # magic, payload length, checksum, kind, marks, peer length, received microseconds
_CHECKED = struct.Struct("<IBBHq")  # what the checksum covers of the head, before peer and payload
_MAGIC = b"QYJ1"
SEGMENT_BYTES = 64 * 1024 * 1024
READ_BYTES = 4 * 1024 * 1024


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


def _encode(record: NewRecord) -> bytes:
    peer = record.peer.encode()[:255]
    body = peer + record.payload
    length, facts = len(record.payload), (record.kind, record.marks, len(peer), record.received_us)
    checksum = zlib.crc32(body, zlib.crc32(_CHECKED.pack(length, *facts)))
    return _HEAD.pack(_MAGIC, length, checksum, *facts) + body


def _decode(data: memoryview, offset: int, base: int) -> Record | None:
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


def _goes_on(data: memoryview, offset: int) -> bool:
    """Whether a sound record begins anywhere at or after `offset`."""
    text = bytes(data[offset:])
    place = text.find(_MAGIC)
    while place >= 0:
        if _decode(data, offset + place, 0) is not None:
            return True
        place = text.find(_MAGIC, place + 1)
    return False


class Journal:
    """The journal in a folder.

    min_free_bytes: below so much free space nothing is taken any more, so that the rest of the system can still work.
    """

    def __init__(self, folder: Path, *, min_free_bytes: int = 0, segment_bytes: int = SEGMENT_BYTES) -> None:
        self.folder = folder
        self.min_free_bytes = min_free_bytes
        self.segment_bytes = segment_bytes
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = os.open(folder / "write.lock", os.O_RDWR | os.O_CREAT, 0o600)
        self._base = -1
        self._file = -1
        self._end = -1

    def close(self) -> None:
        """Let go of the files."""
        for handle in (self._file, self._lock):
            if handle >= 0:
                os.close(handle)
        self._file = self._lock = -1

    def segments(self) -> list[tuple[int, Path]]:
        """(first position, path) of every segment, oldest first."""
        return sorted((int(p.stem), p) for p in self.folder.glob("*.qyj"))

    def append(self, records: Sequence[NewRecord]) -> list[int]:
        """Write and fsync the records together; returns their positions. Raises JournalFull: then none is kept."""
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        try:
            try:
                self._open_last_segment()
            except OSError as error:
                raise JournalFull(str(self.folder), error.strerror or str(error)) from error
            data = [_encode(r) for r in records]
            positions, place = [], self._base + self._end
            for piece in data:
                positions.append(place)
                place += len(piece)
            self._write(b"".join(data))
            return positions
        finally:
            fcntl.flock(self._lock, fcntl.LOCK_UN)

    def _write(self, data: bytes) -> None:
        try:
            if shutil.disk_usage(self.folder).free - len(data) < self.min_free_bytes:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            done = 0
            while done < len(data):
                done += os.pwrite(self._file, data[done:], self._end + done)
            os.fsync(self._file)
        except OSError as error:
            with suppress(OSError):  # what cannot be cut stays without acknowledgement; sent again it is a duplicate
                os.ftruncate(self._file, self._end)
            raise JournalFull(str(self.folder), error.strerror or str(error)) from error
        self._end += len(data)

    def _open_last_segment(self) -> None:
        """Stand at the sound end of the last segment; begin a new one when it is large enough."""
        segments = self.segments()
        base, path = segments[-1] if segments else (0, self.folder / f"{0:020d}.qyj")
        if base != self._base or self._file < 0:
            opened = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            if self._file >= 0:
                os.close(self._file)
            self._file, self._base, self._end = opened, base, 0
            if not segments:
                self._sync_folder()
        size = os.fstat(self._file).st_size
        is_damaged = False
        if size != self._end:
            self._end, is_damaged = self._sound_end(path, min(self._end, size))
            if is_damaged:
                self._end = size
            os.ftruncate(self._file, self._end)
            os.fsync(self._file)
        if self._end >= self.segment_bytes or is_damaged:
            self._begin_segment(self._base + self._end)

    def _begin_segment(self, base: int) -> None:
        opened = os.open(self.folder / f"{base:020d}.qyj", os.O_RDWR | os.O_CREAT, 0o600)
        os.close(self._file)
        self._file, self._base, self._end = opened, base, 0
        self._sync_folder()

    def _sync_folder(self) -> None:
        handle = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    @staticmethod
    def _sound_end(path: Path, known: int) -> tuple[int, bool]:
        """The offset after the last whole record, looking from `known` on; whether sound records lie beyond it."""
        with path.open("rb") as file:
            file.seek(known)
            data = memoryview(file.read())
        offset = 0
        while (record := _decode(data, offset, 0)) is not None:
            offset = record.next_position
        return known + offset, _goes_on(data, offset)

    def read(self, position: int, limit: int = 1000) -> Iterator[Record]:
        """Whole records from `position` on, at most `limit`. Raises JournalDamaged for damage before the tail."""
        segments = self._settled()
        for number, (base, path, size) in enumerate(segments):
            is_last = number == len(segments) - 1
            if position >= base + size and not is_last:
                continue
            for record in self._read_segment(path, base, max(position, base), size, is_last):
                yield record
                limit -= 1
                if limit <= 0:
                    return
            position = max(position, base + size)

    @staticmethod
    def _read_segment(path: Path, base: int, position: int, size: int, is_last: bool) -> Iterator[Record]:
        want = READ_BYTES
        with path.open("rb") as handle:
            while position - base < size:
                handle.seek(position - base)
                data = memoryview(handle.read(min(want, size - (position - base))))
                offset = 0
                while (record := _decode(data, offset, position)) is not None:
                    yield record
                    offset = record.next_position - position
                if offset:
                    position, want = position + offset, READ_BYTES
                elif want < size - (position - base):
                    want *= 4  # one record larger than what was read
                elif is_last and not _goes_on(data, 0):
                    return
                else:
                    raise JournalDamaged(str(path), position)

    def _settled(self) -> list[tuple[int, Path, int]]:
        """(first position, path, size) of every segment, taken while no append is under way."""
        handle = os.open(self.folder / "write.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_SH)
            return [(base, path, path.stat().st_size) for base, path in self.segments()]
        finally:
            os.close(handle)

    def read_at(self, position: int) -> Record | None:
        """The record that begins at `position`, or None if there is none."""
        for record in self.read(position, 1):
            return record if record.position == position else None
        return None

    def end(self) -> int:
        """The position after everything written so far (a torn tail included)."""
        segments = self.segments()
        if not segments:
            return 0
        base, path = segments[-1]
        return base + path.stat().st_size
