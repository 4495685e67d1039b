"""What the flags come to: may a reading count, and what is to be said of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from qingyuan.bureau.base.store import readings
from qingyuan.readings import Flag
from qingyuan.rules.quality import OUTCOMES

_GRAVITY: dict[str, int] = {word: place for place, word in enumerate(OUTCOMES, start=1)}
_SET_ASIDE = {"bad", "missing", "invalid"}


@dataclass(frozen=True)
class Verdict:
    """The flags that stand over one reading, and what they come to: an outcome, or "invalid" or "valid" by a person."""

    outcome: str
    flags: tuple[Flag, ...]

    @property
    def counts(self) -> bool:
        """Whether the reading counts in means and indices of ambient air and surface water."""
        return self.outcome not in _SET_ASIDE


_GOOD = Verdict("good", ())


class Verdicts:
    """Verdicts over readings of some series in a span, read once. as_of: with the flags known at that second."""

    def __init__(self, series: Sequence[int], start: int, end: int, as_of: int | None = None) -> None:
        self._flags: dict[int, list[Flag]] = defaultdict(list)
        self._exact: dict[tuple[int, int], list[Flag]] = defaultdict(list)
        for flag in readings().flags(list(series), start, end, as_of=as_of):
            if flag.undone_by:
                continue
            if flag.rule == "operation":
                self._flags[flag.series].append(flag)
            else:
                self._exact[flag.series, flag.start].append(flag)

    def of(self, series: int, start: int) -> Verdict:
        """The verdict on the reading of a series that begins at `start`."""
        by_rules = self._exact.get((series, start), [])
        over = self._flags.get(series)
        if not by_rules and not over:
            return _GOOD
        by_people = [f for f in over or () if f.start <= start < f.end]
        if by_people:
            return Verdict(by_people[-1].code, (*by_rules, *by_people))
        worst = max((_GRAVITY.get(f.code, 0) for f in by_rules), default=0)
        return Verdict(("good", *OUTCOMES)[worst], tuple(by_rules))


def flag_history(series: Iterable[int], start: int, end: int) -> list[Flag]:
    """Every flag that meets the span, newest first, those taken back included."""
    return sorted(readings().flags(list(series), start, end), key=lambda f: (f.made_at, f.id), reverse=True)
