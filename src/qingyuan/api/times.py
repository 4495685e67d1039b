"""Times that callers send."""

from __future__ import annotations

from datetime import datetime, timedelta

from qingyuan import clock
from qingyuan.bureau.base.errors import Invalid
from qingyuan.clock import BEIJING

LONGEST = timedelta(days=400)


def aware(at: datetime | None) -> datetime | None:
    """A time with its zone; one without is Beijing time."""
    return at if at is None or at.tzinfo else at.replace(tzinfo=BEIJING)


def window(since: datetime | None, to: datetime | None, length: timedelta) -> tuple[datetime, datetime]:
    """A positive window of at most 400 days; by default the last `length`. Raises Invalid."""
    until = aware(to) or clock.now()
    start = aware(since) or until - length
    if not timedelta(0) < until - start <= LONGEST:
        raise Invalid(
            f"时间范围得到 {_shown(start)} 至 {_shown(until)}，应为不超过 400 天的正向范围",
            "since",
        )
    return start, until


def _shown(at: datetime) -> str:
    return f"{clock.beijing(at):%Y-%m-%d %H:%M}"
