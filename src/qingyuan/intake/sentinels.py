"""Numbers that devices and exports print for "no value" (-99, -9999, 999), seen before any conversion of unit.

Which numbers, for which item and grain and since when, is said by the sentinel rows of the rule book's quality rules.
A number that the item can truly have (within its plausible range) is no sentinel here: it stays, and the quality
rules may flag it.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

from qingyuan.clock import beijing
from qingyuan.rules import RuleBook, RulesError

COUNTED = "Cou"  # a running total can pass through any number


class Sentinels:
    """The sentinels of one rule book. `candidates`: every number that is one of anything at any time, for a quick look."""

    def __init__(self, book: RuleBook) -> None:
        self.book = book
        rows = (row for periods in book.quality_rows.entries.values() for _, row in periods)
        self.candidates = frozenset(float(v) for row in rows if row.kind == "sentinel" for v in row.values)
        self._known: dict[tuple[str, str, date], frozenset[float]] = {}

    def __call__(self, value: float, item: str, unit: str, statistic: str, grain: str, second: int) -> bool:
        """Whether a printed number [unit] of an interval that begins at `second` stands for "no value".

        Of an item that the rule book does not know, or in a unit that does not convert, only a negative one is taken so.
        """
        if value not in self.candidates or statistic == COUNTED:
            return False
        day = beijing(datetime.fromtimestamp(second, UTC)).date()
        if value not in self._of(item, grain, day):
            return False
        try:
            known = self.book.item(item)
            scale, shift = self.book.conversion(unit or known.unit, known.unit)
        except RulesError:
            return value < 0
        return not float(known.plausible_low) <= value * scale + shift <= float(known.plausible_high)

    def _of(self, item: str, grain: str, day: date) -> frozenset[float]:
        key = (item, grain, day)
        if key not in self._known:
            if len(self._known) > 10_000:
                self._known.clear()
            rows = self.book.quality_rules(item, grain, "*", day)
            self._known[key] = frozenset(float(v) for row in rows if row.kind == "sentinel" for v in row.values)
        return self._known[key]
