"""Whether a data segment is right: its check, in the dialects of the device, and its cipher.

The check alone proves little: it takes only 256 values, so one wrong key in 256 seems to fit. Decrypted content must
also read as text.

References: HJ 212-2017, annex A; HJ 212-2025, 6.4 and annex A.2.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from qingyuan.hj212.cipher import BLOCK, decrypt, from_hex_text, reads_as_text
from qingyuan.hj212.crc import CrcDialect, crc16, dialect_of
from qingyuan.hj212.deviations import Deviation
from qingyuan.hj212.frame import Frame, Rejected

DIALECT_DEVIATION = {
    CrcDialect.MODBUS: Deviation.CRC_MODBUS,
    CrcDialect.MODBUS_SWAPPED: Deviation.CRC_MODBUS_SWAPPED,
}
_CP_OPENS = b"CP=&&"
_HEAD_2025 = re.compile(rb"(?:\A|;)Flag=(?:8|9|10|11);")
_MN = re.compile(rb"(?:\A|;)MN=([^;]*)")


class Known(NamedTuple):
    """What is known of a device before its frames are read: wrong checks it may send, its keys (newest first)."""

    dialects: frozenset[CrcDialect] = frozenset()
    keys: tuple[bytes, ...] = ()


class Checked(NamedTuple):
    """The verdict on one segment; `body` is plain text where a key fitted, else as received.

    is_written_out: the cipher stood there as text, `{0xE4,…}`, which is one of its two forms.
    """

    is_right: bool
    body: bytes
    dialect: CrcDialect | None
    reason: Deviation
    deviations: tuple[Deviation, ...] = ()
    is_encrypted: bool = False
    is_written_out: bool = False


def check(body: bytes, declared: int, known_of: Callable[[str], Known]) -> Checked:
    """Judge a segment by its declared check. known_of: asked by MN, only where the segment is not plainly right."""
    is_plain = body.isascii()
    if is_plain and crc16(body) == declared:
        return Checked(True, body, CrcDialect.HJ, Deviation.CRC_MISMATCH)
    head, opened, content = body.partition(_CP_OPENS)
    content = content[:-2] if content.endswith(b"&&") else content
    is_2025 = bool(opened) and _HEAD_2025.search(head) is not None
    dialect = dialect_of(body, declared)
    if not is_2025 or (dialect is CrcDialect.HJ and reads_as_text(content)):
        return _plainly(body, dialect, head, known_of)
    written = from_hex_text(content) if is_plain else None
    cipher = content if written is None else written
    if len(cipher) < BLOCK or (written is None and reads_as_text(content)):
        return _plainly(body, dialect, head, known_of)
    found = _decrypted(body, cipher, declared, dialect, _known(head, known_of))
    return found._replace(is_encrypted=True, is_written_out=written is not None)


def _plainly(body: bytes, dialect: CrcDialect | None, head: bytes, known_of: Callable[[str], Known]) -> Checked:
    is_right = dialect is CrcDialect.HJ or (dialect is not None and dialect in _known(head, known_of).dialects)
    return Checked(is_right, body, dialect, Deviation.CRC_MISMATCH)


def _decrypted(
    body: bytes,
    cipher: bytes,
    declared: int,
    over_cipher: CrcDialect | None,
    known: Known,
) -> Checked:
    """Try the keys: first for the standard's check over plain text, then for the mistakes that are met."""
    start = body.index(_CP_OPENS) + len(_CP_OPENS)
    plain = [body[:start] + content + b"&&" for key in known.keys if reads_as_text(content := decrypt(cipher, key))]
    for one in plain:
        if crc16(one) == declared:
            return Checked(True, one, CrcDialect.HJ, Deviation.CRC_MISMATCH)
    for one in plain:
        dialect = dialect_of(one, declared)
        if dialect is not None:
            return Checked(dialect in known.dialects, one, dialect, Deviation.CRC_MISMATCH)
        if over_cipher is CrcDialect.HJ:
            return Checked(True, one, None, Deviation.CRC_MISMATCH, (Deviation.CRC_OVER_CIPHERTEXT,))
    reason = Deviation.CRC_MISMATCH if plain else Deviation.KEY_MISMATCH if known.keys else Deviation.ENCRYPTED
    return Checked(False, body, None, reason)


def _known(head: bytes, known_of: Callable[[str], Known]) -> Known:
    mn = _MN.search(head)
    return known_of(mn[1].decode("utf-8", "replace").strip() if mn else "")


class DialectTally:
    """Counts checks by device and dialect, so that a device that computes them wrongly is seen."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()

    def add(self, piece: Frame | Rejected) -> None:
        """Count one piece under (MN, dialect); a check that is right in no dialect counts as "none"."""
        if isinstance(piece, Frame) or piece.dialect is not None or piece.reason is Deviation.CRC_MISMATCH:
            self.counts[piece.head.mn, str(piece.dialect or "none")] += 1

    def of(self, mn: str) -> dict[str, int]:
        """Counts of one device by dialect."""
        return {dialect: count for (device, dialect), count in self.counts.items() if device == mn}
