"""Many small files into few sorted ones, read through the version that they replace; and how the archive is kept.

A partition is rewritten when it has gathered many files or much that overlaps; what it holds is cut by time into
files of about `layout.ROWS_A_FILE` rows, at places where no interval is torn apart. Doubles are dropped on the way.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from qingyuan.readings.archive import asking, layout, packing
from qingyuan.readings.archive.archive import Archive
from qingyuan.readings.archive.flushing import Reached
from qingyuan.readings.archive.piece import Piece, PieceWriter
from qingyuan.readings.model import Kept
from qingyuan.readings.tail.lease import Lease

MANY_FILES = 24  # small ones in a partition: a day of hourly moves
SMALL = layout.ROWS_A_FILE // 2


def compact(archive: Archive, lease: Lease, reached: Reached, *, fully: bool = False) -> Kept:
    """Rewrite what is due (fully: whatever is not in its best form); one version a group of files.

    Raises StoreFull, LeaseLost, ArchiveBusy; what was rewritten before stays.
    """
    rewritten = rows = 0
    for group in due(archive.log.pieces(), fully=fully):
        made = _rewrite(archive, group, reached)
        try:
            lease.renew()
            archive.log.commit(made, group)
        except BaseException:
            archive.discard(made)
            raise
        reached("compact: committed")
        rewritten += len(group)
        rows += sum(p.rows for p in made)
    return Kept(0, rewritten, rows)


def due(pieces: Sequence[Piece], *, fully: bool) -> list[list[Piece]]:
    """Groups of files to be rewritten together, each of one partition.

    Large files that nothing overlaps stay as they are; neighbours among the others go together.
    """
    partitions: dict[tuple[str, str], list[Piece]] = {}
    for piece in pieces:
        partitions.setdefault((piece.grain, piece.month), []).append(piece)
    found = []
    for _, files in sorted(partitions.items()):
        small = sum(p.rows < SMALL for p in files)
        if not fully and small < MANY_FILES:
            continue
        waiting: list[Piece] = []
        for overlap in asking.overlapping(files):
            if len(overlap) == 1 and overlap[0].rows >= SMALL:
                found.append(waiting)
                waiting = []
            else:
                waiting += overlap
        found.append(waiting)
    return [group for group in found if len(group) > 1]


def _rewrite(archive: Archive, group: Sequence[Piece], reached: Reached) -> list[Piece]:
    made: list[Piece] = []
    writer: PieceWriter | None = None
    try:
        for start, end in _slices(archive, group):
            touched = [p for p in group if p.first_start < end and start <= p.last_start]
            with archive.engine.cursor() as cursor:
                table = cursor.sql(
                    f"SELECT {', '.join(_quoted(c) for c in layout.STORED)} "
                    f"FROM {asking.source(str(archive.folder), touched)} WHERE start >= {start} AND start < {end} "
                    f"ORDER BY {', '.join(_quoted(c) for c in layout.SORTED_BY)}"
                ).to_arrow_table()
            writer = PieceWriter(archive.folder, group[0].grain, group[0].month)
            writer.write(packing.numbered(table))
            made.append(writer.finish())
            writer = None
            reached("compact: file written")
    except BaseException:
        archive.discard(made)
        if writer is not None:
            writer.discard()
        raise
    return made


def _slices(archive: Archive, group: Sequence[Piece]) -> list[tuple[int, int]]:
    """Half-open spans of time that hold about equally many rows, cut between Beijing days where they are longer."""
    first, last = min(p.first_start for p in group), max(p.last_start for p in group)
    parts = max(1, round(sum(p.rows for p in group) / layout.ROWS_A_FILE))
    if parts == 1:
        return [(first, last + 1)]
    shares = ", ".join(str(n / parts) for n in range(1, parts))
    with archive.engine.cursor() as cursor:
        sql = f"SELECT approx_quantile(start, [{shares}]) FROM {asking.source(str(archive.folder), group)}"
        row = cursor.execute(sql).fetchone()
    inner = [int(c) for c in (row or ([],))[0]]
    if (last - first) // layout.DAY >= parts:  # then no day of all series lies in two files
        inner = [layout.day_begin(c) for c in inner]
    cuts = sorted({first, *(c for c in inner if first < c <= last), last + 1})
    return list(pairwise(cuts))


def _quoted(column: str) -> str:
    return f'"{column}"'
