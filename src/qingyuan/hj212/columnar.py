"""Many frames at once: what is plain is read in columns by NumPy, everything else one by one, with the same result.

A frame is plain if it is framed as the standard wants, its check is the standard's, its head has been seen before
without oddities and its data section has the structure that this head had before. Then only its values remain to be
read, and those of all frames of one structure are read together. Memory for a batch is about three times its bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

from qingyuan.hj212.checking import Known
from qingyuan.hj212.checks import check_frames
from qingyuan.hj212.frame import Frame, Rejected
from qingyuan.hj212.framer import STANDARD_SEGMENT, Framer
from qingyuan.hj212.head import Head
from qingyuan.hj212.head_reading import known_head
from qingyuan.hj212.layout import Layout, Section
from qingyuan.hj212.message import Message, beijing_time, decode
from qingyuan.hj212.spans import Spans, read_times

Int = npt.NDArray[np.int64]
_BODY_AT, _TAIL = 6, 6  # "##0646" and "1C80\r\n"
_HEAD_AT, _QN_AT, _QN_DIGITS = 26, 9, 17  # "##0646" "QN=" and 17 digits stand before the rest of the head
_CP_OPENS, _CP_OPENS_SIZE, _FRAME_END = b"CP=&&", 5, 8  # "&&1C80\r\n"
_MOST_HEADS = 20_000
_AT_ONCE = 500  # more would leave the processor's cache
_TOLERATED_AHEAD = 3600.0  # as in `decode`
_layouts: dict[bytes, tuple[Head, Layout]] = {}
"""The structure that a head's data section had last."""


@dataclass(frozen=True)
class Columns:
    """Frames of one structure, n of them, none with any deviation.

    rows: their places in the batch, int64 [n]. heads: what their heads share (without QN). qn: int64 [n].
    data_time: seconds since 1970, int64 [n]. values: the layout's numbers, float64 [n, numbers]; decimals: as printed,
    int8 [n, numbers]. flags: letters as bytes, uint8 [n, flags].
    """

    layout: Layout
    rows: Int
    heads: list[Head]
    qn: Int
    data_time: Int
    values: npt.NDArray[np.float64]
    decimals: npt.NDArray[np.int8]
    flags: npt.NDArray[np.uint8]
    spans: Spans

    def message(self, place: int) -> Message:
        """One frame's message, as `decode` gives it; place: 0 to n - 1."""
        time, *texts = self.spans.texts(place)
        values: list[float | None] = list(self.values[place].tolist())
        flags = tuple(chr(letter) for letter in self.flags[place].tolist())
        section = Section(self.layout, time, texts, values, flags)
        head = self.heads[place]._replace(qn=str(self.qn[place]))
        return Message(head, beijing_time(time), None, None, (), section)


@dataclass(frozen=True)
class Single:
    """A frame read by itself: its place in the batch, the piece, and the message unless the piece was rejected."""

    row: int
    piece: Frame | Rejected
    message: Message | None


@dataclass(frozen=True)
class Batch:
    """All frames of a batch, each either in one of `columns` or among `singles`."""

    columns: tuple[Columns, ...]
    singles: tuple[Single, ...]

    def messages(self) -> Iterator[tuple[int, Message]]:
        """(place in the batch, message) of every usable frame, in no order."""
        for columns in self.columns:
            for place, row in enumerate(columns.rows.tolist()):
                yield row, columns.message(place)
        for single in self.singles:
            if single.message is not None:
                yield single.row, single.message


def decode_batch(
    raws: Sequence[bytes],
    received_at: Sequence[datetime] | None = None,
    known_of: Callable[[str], Known] | None = None,
) -> Batch:
    """Read many frames, each given whole, as a journal holds them.

    received_at: as in `decode`, one instant a frame. known_of: as in `Framer`. Anything but exactly one frame in a
    piece of `raws` gives a Single for each frame or rejected piece in it.
    """
    columns: list[Columns] = []
    singles: list[int] = []
    for start in range(0, len(raws), _AT_ONCE):
        found, left = _decode_some(raws, range(start, min(start + _AT_ONCE, len(raws))), received_at)
        columns += found
        singles += left
    read = [one for row in sorted(singles) for one in _singly(row, raws[row], received_at, known_of)]
    return Batch(tuple(columns), tuple(read))


