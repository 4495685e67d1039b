"""The pages of every register: list, row, form, verbs, import with a trial run, export, map layer, local columns."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import select_template
from django.utils.translation import gettext as _

from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.base.downloads import named
from qingyuan.bureau.base.errors import BureauError, Invalid, NotAllowed
from qingyuan.bureau.base.media import EXCEL, TABLES
from qingyuan.bureau.book.actions import Conflict, act, forget_sealed, read_values, reveal, save
from qingyuan.bureau.book.declaration import Book
from qingyuan.bureau.book.policies import may_do, require_for, visible
from qingyuan.bureau.book.queries import (
    column_named,
    conditions,
    counted,
    features,
    listed,
    row_of,
    shown_columns,
    today,
)
from qingyuan.bureau.book.registry import book_of, word
from qingyuan.bureau.book.registry import books as all_books
from qingyuan.bureau.book.shown import key_of_row, shown_history, shown_version, verbs_for
from qingyuan.bureau.book.versions import last_change
from qingyuan.bureau.exchange.exports import export, template
from qingyuan.bureau.exchange.many import offered
from qingyuan.bureau.kinds.links import Links
from qingyuan.web import listing
from qingyuan.web.doors import attach, needs, person
from qingyuan.web.pages.books.forms import choices_of, row_form, written
from qingyuan.web.views.polling import polled

View = Callable[..., HttpResponse]
NUMBERS = ("integer", "number", "decimal")


def of_book(view: Any) -> View:
    """The view of one book: 404 where there is no such book, 403 for who sees no books, or has not the right."""

    @needs("view")
    @wraps(view)
    def inner(request: HttpRequest, book: str, **more: Any) -> HttpResponse:
        try:
            found = book_of(book)
        except Invalid as error:
            raise Http404 from error
        try:
            answer: HttpResponse = view(request, person(request), found, **more)
        except NotAllowed as error:
            raise PermissionDenied(_("您的角色没有这项权限；如工作需要，请联系安全管理员。")) from error
        return answer

    return inner  # type: ignore[return-value]


def page(request: HttpRequest, book: Book, name: str, context: dict[str, Any]) -> HttpResponse:
    """The book's own template where it has one (`<code>/row.html` extends `book/row.html`), else the generic one."""
    chosen = select_template([f"{book.code}/{name}.html", f"book/{name}.html"])
    return HttpResponse(chosen.render({"book": book, "title": word(book, book.name), **context}, request))


@needs("view")
def index(request: HttpRequest) -> HttpResponse:
    """Every book with its figures."""
    user = person(request)
    rows = [
        {
            "book": book,
            "title": word(book, book.name),
            "purpose": word(book, book.purpose),
            "rows": visible(user, book).count(),
            "figures": [(word(book, label), number) for label, number in counted(book, user)],
        }
        for book in all_books()
    ]
    return render(request, "book/index.html", {"rows": rows})


@of_book
def rows(request: HttpRequest, user: User, book: Book) -> HttpResponse:
    """The list: filters, search, sort, columns, paging."""
    sort, notes = request.GET.get("sort", ""), []
    try:
        found = listed(book, user, {"sort": sort})
    except BureauError as error:
        notes, sort, found = [str(error)], "", listed(book, user, {})

    def search(part: Any, query: str) -> Any:
        return listed(book, user, {"q": query, "sort": sort}, part)

    filters = _filters(book, user, sort)
    shown = listing.build(request, found, filters, search=search, search_hint=_("名称、编号"), keep=("sort", "cols"))
    columns = _columns(request, book, user)
    heads = [_head(book, column, sort) for column in columns]
    links = Links()
    cells = [
        {"row": row, "key": key_of_row(book, row), "cells": [_cell(book, column, row, links) for column in columns]}
        for row in shown.rows
    ]
    given = request.GET.copy()
    for name in ("page", "cols"):
        given.pop(name, None)
    return page(
        request,
        book,
        "list",
        {
            "listing": shown,
            "heads": heads,
            "cells": cells,
            "sort": sort,
            "notes": notes,
            "narrowing": given.urlencode(),
            "may_edit": may_do(user, book, "edit") and not book.mirror,
            "may_import": may_do(user, book, "edit"),
            "layouts": list(book.layouts),
            "all_columns": [(c.name, word(book, c.label), c in columns) for c in shown_columns(book, user)],
            "may_columns": may_do(user, book, "edit"),
            "changeable": [(c.name, word(book, c.label)) for c in offered(book, user)],
        },
    )


