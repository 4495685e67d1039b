"""What the tail asks of a SQL database, so that one set of statements serves SQLite and PostgreSQL.

Statements are written with `?` for values. Reads commit by themselves; writes happen inside `transaction`, one
writer at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

Row = tuple[Any, ...]


class Database(Protocol):
    """A database of our own; each thread has its own connection."""

    name: str

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        """All rows of a question."""
        ...

    def run(self, sql: str, values: Sequence[object] = ()) -> int:
        """Carry out one statement; returns how many rows it touched."""
        ...

    def run_many(self, sql: str, many: Iterable[Sequence[object]]) -> int:
        """Carry out one statement for many rows of values; returns how many rows were touched in all."""
        ...

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing, alone among writers. Raises StoreFull when the disk takes no more."""
        ...

    def give_back(self) -> None:
        """Give room that nothing needs any more back to the disk, as far as nobody is disturbed."""
        ...

    def like(self, column: str) -> str:
        """The condition that a text column matches a pattern given as value, where only `*` is special."""
        ...

    def pattern(self, text: str) -> str:
        """Our pattern (`*` for anything) in the words of `like`."""
        ...

    def moment(self) -> int:
        """The database's own clock [s]; leases go by it, so that hosts need not agree on the time."""
        ...

    def close(self) -> None:
        """Close this thread's connection."""
        ...

    def copy_to(self, target: Path) -> None:
        """A consistent copy made while others read and write. Raises ReadingsError where a file is no way to do it."""
        ...