def body_of(raw: bytes) -> bytes:
    """The data segment of a frame that is in one of a batch's columns."""
    return raw[_BODY_AT:-_TAIL]


def _decode_some(
    raws: Sequence[bytes], some: range, received_at: Sequence[datetime] | None
) -> tuple[list[Columns], list[int]]:
    """The plain frames of a range in columns; second, the places of the others."""
    is_plain = check_frames(raws[some.start : some.stop], STANDARD_SEGMENT)
    groups: dict[Layout, list[int]] = {}
    heads: dict[int, Head] = {}
    opens: dict[int, int] = {}
    singles: list[int] = []
    for row, fits in zip(some, is_plain.tolist(), strict=True):
        raw = raws[row]
        opens[row] = start = raw.find(_CP_OPENS, _HEAD_AT)
        known = _layouts.get(raw[_HEAD_AT:start]) if fits else None
        if known is None:
            singles.append(row)
        else:
            heads[row] = known[0]
            groups.setdefault(known[1], []).append(row)
    columns = []
    for layout, rows in groups.items():
        found, left = _columns(layout, raws, rows, heads, opens, received_at)
        if found is not None:
            columns.append(found)
        singles += left
    return columns, singles


def _columns(
    layout: Layout,
    raws: Sequence[bytes],
    rows: list[int],
    heads: dict[int, Head],
    opens: dict[int, int],
    received_at: Sequence[datetime] | None,
) -> tuple[Columns | None, list[int]]:
    """The frames of one structure; second, the rows that turned out to be different."""
    sections = [raws[row][opens[row] + _CP_OPENS_SIZE : -_FRAME_END] for row in rows]
    spans = Spans.of(layout, sections)
    numbers = spans.numbers()
    flags, are_flags = spans.flags()
    times, are_times = spans.data_times()
    numbered = b"".join(raws[row][_QN_AT : _QN_AT + _QN_DIGITS] for row in rows)
    digits = np.frombuffer(numbered, np.uint8).reshape(-1, _QN_DIGITS)
    _, are_qn = read_times(digits)
    is_good = spans.is_right & numbers.are_right & are_flags & are_times & are_qn
    if received_at is not None:
        latest = np.fromiter((received_at[row].timestamp() for row in rows), np.float64, len(rows))
        is_good &= times <= latest + _TOLERATED_AHEAD
    good = np.flatnonzero(is_good)
    left = [rows[place] for place in np.flatnonzero(~is_good).tolist()]
    if not len(good):
        return None, left
    kept = good.tolist()
    qn = (digits[good].astype(np.int64) - ord("0")) @ (10 ** np.arange(_QN_DIGITS - 1, -1, -1, dtype=np.int64))
    shared = [heads[rows[place]] for place in kept]
    taken = np.asarray(rows, np.int64)[good]
    return (
        Columns(
            layout,
            taken,
            shared,
            qn,
            times[good],
            numbers.values[good],
            numbers.decimals[good],
            flags[good],
            spans.only(good),
        ),
        left,
    )


def _singly(
    row: int, raw: bytes, received_at: Sequence[datetime] | None, known_of: Callable[[str], Known] | None
) -> list[Single]:
    """One by one; what turns out to be plain teaches the columns the structure behind its head."""
    framer = Framer(known_of=known_of)
    found = []
    for piece in framer.feed(raw) + framer.close():
        if isinstance(piece, Rejected):
            found.append(Single(row, piece, None))
            continue
        message = decode(piece, received_at[row] if received_at is not None else None)
        found.append(Single(row, piece, message))
        layout = message.plain_layout
        head = known_head(piece.body)
        if layout is not None and head is not None and piece.raw == raw and not piece.is_encrypted:
            if len(_layouts) >= _MOST_HEADS:
                _layouts.clear()  # only a flood of made-up devices comes this far
            _layouts[raw[_HEAD_AT : raw.find(_CP_OPENS, _HEAD_AT)]] = (head, layout)
    return found
