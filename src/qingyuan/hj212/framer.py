"""Bytes into frames: driven by the declared length, never by searching for the tail.

Ciphertext and log texts may contain `##`, `&&` or CR LF, so only the four length digits say where a frame
ends. A candidate that fails is given up one byte at a time: a good frame behind or inside it is still found.
The result does not depend on how the stream was cut into pieces.

References: HJ 212-2017, 6.3 (frame structure), annex A (check).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from qingyuan.hj212.checking import DIALECT_DEVIATION, Checked, Known, check
from qingyuan.hj212.cipher import BLOCK, written_size
from qingyuan.hj212.crc import CrcDialect, crc16, dialect_of
from qingyuan.hj212.deviations import Deviation
from qingyuan.hj212.frame import Frame, Rejected
from qingyuan.hj212.odd_frames import PADDED_HEADER, fields_moved_forward, short_check

STANDARD_SEGMENT = 1024
"""Longest data segment of the standard, bytes (HJ 212-2017, table 2)."""

_HEADER = re.compile(rb"##(?:[0-9]{4}|%s)" % PADDED_HEADER)
_HEADER_BEGINS = re.compile(rb"#(?:# {0,3}[0-9]{0,3} {0,3})?\Z")
_HEX4 = re.compile(rb"[0-9A-Fa-f]{4}")
_ENDS_EARLY = re.compile(rb"&&[0-9A-Fa-f]{4}(?:[\r\n]|\Z)")
_LONGEST_BEGIN = 11  # of what `_HEADER_BEGINS` matches
_BLANKS = b" \t\r\n"
_AROUND = 12  # "##0646" and "1C80\r\n"
_WIDEST_BYTE = 6  # "0xE4, "


class Framer:
    """Cuts one connection's bytes into frames and rejected pieces; no input makes it raise.

    max_segment: longest data segment accepted, bytes (longer than the standard's 1024 by default, with a
    deviation, because such frames are met in the field). accepted_dialects: wrong checks that this device is
    known to send; a frame with one of them is taken with a deviation, every other wrong check is rejected.
    keys: SM4 keys of 16 bytes, the one in use first, for encrypted frames of the 2025 edition. known_of: dialects
    and keys by MN, for a line that carries many devices; asked only for a frame that is not right as it stands.
    """

    def __init__(
        self,
        max_segment: int = 4096,
        accepted_dialects: frozenset[CrcDialect] = frozenset(),
        keys: Sequence[bytes] = (),
        known_of: Callable[[str], Known] | None = None,
    ) -> None:
        self._max_segment = max_segment
        self._piece_limit = max_segment + 12
        known = Known(accepted_dialects, tuple(keys))
        self._known_of = known_of or (lambda mn: known)
        self._held = b""
        self._base = 0  # held bytes before this place are done with
        self._reason = Deviation.GARBAGE  # why the held bytes before `_scan` are no frame
        self._dialect: CrcDialect | None = None
        self._scan = 0  # bytes from the base that are known not to begin a frame

    @property
    def pending(self) -> int:
        """Bytes held back because more must come before they can be judged."""
        return len(self._held) - self._base

    def feed(self, data: bytes) -> list[Frame | Rejected]:
        """Take received bytes; return what they complete, in the order of the stream."""
        if not self._held and (frame := _whole_frame(data)) is not None:
            return [frame]
        self._held += data
        return self._take(is_quiet=False, is_closed=False)

    def settle(self) -> list[Frame | Rejected]:
        """Take a complete frame whose tail has not come; call when the line has been quiet for a while."""
        return self._take(is_quiet=True, is_closed=False)

    def close(self) -> list[Frame | Rejected]:
        """End of the stream: judge everything that is held."""
        return self._take(is_quiet=True, is_closed=True)

    def _take(self, is_quiet: bool, is_closed: bool) -> list[Frame | Rejected]:
        out: list[Frame | Rejected] = []
        while self._base < len(self._held):
            if self._scan == 0 and self._held[self._base] in _BLANKS:
                self._base += 1
                continue
            found = _HEADER.search(self._held, self._base + self._scan)
            if found is None:
                if not self._release_garbage(out, is_closed):
                    break
            elif found.start() > self._base:
                self._reject(min(found.start() - self._base, self._piece_limit), out)
            elif not self._judge_candidate(out, is_quiet, is_closed):
                break
        self._held, self._base = self._held[self._base :], 0
        return out

    def _release_garbage(self, out: list[Frame | Rejected], is_closed: bool) -> bool:
        """No header in sight: all but a possible beginning of one is garbage, held until it fills a piece."""
        look_from = max(self._base + self._scan, len(self._held) - _LONGEST_BEGIN)
        begins = None if is_closed else _HEADER_BEGINS.search(self._held, look_from)
        size = (begins.start() if begins else len(self._held)) - self._base
        if is_closed or size >= self._piece_limit:
            self._reject(min(size, self._piece_limit), out)
            return True
        self._scan = max(self._scan, size)
        return False

    def _reject(self, size: int, out: list[Frame | Rejected]) -> None:
        """Give up the first `size` held bytes; nothing is said about blanks alone."""
        raw, reason, dialect = self._held[self._base : self._base + size], self._reason, self._dialect
        self._advance(size)
        if not raw.strip(_BLANKS):
            return
        if reason is Deviation.GARBAGE and raw.lstrip(b"#" + _BLANKS) and raw.startswith(b"##"):
            reason = Deviation.BAD_LENGTH
        out.append(_rejected(raw, reason, dialect))

    def _judge_candidate(self, out: list[Frame | Rejected], is_quiet: bool, is_closed: bool) -> bool:
        """Judge the header at the base of the held bytes; False if more bytes must come first."""
        held, (body_start, length) = self._held, self._header()
        if length > self._max_segment:
            return self._give_up(Deviation.OVER_LONG)
        end = body_start + length
        if held[end + 4 : end + 6] == b"\r\n" and (frame := _whole_frame(held[self._base : end + 6])) is not None:
            out.append(frame)
            self._advance(len(frame.raw))
            return True
        if len(held) < end + 4:
            if not is_closed:
                return False
            ends_early = _ENDS_EARLY.search(held, self._base)
            return self._give_up(Deviation.BAD_LENGTH if ends_early else Deviation.TRUNCATED)
        if not _HEX4.match(held, end):
            short = short_check(held, body_start, end, is_quiet)
            return short is not None and (
                self._judge_check(end, (Deviation.CRC_SHORT,), out, is_quiet, short)
                if short
                else self._judge_character_count(length, out, is_quiet, is_closed)
            )
        return self._judge_check(end, (), out, is_quiet)

    def _header(self) -> tuple[int, int]:
        """Where the segment begins of the header at the base of the held bytes, and its declared length."""
        found = _HEADER.match(self._held, self._base)
        assert found is not None
        return found.end(), int(found[0][2:])

    def _judge_check(
        self, end: int, deviations: tuple[Deviation, ...], out: list[Frame | Rejected], is_quiet: bool, size: int = 4
    ) -> bool:
        """Judge a candidate whose segment ends at `end`, where the check stands in `size` bytes."""
        held, start = self._held, self._header()[0]
        body, digits = held[start:end], held[end : end + size]
        if not held[self._base + 2 : start].isdigit() or start != self._base + 6:
            deviations = (*deviations, Deviation.LENGTH_FORM)
        declared = int(digits, 16)
        checked = check(body, declared, self._known_of)
        if not body.endswith(b"&&") and (not checked.is_right or b"##" in body):
            return self._give_up(Deviation.CRC_MISMATCH if checked.dialect else Deviation.BAD_LENGTH, checked.dialect)
        tail = self._tail(end + size, is_quiet)
        if tail is None:
            return False
        tail_size, tail_deviations = tail
        raw = held[self._base : end + size + tail_size]
        if not checked.is_right:
            if Deviation.LENGTH_FORM in deviations:
                return self._give_up(Deviation.BAD_LENGTH)
            inner = self._frame_inside(end)
            if inner:
                self._reason, self._dialect = Deviation.CRC_MISMATCH, None
                self._reject(inner, out)
                return True
            is_zero = declared == 0 and checked.reason is Deviation.CRC_MISMATCH
            out.append(_rejected(raw, checked.reason, checked.dialect, (Deviation.CRC_ZERO,) if is_zero else ()))
            self._advance(len(raw))
            return True
        found = (*deviations, *_check_deviations(body, digits, checked), *tail_deviations)
        whole = fields_moved_forward(checked.body)
        if whole != checked.body:
            found = (*found, Deviation.HEAD_AFTER_CP)
        out.append(Frame(raw, whole, declared, found, None, checked.dialect, checked.is_encrypted))
        self._advance(len(raw))
        return True

    def _tail(self, place: int, is_quiet: bool) -> tuple[int, tuple[Deviation, ...]] | None:
        """Size and deviations of the tail at `place`; None if it may still come."""
        tail = self._held[place : place + 2]
        if tail == b"\r\n":
            return 2, ()
        if tail[:1] == b"\n":
            return 1, (Deviation.TAIL_LF,)
        if not is_quiet and tail in (b"", b"\r"):
            return None
        if tail[:1] == b"\r":
            return 1, (Deviation.TAIL_CR,)
        return 0, (Deviation.TAIL_MISSING,)

    def _judge_character_count(self, length: int, out: list[Frame | Rejected], is_quiet: bool, is_closed: bool) -> bool:
        """Some makers count characters: with Chinese text the segment is longer in bytes than declared."""
        held, start = self._held, self._header()[0]
        if held[start : start + length].isascii():
            written = self._end_of_written_cipher(length)
            if written == 0 and not is_closed:
                return False
            if written:
                return self._judge_check(written, (Deviation.LENGTH_OF_CIPHER_BYTES,), out, is_quiet)
            return self._give_up(_reason_without_check(held, start + length))
        remaining, end = length, start
        while remaining >= 0 and end < len(held):
            if held[end] & 0xC0 != 0x80:
                remaining -= 1
            if remaining < 0:
                break
            end += 1
        if end + 4 > len(held) and not is_closed:
            return False
        if _HEX4.match(held, end) and dialect_of(held[start:end], int(held[end : end + 4], 16)) is CrcDialect.HJ:
            return self._judge_check(end, (Deviation.LENGTH_IN_CHARACTERS,), out, is_quiet)
        return self._give_up(_reason_without_check(held, start + length))

    def _end_of_written_cipher(self, length: int) -> int | None:
        """Where a segment ends whose ciphertext is written out but counted as bytes.

        0 if it may end beyond what is held, None if it is no such segment.
        """
        held, start = self._held, self._header()[0]
        opens = held.find(b"CP=&&", start, start + length)
        if opens < 0 or b"#" in held[start:opens]:
            return None
        content = held[opens + 5 : opens + 5 + _WIDEST_BYTE * length + 2]
        written = written_size(content)
        if written is None:
            return None
        rest = length - (opens + 5 - start) - written[1] - 2
        end = opens + 5 + written[0] + rest + 2
        if end + 4 > len(held):
            return 0
        is_whole = written[1] >= BLOCK and rest >= 0 and held[end - 2 : end] == b"&&" and _HEX4.match(held, end)
        return end if is_whole else None

    def _frame_inside(self, end: int) -> int:
        """Distance from the base to a right frame wholly inside the bytes before `end + 4`; 0 if there is none."""
        held = self._held
        for found in _HEADER.finditer(held, self._base + 1, end):
            stop = found.end() + int(found[0][2:])
            if stop > end or not _HEX4.match(held, stop):
                continue
            body = held[found.end() : stop]
            if body.endswith(b"&&") and check(body, int(held[stop : stop + 4], 16), self._known_of).is_right:
                return found.start() - self._base
        return 0

    def _give_up(self, reason: Deviation, dialect: CrcDialect | None = None) -> bool:
        """The held bytes do not begin with a frame; look on one byte later."""
        self._reason, self._dialect, self._scan = reason, dialect, 1
        return True

    def _advance(self, size: int) -> None:
        self._base += size
        self._reason, self._dialect, self._scan = Deviation.GARBAGE, None, 0


def _whole_frame(raw: bytes) -> Frame | None:
    """The frame that `raw` is, if it is one exactly as the standard wants it: nearly all are."""
    size = len(raw) - _AROUND
    if not 2 <= size <= STANDARD_SEGMENT or raw[-8:-6] != b"&&" or raw[:6] != b"##%04d" % size or not raw.isascii():
        return None
    body = raw[6:-6]
    declared = crc16(body)
    return Frame(raw, body, declared) if raw[-6:] == b"%04X\r\n" % declared else None


def _check_deviations(body: bytes, digits: bytes, checked: Checked) -> list[Deviation]:
    found = list(checked.deviations)
    if len(body) > STANDARD_SEGMENT and not checked.is_written_out:
        found.append(Deviation.OVER_STANDARD_LENGTH)
    if checked.dialect in DIALECT_DEVIATION:
        found.append(DIALECT_DEVIATION[checked.dialect])
    if digits != digits.upper():
        found.append(Deviation.CRC_LOWER_CASE)
    return found


def _reason_without_check(held: bytes, end: int) -> Deviation:
    """Why there is no check where the length says: the check itself is bad, or the length is."""
    ends_where_declared = held[end - 2 : end] == b"&&" and b"#" not in held[end : end + 4]
    return Deviation.CRC_NOT_HEX if ends_where_declared else Deviation.BAD_LENGTH


def _rejected(raw: bytes, reason: Deviation, dialect: CrcDialect | None, more: tuple[Deviation, ...] = ()) -> Rejected:
    named = [reason, *more]
    if dialect in DIALECT_DEVIATION:
        named.append(DIALECT_DEVIATION[dialect])
    return Rejected(raw, reason, tuple(named), dialect)
