"""The registers: every book by the same routes. Values are plain: links by code, dates as ISO, sealed ones masked."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from django.http import Http404, HttpRequest
from ninja import File, Query, Router, Schema, UploadedFile
from pydantic import Field

from qingyuan.api.auth import Session, Token, user_of
from qingyuan.api.idempotency import once
from qingyuan.api.paging import Paging, page_of
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.base.errors import Invalid
from qingyuan.bureau.book.actions import Conflict, act, read_values, save
from qingyuan.bureau.book.declaration import Book
from qingyuan.bureau.book.policies import require_for, visible
from qingyuan.bureau.book.queries import count, counted, listed, row_of, shown_columns
from qingyuan.bureau.book.registry import book_of
from qingyuan.bureau.book.registry import books as all_books
from qingyuan.bureau.book.shown import plain_row, shown_history, shown_version, verbs_for
from qingyuan.bureau.exchange.imports import Choice, import_file
from qingyuan.bureau.exchange.many import change_many, look
from qingyuan.bureau.kinds.links import Links

router = Router(tags=["台账"])
PAGING = {"page", "page_size"}


class RowIn(Schema):
    """Values by column as people write them: links by code or name. revision: the one that was read before."""

    values: dict[str, Any] = {}
    revision: int | None = Field(None, ge=0, description="改之前读到的修订；别人先改了则答 409，并给出对方的内容")
    reason: str = Field("", max_length=300)
    valid_from: date | None = None


class VerbIn(Schema):
    """What the verb asks for, by column, and `reason`."""

    values: dict[str, Any] = {}
    revision: int | None = Field(None, ge=0)


class ManyIn(Schema):
    """One column of many rows. mark: that of the dry run, so that nothing is changed that was not looked at."""

    keys: list[str] | None = Field(None, max_length=1000)
    where: dict[str, str] | None = None
    column: str
    value: str | float | bool | None = None
    reason: str = Field("", max_length=300)
    dry_run: bool = False
    mark: str = ""


class _OfBook:
    """The right that a book's declaration asks for, before the form of the request is looked at."""

    def authenticate(self, request: HttpRequest, key: Any) -> Any:
        """The user. Raises NotAllowed without the right, Http404 where there is no such book."""
        user = super().authenticate(request, key)  # type: ignore[misc]
        if user is not None and request.resolver_match is not None:
            given = request.resolver_match.kwargs
            require_for(user, _book(given["book"]), given.get("verb", "edit"))
        return user


# named as the two they are, for the description of the API
HOLDERS: list[Any] = [type(kind.__name__, (_OfBook, kind), {})() for kind in (Token, Session)]


def _book(code: str) -> Book:
    try:
        return book_of(code)
    except Invalid as error:
        raise Http404 from error


def _row(user: User, book: Book, key: str) -> Any:
    row = row_of(book, user, key)
    if row is None:
        raise Http404
    return row


def _shape(book: Book, user: User, row: Any) -> dict[str, Any]:
    return plain_row(book, user, row, Links()) | {"verbs": [v.name for v in verbs_for(book, user, row)]}


@router.get("/books", summary="有哪些台账")
def books(request: HttpRequest) -> list[dict[str, Any]]:
    """Every book with the number of rows that the caller sees, its columns, states and figures."""
    user = user_of(request)
    return [
        {
            "code": book.code,
            "name": book.name,
            "purpose": book.purpose,
            "rows": count(book, user).total,
            "states": dict(book.states),
            "mirror": book.mirror,
            "columns": [
                {"code": c.name, "label": c.label, "kind": c.kind, "choices": dict(c.choices)}
                for c in shown_columns(book, user)
            ],
            "counters": dict(counted(book, user)),
        }
        for book in all_books()
    ]


@router.get("/books/{book}", summary="一本台账的行")
def rows(request: HttpRequest, book: str, paging: Query[Paging]) -> dict[str, Any]:
    """Narrowed by `column=value` (code or word), `column__from`, `column__to`, named conditions (`=1`), `q`; `sort` is a
    column, with - from the end. Only rows in the caller's scope.
    """
    user, found = user_of(request), _book(book)
    given = {name: str(value) for name, value in request.GET.items() if name not in PAGING}
    links = Links()
    return page_of(listed(found, user, given), paging, lambda row: plain_row(found, user, row, links))


@router.post("/books/{book}", auth=HOLDERS, summary="登记一行")
@once
def add(request: HttpRequest, book: str, body: RowIn) -> dict[str, Any]:
    """A new row; 422 names the column that is wrong."""
    user, found = user_of(request), _book(book)
    made = save(user, found, read_values(found, body.values), reason=body.reason, valid_from=body.valid_from)
    return _shape(found, user, made)


