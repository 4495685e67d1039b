"""From the tail to the archive: files, one version of the log, and only then out of the tail.

Every move has a number, noted with how far it reaches before the files are committed under it. Whoever comes after a
crash sees from log and note whether the move happened, and finishes or forgets it: nothing lost, nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from qingyuan.readings.archive import layout, packing
from qingyuan.readings.archive.archive import Archive
from qingyuan.readings.archive.piece import Piece, PieceWriter
from qingyuan.readings.precedence import Found
from qingyuan.readings.tail.lease import Lease
from qingyuan.readings.tail.tail import Tail

if TYPE_CHECKING:
    import pyarrow as pa

Reached = Callable[[str], None]  # told the name of each step when it is done; tests end the process there
_AT_ONCE = 4 * layout.ROW_GROUP


def flush(tail: Tail, archive: Archive, lease: Lease, reached: Reached) -> int:
    """Move what waits; returns the number of rows moved. Raises StoreFull, LeaseLost, ArchiveBusy."""
    recover(tail, archive, lease)
    upto = tail.batch()
    waiting = tail.waiting(upto)
    if not waiting:
        return 0
    number = max(tail.noted_move()[0], archive.log.flushed()) + 1
    tail.note_move(number, upto)
    reached("flush: noted")
    pieces: list[Piece] = []
    try:
        for grain, series in sorted(waiting.items()):
            pieces += _write_grain(tail, archive, grain, series, upto)
            reached("flush: files of a grain written")
        lease.renew()
        archive.log.commit(pieces, flush=number)
    except BaseException:
        archive.discard(pieces)
        raise
    reached("flush: committed")
    _finish(tail, waiting, upto, reached)
    return sum(p.rows for p in pieces)


def recover(tail: Tail, archive: Archive, lease: Lease) -> None:
    """Finish or forget the move that a crash left."""
    number, upto = tail.noted_move()
    if not upto:
        return
    if archive.log.flushed() >= number:
        _finish(tail, tail.waiting(upto), upto, lambda name: None)
    else:
        tail.note_move(number, 0)
    lease.renew()


def _finish(tail: Tail, waiting: dict[str, list[int]], upto: int, reached: Reached) -> None:
    for series in waiting.values():
        tail.delete_upto(series, upto)
        reached("flush: rows of a grain deleted")
    tail.note_move(tail.noted_move()[0], 0)
    reached("flush: done")


def _write_grain(tail: Tail, archive: Archive, grain: str, series: list[int], upto: int) -> list[Piece]:
    """Files of one grain. On time and late are kept apart, so that a straggler makes no file overlap all others."""
    reach: dict[str, int] = {}
    for piece in archive.log.pieces():
        if piece.grain == grain:
            reach[piece.month] = max(reach.get(piece.month, piece.last_start), piece.last_start)
    writers: dict[tuple[str, bool], _Buffer] = {}
    done: list[Piece] = []
    try:
        for rows in tail.rows_upto(series, upto):
            for month, part in _by_month(rows):
                edge = reach.get(month)
                late = [] if edge is None else [r for r in part if r.start <= edge]
                timely = part[len(late) :]
                for is_late, some in ((False, timely), (True, late)):
                    if some:
                        key = (month, is_late)
                        if key not in writers:
                            writers[key] = _Buffer(PieceWriter(archive.folder, grain, month))
                        writers[key].add(some)
        for buffer in writers.values():
            buffer.write()
            done.append(buffer.writer.finish())
    except BaseException:
        archive.discard(done)
        for buffer in writers.values():
            buffer.writer.discard()
        raise
    return done


def _by_month(rows: list[Found]) -> Iterator[tuple[str, list[Found]]]:
    """Rows sorted by start, in parts of one Beijing month."""
    begin = 0
    while begin < len(rows):
        month = layout.month_of(rows[begin].start)
        after = layout.month_after(month)
        end = begin
        while end < len(rows) and rows[end].start < after:
            end += 1
        yield month, rows[begin:end]
        begin = end


class _Buffer:
    """Gathers rows of whole series until they fill some row groups."""

    def __init__(self, writer: PieceWriter) -> None:
        self.writer = writer
        self._tables: list[pa.Table] = []
        self._rows = 0

    def add(self, rows: list[Found]) -> None:
        self._tables.append(packing.from_rows(rows))
        self._rows += len(rows)
        if self._rows >= _AT_ONCE:
            self.write()

    def write(self) -> None:
        import pyarrow as pa

        if self._tables:
            self.writer.write(packing.numbered(pa.concat_tables(self._tables)))
        self._tables, self._rows = [], 0
