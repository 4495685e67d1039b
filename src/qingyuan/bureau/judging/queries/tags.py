"""Tags as pages and the API show them: what waits for the bureau's check, how each came about, what it takes out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies.sides import name_for
from qingyuan.bureau.judging.queries.afresh import outlet_hours
from qingyuan.bureau.registers.policies import visible_points
from qingyuan.bureau.values.models import Tag, TagEvent, TagExhibit
from qingyuan.bureau.values.queries.tag_kinds import remarks
from qingyuan.bureau.values.queries.tags_in_force import counting_tags

LONGEST_LOOK = timedelta(days=31)


def visible_tags(user: User) -> QuerySet[Tag]:
    """Tags of the outlets that the user may see."""
    return Tag.objects.filter(outlet__point__in=visible_points(user))


def visible_tag_exhibits(user: User) -> QuerySet[TagExhibit]:
    """Files of the tags that the user may see."""
    return TagExhibit.objects.filter(tag__in=visible_tags(user))


def waiting(rows: QuerySet[Tag]) -> QuerySet[Tag]:
    """Those that wait for a check: not looked at yet, or material came after the last decision."""
    last = TagEvent.objects.filter(tag=OuterRef("pk")).order_by("-pk").values("verb")[:1]
    rows = rows.filter(withdrawn_at__isnull=True).annotate(last_verb=Subquery(last))
    return rows.filter(Q(check_state=Tag.Check.UNCHECKED) | Q(last_verb=TagEvent.Verb.SUPPLIED))


def tag_rows(user: User) -> QuerySet[Tag]:
    """Visible tags with what a row needs; those that wait for a check first, then the newest."""
    waits = Exists(waiting(Tag.objects.filter(pk=OuterRef("pk"))))
    rows = visible_tags(user).select_related("outlet__point__area", "outlet__enterprise", "made_by")
    rows = rows.prefetch_related("events")
    return rows.annotate(waits=waits, file_count=Count("exhibits")).order_by("-waits", "-made_at", "-pk")


def state_of(row: Tag) -> tuple[str, str]:
    """The state of a tag with its word."""
    if row.withdrawn_at is not None:
        return "withdrawn", "已撤回"
    return row.check_state, str(Tag.Check(row.check_state).label)


def remarks_of(rows: Sequence[Tag]) -> dict[int, list[str]]:
    """By key: what whoever checks should know of each."""
    near: dict[int, list[Tag]] = defaultdict(list)
    for other in counting_tags().filter(outlet__in={r.outlet_id for r in rows}, kind__in={r.kind for r in rows}):
        near[other.outlet_id].append(other)
    return {row.pk: remarks(row, near[row.outlet_id]) for row in rows}


@dataclass(frozen=True)
class Happened:
    """One thing that became of a tag."""

    verb: str
    word: str
    at: datetime
    actor: str
    note: str


def history(row: Tag, reader: User | None = None) -> list[Happened]:
    """From its making to its end, oldest first; people by the names that the reader may see."""
    maker = name_for(reader, row.made_by)
    found = [Happened("made", "标记", row.made_at, maker, row.note)]
    for event in row.events.select_related("actor__organisation"):
        word = str(TagEvent.Verb(event.verb).label)
        found.append(Happened(event.verb, word, event.at, name_for(reader, event.actor), event.note))
    if row.withdrawn_at is not None:
        found.append(Happened("withdrawn", "撤回", row.withdrawn_at, maker, ""))
    return sorted(found, key=lambda h: h.at)


def last_event(row: Tag) -> int:
    """The number of the newest event of a tag; 0 where there is none."""
    return row.events.order_by("pk").values_list("pk", flat=True).last() or 0


def taken_out(row: Tag) -> tuple[list[dict[str, Any]], int]:
    """(hours over their limit that the tag keeps from being judged, hours it covers): at most its first 31 days."""
    hour = timedelta(hours=1)
    first = row.start.replace(minute=0, second=0, microsecond=0)
    last = min(row.end, first + LONGEST_LOOK)
    point = row.outlet.point
    without = outlet_hours(point, first, last, item=row.item, without=[row.pk])
    if row.withdrawn_at is not None or row.check_state == Tag.Check.REFUSED:
        return [h for h in without if h["answer"] == "fail"], len({h["start"] for h in without})
    judged = {(h["item"], h["start"]): h["answer"] for h in outlet_hours(point, first, last, item=row.item)}
    over = [h for h in without if h["answer"] == "fail" and judged.get((h["item"], h["start"])) != "fail"]
    return over, len({h["start"] for h in without if h["start"] + hour > row.start})
