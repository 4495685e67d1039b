"""The Delta log of the archive: which files count. deltalake is imported only here.

What the log says is also noted beside the tail with the version that it is of, so that a process that only reads need
not load the library; where the note is behind the log, the log is read.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from qingyuan.disk import sync
from qingyuan.readings.archive import layout
from qingyuan.readings.archive.piece import Piece
from qingyuan.readings.errors import ArchiveBusy

if TYPE_CHECKING:
    from deltalake import DeltaTable

_FLUSH = "flush"  # the application whose transactions are the moves from the tail
_NOTE = "archive files"
_SETTINGS = {"delta.checkpointInterval": "50", "delta.logRetentionDuration": "interval 7 days"}


class Notes(Protocol):
    """Where the list of files is noted."""

    def note(self, name: str, content: str) -> None: ...
    def noted(self, name: str) -> str: ...


class Log:
    """The versions of one table. The list of files is kept until a newer version is seen."""

    def __init__(self, folder: Path, notes: Notes) -> None:
        self.folder = folder
        self._notes = notes
        self._log = folder / "_delta_log"
        self._lock = threading.Lock()
        self._table: DeltaTable | None = None
        self._version = -1
        self._pieces: tuple[Piece, ...] = ()

    def pieces(self) -> tuple[Piece, ...]:
        """The files of the newest version; none where nothing has moved to the archive yet."""
        return self.snapshot()[1]

    def snapshot(self) -> tuple[int, tuple[Piece, ...]]:
        """The newest version (-1 before the first) and its files."""
        with self._lock:
            self._look()
            return self._version, self._pieces

    def flushed(self) -> int:
        """The number of the newest move from the tail, 0 before the first."""
        with self._lock:
            if not self._version_path(0).exists():
                return 0
            return self._newest().transaction_version(_FLUSH) or 0

    def commit(self, adds: Sequence[Piece], removes: Sequence[Piece] = (), *, flush: int | None = None) -> None:
        """Make one new version, safe on disk when this returns. Raises ArchiveBusy when another writer was there.

        flush: the number of the move; a second commit with a number that is not greater is refused.
        removes: their rows are in `adds` (compaction) or nowhere; a file that is gone already is a conflict.
        """
        from deltalake import Transaction
        from deltalake.exceptions import CommitFailedError
        from deltalake.transaction import AddAction, CommitProperties, RemoveAction

        with self._lock:
            table = self._newest()
            if flush is not None and flush <= (table.transaction_version(_FLUSH) or 0):
                raise ArchiveBusy(f"move {flush} is already there")
            gone = {p.path for p in removes} - {p.path for p in _pieces_of(table)}
            if gone:
                raise ArchiveBusy(f"files rewritten by somebody else: {', '.join(sorted(gone))}")
            partition: dict[str, dict[str, str | None]] = {
                p.path: {"grain": p.grain, "month": p.month} for p in (*adds, *removes)
            }
            at = self._stamp(adds)
            actions: list[Any] = [
                AddAction(p.path, p.size, partition[p.path], at, not removes, _statistics(p)) for p in adds
            ]
            actions += [RemoveAction(p.path, False, at, p.size, partition[p.path]) for p in removes]
            transactions = None if flush is None else [Transaction(_FLUSH, flush)]
            try:
                table.create_write_transaction(
                    actions,
                    "append",
                    layout.schema(with_partitions=True),
                    list(layout.PARTITIONS),
                    commit_properties=CommitProperties(app_transactions=transactions, max_commit_retries=3),
                )
            except CommitFailedError as error:
                raise ArchiveBusy(str(error)) from error
            self._settle(table)

    def drop(self, grain: str, months: Sequence[str]) -> None:
        """Take whole partitions out of the newest version."""
        with self._lock:
            table = self._newest()
            listed = ", ".join(f"'{m}'" for m in months)
            table.delete(f"grain = '{grain}' AND month IN ({listed})")
            self._settle(table)

    def sweep(self, hours: int) -> int:
        """Delete files that no version of the last `hours` names; how many. At least a day, for readers' sake."""
        with self._lock:
            if not self._version_path(0).exists():
                return 0
            table = self._newest()
            before = table.version()
            gone = table.vacuum(max(24, hours), dry_run=False, enforce_retention_duration=False, full=True)
            table.update_incremental()
            if table.version() != before:
                self._settle(table)
            return len(gone)

    def _is_newer(self, version: int) -> bool:
        """Whether another version can be seen than this one, which may have been cleaned away behind a checkpoint."""
        if self._version_path(version + 1).exists():
            return True
        if version < 0:
            return (self._log / "_last_checkpoint").exists()
        return not self._version_path(version).exists()

    def _look(self) -> None:
        if not self._is_newer(self._version):
            return
        if noted := self._notes.noted(_NOTE):
            version, pieces = json.loads(noted)
            if not self._is_newer(version):
                self._version, self._pieces = version, tuple(Piece._make(p) for p in pieces)
                return
        table = self._newest()
        self._version, self._pieces = table.version(), _pieces_of(table)

    def _newest(self) -> DeltaTable:
        from deltalake import DeltaTable

        if self._table is None:
            if not self._version_path(0).exists() and not (self._log / "_last_checkpoint").exists():
                self.folder.mkdir(parents=True, exist_ok=True)
                made = DeltaTable.create(
                    str(self.folder),
                    layout.schema(with_partitions=True),
                    "ignore",
                    list(layout.PARTITIONS),
                    configuration=_SETTINGS,
                )
                self._settle(made)
            self._table = DeltaTable(str(self.folder))
        self._table.update_incremental()
        return self._table

    def _settle(self, table: DeltaTable) -> None:
        table.update_incremental()
        sync(self._version_path(table.version()))
        sync(self._log)
        self._notes.note(_NOTE, json.dumps([table.version(), _pieces_of(table)]))

    def _stamp(self, adds: Sequence[Piece]) -> int:
        """Milliseconds for the log: the time of the newest file, so that nobody asks a clock here."""
        times = [(self.folder / p.path).stat().st_mtime for p in adds]
        return int(max(times, default=self._log.stat().st_mtime) * 1000)

    def _version_path(self, version: int) -> Path:
        return self._log / f"{version:020d}.json"


def _statistics(piece: Piece) -> str:
    low = {
        "series": piece.first_series,
        "start": piece.first_start,
        "received_at": piece.first_received,
        "origin": piece.first_origin,
    }
    high = {
        "series": piece.last_series,
        "start": piece.last_start,
        "received_at": piece.last_received,
        "origin": piece.last_origin,
    }
    return json.dumps({"numRecords": piece.rows, "minValues": low, "maxValues": high, "nullCount": {}})


def _pieces_of(table: DeltaTable) -> tuple[Piece, ...]:
    found = table.get_add_actions(flatten=True)
    names = (
        "path",
        "partition.grain",
        "partition.month",
        "num_records",
        "size_bytes",
        "min.series",
        "max.series",
        "min.start",
        "max.start",
        "min.received_at",
        "max.received_at",
        "min.origin",
        "max.origin",
    )
    if not found.num_rows:
        return ()
    columns = [found.column(n).to_pylist() for n in names]
    return tuple(sorted(Piece._make(row) for row in zip(*columns, strict=True)))
