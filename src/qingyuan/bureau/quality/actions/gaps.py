"""The gap rule asked again where readings changed: a gap lasts from a reading to the next one, and back-fill closes it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache

from qingyuan import clock
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.registers.models import Point
from qingyuan.readings import NewFlag, Reading, Series
from qingyuan.rules import rule_book
from qingyuan.science.intervals import beijing_date
from qingyuan.science.quality import Gap, Span, gap_rule_for

GAP = "gap"
HOUR, DAY = 3600, 86_400
Changes = Sequence[tuple[Series, str, Span]]
"""Series, the kind of its point, changed span."""
Rows = Mapping[int, Sequence[Reading]]


def check_gaps(changes: Changes, rows: Rows, read: Span, actor: str) -> int:
    """Flags of the gaps that meet the changed spans of hourly series whose point has a plan; how many flags changed.

    rows: the readings of these series that begin in `read`, in order of time; what lies further away is asked for
    where it is needed. An interval with a reading is no gap, whatever the reading says. Planned stops are not looked
    at: they are booked and changed later, and are told beside the gap where it is shown.
    """
    plans = _plans({series.key.point for series, _, _ in changes})
    wanted: dict[tuple[int, int, int], Gap] = {}
    spans: dict[int, list[Span]] = defaultdict(list)
    filled: dict[int, set[int]] = defaultdict(set)
    ruled = _ruled(changes, plans)
    newest = {number: r.start for number, r in readings().latest([series.id for series, _, _ in ruled]).items()}
    for series, changed, gap in ruled:
        start, around = _readings_around(series.id, changed, gap, rows[series.id], read, newest.get(series.id, 0))
        spans[series.id].append(around)
        filled[series.id].update(start)
        for begin, end in gap.spans(start, plans[series.key.point]):
            wanted[series.id, begin, end] = gap
    return _agree(wanted, spans, filled, actor) if spans else 0


def _ruled(changes: Changes, plans: Mapping[str, int]) -> list[tuple[Series, Span, Gap]]:
    found = []
    digest = rule_book().digest
    for series, kind, changed in changes:
        if series.key.grain == "hour" and series.key.point in plans:
            gap = _rule(digest, series.key.item, series.key.grain, kind, changed[0] // DAY)
            if gap is not None:
                found.append((series, changed, gap))
    return found


@lru_cache(maxsize=4096)
def _rule(digest: str, item: str, grain: str, point_kind: str, day: int) -> Gap | None:
    return gap_rule_for(rule_book(), item, grain, point_kind, beijing_date(datetime.fromtimestamp(day * DAY, UTC)))


def _plans(codes: set[str]) -> dict[str, int]:
    """By point code: seconds from one interval to the next, for those that have a plan; at least an hour."""
    rows = Point.objects.filter(code__in=codes, expected_minutes__isnull=False).values_list("code", "expected_minutes")
    return {code: max(minutes * 60, HOUR) for code, minutes in rows if minutes}


def _readings_around(
    number: int, changed: Span, gap: Gap, known: Sequence[Reading], read: Span, newest: int
) -> tuple[list[int], Span]:
    """Starts of the readings from the last one before the change to the first one after it, and the span they cover."""
    first, last = changed[0] - gap.longest(), changed[1] + gap.longest()
    inside = [r.start for r in known if changed[0] <= r.start < changed[1]]
    before = [r.start for r in known if first <= r.start < changed[0]]
    after = [r.start for r in known if changed[1] <= r.start < last]
    store = readings()
    if not before:
        before = [r.start for r in store.window([number], first, read[0])]
    if not after and newest >= read[1]:
        after = [r.start for r in store.window([number], read[1], last)]
    return [*before[-1:], *inside, *after[:1]], (before[-1] if before else first, after[0] if after else last)


def _agree(
    wanted: Mapping[tuple[int, int, int], Gap],
    spans: Mapping[int, Sequence[Span]],
    filled: Mapping[int, set[int]],
    actor: str,
) -> int:
    """Take back the flags that no longer hold, put those that are new; how many changed.

    A flag goes that lies inside a span and is not wanted, and one that a reading lies in, at the edge of a span too: two
    readings that fill one gap may be looked at one after the other, and neither sees the whole flag.
    """
    store = readings()
    first, last = min(s for many in spans.values() for s, _ in many), max(e for many in spans.values() for _, e in many)
    there: set[tuple[int, int, int]] = set()
    stale = []
    for flag in store.flags(list(spans), first, last):
        if flag.rule != GAP or flag.undone_by or flag.actor != actor:
            continue
        key = (flag.series, flag.start, flag.end)
        there.add(key)
        is_inside = any(s < flag.start and flag.end <= e for s, e in spans[flag.series])
        is_filled = any(flag.start <= start < flag.end for start in filled[flag.series])
        if key not in wanted and (is_inside or is_filled):
            stale.append(flag.id)
    now = int(clock.now().timestamp())
    made = [
        NewFlag(*key, gap.outcome, GAP, str(gap.version), gap.parameters(), actor=actor, made_at=now)
        for key, gap in wanted.items()
        if key not in there
    ]
    store.unflag(stale, actor, now, quiet=True)
    store.flag(made, quiet=True)
    return len(made) + len(stale)
