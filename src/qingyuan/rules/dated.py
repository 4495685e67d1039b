"""Rules that change by date: one answer for a key on a day, never two and never a hole."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise
from types import MappingProxyType
from typing import Generic, Protocol, TypeVar

from qingyuan.rules.errors import NoRuleError, RuleDataError
from qingyuan.rules.table import Period, Provenance, Row

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Sourced(Protocol):
    """Anything that says where it comes from and when it applies."""

    @property
    def origin(self) -> Provenance:
        """Standard, clause, certainty, source and dates."""


R = TypeVar("R", bound=Sourced)


@dataclass(frozen=True)
class Dated(Generic[K, V]):
    """Values by key and period, checked for overlaps and holes when built."""

    what: str
    entries: Mapping[K, tuple[tuple[Period, V], ...]]

    @classmethod
    def build(cls, what: str, rows: Iterable[tuple[Row, K, V]]) -> Dated[K, V]:
        """Gather rows; two periods of one key that overlap, or leave a day uncovered, are refused."""
        found: dict[K, list[tuple[Period, Row, V]]] = defaultdict(list)
        for row, key, value in rows:
            found[key].append((row.provenance().period, row, value))
        entries: dict[K, tuple[tuple[Period, V], ...]] = {}
        for key, periods in found.items():
            periods.sort(key=lambda entry: entry[0].since)
            for (earlier, _, _), (later, row, _) in pairwise(periods):
                must_follow(earlier, later, row, f"{what} {key}")
            entries[key] = tuple((period, value) for period, _, value in periods)
        return cls(what, MappingProxyType(entries))

    def get(self, key: K, day: date) -> V | None:
        """The value in force on `day`, None where no rule covers it."""
        for period, value in self.entries.get(key, ()):
            if period.covers(day):
                return value
        return None

    def on(self, key: K, day: date) -> V:
        """The value in force on `day`; NoRuleError where there is none."""
        value = self.get(key, day)
        if value is None:
            raise NoRuleError(f"{self.what} {key}", day)
        return value

    def all_on(self, day: date) -> Mapping[K, V]:
        """Everything in force on `day`."""
        pairs = ((key, self.get(key, day)) for key in self.entries)
        return MappingProxyType({key: value for key, value in pairs if value is not None})

    @cached_property
    def turning_days(self) -> tuple[date, ...]:
        """Days on which any entry starts, in order."""
        return tuple(sorted({period.since for periods in self.entries.values() for period, _ in periods}))


@dataclass(frozen=True)
class DatedRows(Generic[R]):
    """The rows of a table that is used whole, each with its own dates, in the order of the table."""

    what: str
    rows: tuple[R, ...]

    def on(self, day: date | None) -> tuple[R, ...]:
        """The rows in force on `day`, None: those without an end. NoRuleError where there is none."""
        if day is None:
            found = tuple(row for row in self.rows if row.origin.period.until is None)
        else:
            found = tuple(row for row in self.rows if row.origin.period.covers(day))
        if not found:
            raise NoRuleError(self.what, day)
        return found

    @cached_property
    def turning_days(self) -> tuple[date, ...]:
        """Days on which another set of rows holds, in order."""
        periods = [row.origin.period for row in self.rows]
        ends = {period.until + timedelta(days=1) for period in periods if period.until is not None}
        return tuple(sorted({period.since for period in periods} | ends))


def must_follow(earlier: Period, later: Period, row: Row, what: str) -> None:
    """RuleDataError unless the later period begins on the day after the earlier one ends."""
    if earlier.until is None or earlier.until >= later.since:
        end = "open end" if earlier.until is None else earlier.until.isoformat()
        raise RuleDataError(
            row.file, row.number, f"{what} from {later.since}, overlapping the period to {end}", "no overlap"
        )
    if earlier.until + timedelta(days=1) != later.since:
        raise RuleDataError(
            row.file,
            row.number,
            f"{what} from {later.since}, after a period to {earlier.until}",
            "no missing day",
        )
