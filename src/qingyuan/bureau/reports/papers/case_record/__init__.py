"""案件办理记录: facts, layout and words of the case record."""

from __future__ import annotations

from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.cases.models import Case
from qingyuan.bureau.reports.queries.report import Report


def make(case: Case, user: User | None) -> bytes:
    """The record; python-docx is heavy and loaded only here."""
    from qingyuan.bureau.reports.papers.case_record.record import case_record

    return case_record(case, user)


REPORT = Report(
    code="case_record",
    name="案件办理记录",
    about="case",
    order=10,
    make=make,
    meaning="触发数据、办理经过、整改、结果和证据目录，一页 Word，附照片。",
)
