"""Bulk edit: rows that are ticked, or all that the list holds, get one value; what happens is shown before it does."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.base.errors import BureauError, NotAllowed
from qingyuan.bureau.book.declaration import Book
from qingyuan.bureau.book.policies import require_for, visible
from qingyuan.bureau.book.queries import listed
from qingyuan.bureau.book.registry import word
from qingyuan.bureau.exchange.many import change_many, look
from qingyuan.web.pages.books.views import of_book, page

SHOWN = 50
NOT_NARROWING = ("page", "cols")


@of_book
def change_rows(request: HttpRequest, user: User, book: Book) -> HttpResponse:
    """The preview of a change of one column in many rows, then the change itself."""
    back = f"{reverse('books:book', args=[book.code])}?{request.POST.get('narrowing', '')}"
    if request.method != "POST":
        return redirect(back)
    require_for(user, book, "edit")
    given = {name: request.POST.get(name, "").strip() for name in ("column", "value", "reason", "mark")}
    try:
        rows = _rows(request, user, book)
        if request.POST.get("step") == "write":
            plan = change_many(
                user, book, rows, given["column"], given["value"], reason=given["reason"], mark=given["mark"]
            )
            messages.success(request, _("已修改 %(n)d 行") % {"n": len(plan.changes)})
            return redirect(back)
        plan = look(user, book, rows, given["column"], given["value"])
    except NotAllowed:
        raise
    except BureauError as error:
        messages.error(request, str(error))
        return redirect(back)
    context = {
        "plan": plan,
        "label": word(book, plan.column.label),
        "given": given,
        "back": back,
        "narrowing": request.POST.get("narrowing", ""),
        "is_all": request.POST.get("rows") == "all",
        "numbers": request.POST.getlist("row"),
        "changes": plan.changes[:SHOWN],
        "refused": plan.refused[:SHOWN],
    }
    return page(request, book, "many", context)


def _rows(request: HttpRequest, user: User, book: Book) -> Any:
    """The rows that were ticked, or all that the filters of the list hold."""
    if request.POST.get("rows") == "all":
        asked = {n: v for n, v in parse_qsl(request.POST.get("narrowing", "")) if n not in NOT_NARROWING}
        return listed(book, user, asked)
    return visible(user, book).filter(pk__in=[n for n in request.POST.getlist("row") if n.isdecimal() and len(n) < 19])
