"""What judging tells of a subject, and the door through which it is told: whoever keeps episodes stands behind it.

Judging knows no alerts. The loop hands it `Episodes`; alerts keep them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from django.db.models import IntegerChoices


class Level(IntegerChoices):
    """How pressing an episode is."""

    NOTICE = 1, "提示"
    WARNING = 2, "预警"
    URGENT = 3, "紧急"


@dataclass(frozen=True)
class Observation:
    """A judged interval of a subject. answer: pass, fail or cannot_tell."""

    start: datetime
    end: datetime
    answer: str
    value: float | None = None
    watermark: int = 0


@dataclass(frozen=True)
class Subject:
    """What an episode is about, and how it is worded. rule: the code of a warning rule."""

    rule: str
    key: str
    point: int
    item: str
    level: int
    title: str
    rule_set: str
    threshold: float | None = None
    unit: str = ""
    higher_is_worse: bool = True
    detail: dict[str, Any] = field(default_factory=dict)


class Episodes(Protocol):
    """Who makes episodes of observations and keeps them. What it returns is counted, never looked into."""

    def warned_from(self) -> datetime:
        """Since when what is judged warns anybody: what is older is history."""

    def concerned(self, rule: str, since: datetime) -> Collection[str]:
        """Subjects of a rule with an episode that runs or reaches up to `since`: what passes may end or undo it."""

    def take(self, subject: Subject, seen: Sequence[Observation], until: datetime | None = None) -> list[Any]:
        """Make the subject's episodes agree with its judged intervals; returns those that began. See `reconcile`."""

    def group(self, rule: str, since: datetime) -> None:
        """Let episodes of the rule that run at the same hours over several points stand as one."""

    def over(self, rule: str, key: str, start: datetime, end: datetime) -> int | None:
        """The key of the episode of the subject that [start, end) lies in, if there is one."""
