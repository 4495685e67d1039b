"""Rows of the rule book's CSV files, read with the place of every cell, so that errors can name it."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from importlib import resources
from typing import Self

from qingyuan.rules.errors import RuleDataError

DIGEST_LENGTH = 64
SHORT_DIGEST = 16


class Certainty(StrEnum):
    """How sure a figure is: read in the official text, transcribed by others, or our own setting."""

    OFFICIAL = "official"
    TRANSCRIBED = "transcribed"
    SETTING = "setting"


@dataclass(frozen=True)
class Period:
    """Dates, both included; `until` None means still in force."""

    since: date
    until: date | None

    def covers(self, day: date) -> bool:
        """True when `day` lies inside."""
        return self.since <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True)
class Provenance:
    """Where a row comes from and when it applies."""

    standard: str
    clause: str
    certainty: Certainty
    source: str
    period: Period
    pack: str = ""


@dataclass(frozen=True)
class Row:
    """One line of a data file; `pack` names the local pack it comes from, empty for the shipped files."""

    file: str
    number: int
    cells: dict[str, str]
    pack: str = ""

    def text(self, column: str) -> str:
        """The cell as it stands; a column that does not exist is an error."""
        if column not in self.cells:
            raise RuleDataError(self.file, self.number, f"no column {column}", "the columns of this table")
        return self.cells[column]

    def word(self, column: str, *allowed: str) -> str:
        """A cell that must not be empty, and one of `allowed` where these are given."""
        value = self.text(column)
        if not value or (allowed and value not in allowed):
            raise self.wrong(column, "one of " + ", ".join(allowed) if allowed else "a text")
        return value

    def number_of(self, column: str) -> Decimal:
        """The cell as an exact decimal."""
        try:
            return Decimal(self.text(column))
        except InvalidOperation:
            raise self.wrong(column, "a decimal number") from None

    def integer(self, column: str) -> int:
        """The cell as a whole number."""
        value = self.number_of(column)
        if value != value.to_integral_value():
            raise self.wrong(column, "a whole number")
        return int(value)

    def flag(self, column: str) -> bool:
        """The cell as yes or no."""
        return self.word(column, "yes", "no") == "yes"

    def day(self, column: str) -> date | None:
        """The cell as a date; empty is None."""
        value = self.text(column)
        if not value:
            return None
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise self.wrong(column, "a date as 2026-03-01") from None

    def period(self) -> Period:
        """The dates of the row."""
        since, until = self.day("effective_from"), self.day("effective_to")
        if since is None:
            raise self.wrong("effective_from", "a date")
        if until is not None and until < since:
            raise self.wrong("effective_to", f"a date not before {since.isoformat()}")
        return Period(since, until)

    def provenance(self) -> Provenance:
        """Standard, clause, certainty, source and dates of the row."""
        period = self.period()
        if not self.text("source"):
            raise self.wrong("source", "where the figure was read")
        certainty = Certainty(self.word("certainty", *Certainty))
        return Provenance(self.word("standard"), self.text("clause"), certainty, self.text("source"), period, self.pack)

    def wrong(self, column: str, expected: str) -> RuleDataError:
        """The error for one cell."""
        return RuleDataError(self.file, self.number, f"{column} {self.cells.get(column, '')!r}", expected)


@dataclass(frozen=True)
class DataFolder:
    """The texts of all data files by name, read once.

    `tables` holds the rows of files that local packs changed, `packs` the marks (name@digest) of these packs
    in the order in which they were laid over.
    """

    texts: dict[str, str]
    tables: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    packs: tuple[str, ...] = ()
    _read: dict[str, tuple[Row, ...]] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def shipped(cls) -> Self:
        """The data files of this package."""
        folder = resources.files("qingyuan.rules") / "data"
        names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".csv"))
        return cls({name: (folder / name).read_text("utf-8") for name in names})

    def rows(self, file: str) -> Iterator[Row]:
        """The rows of one file in order, parsed once; a missing or empty file is an error."""
        if file not in self.texts:
            raise RuleDataError(file, 0, "no such file", "this file in the data folder")
        if file in self.tables:
            return iter(self.tables[file])
        if file not in self._read:
            self._read[file] = tuple(read_rows(file, self.texts[file]))
        return iter(self._read[file])

    def digest(self) -> str:
        """SHA-256 over names and contents, in the order of the names; with packs a shorter one and their marks.

        At most DIGEST_LENGTH characters, so that it fits beside every stored result.
        """
        total = hashlib.sha256()
        for name in sorted(self.texts):
            for part in (name, self.texts[name]):
                encoded = part.encode("utf-8")
                total.update(len(encoded).to_bytes(8, "big") + encoded)
        if not self.packs:
            return total.hexdigest()
        marked = "+".join((total.hexdigest()[:SHORT_DIGEST], *self.packs))
        if len(marked) <= DIGEST_LENGTH:
            return marked
        together = hashlib.sha256("+".join(self.packs).encode("utf-8")).hexdigest()[:SHORT_DIGEST]
        return f"{total.hexdigest()[:SHORT_DIGEST]}+{len(self.packs)}packs@{together}"


def read_rows(file: str, text: str) -> Iterator[Row]:
    """The rows of one CSV text; none, or rows wider or narrower than the header, is an error."""
    found = False
    reader = csv.DictReader(text.splitlines(), restkey="", restval=None)
    for number, cells in enumerate(reader, start=2):
        if None in cells.values() or "" in cells:
            raise RuleDataError(file, number, "another number of cells", "as many cells as the header has")
        found = True
        yield Row(file, number, dict(cells))
    if not found:
        raise RuleDataError(file, 0, "no rows", "at least one rule")
