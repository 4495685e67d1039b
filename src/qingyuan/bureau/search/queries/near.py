"""Entries that have the grams of what is looked for: a question to the full-text table, or to the array and its index."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection


@dataclass(frozen=True)
class Near:
    """A row that may be meant."""

    number: int
    source: str
    place: str
    row: int
    text: str


def near(wanted: Collection[str], scopes: Iterable[Collection[str]], before: int | None, most: int) -> Iterator[Near]:
    """Entries with all the grams and of each scope one token, newest first, from below a number on, at most so many."""
    any_of = [scope for scope in scopes if scope]
    if connection.vendor == "sqlite":
        parts = [_quoted(each) for each in wanted]
        parts += [f"({' OR '.join(_quoted(each) for each in scope)})" for scope in any_of]
        sql = (
            "SELECT e.id, e.source, e.place, e.row, e.text FROM search_grams JOIN search_entry e ON e.id = search_grams.rowid "
            "WHERE search_grams MATCH %s AND search_grams.rowid < %s ORDER BY search_grams.rowid DESC LIMIT %s"
        )
        given: list[Any] = [" AND ".join(parts)]
    else:
        scoped = " AND grams && %s" * len(any_of)
        sql = (
            "SELECT id, source, place, row, text FROM search_entry "  # noqa: S608
            f"WHERE grams @> %s{scoped} AND id < %s ORDER BY id DESC LIMIT %s"
        )
        given = [list(wanted), *(list(scope) for scope in any_of)]
    with connection.cursor() as cursor:
        cursor.execute(sql, [*given, before if before is not None else 2**62, most])
        yield from (Near(*row) for row in cursor.fetchall())


def _quoted(token: str) -> str:
    return f'"{token}"'
