"""Entries and their grams, written: a full-text table on SQLite (FTS5 without content), an array on PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db import connection

from qingyuan.bureau.search.grams import grams
from qingyuan.bureau.search.models import Entry


def _tokens(entry: Entry) -> list[str]:
    return [*sorted(grams(entry.text)), *entry.scope.split()]


def add(entries: Iterable[Entry]) -> None:
    """Entries that were just made, with their grams."""
    made = Entry.objects.bulk_create(entries)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            rows = [(each.pk, " ".join(_tokens(each))) for each in made]
            cursor.executemany("INSERT INTO search_grams(rowid, grams) VALUES (%s, %s)", rows)
        else:
            of_each = [(_tokens(each), each.pk) for each in made]
            cursor.executemany("UPDATE search_entry SET grams = %s WHERE id = %s", of_each)


def remove(entries: Collection[Entry]) -> None:
    """Entries of before, with their grams."""
    if connection.vendor == "sqlite":
        rows = [(each.pk, " ".join(_tokens(each))) for each in entries]
        with connection.cursor() as cursor:
            cursor.executemany("INSERT INTO search_grams(search_grams, rowid, grams) VALUES ('delete', %s, %s)", rows)
    Entry.objects.filter(pk__in=[each.pk for each in entries]).delete()


def empty() -> None:
    """Nothing is indexed any more."""
    Entry.objects.all().delete()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO search_grams(search_grams) VALUES ('delete-all')")