@router.post("/books/{book}/import", auth=HOLDERS, summary="导入台账")
def take_in(
    request: HttpRequest,
    book: str,
    file: File[UploadedFile],
    dry_run: bool = False,
    strict: bool = False,
    full: bool = False,
    new_places: bool = False,
) -> dict[str, Any]:
    """Rows from CSV or Excel as `books import` does it; `errors` tells the bad rows, the first 200 of them."""
    user, found = user_of(request), _book(book)
    with tempfile.TemporaryDirectory(prefix="qingyuan-") as folder:
        path = Path(folder) / Path(file.name or "file").name[-100:]
        with path.open("wb") as out:
            out.writelines(file.chunks())
        report = import_file(user, found, path, Choice(dry_run, strict, full, new_places))
    errors = [{"row": number, "message": words} for number, _, words in report.bad[:200]]
    return report.facts() | {"errors": errors, "unused_columns": list(report.unused), "notes": report.notes}


@router.post("/books/{book}/bulk", auth=HOLDERS, summary="批量修改一列")
@once
def change_rows(request: HttpRequest, book: str, body: ManyIn) -> dict[str, Any]:
    """One column of the rows named by `keys`, or of all that `where` holds (as the filters of the list; {} is every row).

    With `dry_run` nothing is written; `mark` of that answer makes the change only if no row was written since (else 409).
    """
    user, found = user_of(request), _book(book)
    if (body.keys is None) == (body.where is None):
        raise Invalid("须给出 keys（行的主键）或 where（筛选条件）之一", "keys")
    if body.keys is not None:
        rows = visible(user, found).filter(pk__in=[_row(user, found, key).pk for key in body.keys])
    else:
        rows = listed(found, user, body.where or {})
    value = "" if body.value is None else str(body.value)
    if body.dry_run:
        plan = look(user, found, rows, body.column, value)
    else:
        plan = change_many(user, found, rows, body.column, value, reason=body.reason, mark=body.mark)
    return {
        "rows": plan.rows,
        "changed": len(plan.changes),
        "unchanged": plan.same,
        "refused": [{"key": key, "message": why} for key, why in plan.refused[:200]],
        "refused_rows": len(plan.refused),
        "mark": plan.mark,
    }


@router.get("/books/{book}/{key}", summary="台账的一行")
def row(request: HttpRequest, book: str, key: str) -> dict[str, Any]:
    """The row with its versions, newest first, and the verbs that the caller may do to it now."""
    user, found = user_of(request), _book(book)
    it = _row(user, found, key)
    versions = [
        {
            "revision": v.revision,
            "valid_from": v.valid_from,
            "recorded_at": v.recorded_at,
            "actor": v.actor,
            "reason": v.reason,
            "values": v.values,
        }
        for v in shown_history(found, user, it)
    ]
    return _shape(found, user, it) | {"history": versions}


@router.post("/books/{book}/{key}", auth=HOLDERS, summary="修改一行")
@once
def change(request: HttpRequest, book: str, key: str, body: RowIn) -> dict[str, Any]:
    """Change the columns that are given; with `revision`, 409 and `theirs` where somebody wrote the row in between."""
    user, found = user_of(request), _book(book)
    it, values = _row(user, found, key), read_values(found, body.values)
    try:
        done = save(user, found, values, it, revision=body.revision, reason=body.reason, valid_from=body.valid_from)
    except Conflict as conflict:
        raise _told(found, user, conflict) from conflict
    return _shape(found, user, done)


@router.post("/books/{book}/{key}/verbs/{verb}", auth=HOLDERS, summary="办理动作")
@once
def do(request: HttpRequest, book: str, key: str, verb: str, body: VerbIn) -> dict[str, Any]:
    """Do a verb that the book declares to the row; 409 where its state does not allow it."""
    user, found = user_of(request), _book(book)
    if found.verb(verb) is None:
        raise Http404
    try:
        done = act(user, found, _row(user, found, key), verb, body.values, revision=body.revision)
    except Conflict as conflict:
        raise _told(found, user, conflict) from conflict
    return _shape(found, user, done)


def _told(book: Book, user: User, conflict: Conflict) -> Conflict:
    """The conflict with the other's version, as far as the caller may see it."""
    theirs = conflict.theirs
    shown = shown_version(book, user, theirs) if theirs else None
    conflict.more = (
        {"theirs": {"revision": shown.revision, "actor": shown.actor, "values": shown.values}} if shown else {}
    )
    return conflict
