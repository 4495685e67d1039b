"""Quality that need not be asked at once: noted, and worked off in slices when there is air.

Around each reading the rules look days back and forth, so that asking them anew in every turn of a long catch-up, or at
every packet of an outlet, would cost more than all the rest. Outlets are judged by device flags and tags alone, so that
what the rules say of them may come some seconds later. What waits is kept in the books before the marks are settled;
the flags that come of it mark the hours they change, which are then judged again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import connection, transaction

from qingyuan.bureau.base.models import LoopState
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.quality.actions import check as quality
from qingyuan.bureau.quality.models import QualityDue
from qingyuan.readings import Series

NAME = "quality_later"
HOUR = 3600
SLICE = 10 * 24 * HOUR
MOST_SERIES = 500
CHUNK = 500
MOST_FULL = 10
"""After so many full turns a slice is worked off all the same: a flood without end must not put quality off for ever."""

_WIDEN = """INSERT INTO {table} (series, first, last) VALUES (%s, %s, %s) ON CONFLICT (series) DO UPDATE SET
    first = CASE WHEN excluded.first < {table}.first THEN excluded.first ELSE {table}.first END,
    last = CASE WHEN excluded.last > {table}.last THEN excluded.last ELSE {table}.last END"""

Touched = Mapping[int, tuple[Series, set[int]]]


def note(touched: Touched) -> None:
    """Keep for later what these changes touch. To be called from where `work_off` is, never beside it."""
    numbers = sorted(touched)
    known: dict[int, tuple[int, int]] = {}
    for begin in range(0, len(numbers), CHUNK):
        waiting = QualityDue.objects.filter(series__in=numbers[begin : begin + CHUNK])
        known |= {series: (first, last) for series, first, last in waiting.values_list("series", "first", "last")}
    rows = []
    for number in numbers:
        first, last = min(touched[number][1]), max(touched[number][1])
        if number not in known or first < known[number][0] or last > known[number][1]:
            rows.append((number, first, last))
    if rows:
        table = connection.ops.quote_name(QualityDue._meta.db_table)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(_WIDEN.format(table=table), rows)


def note_full(touched: Touched) -> int:
    """As `note`, for a turn that was full; returns how many there were in a row without a slice."""
    note(touched)
    state, _ = LoopState.objects.get_or_create(name=NAME, defaults={"value": {"full": 0}})
    full = int(state.value.get("full", 0)) + 1
    LoopState.objects.filter(pk=state.pk).update(value={"full": full})
    return full


def work_off() -> int:
    """A slice of what waits, longest waiting series first: so many, of each ten days; returns how many flags changed."""
    waiting = list(QualityDue.objects.order_by("pk")[:MOST_SERIES])
    if not waiting:
        return 0
    end = min(due.first for due in waiting) + SLICE
    chosen = {due.series: (due.first, due.last) for due in waiting if due.first < end}
    series = readings().series_by_number(sorted(chosen))
    due = {
        number: (series[number], set(range(first, min(last, end - HOUR) + HOUR, HOUR)))
        for number, (first, last) in chosen.items()
        if number in series
    }
    done = quality.check(due)
    _settle(chosen, end)
    LoopState.objects.filter(name=NAME).update(value={"full": 0})
    return done


def _settle(chosen: Mapping[int, tuple[int, int]], end: int) -> None:
    """Forget what was worked off; what grew meanwhile stays."""
    numbers = sorted(chosen)
    for begin in range(0, len(numbers), CHUNK):
        rows = QualityDue.objects.filter(series__in=numbers[begin : begin + CHUNK])
        same = [row for row in rows if (row.first, row.last) == chosen[row.series]]
        QualityDue.objects.filter(pk__in=[row.pk for row in same if row.last < end]).delete()
        QualityDue.objects.filter(pk__in=[row.pk for row in same if row.last >= end]).update(first=end)


def reaches_back_to(moment: datetime) -> bool:
    """Whether something waits that is as old."""
    return QualityDue.objects.filter(first__lt=int(moment.timestamp())).exists()


def waits() -> bool:
    """Whether anything waits."""
    return QualityDue.objects.exists()