def _columns(request: HttpRequest, book: Book, user: User) -> list[Any]:
    """The columns of the list: those asked for, else the declared ones with the county's own."""
    there = {c.name: c for c in shown_columns(book, user)}
    asked = [there[name] for name in request.GET.getlist("cols") if name in there]
    declared = [each if isinstance(each, str) else each.name for each in book.columns]
    own = [name for name in there if name.startswith("extra.")]
    return asked or [there[name] for name in (*declared, *own) if name in there] or list(there.values())


def _filters(book: Book, user: User, sort: str) -> list[listing.Filter]:
    """Choices and links as selects, named conditions with yes."""

    links = Links()

    def narrow(name: str) -> Any:
        return lambda part, value: listed(book, user, {name: value, "sort": sort}, part, links)

    found = []
    for each in book.filters:
        if isinstance(each, str):
            column = column_named(book, each, user)
            choices = choices_of(book, user, column, links)
            if choices:
                pairs = [(label, word(book, label)) for label in choices]
                found.append(listing.Filter(each, word(book, column.label), pairs, narrow(each)))
    for name, condition in conditions(book).items():
        found.append(listing.Filter(name, word(book, condition.label), [("1", _("是"))], narrow(name)))
    return found


def _head(book: Book, column: Any, sort: str) -> dict[str, Any]:
    """A column's heading: the way it would be sorted by the next click, and how it is sorted now."""
    return {
        "label": word(book, column.label),
        "is_number": column.kind in NUMBERS,
        "sorts": column.kind not in ("computed", "sealed"),
        "way": f"-{column.name}" if sort == column.name else column.name,
        "arrow": {column.name: "↑", f"-{column.name}": "↓"}.get(sort, ""),
    }


def _cell(book: Book, column: Any, row: Any, links: Links) -> dict[str, Any]:
    text = str(getattr(row, column.name) or "") if column.kind == "link" else column.text(column.of(row), links)
    shown = word(book, text) if column.kind in ("choice", "boolean") and text else text
    return {"text": shown, "is_number": column.kind in NUMBERS, "column": column, "label": word(book, column.label)}


def _found(user: User, book: Book, key: str) -> Any:
    row = row_of(book, user, key)
    if row is None:
        raise Http404
    return row


@of_book
def row(request: HttpRequest, user: User, book: Book, key: str, form: Any = None, failed: str = "") -> HttpResponse:
    """One row with its history, and the verbs that the person may do to it now."""
    it = _found(user, book, key)
    links = Links()
    verbs = [
        {
            "verb": verb,
            "label": word(book, verb.label),
            "needs_reason": "reason" in verb.needs,
            "form": form if failed == verb.name else row_form(book, user, names=set(verb.needs) - {"reason"}),
        }
        for verb in verbs_for(book, user, it)
    ]
    sealed = [c for c in shown_columns(book, user) if c.kind == "sealed" and c.of(it)]
    return page(
        request,
        book,
        "row",
        {
            "row": it,
            "key": key,
            "cells": [_cell(book, c, it, links) for c in shown_columns(book, user)],
            "verbs": verbs,
            "history": shown_history(book, user, it),
            "may_edit": may_do(user, book, "edit", it) and not book.mirror,
            "may_unseal": bool(sealed) and may_do(user, book, "unseal", it),
            "state": word(book, dict(book.states).get(str(getattr(it, book.state)), "")) if book.state else "",
        },
    )


@of_book
def edit(request: HttpRequest, user: User, book: Book, key: str = "") -> HttpResponse:
    """A new row, or a change: who comes second is shown both versions and keeps what he wrote."""
    it = _found(user, book, key) if key else None
    require_for(user, book, "edit", it)
    form = row_form(book, user, it, request.POST if request.method == "POST" else None)
    conflict, revision = None, request.POST.get("revision") or (str(it.revision) if it is not None else "")
    if request.method == "POST" and form.is_valid():
        try:
            given = {name: value for name, value in form.cleaned_data.items() if key == "" or name in form.changed_data}
            seen = int(revision) if revision.isdecimal() and it is not None else None
            values = read_values(book, given)
            reason, since = request.POST.get("reason", "").strip(), _day(request.POST.get("valid_from", ""))
            done = save(user, book, values, it, revision=seen, reason=reason, valid_from=since)
            messages.success(request, _("已保存：%(name)s") % {"name": done})
            return redirect("books:book_row", book=book.code, key=key_of_row(book, done))
        except Conflict as error:
            conflict = _both(book, user, error, form)
            revision = str(error.theirs.revision) if error.theirs else ""
            attach(form, error)
        except NotAllowed:
            raise
        except BureauError as error:
            attach(form, error)
    context = {"row": it, "key": key, "form": form, "revision": revision, "conflict": conflict}
    return page(request, book, "form", context)


