"""The warning rules: one file each in `judging/rules/`, found by declaration and frozen at first use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from qingyuan.bureau.judging.queries.observations import Episodes
from qingyuan.bureau.registers.models import Point
from qingyuan.declared import declared

OUTLET_HOUR, AQI, SECTION, SILENCE = "outlet_hour", "aqi", "section", "silence"
"""Codes of rules that other books speak of by name; a rule nobody names needs none here."""


@dataclass
class Changed:
    """What changed since the last turn: starts of hours (epoch seconds) by point, by kind of point.

    samples: of sections whose single samples came by file.
    """

    hours: Mapping[str, dict[Point, set[int]]]
    samples: dict[Point, set[int]] = field(default_factory=dict)

    def of(self, kind: str) -> dict[Point, set[int]]:
        """The changed hours of the points of a kind; empty if there are none."""
        return self.hours.get(kind, {})


@dataclass(frozen=True)
class WarningRule:
    """What warns, by which name, and how it looks.

    watch: looks at what changed, tells its observations through `Episodes`, returns what began; None: something else
    tells them. lead_after: the setting of the rule book that says how many minutes an open alert becomes a lead after;
    empty: never by itself. order: where it stands in lists, and when its turn comes.
    """

    code: str
    name: str
    order: int
    watch: Callable[[Changed, Episodes], list[Any]] | None = None
    lead_after: str = ""


@cache
def warning_rules() -> dict[str, WarningRule]:
    """All rules by code, in their order. Raises ValueError where two have one code."""
    found = declared("qingyuan.bureau.judging.rules", "RULE")
    if len({rule.code for rule in found}) != len(found):
        raise ValueError(f"warning rules: two with one code among {sorted(rule.code for rule in found)}")
    return {rule.code: rule for rule in sorted(found, key=lambda rule: (rule.order, rule.code))}


def rule_name(code: str) -> str:
    """The rule's Chinese name; a code that no longer exists as it is."""
    rule = warning_rules().get(code)
    return rule.name if rule else code
