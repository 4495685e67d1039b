"""What a report declares: one folder each in `reports/papers/`, found by declaration. See docs/adding-a-report.md."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.base.media import WORD
from qingyuan.bureau.cases.models import Case
from qingyuan.declared import declared

TEXT = "text/plain; charset=utf-8"


@dataclass(frozen=True)
class Report:
    """A paper that can be handed on. about: `case` or `county`; media, suffix: of the file.

    make(subject, user): the file for this reader; the subject is a case, or None for the county. Whether the reader may
    see the subject is the caller's question, how much of it is the paper's. user None: the system itself.
    """

    code: str
    name: str
    about: str
    order: int
    make: Callable[[Any, User | None], bytes]
    media: str = WORD
    suffix: str = ".docx"
    meaning: str = ""


@cache
def reports() -> dict[str, Report]:
    """All reports by code, in their order. Raises ValueError where two have one code."""
    found = declared("qingyuan.bureau.reports.papers", "REPORT")
    if len({one.code for one in found}) != len(found):
        raise ValueError(f"reports: two with one code among {sorted(one.code for one in found)}")
    return {one.code: one for one in sorted(found, key=lambda one: (one.order, one.code))}


def case_record(case: Case, user: User | None) -> bytes:
    """The record of a case for this reader, as a .docx file."""
    return reports()["case_record"].make(case, user)
