"""The raw journal: every message that came in, as it came, before anything else happens to it.

One sequence of records in segment files `<first position>.qyj`, or `.qyz` once they are closed and packed
(`journal_packed`). A position is the byte offset in the whole sequence and is the *origin* of every reading made from
the record. Several processes may append (an advisory lock orders them); `append` returns after fsync, and readers see
nothing of it before. A torn tail, left by a crash before fsync, was never acknowledged and is cut off by the next
writer. A bad place with sound records after it is no torn tail but damage: nothing is cut, writing goes on in a new
segment, and the reader says where it stopped, or goes on behind it and writes it down. The furthest position that was
acknowledged or read stands beside the segments: where they end before it (cut short, deleted) writing goes on at or
beyond it, so that no position is ever used twice.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from qingyuan.disk import sync
from qingyuan.intake.errors import JournalDamaged, JournalFull
from qingyuan.intake.journal_damage import (
    LOST,
    RESCUED,
    SHORTER,
    STRANGER,
    UNREADABLE,
    Damage,
    Positions,
    note,
    noted,
    sorted_out,
)
from qingyuan.intake.journal_packed import PACKED, opened, size_of
from qingyuan.intake.journal_record import Mark, NewRecord, Record, RecordKind, decoded, encoded, goes_on, next_sound

SEGMENT_BYTES = 64 * 1024 * 1024
READ_BYTES = 4 * 1024 * 1024

__all__ = ["Journal", "Mark", "NewRecord", "Record", "RecordKind"]


class Journal:
    """The journal in a folder.

    min_free_bytes: below so much free space nothing is taken any more, so that the rest of the system can still work.
    floor: a position known to be reached, wherever that is known from. acknowledges: what is appended is acknowledged to
    its sender, so that its end is never given out again, whatever becomes of the files.
    """

    def __init__(
        self,
        folder: Path,
        *,
        min_free_bytes: int = 0,
        segment_bytes: int = SEGMENT_BYTES,
        floor: int = 0,
        acknowledges: bool = False,
    ) -> None:
        self.folder, self._acknowledges = folder, acknowledges
        self._positions, self._floor = Positions(folder), floor
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
        """(first position, path) of every segment, oldest first. What does not belong is left out: see `damages`."""
        return sorted_out(self.folder, self.furthest())[0]

    def furthest(self) -> int:
        """The furthest position that was acknowledged or read, as far as it is known."""
        return max(self._floor, self._positions.furthest())

    def reach(self, position: int) -> None:
        """Note that all before a position was acknowledged or read: before it is so, or the moment it is."""
        self._positions.note(position)

    def damages(self, reached: int = 0) -> list[Damage]:
        """What is wrong now, and what was lost and is not made good. reached: a position that was read."""
        found = noted(self.folder) + [Damage(STRANGER, name) for name in sorted_out(self.folder, self.furthest())[1]]
        end, furthest = self.end(), max(reached, self.furthest())
        if end < furthest and not any(one.end >= furthest for one in found):
            found.append(Damage(SHORTER, self.folder.name, end, furthest))
        return found

    def append(self, records: Sequence[NewRecord]) -> list[int]:
        """Write and fsync the records together; returns their positions. Raises JournalFull: then none is kept."""
        try:
            self._take_lock()
        except OSError as error:
            raise JournalFull(str(self.folder), error.strerror or str(error)) from error
        try:
            try:
                self._open_last_segment()
            except OSError as error:
                raise JournalFull(str(self.folder), error.strerror or str(error)) from error
            data = [encoded(r) for r in records]
            positions, place = [], self._base + self._end
            for piece in data:
                positions.append(place)
                place += len(piece)
            self._write(b"".join(data))
            if not self._is_in_place() and not self._put_back():
                self._let_go()
                raise JournalFull(str(self.folder), "the segment was replaced while it was written")
            if self._acknowledges:
                self.reach(self._base + self._end)
            return positions
        finally:
            fcntl.flock(self._lock, fcntl.LOCK_UN)

    def _take_lock(self) -> None:
        """The lock of the folder as it is now: one that was deleted with its folder orders nobody."""
        path = self.folder / "write.lock"
        self.folder.mkdir(parents=True, exist_ok=True)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        if not path.exists() or path.stat().st_ino != os.fstat(self._lock).st_ino:
            os.close(self._lock)
            self._lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self._lock, fcntl.LOCK_EX)

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
        """Stand at the sound end of the last segment; begin a new one when it is large enough, or behind what is lost."""
        if self._file >= 0 and not self._is_in_place() and not self._put_back():
            self._let_go()
        segments = self.segments()
        base, path = segments[-1] if segments else (0, self.folder / f"{0:020d}.qyj")
        if path.suffix == PACKED:  # what came after it is lost: nothing is written into what is closed
            base, path = base + size_of(path), self.folder / f"{base + size_of(path):020d}.qyj"
        if base != self._base or self._file < 0:
            opened = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            if self._file >= 0:
                os.close(self._file)
            self._file, self._base, self._end = opened, base, 0
            if not segments:
                sync(self.folder)
        size = os.fstat(self._file).st_size
        is_damaged = False
        if size != self._end:
            known = self._end if self._end <= size else 0  # cut short under us: it may end in the middle of a record
            self._end, is_damaged = self._sound_end(path, known)
            if is_damaged:
                self._end = size
            os.ftruncate(self._file, self._end)
            os.fsync(self._file)
        if self._base + self._end < (furthest := self.furthest()):
            end = self._base + self._end
            is_cut = self._end < self.segment_bytes
            note(self.folder, Damage(LOST, path.name if is_cut else f"{end:020d}.qyj", end, furthest))
            self._begin_segment(furthest)
        elif self._end >= self.segment_bytes or is_damaged:
            self._begin_segment(self._base + self._end)

    def _is_in_place(self) -> bool:
        """Whether the open segment is still the file of its name: one that was deleted takes writes that nobody reads."""
        try:
            there = (self.folder / f"{self._base:020d}.qyj").stat()
        except FileNotFoundError:
            return False
        own = os.fstat(self._file)
        return (own.st_dev, own.st_ino) == (there.st_dev, there.st_ino)

    def _put_back(self) -> bool:
        """A segment that was deleted under us is still in our hand: write it back to its place. False where there is
        another file in its place.
        """
        path = self.folder / f"{self._base:020d}.qyj"
        waiting = path.with_suffix(".back")
        try:
            with open(waiting, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
                done = 0
                while done < self._end:
                    done += os.sendfile(file.fileno(), self._file, done, self._end - done)
                os.fsync(file.fileno())
            os.link(waiting, path)  # never over another file
        except OSError:
            return False
        finally:
            waiting.unlink(missing_ok=True)
        sync(self.folder)
        os.close(self._file)
        self._file = os.open(path, os.O_RDWR)
        note(self.folder, Damage(RESCUED, path.name, self._base, self._base + self._end))
        return True

    def _let_go(self) -> None:
        os.close(self._file)
        self._file, self._base, self._end = -1, -1, -1

    def _begin_segment(self, base: int) -> None:
        opened = os.open(self.folder / f"{base:020d}.qyj", os.O_RDWR | os.O_CREAT, 0o600)
        os.close(self._file)
        self._file, self._base, self._end = opened, base, 0
        sync(self.folder)

    @staticmethod
    def _sound_end(path: Path, known: int) -> tuple[int, bool]:
        """The offset after the last whole record, looking from `known` on; whether sound records lie beyond it."""
        with path.open("rb") as file:
            file.seek(known)
            data = memoryview(file.read())
        offset = 0
        while (record := decoded(data, offset, 0)) is not None:
            offset = record.next_position
        return known + offset, goes_on(data, offset)

    def read(self, position: int, limit: int = 1000, *, skips_damage: bool = False) -> Iterator[Record]:
        """Whole records from `position` on, at most `limit`. Raises JournalDamaged for damage before the tail, or
        (skips_damage) goes on behind it and writes it down.
        """
        segments = self._settled()
        for number, (base, path, size) in enumerate(segments):
            is_last = number == len(segments) - 1
            if position >= base + size and not is_last:
                continue
            start, told = max(position, base), self._note if skips_damage else None
            for record in self._read_segment(path, base, start, size, is_last=is_last, told=told):
                yield record
                limit -= 1
                if limit <= 0:
                    return
            position = max(position, base + size)

    def _read_segment(
        self, path: Path, base: int, position: int, size: int, *, is_last: bool, told: Callable[[Damage], None] | None
    ) -> Iterator[Record]:
        want = READ_BYTES
        with opened(path) as segment:
            while position - base < size:
                data = memoryview(segment.read(position - base, min(want, size - (position - base))))
                offset = 0
                while (record := decoded(data, offset, position)) is not None:
                    yield record
                    offset = record.next_position - position
                if offset:
                    position, want = position + offset, READ_BYTES
                elif want < size - (position - base):
                    want *= 4  # one record larger than what was read
                elif is_last and not goes_on(data, 0):
                    return
                elif told is None:
                    raise JournalDamaged(str(path), position)
                else:
                    sound = next_sound(data, 1)
                    behind = base + size if sound is None else position + sound
                    told(Damage(UNREADABLE, path.name, position, behind))
                    position, want = behind, READ_BYTES

    def _note(self, damage: Damage) -> None:
        note(self.folder, damage)

    def check(self) -> tuple[int, list[Damage]]:
        """Every record against its sum: how many are sound, and what is not. Nothing is written down."""
        found: list[Damage] = []
        count, until = 0, -1
        segments = self._settled()
        for number, (base, path, size) in enumerate(segments):
            if until >= 0 and base > until:
                found.append(Damage(LOST, path.name, until, base))
            is_last = number == len(segments) - 1
            for record in self._read_segment(path, base, base, size, is_last=is_last, told=found.append):
                count, until = count + 1, record.next_position
            until = max(until, base + size)
        return count, found

    def _settled(self) -> list[tuple[int, Path, int]]:
        """(first position, path, size) of every segment, taken while no append is under way."""
        self.folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.folder / "write.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_SH)
            return [(base, path, size_of(path)) for base, path in self.segments()]
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
        return base + size_of(path)
