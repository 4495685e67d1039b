"""The conversation that the gateway begins: what was sent, what the device answered, and when it asks for the time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from qingyuan.hj212 import Known, Message, interpret
from qingyuan.hj212.contents import ExecutionResult, RequestResult
from qingyuan.intake.journal import Record
from qingyuan.intake.parts import frame_of, received_at
from qingyuan.intake.requests import REPLIES

ASKS_TIME = "1013"
WELL = 1
"""QnRtn and ExeRtn of a request that is accepted, of one that was carried out (HJ 212-2017, tables 9 and 10)."""


class Saying(StrEnum):
    """What was said."""

    SENT = "sent"
    ANSWERED = "answered"
    EXECUTED = "executed"
    ASKS_TIME = "asks_time"


class Said(NamedTuple):
    """One saying about a request number of a station. code: QnRtn or ExeRtn, 0 where there is none."""

    saying: Saying
    mn: str
    qn: str
    code: int
    at: datetime


def sent(record: Record, known_of: Callable[[str], Known]) -> Said | None:
    """What a record of the gateway's own requests says; None where it cannot be read any more."""
    frame = frame_of(record, known_of)
    return None if frame is None else Said(Saying.SENT, frame.mn, frame.qn, 0, received_at(record))


def heard(message: Message, at: datetime) -> Said | None:
    """What a device's message says to us; None for one that only reports.

    Answers of 2005 bear the number of the request in the data section. A 9013 or 9014 to a request is taken as consent.
    """
    head = message.head
    if head.cn == ASKS_TIME:
        return Said(Saying.ASKS_TIME, head.mn, head.qn, 0, at)
    if head.cn not in REPLIES:
        return None
    qn, content = message.fields.get("QN") or head.qn, interpret(message)
    if isinstance(content, ExecutionResult):
        return Said(Saying.EXECUTED, head.mn, qn, content.code, at)
    if isinstance(content, RequestResult) or head.cn in {"9013", "9014"}:
        code = content.code if isinstance(content, RequestResult) else WELL
        return Said(Saying.ANSWERED, head.mn, qn, code, at)
    return None
