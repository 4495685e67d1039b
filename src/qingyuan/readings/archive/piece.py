"""One file of the archive: writing it whole and safe on disk, and what is known of it without opening it."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from qingyuan.disk import sync
from qingyuan.readings.archive import layout

if TYPE_CHECKING:
    import pyarrow as pa


_SUFFIX, _DIGITS = ".parquet", 32
_DIGEST = re.compile(r"-([0-9a-f]{32})\.parquet$")


class Piece(NamedTuple):
    """A file: path relative to the table, its partition, and the span of what it holds (inclusive)."""

    path: str
    grain: str
    month: str
    rows: int
    size: int
    first_series: int
    last_series: int
    first_start: int
    last_start: int
    first_received: int
    last_received: int
    first_origin: int
    last_origin: int

    def touches(self, first: int, last: int, start: int, end: int) -> bool:
        """Whether it may hold rows of series in [first, last] that begin in [start, end)."""
        return (
            self.first_series <= last
            and first <= self.last_series
            and self.first_start < end
            and start <= self.last_start
        )


class PieceWriter:
    """Writes one file from tables that come in order; each must be numbered and whole in its last interval."""

    def __init__(self, folder: Path, grain: str, month: str) -> None:
        import pyarrow.parquet as pq

        self._grain, self._month = grain, month
        self._name = f"{layout.folder_of(grain, month)}/{uuid.uuid4().hex}{_SUFFIX}"
        self.path = folder / self._name
        _make_folder(self.path.parent, folder)
        self._spans: dict[str, tuple[int, int]] = {}
        self._rows = 0
        self._writer = pq.ParquetWriter(
            self.path,
            layout.schema(),
            compression=layout.COMPRESSION[0],
            compression_level=layout.COMPRESSION[1],
            use_dictionary=list(layout.DICTIONARIES),
            column_encoding=dict.fromkeys(layout.DIFFERENCES, "DELTA_BINARY_PACKED"),
            write_statistics=list(layout.STATISTICS),
        )

    def write(self, table: pa.Table) -> None:
        """Add rows as row groups of their own."""
        import pyarrow.compute as pc

        if not len(table):
            return
        for name in layout.STATISTICS:
            span = pc.min_max(table[name]).as_py()
            low, high = self._spans.get(name, (span["min"], span["max"]))
            self._spans[name] = min(low, span["min"]), max(high, span["max"])
        self._rows += len(table)
        self._writer.write_table(table, row_group_size=layout.ROW_GROUP)

    def finish(self) -> Piece:
        """Close the file and see it safe on disk. The writer must have been given rows."""
        self._writer.close()
        self._name = self._name.removesuffix(_SUFFIX) + f"-{_digest(self.path)}{_SUFFIX}"
        self.path = self.path.rename(self.path.parent / Path(self._name).name)
        sync(self.path)
        sync(self.path.parent)
        spans = self._spans
        return Piece(
            self._name,
            self._grain,
            self._month,
            self._rows,
            self.path.stat().st_size,
            *spans["series"],
            *spans["start"],
            *spans["received_at"],
            *spans["origin"],
        )

    def discard(self) -> None:
        """Take an unfinished file away."""
        try:
            self._writer.close()
        except OSError:  # what could not be flushed on a full disk is thrown away here
            pass
        self.path.unlink(missing_ok=True)


def fault_of(folder: Path, piece: Piece) -> str:
    """What is wrong with a file that the log names, in a word: missing, size, digest, unreadable, rows; empty if nothing is.

    The name of a file ends in the digest of its content; older files have none and are read through.
    """
    path = folder / piece.path
    if not path.is_file():
        return "missing"
    if path.stat().st_size != piece.size:
        return "size"
    told = _DIGEST.search(piece.path)
    if told is not None:
        return "" if _digest(path) == told[1] else "digest"
    import pyarrow.parquet as pq

    try:
        return "" if pq.read_table(path, partitioning=None).num_rows == piece.rows else "rows"
    except Exception:  # whatever a decoder raises over bytes that were changed
        return "unreadable"


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:_DIGITS]


def _make_folder(folder: Path, root: Path) -> None:
    missing = [p for p in (folder, *folder.parents) if p.is_relative_to(root) and not p.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for made in missing:
        sync(made.parent)


def remove(folder: Path, pieces: Iterable[Piece]) -> None:
    """Take files away that no version of the table names."""
    for piece in pieces:
        (folder / piece.path).unlink(missing_ok=True)
