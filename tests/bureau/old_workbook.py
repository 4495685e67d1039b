"""A workbook in the binary format before 2007 (.xls), as small as readers take it: texts, numbers, merged cells."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

SECTOR = 512
FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
Merged = tuple[int, int, int, int]  # first row, last row, first column, last column


def write_xls(path: Path, rows: Sequence[Sequence[str | float | None]], merged: Sequence[Merged] = ()) -> Path:
    """One sheet. References: MS-XLS 2.4 (records), MS-CFB 2 (the file around them)."""
    stream = _workbook(rows, merged)
    stream += bytes(max(8 * SECTOR, -(-len(stream) // SECTOR) * SECTOR) - len(stream))  # not in the small stream
    count = len(stream) // SECTOR
    fat = [FAT, END, *range(3, 2 + count), END]
    table = struct.pack(f"<{SECTOR // 4}I", *fat, *[FREE] * (SECTOR // 4 - len(fat)))
    folder = _entry("Root Entry", 5, child=1, start=END, size=0) + _entry("Workbook", 2, start=2, size=len(stream))
    folder += _entry("", 0, start=0, size=0) * 2
    head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<5H", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<9I", 0, 1, 1, 0, 4096, END, 0, END, 0) + struct.pack("<109I", 0, *[FREE] * 108)
    path.write_bytes(head + table + folder + stream)
    return path


def _entry(name: str, kind: int, *, child: int = FREE, start: int, size: int) -> bytes:
    text = name.encode("utf-16-le")
    length = len(text) + 2 if name else 0
    head = text.ljust(64, b"\0") + struct.pack("<HBB3I", length, kind, 1, FREE, FREE, child)
    return head + bytes(36) + struct.pack("<IQ", start, size)


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<2H", kind, len(body)) + body


def _start(kind: int) -> bytes:
    return _record(0x0809, struct.pack("<4H2I", 0x0600, kind, 0x0DBB, 0x07CC, 0, 6))


def _workbook(rows: Sequence[Sequence[str | float | None]], merged: Sequence[Merged]) -> bytes:
    end, name = _record(0x000A, b""), "许可".encode("utf-16-le")
    head, fonts = _start(0x0005), _record(0x0042, struct.pack("<H", 1200)) + _record(0x00E0, bytes(20))
    place = len(head) + len(fonts) + 4 + 8 + len(name) + len(end)
    sheet = _record(0x0085, struct.pack("<IBBBB", place, 0, 0, len(name) // 2, 1) + name)
    cells = b"".join(
        _cell(r, c, value) for r, row in enumerate(rows) for c, value in enumerate(row) if value is not None
    )
    spans = _record(0x00E5, struct.pack("<H", len(merged)) + b"".join(struct.pack("<4H", *m) for m in merged))
    size = struct.pack("<2I3H", 0, len(rows), 0, max(map(len, rows)), 0)
    return head + fonts + sheet + end + _start(0x0010) + _record(0x0200, size) + cells + spans + end


def _cell(row: int, column: int, value: str | float) -> bytes:
    head = struct.pack("<3H", row, column, 0)
    if isinstance(value, str):
        text = value.encode("utf-16-le")
        return _record(0x0204, head + struct.pack("<HB", len(text) // 2, 1) + text)
    return _record(0x0203, head + struct.pack("<d", value))
