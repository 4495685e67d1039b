"""Schemes by which towns or districts pay and receive for their air: rows of data, step after step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from qingyuan.rules.table import DataFolder, Provenance

KINDS = (
    "add",
    "add_ratio",
    "add_difference",
    "add_above",
    "add_below",
    "ladder",
    "ladder_over",
    "bonus_if_met",
    "bonus_if_over",
    "multiply",
    "share_rank",
    "pay_last",
    "take_first",
    "mark_first",
    "share_pool",
    "settle",
)
_NEEDS_B = KINDS[1:9]
_COUNTED = ("ladder", "ladder_over", "share_rank", "pay_last", "take_first", "mark_first")
_PRICED = (*KINDS[:9], "share_rank", "pay_last", "take_first")


@dataclass(frozen=True)
class CompensationStep:
    """One step; what `a`, `b`, `coefficient` and `count` mean depends on `kind` (see science.air.compensate)."""

    kind: str
    a: str
    b: str
    coefficient: Decimal
    count: int
    words: str


@dataclass(frozen=True)
class CompensationScheme:
    """A named scheme; amounts are in ten thousand yuan."""

    name: str
    name_zh: str
    steps: tuple[CompensationStep, ...]
    origin: Provenance


def load_compensation(data: DataFolder, file: str = "air_compensation.csv") -> Mapping[str, CompensationScheme]:
    """Schemes by name. RuleDataError names the row of the first fault."""
    steps: dict[str, list[CompensationStep]] = {}
    heads: dict[str, tuple[str, Provenance]] = {}
    for row in data.rows(file):
        name, kind = row.word("scheme"), row.word("kind", *KINDS)
        found = steps.setdefault(name, [])
        heads.setdefault(name, (row.word("name_zh"), row.provenance()))
        if row.integer("step") != len(found) + 1:
            raise row.wrong("step", f"{len(found) + 1}, the steps of a scheme in order")
        if kind not in ("share_pool", "settle"):
            row.word("a")
        found.append(
            CompensationStep(
                kind,
                row.text("a"),
                row.word("b") if kind in _NEEDS_B else row.text("b"),
                row.number_of("coefficient") if kind in _PRICED else Decimal(1),
                row.integer("count") if kind in _COUNTED else 0,
                row.text("words"),
            )
        )
    return {
        name: CompensationScheme(name, heads[name][0], tuple(found), heads[name][1]) for name, found in steps.items()
    }
