"""Work that one process has in hand: taken by compare-and-set, kept while it goes on, free again when its holder died.

Of any table with `lease_until`. Measured by the system's clock, whatever clock the program is told.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Model, QuerySet

from qingyuan import clock

LEASE = timedelta(minutes=5)


def until() -> datetime:
    """To when a lease goes that is taken or kept now."""
    return clock.SystemClock().now() + LEASE


def take(rows: QuerySet[Any], **changes: Any) -> bool:
    """Take the row that the queryset holds while it still is as asked; whether it was got. Two never get the same."""
    return rows.update(lease_until=until(), **changes) == 1


def keep(job: Model, **changes: Any) -> None:
    """Go on holding it, with how far it has come."""
    for name, value in (changes | {"lease_until": until()}).items():
        setattr(job, name, value)
    job.save(update_fields=[*changes, "lease_until"])


def lost(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Those whose holder has not been heard of in time."""
    return rows.filter(lease_until__isnull=False, lease_until__lt=clock.SystemClock().now())
