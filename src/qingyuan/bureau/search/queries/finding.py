"""What is found by words: near rows from the index, what it has not reached yet as it stands, each asked of its policy."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies.rights import scope_of
from qingyuan.bureau.book.columns import declared_columns
from qingyuan.bureau.book.policies import may_do
from qingyuan.bureau.sealed.queries import rows_with
from qingyuan.bureau.search import grams
from qingyuan.bureau.search.models import Mark
from qingyuan.bureau.search.queries.near import Near, near
from qingyuan.bureau.search.source import EVERYWHERE, Source, numbered, sources, told

MOST_MARKED = 2_000
BATCH, FIRST = 60, 600
SECONDS = 0.12
"""How long further kinds are looked through where very many rows hold the words."""


@dataclass(frozen=True)
class Hits:
    """Rows of one kind that the person may see, newest written first; more: there may be others."""

    source: Source
    rows: list[Any]
    more: bool


@dataclass(frozen=True)
class Found:
    """What the words find. behind: rows just written that nobody has looked at; is_short: no word has two characters."""

    hits: list[Hits] = field(default_factory=list)
    behind: int = 0
    is_short: bool = False


def found(user: User, query: str, most: int) -> Found:
    """Rows of every kind that hold all the words, as the person may see them: at most so many of each kind.

    That there may be more is not said alone of leads and cases: it would tell that a word stands in what is kept back.
    """
    if not grams.asked(grams.words(query)):
        return Found(is_short=True)
    marked, behind = _marked()
    search = _Search(user, query, most, marked)
    each = [search.of(source) for source in sources()]
    return Found([hits for hits in each if hits.rows or (hits.more and hits.source.holds is None)], behind)


def _marked() -> tuple[dict[str, dict[int, None]], int]:
    """Rows that the index does not know as they stand: the newest of them by table, newest first, and how many besides."""
    newest = list(Mark.objects.order_by("-pk").values_list("place", "row")[: MOST_MARKED + 1])
    rows: dict[str, dict[int, None]] = defaultdict(dict)
    for place, row in newest[:MOST_MARKED]:
        rows[place].setdefault(row)
    return rows, Mark.objects.count() - MOST_MARKED if len(newest) > MOST_MARKED else 0


class _Search:
    """One search: the newest entries of all kinds at once, then further ones of the kinds that need them."""

    def __init__(self, user: User, query: str, most: int, marked: dict[str, dict[int, None]]) -> None:
        self._user, self._query, self._most, self._marked = user, query, most, marked
        self._words = grams.words(query)
        self._wanted = grams.asked(self._words)
        self._scope = _scope(user)
        self._end = time.monotonic() + SECONDS
        first = list(near(self._wanted, [self._scope], None, FIRST))
        self._is_whole = len(first) < FIRST
        self._lowest = first[-1].number if first else None
        self._near: dict[str, list[Near]] = defaultdict(list)
        for each in first:
            self._near[each.source].append(each)

    def of(self, source: Source) -> Hits:
        """What is found of one kind."""
        rows = self._kept(source, [*self._sealed(source), *self._just_written(source)], [])
        part, is_whole, before = self._near[source.code], self._is_whole, self._lowest
        while True:
            for some in _batched(part, BATCH):
                if len(rows) <= self._most:
                    rows += self._kept(source, self._holding(some), rows)
            if is_whole or len(rows) > self._most or time.monotonic() > self._end:
                return Hits(source, rows[: self._most], len(rows) > self._most or not is_whole)
            part = self._next(source, before)
            is_whole, before = len(part) < BATCH, part[-1].number if part else before

    def _next(self, source: Source, before: int | None) -> list[Near]:
        return list(near(self._wanted, [[f"kind:{source.code}"], self._scope], before, BATCH))

    def _holding(self, part: Iterable[Near]) -> list[int]:
        """Rows that hold the words, of those that the index knows as they stand."""
        known = (each for each in part if each.row not in self._marked.get(each.place, ()))
        return [each.row for each in known if grams.holds(each.text, self._words)]

    def _just_written(self, source: Source) -> list[int]:
        rows = self._marked.get(source.place)
        if not rows:
            return []
        stand = told(source, numbered(source.rows(), rows), by_sound=False)
        holding = {each.row for each in stand if grams.holds(each.text, self._words)}
        return [row for row in rows if row in holding]

    def _sealed(self, source: Source) -> Iterable[int]:
        """Sealed texts are in no index; who may see them finds them by the exact text."""
        book = source.book
        if book is None or not (sealed := [c for c in declared_columns(book).values() if c.kind == "sealed"]):
            return []
        if not may_do(self._user, book, "unseal"):
            return []
        return [row for column in sealed for row in rows_with(column.place, self._query)]

    def _kept(self, source: Source, rows: Iterable[int], besides: Iterable[Any]) -> list[Any]:
        """The rows that the person may see, and that hold the words as he is shown them; in the order given."""
        there = {row.pk for row in besides}
        wanted = [row for row in dict.fromkeys(rows) if row not in there]
        if not wanted:
            return []
        seen = source.seen(self._user).filter(pk__in=wanted)
        if source.holds is not None:
            for word in self._words:
                seen = source.holds(self._user, seen, word)
        by_number = {row.pk: row for row in seen}
        return [by_number[row] for row in wanted if row in by_number]


def _batched(rows: Sequence[Near], size: int) -> Iterator[Sequence[Near]]:
    yield from (rows[at : at + size] for at in range(0, len(rows), size))


def _scope(user: User) -> list[str]:
    """Tokens of which a row has one that the person may see; none where he sees all areas."""
    scope = scope_of(user)
    if scope.everywhere:
        return []
    own = [f"org:{scope.organisation_id}"] if scope.organisation_id else []
    return [EVERYWHERE, *(f"area:{area}" for area in sorted(scope.area_ids)), *own]
