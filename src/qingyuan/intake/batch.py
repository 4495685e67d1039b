"""The records of the journal as frames and messages, a whole batch at once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import NamedTuple

from qingyuan.hj212 import Frame, Framer, Known, Message, Rejected
from qingyuan.hj212.columnar import body_of, decode_batch
from qingyuan.hj212.message import beijing_time
from qingyuan.intake.journal import Record
from qingyuan.intake.parts import received_at


class Decoded(NamedTuple):
    """The plain data segment of a record's frame and its message; message None: the piece that is no frame."""

    body: bytes
    message: Message | None
    rejected: Rejected | None = None


def decoded_of(records: Sequence[Record], known_of: Callable[[str], Known]) -> dict[int, Decoded]:
    """The first frame of each record by the record's position, all read together."""
    payloads = [record.payload for record in records]
    batch = decode_batch(payloads, [received_at(record) for record in records], known_of)
    found: dict[int, Decoded] = {}
    for columns in batch.columns:
        for place, row in enumerate(columns.rows.tolist()):
            found[records[row].position] = Decoded(body_of(payloads[row]), columns.message(place))
    for single in batch.singles:
        position = records[single.row].position
        known = found.get(position)
        if isinstance(single.piece, Frame):
            if known is None or known.message is None:
                found[position] = Decoded(single.piece.body, single.message)
        elif known is None:
            found[position] = Decoded(b"", None, single.piece)
    return found


def rejected_of(record: Record, known_of: Callable[[str], Known]) -> Rejected | None:
    """The piece that the gateway put aside, and why; None where it now reads as a frame."""
    framer = Framer(known_of=known_of)
    pieces = framer.feed(record.payload) + framer.close()
    return next((p for p in pieces if not isinstance(p, Frame)), None)


def own_key(record: Record) -> bytes:
    return hashlib.sha256(b"position" + record.position.to_bytes(8, "big")).digest()[:16]


def drift_of(record: Record, qn: str) -> float | None:
    """How far a request number is from receipt [s]; None if it is no time."""
    sent = beijing_time(qn[:14]) if len(qn) == 17 else None
    return None if sent is None else sent.timestamp() - record.received_us / 1_000_000
