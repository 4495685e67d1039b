"""What an import of limits did and what was wrong with its rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Problem:
    """One thing to look at. row 0: of an outlet as a whole. is_refused: the row was not taken."""

    row: int
    subject: str
    column: str
    got: str
    expected: str
    advice: str
    kind: str
    is_refused: bool
    is_doubtful: bool = False


@dataclass
class LimitsReport:
    """What an import of limits did, or would do: good rows by what they change, problems by row."""

    rows: int = 0
    good: int = 0
    dry_run: bool = False
    effects: list[dict[str, Any]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    batch: int | None = None

    def count(self, effect: str) -> int:
        """How many limits are new, changed, the same, or ended by a later one."""
        return sum(e["effect"] == effect for e in self.effects)

    @property
    def refused(self) -> int:
        """Rows that were not taken."""
        return len({p.row for p in self.problems if p.is_refused})
