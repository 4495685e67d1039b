"""The port that every engine answers. Its words say nothing of files, tables or engines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Protocol

from qingyuan.readings.as_of import AsOf
from qingyuan.readings.model import (
    Bucket,
    DirtyMark,
    Flag,
    Kept,
    Message,
    Newest,
    NewFlag,
    NewReading,
    Reading,
    Receipt,
    Series,
    SeriesKey,
    State,
)


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

    def series_by_number(self, numbers: Sequence[int]) -> dict[int, Series]:
        """The series of the given numbers that exist."""
        ...

    def series_of_points(self, points: Sequence[str]) -> list[Series]:
        """All series of the given points."""
        ...

    def series_of(self, keys: Sequence[SeriesKey]) -> dict[SeriesKey, Series]:
        """The given keys that exist."""
        ...

    def latest(self, series: Sequence[int]) -> dict[int, Reading]:
        """What is in force for the newest interval of each series (perhaps only a flag, without a value).

        The newest is the one that ends last. `revisions` is 1: they are not counted here.
        """
        ...

    def newest(self, points: Sequence[str]) -> dict[str, Newest]:
        """How far the readings of points go; a point without any is left out. One question, however many series."""
        ...

    def window(self, series: Sequence[int], start: int, end: int, *, as_of: int | None = None) -> list[Reading]:
        """Revisions in force of all intervals that begin in [start, end), sorted by series and start.

        as_of: only what had been received at that second (inclusive).
        """
        ...

    def revisions(self, series: int, start: int, end: int) -> list[Reading]:
        """Every revision ever kept of the intervals that begin in [start, end), oldest first."""
        ...

    def coverage(self, series: Sequence[int], start: int, end: int, *, as_of: int | None = None) -> dict[int, int]:
        """How many intervals that begin in [start, end) have a value in force, per series; 0 is left out."""
        ...

    def buckets(
        self,
        series: Sequence[int],
        start: int,
        end: int,
        width: int,
        *,
        anchor: int = 0,
        step: int = 0,
        without: Sequence[str] = (),
        as_of: int | None = None,
    ) -> list[Bucket]:
        """The readings in force that begin in [start, end), gathered in buckets of `width` seconds, by series and time.

        anchor: a second at which a bucket begins (the Beijing day: -28800). A value counts where it is there and its
        device flag is not in `without`. The capture rate is the share of the bucket that counted intervals cover,
        each weighted with its own rate; an instant covers `step` seconds. A bucket nothing begins in is left out;
        a start or end inside a bucket cuts it. Raises ReadingsError for a width that is not positive.
        """
        ...

    def as_of(self, second: int) -> AsOf:
        """The same questions, answered from what had been received at that second (inclusive)."""
        ...

    def dirty_since(self, limit: int, *, since: int | None = None, instants: bool = True) -> list[DirtyMark]:
        """The oldest unsettled changes, those of intervals before those of instants (grain raw).

        since: only of hours from that second on, cheap however many wait. instants: whether theirs are asked for.
        """
        ...

    def dirty_count(self) -> int:
        """How many marks wait."""
        ...

    def mark(self, series: Sequence[int], start: int, end: int) -> int:
        """Mark every hour in [start, end) that holds readings as changed, to have it judged again; how many."""
        ...

    def settle(self, marks: Sequence[DirtyMark]) -> None:
        """Forget marks, each only if nothing changed since it was read."""
        ...

    def flag(self, new: Sequence[NewFlag], *, quiet: bool = False) -> list[int]:
        """Keep judgements on named ranges and mark their hours as changed; returns their numbers. Raw is not touched.

        quiet: no hour is marked, for what changes the verdict on no reading (a gap between readings).
        """
        ...

    def unflag(self, ids: Sequence[int], actor: str, at: int, *, quiet: bool = False) -> int:
        """Take flags back, by a row that says who and when; returns how many still stood. quiet: as in `flag`."""
        ...

    def flags(self, series: Sequence[int], start: int, end: int, *, as_of: int | None = None) -> list[Flag]:
        """The flags that meet [start, end), oldest first, those taken back included and saying so.

        as_of: as made and undone by that second.
        """
        ...

    def offset(self) -> int:
        """The journal position up to which everything is kept here."""
        ...

    def messages(self, *, station: str = "", outcome: str = "", limit: int = 100) -> list[Message]:
        """Newest messages first."""
        ...

    def origins_since(self, position: int) -> set[int]:
        """The origins of the messages kept that stand at or beyond a journal position."""
        ...

    def tallies(self, station: str | None = None) -> list[tuple[str, str, int, int]]:
        """Messages counted by (station, outcome): count, second of the last one."""
        ...

    def waiting(self) -> int:
        """How many rows have not been put in their final order yet; see `compact`."""
        ...

    def compact(self, *, fully: bool = False) -> Kept:
        """Put what was received lately into its final, small and sorted form; answers stay the same.

        fully: also what could stay as it is for a while. Raises LeaseHeld when another process is at it, StoreFull
        (nothing lost, reading goes on), ArchiveBusy or LeaseLost when another got in between.
        """
        ...

    def drop_before(self, grain: str, instant: int) -> int:
        """Give up the readings of a grain in the Beijing months that ended by `instant`; returns how many rows.

        Series, latest, flags and messages stay. Raises UnknownSeries for a grain there is none of, LeaseHeld.
        """
        ...

    def export(
        self,
        series: Sequence[int],
        start: int,
        end: int,
        out: Path,
        *,
        as_of: int | None = None,
        progress: Callable[[int, int], None] = ...,
    ) -> int:
        """Write the window as CSV, Parquet or Excel by the suffix of `out`; returns the number of rows.

        progress: called with the parts done and the parts in all; what it raises ends the export, and no file is left.
        """
        ...

    def state(self) -> State:
        """How the store lies, and what of it is broken."""
        ...

    def faults(self) -> dict[str, str]:
        """By path below the archive: files whose content is not what was written (missing, size, digest, unreadable, rows).

        Reads every file.
        """
        ...

    def files(self) -> list[Path]:
        """Files that a backup takes after `backup_to`: a whole set, none of which is ever changed."""
        ...

    def backup_to(self, target: Path) -> None:
        """A consistent copy of the part that is one file, made while others read and write."""
        ...

    def close(self) -> None:
        """Give this thread's connections back."""
        ...