def _day(text: str) -> date | None:
    """The day from which a change holds. Raises Invalid for no day."""
    try:
        return date.fromisoformat(text.strip()) if text.strip() else None
    except ValueError as error:
        raise Invalid(f"“自何日起”：得到 {text[:20]}，应为日期，如 2026-01-31", "valid_from") from error


def _both(book: Book, user: User, error: Conflict, form: Any) -> list[tuple[str, Any, Any]]:
    """Column, theirs, mine: where they differ."""
    if error.theirs is None:
        return []
    theirs, links = shown_version(book, user, error.theirs).values, Links()
    found = []
    for column in written(book, user):
        mine = form.cleaned_data.get(column.name, "")
        plain = theirs.get(column.name)
        pks = links.find(column.field.related_model, str(plain)) if column.kind == "link" and plain else []
        other = column.text(pks[0] if pks else plain, links) if column.kind not in ("link",) or pks else ""
        if str(other) != str(mine):
            found.append((word(book, column.label), other, mine))
    return found


@of_book
def do(request: HttpRequest, user: User, book: Book, verb: str, key: str) -> HttpResponse:
    """A verb, with what it asks for."""
    it, chosen = _found(user, book, key), book.verb(verb)
    if request.method != "POST":
        return redirect("books:book_row", book=book.code, key=key)
    if chosen is None:
        raise Http404
    require_for(user, book, verb, it)
    try:
        done = act(user, book, it, verb, request.POST.dict(), revision=_revision(request))
        messages.success(request, _("已办理：%(verb)s") % {"verb": word(book, chosen.label)})
        return redirect("books:book_row", book=book.code, key=key_of_row(book, done))
    except NotAllowed:
        raise
    except BureauError as error:
        messages.error(request, str(error))
        return redirect("books:book_row", book=book.code, key=key)


def _revision(request: HttpRequest) -> int | None:
    given = request.POST.get("revision", "")
    return int(given) if given.isdecimal() and len(given) < 10 else None


@of_book
def unseal(request: HttpRequest, user: User, book: Book, key: str) -> HttpResponse:
    """The sealed columns of a row, shown once to who has the right and says why; or their key destroyed."""
    it, reason = _found(user, book, key), request.POST.get("reason", "")
    if request.method != "POST":
        return redirect("books:book_row", book=book.code, key=key)
    labels = {c.name: word(book, c.label) for c in shown_columns(book, user)}
    try:
        if request.POST.get("destroy"):
            forget_sealed(user, book, it, reason)
            messages.success(request, _("密钥已销毁，封存的内容不能再看到。"))
            return redirect("books:book_row", book=book.code, key=key)
        told = [(labels[name], text) for name, text in reveal(user, book, it, reason).items()]
    except NotAllowed:
        raise
    except BureauError as error:
        messages.error(request, str(error))
        return redirect("books:book_row", book=book.code, key=key)
    return page(request, book, "unsealed", {"row": it, "key": key, "told": told})


@of_book
def take_out(request: HttpRequest, user: User, book: Book, form: str) -> HttpResponse:
    """The list as it is narrowed, as a file."""
    given = {n: str(v) for n, v in request.GET.items() if n not in ("page", "cols", "layout")}
    try:
        found = listed(book, user, given)
        content = export(book, user, f".{form}", found, layout=request.GET.get("layout", ""))
    except NotAllowed:
        raise
    except BureauError as error:
        messages.error(request, str(error))
        return redirect("books:book", book=book.code)
    return named(HttpResponse(content, content_type=TABLES[form]), f"{book.name}.{form}")


@of_book
def blank(request: HttpRequest, user: User, book: Book) -> HttpResponse:
    """The template: headings with what goes below them."""
    return named(HttpResponse(template(book, user), content_type=EXCEL), f"{book.name}样表.xlsx")


@of_book
def on_map(request: HttpRequest, user: User, book: Book) -> HttpResponse:
    """The rows that have a position, as GeoJSON."""
    try:
        found = listed(book, user, {name: str(value) for name, value in request.GET.items() if name != "page"})
    except BureauError as error:
        return JsonResponse({"error": error.code, "message": str(error)}, status=422)
    mark = ("book", book.code, last_change(book), today())
    return polled(request, mark, lambda: JsonResponse(features(book, found)))
