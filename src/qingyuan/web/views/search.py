from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext

from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.book.shown import key_of_row
from qingyuan.bureau.cases.policies.visible import visible_cases
from qingyuan.bureau.cases.queries.shown_to import shown_cases, shown_leads
from qingyuan.bureau.registers.policies import visible_points
from qingyuan.bureau.search.queries.finding import Hits, found
from qingyuan.web.doors import needs, person

MOST = 15
FILES = {"enterprises": "firms:enterprise"}
"""Books whose rows have a page that says more than the row."""


def _lines(user: User, hits: Hits) -> list[tuple[str, str, str]]:
    """Address, words and small words of each row, as the person is shown it."""
    book = hits.source.book
    if book is not None:
        keys = [(row, key_of_row(book, row)) for row in hits.rows]
        page = FILES.get(book.code)
        at = [
            reverse(page, args=[key]) if page else reverse("books:book_row", args=[book.code, key]) for _, key in keys
        ]
        return [(address, str(row), key) for address, (row, key) in zip(at, keys, strict=True)]
    rows: list[Any] = hits.rows
    if hits.source.code == "points":
        return [
            (reverse("monitoring:point", args=[p.code]), p.name, f"{gettext(p.get_kind_display())} · {p.code}")
            for p in rows
        ]
    if hits.source.code == "cases":
        return [(reverse("cases:case", args=[c.pk]), f"{c.number} {c.title}", "") for c in shown_cases(user, rows)]
    return [(reverse("cases:lead", args=[x.pk]), f"{x.number} {x.title}", "") for x in shown_leads(user, rows)]


@needs("view")
def search(request: HttpRequest) -> HttpResponse:
    """Everything by name, number or pinyin; the number of a case or a device opens it at once."""
    user, query = person(request), request.GET.get("q", "").strip()
    context: dict[str, object] = {"query": query}
    if query:
        case = visible_cases(user).filter(number__iexact=query).first()
        if case is not None:
            return redirect("cases:case", pk=case.pk)
        point = visible_points(user).filter(devices__mn=query).first()
        if point is not None:
            return redirect("monitoring:point", code=point.code)
        made = found(user, query, MOST)
        kinds = [(hits.source.title, _lines(user, hits), hits.more) for hits in made.hits]
        context |= {"found": made, "kinds": kinds}
    return render(request, "web/search.html", context)
