"""Which tags count in judging: not taken back, not refused by the bureau. An unchecked one counts."""

from __future__ import annotations

from datetime import datetime

from django.db.models import OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from qingyuan.bureau.values.models import Tag, TagEvent

CHECKS = (TagEvent.Verb.ASKED, TagEvent.Verb.ACCEPTED, TagEvent.Verb.REFUSED)


def counting_tags(as_of: datetime | None = None) -> QuerySet[Tag]:
    """Tags that count now, or that counted at a moment: made by then, not yet withdrawn, the last check no refusal."""
    if as_of is None:
        return Tag.objects.filter(withdrawn_at__isnull=True).exclude(check_state=Tag.Check.REFUSED)
    last = TagEvent.objects.filter(tag=OuterRef("pk"), at__lte=as_of, verb__in=CHECKS).order_by("-at", "-pk")
    rows = Tag.objects.filter(Q(withdrawn_at=None) | Q(withdrawn_at__gt=as_of), made_at__lte=as_of)
    return rows.annotate(said=Coalesce(Subquery(last.values("verb")[:1]), Value(""))).exclude(
        said=TagEvent.Verb.REFUSED
    )
