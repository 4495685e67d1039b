"""Which books there are: declared in `books` modules of installed apps, or brought by a provider (local books)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextvars import ContextVar
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules

from django.apps import apps
from django.core.signals import request_finished, request_started
from django.utils.translation import get_language, gettext

from qingyuan.bureau.accounts.policies.rights import CAPABILITIES, NAMES
from qingyuan.bureau.base.errors import Invalid
from qingyuan.bureau.book.columns import declared_columns
from qingyuan.bureau.book.declaration import Book
from qingyuan.bureau.kinds.columns import Column

_declared: dict[str, Book] = {}
_asked: ContextVar[dict[str, dict[str, Column]] | None] = ContextVar("columns of the books asked for", default=None)
more_books: list[Callable[[], Iterable[Book]]] = []
more_columns: list[Callable[[Book], Iterable[Column]]] = []
_WORDS = {"edit": "维护", "unseal": "查看封存内容"}


def discover() -> None:
    """Read `books` of every installed app, a module or a folder of them: each Book at a top level is declared."""
    for app in list(apps.get_app_configs()):
        if app.name.startswith("django.") or find_spec(f"{app.name}.books") is None:
            continue
        books = import_module(f"{app.name}.books")
        parts = [import_module(f"{books.__name__}.{one.name}") for one in iter_modules(getattr(books, "__path__", ()))]
        for found in [each for part in (books, *parts) for each in vars(part).values()]:
            if isinstance(found, Book):
                declare(found)


def declare(book: Book) -> None:
    """A book is known from now on; its rights become capabilities of the roles that it names."""
    if _declared.setdefault(book.code, book) is not book:
        raise ValueError(f"two books are declared as {book.code}: {_declared[book.code].model}, {book.model}")
    for verb, roles in book.rights.items():
        done = book.verb(verb)
        NAMES.setdefault(book.right(verb), f"{book.name}：{done.label if done else _WORDS.get(verb, verb)}")
        for role in roles:
            CAPABILITIES[role] = CAPABILITIES[role] | {book.right(verb)}


def declared() -> list[Book]:
    """The books that stand in code."""
    return list(_declared.values())


def books() -> list[Book]:
    """All books: declared ones in their order, then those of the providers."""
    return [*_declared.values(), *(book for provider in more_books for book in provider())]


def book_of(code: str) -> Book:
    """The book of a code or a name. Raises Invalid with the ones there are."""
    found = _declared.get(code) or next((book for book in books() if code in (book.code, book.name)), None)
    if found is None:
        known = "、".join(f"{book.code}（{book.name}）" for book in books()) or "还没有台账"
        raise Invalid(f"没有台账“{code}”；有：{known}", "code")
    return found


def columns_of(book: Book) -> dict[str, Column]:
    """Every column of a book by name: written ones, the state, a county's own, computed ones. Asked once in a request."""
    kept = _asked.get()
    if kept is not None and book.code in kept:
        return kept[book.code]
    found = declared_columns(book) | {column.name: column for provider in more_columns for column in provider(book)}
    if kept is not None:
        kept[book.code] = found
    return found


def ask_again() -> None:
    """Columns were changed in this request."""
    if (kept := _asked.get()) is not None:
        kept.clear()


def _begin(**_of: object) -> None:
    _asked.set({})


def _end(**_of: object) -> None:
    _asked.set(None)


request_started.connect(_begin)
request_finished.connect(_end)


def word(book: Book, text: str) -> str:
    """A word of the declaration in the language of the page."""
    return (book.english.get(text) if get_language() == "en" else None) or gettext(text) if text else ""
