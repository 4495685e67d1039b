"""What a process left undone that died after a tag was decided and before its hours were marked."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from qingyuan.bureau.base.judge_again import judge_again
from qingyuan.bureau.values.models import Tag


def sweep_tags(since: datetime) -> int:
    """Mark the hours of tags made, withdrawn or decided from `since` on once more; returns how many tags.

    The books and the readings are two databases: a decision is committed in the one, then its hours are marked in the
    other. Judging the same hours twice changes nothing.
    """
    changed = Q(made_at__gte=since) | Q(withdrawn_at__gte=since) | Q(checked_at__gte=since)
    rows = list(Tag.objects.filter(changed).select_related("outlet__point"))
    for row in rows:
        judge_again([row.outlet.point.code], row.start, row.end)
    return len(rows)
