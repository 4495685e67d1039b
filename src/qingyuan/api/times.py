"""Times that callers send."""

from __future__ import annotations

from datetime import datetime

from qingyuan.clock import BEIJING


def aware(at: datetime | None) -> datetime | None:
    """A time with its zone; one without is Beijing time."""
    return at if at is None or at.tzinfo else at.replace(tzinfo=BEIJING)
