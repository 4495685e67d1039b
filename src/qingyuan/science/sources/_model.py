"""What goes into a judgement and what comes out."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from qingyuan.science.errors import BadArgumentError
from qingyuan.science.intervals import Interval


class Answer(StrEnum):
    """Three answers, never two."""

    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True)
class Limit:
    """The limit of one item at one outlet [unit]; pH has both bounds. `source`: permit or standard."""

    item: str
    unit: str
    upper: Decimal | None = None
    lower: Decimal | None = None
    source: str = ""

    def __post_init__(self) -> None:
        if self.upper is None and self.lower is None:
            raise BadArgumentError("limit", self.item, "an upper or a lower bound")

    def text(self) -> str:
        """The limit in words, as ≤50 mg/m3 or 6~9."""
        unit = "" if self.unit == "1" else f" {self.unit}"
        lower, upper = _plain(self.lower), _plain(self.upper)
        if self.lower is None:
            return f"≤{upper}{unit}"
        return f"≥{lower}{unit}" if self.upper is None else f"{lower}~{upper}{unit}"


def _plain(bound: Decimal | None) -> str:
    """A bound without the trailing zeros of its storage: 50, not 50.00000."""
    return "" if bound is None else format(bound.normalize(), "f")


@dataclass(frozen=True)
class Step:
    """One step of the trace: which check, what was met, which rule was used, what followed."""

    name: str
    got: str
    rule: str
    outcome: str


@dataclass(frozen=True)
class HourValue:
    """One hour of one item: value [unit] (the converted one where the limit is), flag letter and coverage.

    `flag` None means the device sent none and counts as normal. `n_valid` counts the valid minutes out of
    `n_expected`; None where the hour came ready-made from the device. `flow` [any one unit] weighs waste
    water. `conversion`: the step by which the value was computed, where the device did not send it.
    """

    interval: Interval
    value: float | None
    unit: str
    flag: str | None = None
    n_valid: int | None = None
    n_expected: int | None = None
    flow: float | None = None
    conversion: Step | None = None


@dataclass(frozen=True)
class Tag:
    """A tag put on a span of time by device or operator, by its Chinese name."""

    interval: Interval
    name_zh: str


@dataclass(frozen=True)
class Judgement:
    """The answer with all steps that led to it; `reason` says why nothing can be told, else empty."""

    answer: Answer
    interval: Interval
    averaging: str
    value: float | None
    limit: Limit
    reason: str
    steps: tuple[Step, ...]
