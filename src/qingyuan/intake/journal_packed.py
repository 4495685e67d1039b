"""Closed segments of the journal, compressed: `<first position>.qyz` in the place of `<first position>.qyj`.

Blocks of a mebibyte, each compressed by itself (zstd), behind a head that says how long the segment is and where each
block lies: a record is still found by its position, and a block that went bad spoils no other. Bytes of a bad block read
as zeros, which are no record: the journal then says which positions cannot be read, as of a plain segment.

File, little endian: magic, bytes of the plain segment (u64), bytes of a block (u32), number of blocks (u32), sha256 of the
plain segment, length of each block (u32), the blocks.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple, Protocol

from qingyuan.disk import sync

PLAIN, PACKED = ".qyj", ".qyz"
BLOCK = 1024 * 1024
LEVEL = 9
_MAGIC = b"QYZ1"
_HEAD = struct.Struct("<4sQII32s")
HALF = ".packing"


class _Head(NamedTuple):
    size: int
    block: int
    digest: bytes
    lengths: tuple[int, ...]
    begin: int


class Bytes(Protocol):
    """A segment open for reading."""

    def read(self, offset: int, length: int) -> bytes:
        """At most so many bytes from an offset of the plain segment."""
        ...


class _Plain:
    def __init__(self, handle: int) -> None:
        self._handle = handle

    def read(self, offset: int, length: int) -> bytes:
        return os.pread(self._handle, length, offset)


class _Packed:
    def __init__(self, handle: int, head: _Head) -> None:
        self._handle, self._head = handle, head
        self._at = [head.begin]
        for one in head.lengths:
            self._at.append(self._at[-1] + one)
        self._last: tuple[int, bytes] | None = None

    def read(self, offset: int, length: int) -> bytes:
        end = min(offset + length, self._head.size)
        if offset >= end:
            return b""
        first, last = offset // self._head.block, (end - 1) // self._head.block
        data = b"".join(self._block(number) for number in range(first, last + 1))
        return data[offset - first * self._head.block : end - first * self._head.block]

    def _block(self, number: int) -> bytes:
        from qingyuan.readings.compressed import unpacked

        if self._last is None or self._last[0] != number:
            size = min(self._head.block, self._head.size - number * self._head.block)
            data = os.pread(self._handle, self._head.lengths[number], self._at[number])
            self._last = number, unpacked(data, size) or bytes(size)
        return self._last[1]


def size_of(path: Path) -> int:
    """Bytes of the plain segment, 0 where the head of a packed one is bad. FileNotFoundError where it is gone."""
    if path.suffix != PACKED:
        return path.stat().st_size
    facts = path.stat()
    return _packed_size(path, facts.st_mtime_ns, facts.st_size)


@lru_cache(maxsize=4096)
def _packed_size(path: Path, changed: int, length: int) -> int:
    """By what would be another if the file were."""
    with path.open("rb") as file:
        head = _head(file.fileno())
    return head.size if head else 0


@contextmanager
def opened(path: Path) -> Iterator[Bytes]:
    """A segment for reading; one that is packed meanwhile is read from where it lies now."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        handle = os.open(path.with_suffix(PACKED), os.O_RDONLY)
        path = path.with_suffix(PACKED)
    try:
        if path.suffix != PACKED:
            yield _Plain(handle)
        else:
            yield _Packed(handle, _head(handle) or _Head(0, BLOCK, b"", (), 0))
    finally:
        os.close(handle)


def _head(handle: int) -> _Head | None:
    """None for one that is cut short or is no head."""
    data = os.pread(handle, _HEAD.size, 0)
    if len(data) < _HEAD.size:
        return None
    magic, size, block, count, digest = _HEAD.unpack(data)
    if magic != _MAGIC or not block or count != -(-size // block):
        return None
    lengths = os.pread(handle, 4 * count, _HEAD.size)
    if len(lengths) < 4 * count:
        return None
    return _Head(size, block, digest, struct.unpack(f"<{count}I", lengths), _HEAD.size + 4 * count)


def pack(path: Path) -> Path:
    """Put a closed segment's packed form into its place; the plain one goes when the other is on the disk and proved.

    Raises OSError: then the plain one is as it was. A crash in between leaves both, of which the plain one counts.
    """
    from qingyuan.readings.compressed import packed

    plain = path.read_bytes()
    blocks = packed([plain[at : at + BLOCK] for at in range(0, len(plain), BLOCK)], LEVEL)
    head = _HEAD.pack(_MAGIC, len(plain), BLOCK, len(blocks), hashlib.sha256(plain).digest())
    half, target = path.with_suffix(HALF), path.with_suffix(PACKED)
    try:
        with open(half, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(head + struct.pack(f"<{len(blocks)}I", *map(len, blocks)))
            file.writelines(blocks)
            file.flush()
            os.fsync(file.fileno())
        if not is_whole(half):
            raise OSError(f"{half.name}: what was written does not read back")
        with _alone(path.parent):  # who lists the segments sees one of the two
            half.replace(target)
            sync(path.parent)
            path.unlink()
            sync(path.parent)
    finally:
        half.unlink(missing_ok=True)
    return target


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Nobody appends to the journal, or lists its segments for reading."""
    handle = os.open(folder / "write.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def is_whole(path: Path) -> bool:
    """Whether a packed segment holds what its digest says."""
    with path.open("rb") as file:
        head = _head(file.fileno())
        if head is None:
            return False
        digest, segment = hashlib.sha256(), _Packed(file.fileno(), head)
        for number in range(len(head.lengths)):
            digest.update(segment._block(number))
        return digest.digest() == head.digest


def pack_closed(segments: Sequence[tuple[int, Path]], reached: int, most: int = 1) -> int:
    """Pack at most so many of the segments that are closed and read; returns how many. Raises OSError."""
    done = 0
    for (_, path), (until, _) in pairwise(segments):
        if done >= most or until > reached:
            break
        if path.suffix == PLAIN:
            with suppress(FileNotFoundError):
                pack(path)
                done += 1
    return done
