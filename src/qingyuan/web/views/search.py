from __future__ import annotations

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.book.declaration import Book
from qingyuan.bureau.book.queries import found
from qingyuan.bureau.book.registry import word
from qingyuan.bureau.book.shown import key_of_row
from qingyuan.bureau.cases.policies.visible import visible_cases
from qingyuan.bureau.cases.queries.finding import found_cases, found_leads
from qingyuan.bureau.cases.queries.pages import case_rows, lead_rows
from qingyuan.bureau.cases.queries.shown_to import shown_cases, shown_leads
from qingyuan.bureau.registers.policies import visible_enterprises, visible_points
from qingyuan.web.doors import needs, person

MOST = 15


def found_in_books(user: User, query: str) -> list[tuple[Book, str, list[tuple[str, object]]]]:
    """Rows of the registers, by book: the book, its name in the language of the page, key and row of each hit."""
    hits = found(user, query, MOST)
    return [(book, word(book, book.name), [(key_of_row(book, row), row) for row in rows]) for book, rows in hits]


@needs("view")
def search(request: HttpRequest) -> HttpResponse:
    """Points, firms, leads and cases by name or number; the one exact hit opens at once."""
    user, query = person(request), request.GET.get("q", "").strip()
    context: dict[str, object] = {"query": query}
    if query:
        case = visible_cases(user).filter(number__iexact=query).first()
        if case is not None:
            return redirect("cases:case", pk=case.pk)
        words = Q(name__icontains=query) | Q(code__icontains=query)
        context |= {
            "points": visible_points(user).filter(words | Q(devices__mn=query)).distinct()[:MOST],
            "enterprises": visible_enterprises(user).filter(words)[:MOST],
            "cases": shown_cases(user, found_cases(user, case_rows(user), query)[:MOST]),
            "in_books": found_in_books(user, query),
            "leads": shown_leads(user, found_leads(user, lead_rows(user), query)[:MOST]),
        }
    return render(request, "web/search.html", context)
