"""The port that every engine answers. Its words say nothing of files, tables or engines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

from qingyuan.readings.model import DirtyMark, Message, NewReading, Reading, Receipt, Series, SeriesKey


class Store(Protocol):
    """The observation store. Writes are append-only; every question can be asked as of an instant of receipt."""

    def append(
        self,
        readings: Iterable[NewReading],
        *,
        messages: Sequence[Message] = (),
        offset: tuple[int, int] | None = None,
        skip_unchanged: bool = False,
        anew: Sequence[int] = (),
    ) -> Receipt:
        """Commit readings, dirty marks, message keys and the journal offset in one transaction.

        A value in another unit than its series has is converted; if it cannot be, it is kept as text without a value.
        offset: the journal position this batch begins at and the one it ends at; when another reader of the journal
        was faster, nothing is done. Readings whose message key was seen before are left out. `skip_unchanged` leaves
        out a reading that says the same as the revision in force or as the newest of its own rank, and lets a derived
        one take the place of the derived one before it. anew: origins of messages that are parsed again (their station
        was adopted, the parser mended): what they came to before is forgotten. Raises StoreFull; then nothing of the
        batch was kept.
        """
        ...

    def series(self, pattern: str = "*") -> list[Series]:
        """Series by number, by natural key, by a leading part of it, or by a pattern with `*`."""
        ...

    def series_of(self, keys: Sequence[SeriesKey]) -> dict[SeriesKey, Series]:
        """The given keys that exist."""
        ...

    def latest(self, series: Sequence[int]) -> dict[int, Reading]:
        """What is in force for the newest interval of each series (perhaps only a flag, without a value)."""
        ...

    def window(self, series: Sequence[int], start: int, end: int, *, as_of: int | None = None) -> list[Reading]:
        """Revisions in force of all intervals that begin in [start, end), sorted by series and start.

        as_of: only what had been received at that second (inclusive).
        """
        ...

    def revisions(self, series: int, start: int, end: int) -> list[Reading]:
        """Every revision ever kept of the intervals that begin in [start, end), oldest first."""
        ...

    def coverage(self, series: Sequence[int], start: int, end: int) -> dict[int, int]:
        """How many intervals with a value begin in [start, end), per series."""
        ...

    def dirty_since(self, limit: int) -> list[DirtyMark]:
        """The oldest unsettled changes."""
        ...

    def mark(self, series: Sequence[int], start: int, end: int) -> int:
        """Mark every hour in [start, end) that holds readings as changed, to have it judged again; how many."""
        ...

    def settle(self, marks: Sequence[DirtyMark]) -> None:
        """Forget marks, each only if nothing changed since it was read."""
        ...

    def offset(self) -> int:
        """The journal position up to which everything is kept here."""
        ...

    def messages(self, *, station: str = "", outcome: str = "", limit: int = 100) -> list[Message]:
        """Newest messages first."""
        ...

    def export(self, series: Sequence[int], start: int, end: int, out: Path, *, as_of: int | None = None) -> int:
        """Write the window as CSV, Parquet or Excel by the suffix of `out`; returns the number of rows."""
        ...
