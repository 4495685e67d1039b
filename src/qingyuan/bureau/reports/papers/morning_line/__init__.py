"""早报一句话: yesterday, to date, target, room left, in one line to paste into a chat."""

from __future__ import annotations

from qingyuan import clock
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.base.errors import Missing
from qingyuan.bureau.overview.queries.today import gather, morning_line
from qingyuan.bureau.reports.queries.report import TEXT, Report


def make(_subject: None, user: User | None) -> bytes:
    """The line for what lies in the reader's scope. Raises Missing without a reader."""
    if user is None:
        raise Missing("早报按读者的范围统计，须指明读者", "user")
    return morning_line(gather(user, clock.now())).encode()


REPORT = Report(
    code="morning_line",
    name="早报一句话",
    about="county",
    order=20,
    make=make,
    media=TEXT,
    suffix=".txt",
    meaning="昨日、今年以来、目标和余量，一句话，可粘贴到群里。",
)
