"""Django's system checks over the declarations: what would fail at a click fails at the start."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage, Error, Tags
from django.core.checks import register as with_django
from django.core.exceptions import FieldDoesNotExist
from django.db.models import UniqueConstraint

from qingyuan.bureau.accounts.models import Role
from qingyuan.bureau.book.columns import HIDDEN, declared_columns
from qingyuan.bureau.book.declaration import Book
from qingyuan.bureau.book.registry import declared


def register() -> None:
    """Put the check among those of Django."""
    with_django(check_books, Tags.models)


def check_books(app_configs: Any = None, **options: Any) -> list[CheckMessage]:
    """Everything that is wrong with a declaration."""
    return [Error(f"book {book.code}: {words}", id="book.E001") for book in declared() for words in faults(book)]


def faults(book: Book) -> Iterator[str]:
    """What is wrong with one declaration, in words."""
    fields = {field.name: field for field in book.model._meta.get_fields()}
    if lacking := HIDDEN - set(fields):
        yield f"its model lacks {', '.join(sorted(lacking))}; derive it from book.models.Row"
        return
    named = [*book.key, *book.form, *book.search, *(c for c in book.columns if isinstance(c, str))]
    named += [f for f in book.filters if isinstance(f, str)] + [book.since, book.until, book.state, *book.headers]
    named += [due.field for due in book.dues] + [c.on for c in book.counters]
    for name in named:
        if name and name.partition("__")[0] not in fields:
            yield f"{name} is no field of {book.model.__name__}"
            return
    for path in (*book.area_paths, *(path for path in book.owners if path != "pk")):
        yield from _path_faults(book, path)
    yield from _key_faults(book, fields)
    yield from _verb_faults(book)
    columns = declared_columns(book)
    for name, layout in book.layouts.items():
        if unknown := set(layout.values()) - set(columns):
            yield f"layout {name} names {sorted(unknown)}, which are no columns"
    if unknown := {role for roles in book.rights.values() for role in roles} - set(Role.values):
        yield f"rights name roles that there are not: {sorted(unknown)}"
    for sample in book.samples:
        if unknown := set(sample) - {c.label for c in columns.values()} - set(columns):
            yield f"a sample has {sorted(unknown)}, which are no columns"


def _key_faults(book: Book, fields: dict[str, Any]) -> Iterator[str]:
    rules = [set(rule.fields) for rule in book.model._meta.constraints if isinstance(rule, UniqueConstraint)]
    is_single = len(book.key) == 1 and not book.fixed and fields[book.key[0]].unique
    if not is_single and set(book.key) | set(book.fixed) not in rules:
        yield f"its key {book.key} is not unique by a constraint of the model"


def _verb_faults(book: Book) -> Iterator[str]:
    states, columns = dict(book.states), declared_columns(book)
    for verb in book.verbs:
        if unknown := {*verb.froms, verb.to} - {""} - set(states):
            yield f"verb {verb.name} speaks of states {sorted(unknown)} that {book.state or 'no field'} does not have"
        if unknown := set(verb.needs) - {"reason"} - set(columns):
            yield f"verb {verb.name} needs {sorted(unknown)}, which are no columns"


def _path_faults(book: Book, path: str) -> Iterator[str]:
    model: Any = book.model
    for part in path.split("__"):
        try:
            model = model._meta.get_field(part).related_model
        except FieldDoesNotExist:
            model = None
        if model is None:
            yield f"{path} is no path of links from {book.model.__name__}"
            return
