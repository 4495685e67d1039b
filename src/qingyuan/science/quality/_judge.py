"""Asking the rules in their order, for a whole series or for the part that a change can have touched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from qingyuan.rules.quality import OUTCOMES
from qingyuan.science.quality._rule import Rule
from qingyuan.science.quality._single import Negative
from qingyuan.science.quality._track import Floats, Mask, Seconds, Span, Track

_UNUSABLE = ("bad", "missing")


@dataclass(frozen=True)
class Quality:
    """What the rules say of a track. hits: the readings each rule hits, in the order of the rules."""

    start: Seconds
    values: Floats
    rules: tuple[Rule, ...]
    hits: tuple[Mask, ...]

    def outcome(self) -> list[str]:
        """The gravest outcome of each reading, "good" where no rule hits."""
        worst = np.zeros(len(self.start), dtype=np.int64)
        for rule, hit in zip(self.rules, self.hits, strict=True):
            worst = np.maximum(worst, np.where(hit, 1 + OUTCOMES.index(rule.outcome), 0))
        return [("good", *OUTCOMES)[place] for place in worst]

    def counted(self) -> Floats:
        """Values as they may count: NaN where bad or missing, the corrected value where one is given."""
        values = self.values.copy()
        for rule, hit in zip(self.rules, self.hits, strict=True):
            if rule.outcome == "corrected" and isinstance(rule, Negative) and rule.replacement is not None:
                values[hit] = rule.replacement
        for rule, hit in zip(self.rules, self.hits, strict=True):
            if rule.outcome in _UNUSABLE:
                values[hit] = np.nan
        return values

    def frame(self) -> pl.DataFrame:
        """One row for each reading and rule that hits it: start [s], value, rule, version, outcome, parameters."""
        parts = []
        for rule, hit in zip(self.rules, self.hits, strict=True):
            if hit.any():
                words = {"rule": rule.kind, "version": rule.version, "outcome": rule.outcome}
                columns = {"start": self.start[hit], "value": self.values[hit]}
                told = [
                    pl.lit(value).alias(name) for name, value in (*words.items(), ("parameters", rule.parameters()))
                ]
                parts.append(pl.DataFrame(columns).with_columns(told))
        empty = pl.DataFrame(
            schema={
                "start": pl.Int64,
                "value": pl.Float64,
                "rule": pl.String,
                "version": pl.Int32,
                "outcome": pl.String,
                "parameters": pl.String,
            }
        )
        return pl.concat([empty, *(part.cast(empty.schema) for part in parts)]).sort("start", maintain_order=True)


def judge(track: Track, rules: Sequence[Rule]) -> Quality:
    """Every rule asked of every reading, in the order given.

    Notes
    -----
    A reading without a number hits no rule but those that look at the raw number or the device flag. One that a rule
    of reach 0 (sentinel, flag, sign, range) calls bad or missing is not shown to the rules after it: a value that is
    known to be none makes no spike of its neighbour. No reading is changed.
    """
    usable: Mask = np.isfinite(track.values)
    hits = []
    for rule in rules:
        hit = rule.hits(track, usable)
        hits.append(hit)
        if rule.outcome in _UNUSABLE and rule.reach() == (0, 0):
            usable = usable & ~hit
    return Quality(track.start, track.values, tuple(rules), tuple(hits))


def touched(changed: Span, rules: Sequence[Rule]) -> tuple[Span, Span]:
    """For a span whose readings changed: the span whose verdicts may change, and the span to read for that.

    Judging the second and keeping the verdicts of the first gives what judging everything would give.
    """
    before = max((rule.reach()[0] for rule in rules), default=0)
    after = max((rule.reach()[1] for rule in rules), default=0)
    start, end = changed
    verdicts = (start - after, end + before)
    return verdicts, (verdicts[0] - before, verdicts[1] + after)
