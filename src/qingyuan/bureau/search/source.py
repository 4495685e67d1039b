"""What can be searched, declared in plain data."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext

from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.book.columns import declared_columns
from qingyuan.bureau.book.declaration import Book
from qingyuan.bureau.book.policies import visible
from qingyuan.bureau.book.registry import books, declared, word
from qingyuan.bureau.search.grams import kept

EVERYWHERE = "area:all"


@dataclass(frozen=True)
class Source:
    """Rows that can be found by words.

    rows: all of them. fields: paths to the texts, areas: paths to the area by which scopes narrow (the first that leads to
    one; none: all may be candidates), owners: paths to organisations that see their own. spoken: texts also found by
    pinyin and initials. seen: what a person may see. holds: of seen rows those that hold a word as the person is shown
    them, where that is less than the whole.
    """

    code: str
    name: str
    model: type[Model]
    rows: Callable[[], QuerySet[Any]]
    fields: tuple[str, ...]
    seen: Callable[[User], QuerySet[Any]]
    areas: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    spoken: tuple[str, ...] = ()
    holds: Callable[[User, QuerySet[Any], str], QuerySet[Any]] | None = None
    book: Book | None = None

    @property
    def place(self) -> str:
        """The table whose rows these are."""
        return self.model._meta.db_table

    @property
    def title(self) -> str:
        """Its name in the language of the page."""
        return word(self.book, self.name) if self.book else gettext(self.name)


def of_book(book: Book) -> Source:
    """A book as it is searched: what its declaration names, without what is sealed or has a right of its own."""
    columns = declared_columns(book)
    open_to_all = tuple(
        name
        for name in book.search
        if name not in columns or (columns[name].kind != "sealed" and not columns[name].right)
    )
    return Source(
        code=book.code,
        name=book.name,
        model=book.model,
        rows=book.rows,
        fields=open_to_all,
        seen=lambda user: visible(user, book),
        areas=book.area_paths,
        owners=book.owners,
        spoken=open_to_all,
        book=book,
    )


def others() -> Iterator[Source]:
    """What is no book: declared in the `searched` module of an app."""
    for app in apps.get_app_configs():
        if app.name.startswith("qingyuan.") and find_spec(f"{app.name}.searched"):
            found = vars(import_module(f"{app.name}.searched")).values()
            yield from (each for each in found if isinstance(each, Source))


def sources() -> list[Source]:
    """Everything that is searched now, a county's own books among it."""
    return [*others(), *(of_book(book) for book in books() if book.search)]


def watched() -> list[Source]:
    """What the triggers are made from: all that stands in code."""
    return [*others(), *(of_book(book) for book in declared() if book.search)]


@dataclass(frozen=True)
class Told:
    """A row as the index holds it: the texts as kept, and the tokens of who may see it."""

    row: int
    text: str
    scope: frozenset[str]


def told(source: Source, rows: QuerySet[Any], *, by_sound: bool = True) -> Iterator[Told]:
    """What the index is told of these rows; by_sound: with pinyin."""
    paths = ["pk", *source.fields, *source.areas, *source.owners]
    ends = 1 + len(source.fields), 1 + len(source.fields) + len(source.areas)
    for values in rows.order_by().values_list(*paths).iterator():
        texts = dict(zip(source.fields, values[1 : ends[0]], strict=True))
        sounds = (texts[name] for name in source.spoken) if by_sound else ()
        scope = {f"kind:{source.code}", *_areas(source, values[ends[0] : ends[1]])}
        scope |= {f"org:{owner}" for owner in values[ends[1] :] if owner}
        yield Told(values[0], kept(texts.values(), sounds), frozenset(scope))


def numbered(rows: QuerySet[Any], numbers: Collection[int], column: str = "pk") -> QuerySet[Any]:
    """Of the rows those with these numbers, told to the database as one value: there may be thousands, asked again and
    again of each book that shares a table."""
    if connection.vendor == "sqlite":
        one = RawSQL("SELECT value FROM json_each(%s)", [json.dumps(list(numbers))])
    else:
        one = RawSQL("SELECT unnest(%s::bigint[])", [list(numbers)])
    return rows.filter(**{f"{column}__in": one})


def _areas(source: Source, areas: Iterable[int | None]) -> Iterator[str]:
    if not source.areas:
        yield EVERYWHERE
    elif area := next((area for area in areas if area), None):
        yield f"area:{area}"
