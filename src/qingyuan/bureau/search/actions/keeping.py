"""Keeping the index: what was marked is read and written anew, in slices that hold nobody up for long."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable

from django.db import connection, transaction

from qingyuan.bureau.search.actions import grams_of
from qingyuan.bureau.search.models import Entry, Mark
from qingyuan.bureau.search.source import Source, numbered, sources, told

SLICE = 1_000
_ONE_AT_A_TIME = 0x71_79_73_65  # the number of the server's lock


def catch_up(seconds: float = 0.3) -> int:
    """Index marked rows, oldest first, until nothing is marked or the time is over; the number of marks worked off."""
    end, done = time.monotonic() + seconds, 0
    while number := _slice():
        done += number
        if time.monotonic() > end:
            break
    return done


def rebuild(progress: Callable[[int, int], None] = lambda done, of: None) -> int:
    """The whole index anew: emptied, every row marked, then worked off; the number of rows that can be found."""
    with transaction.atomic():
        grams_of.empty()
        Mark.objects.all().delete()
        with connection.cursor() as cursor:
            for place in sorted({source.place for source in sources()}):
                cursor.execute(f"INSERT INTO search_mark(place, row) SELECT %s, id FROM {place}", [place])  # noqa: S608
    of, done = Mark.objects.count(), 0
    while number := _slice():
        done += number
        progress(done, of)
    return Entry.objects.count()


def _slice() -> int:
    if not Mark.objects.exists():
        return 0
    with transaction.atomic():
        if connection.vendor == "postgresql":  # on SQLite a writing transaction is alone anyway
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_ONE_AT_A_TIME])
                if not cursor.fetchone()[0]:
                    return 0
        marks = list(Mark.objects.order_by("pk")[:SLICE])
        rows: dict[str, set[int]] = defaultdict(set)
        for mark in marks:
            rows[mark.place].add(mark.row)
        of_place: dict[str, list[Source]] = defaultdict(list)
        for source in sources():
            of_place[source.place].append(source)
        for place, wanted in rows.items():
            _anew(place, wanted, of_place[place])
        Mark.objects.filter(pk__in=[mark.pk for mark in marks]).delete()
    return len(marks)


def _anew(place: str, rows: set[int], of_place: list[Source]) -> None:
    grams_of.remove(list(numbered(Entry.objects.filter(place=place), rows, "row")))
    grams_of.add(
        Entry(source=source.code, place=place, row=each.row, text=each.text, scope=" ".join(sorted(each.scope)))
        for source in of_place
        for each in told(source, numbered(source.rows(), rows))
        if each.text
    )
