"""A row and its versions as a person may see them: page, API and conflict from one function."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies.sides import is_outside
from qingyuan.bureau.book.columns import column_of
from qingyuan.bureau.book.declaration import Book, Verb
from qingyuan.bureau.book.models import RowVersion
from qingyuan.bureau.book.policies import may_do
from qingyuan.bureau.book.queries import shown_columns
from qingyuan.bureau.book.versions import history, key_of
from qingyuan.bureau.kinds.columns import EXTRA, Column
from qingyuan.bureau.kinds.links import Links
from qingyuan.bureau.sealed.queries import MASK


@dataclass(frozen=True)
class ShownVersion:
    """One version: what stood in it by column, and which columns differ from the one before."""

    revision: int
    valid_from: date
    recorded_at: datetime
    actor: str
    reason: str
    values: Mapping[str, Any]
    changes: tuple[tuple[str, Any, Any], ...] = ()


def key_of_row(book: Book, row: Any) -> str:
    """The key of a row in addresses."""
    links = Links()
    columns = [column_of(book, name) for name in book.key]
    return key_of(book, {c.name: c.plain(c.of(row), links) for c in columns})


def plain_row(book: Book, user: User, row: Any, links: Links) -> dict[str, Any]:
    """The row as the API gives it: plain values by column, sealed ones masked."""
    columns = {c.name: c for c in shown_columns(book, user)}
    values = {name: _masked(column, column.plain(column.of(row), links)) for name, column in columns.items()}
    key = key_of(book, {c.name: c.plain(c.of(row), links) for c in (column_of(book, n) for n in book.key)})
    return {**values, "key": key, "title": str(row), "revision": row.revision, "gone_at": row.gone_at}


def shown_version(book: Book, user: User, made: RowVersion, before: RowVersion | None = None) -> ShownVersion:
    """A version without what the person may not see: hidden columns, sealed text, and to a firm who did it and why."""
    columns = {c.name: c for c in shown_columns(book, user) if c.kind != "computed"}
    values = {name: _masked(column, made.values.get(name)) for name, column in columns.items()}
    changes: tuple[tuple[str, Any, Any], ...] = ()
    if before is not None:
        changes = tuple(
            (column.label, _word(column, before.values.get(name)), _word(column, made.values.get(name)))
            for name, column in columns.items()
            if before.values.get(name) != made.values.get(name)
        )
    is_inside = not is_outside(user)
    actor = str(made.actor or "系统") if is_inside else ""
    return ShownVersion(
        made.revision, made.valid_from, made.recorded_at, actor, made.reason if is_inside else "", values, changes
    )


def shown_history(book: Book, user: User, row: Any) -> list[ShownVersion]:
    """The versions of a row, newest first."""
    versions = list(history(book, row))
    older: list[RowVersion | None] = [*versions[1:], None]
    return [shown_version(book, user, made, before) for made, before in zip(versions, older, strict=True)]


def verbs_for(book: Book, user: User, row: Any) -> list[Verb]:
    """What the person may do to the row as it stands."""
    state = getattr(row, book.state) if book.state else ""
    return [v for v in book.verbs if (not v.froms or state in v.froms) and may_do(user, book, v.name, row)]


def _masked(column: Column, plain: Any) -> Any:
    return MASK if column.kind == "sealed" and plain else plain


def _word(column: Column, plain: Any) -> Any:
    if column.kind == "sealed":
        return MASK if plain else ""
    if column.kind == "boolean" and plain is not None and not column.name.startswith(EXTRA):
        return "是" if plain else "否"
    return dict(column.choices).get(str(plain), plain) if plain is not None else ""
