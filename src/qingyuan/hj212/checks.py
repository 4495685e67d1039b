"""Frame form and check of many frames at once.

The segments are laid right-aligned into rows of one width, so that the fold of `crc.crc16` is one XOR along each row;
leading zeros add nothing to it.

References: HJ 212-2017, 6.3, annex A.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from qingyuan.hj212.crc import fold_tables

_BEFORE, _AFTER, _WORD = 6, 6, 8  # "##0646" and "1C80\r\n"
_FIRST, _LAST = 9, 8  # "##0646QN=" and "&&1C80\r\n"
_TABLES = np.array(fold_tables(), np.uint16)
_HEX = np.frombuffer(b"0123456789ABCDEF", np.uint8)


def check_frames(raws: Sequence[bytes], longest: int) -> npt.NDArray[np.bool_]:
    """Which of `raws` are exactly one frame as the standard wants it: ASCII, right length and tail, QN first, a
    closed data section, the standard's check in capitals. longest: of a data segment, bytes. bool [n].
    """
    count = len(raws)
    sizes = np.fromiter(map(len, raws), np.int64, count) - _BEFORE - _AFTER
    is_fit = (sizes >= 2) & (sizes <= longest)
    width = -(-max(int(sizes[is_fit].max(initial=_WORD)), _WORD) // _WORD) * _WORD
    bodies = b"".join([raw[_BEFORE:-_AFTER].rjust(width, b"\0")[:width] for raw in raws])
    rows = np.frombuffer(bodies, np.uint64).reshape(count, width // _WORD)
    folded = np.bitwise_xor.reduce(rows, axis=1).view(np.uint8).reshape(count, _WORD)
    begins = (width - np.clip(sizes, 1, width)) % _WORD  # the lane of the segment's first byte carries the 0xFF
    lanes = np.arange(_WORD)
    folded = folded ^ np.where(lanes == begins[:, None], np.uint8(0xFF), np.uint8(0))
    register = np.zeros(count, np.uint16)
    for lane in range(_WORD):
        register ^= _TABLES[_WORD - 1 - lane][folded[:, lane]]
    outside = np.frombuffer(b"".join([_ends(raw) for raw in raws]), np.uint8).reshape(count, _FIRST + _LAST)
    wanted = np.empty((count, _FIRST + _LAST), np.uint8)
    wanted[:, 0:2] = ord("#")
    for place, unit in enumerate((1000, 100, 10, 1)):
        wanted[:, 2 + place] = ord("0") + sizes // unit % 10
    wanted[:, _BEFORE:_FIRST] = np.frombuffer(b"QN=", np.uint8)
    wanted[:, _FIRST : _FIRST + 2] = ord("&")
    for place, shift in enumerate((12, 8, 4, 0)):
        wanted[:, _FIRST + 2 + place] = _HEX[register >> shift & 0xF]
    wanted[:, -2:] = (ord("\r"), ord("\n"))
    is_ascii: npt.NDArray[np.bool_] = np.bitwise_or.reduce(rows, axis=1) & np.uint64(0x8080808080808080) == 0
    is_ascii &= is_fit & (outside == wanted).all(axis=1)
    return is_ascii


def _ends(raw: bytes) -> bytes:
    """The frame's first and last bytes; of a shorter piece as many that are no frame's."""
    return raw[:_FIRST] + raw[-_LAST:] if len(raw) >= _FIRST + _LAST else b"\0" * (_FIRST + _LAST)
