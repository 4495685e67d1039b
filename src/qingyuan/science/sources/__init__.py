"""Outlets: is an hour over its limit, and what is the finding by the rule's averaging time."""

from __future__ import annotations

from qingyuan.science.sources._finding import finding, finding_due
from qingyuan.science.sources._hour import judge_hour
from qingyuan.science.sources._model import Answer, HourValue, Judgement, Limit, Step, Tag

__all__ = [
    "Answer",
    "HourValue",
    "Judgement",
    "Limit",
    "Step",
    "Tag",
    "finding",
    "finding_due",
    "judge_hour",
]
