"""What people said of stretches of an outlet's time: tags and planned stops."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from qingyuan.bureau.registers.models import Outlet
from qingyuan.bureau.values.models import Tag, TagEvent
from qingyuan.bureau.values.queries.tags_in_force import counting_tags


@dataclass(frozen=True)
class Band:
    """A stretch of time with a word: a tag (with the state of its check) or a planned stop."""

    kind: str
    word: str
    item: str
    start: datetime
    end: datetime
    state: str = ""
    counts: bool = True
    key: int = 0


def bands(outlet: Outlet, start: datetime, end: datetime, as_of: datetime | None = None) -> list[Band]:
    """Tags and planned stops over the window, oldest first; refused and withdrawn tags too, as not counting."""
    counting = set(counting_tags(as_of).filter(outlet=outlet).values_list("pk", flat=True))
    tags = Tag.objects.filter(outlet=outlet, start__lt=end, end__gt=start)
    if as_of is not None:
        tags = tags.filter(made_at__lte=as_of)
    found = [
        Band("tag", t.kind, t.item, t.start, t.end, _state(t, as_of), t.pk in counting, t.pk)
        for t in tags.order_by("start", "pk")
    ]
    stops = outlet.point.planned_stops.filter(start__lt=end, end__gt=start).order_by("start")
    return found + [Band("stop", s.reason, "", s.start, s.end, key=s.pk) for s in stops]


def _state(row: Tag, as_of: datetime | None) -> str:
    if row.withdrawn_at is not None and (as_of is None or row.withdrawn_at <= as_of):
        return "withdrawn"
    if as_of is None:
        return row.check_state
    last = row.events.filter(at__lte=as_of).exclude(verb=TagEvent.Verb.SUPPLIED).order_by("at", "pk").last()
    return last.verb if last else Tag.Check.UNCHECKED.value
