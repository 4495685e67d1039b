from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy

from qingyuan import clock
from qingyuan.bureau.cases.queries.definition import kind_choices
from qingyuan.bureau.cases.queries.finding import found_cases
from qingyuan.bureau.cases.queries.pages import case_rows, with_states
from qingyuan.bureau.overview.queries.today import gather
from qingyuan.web import listing
from qingyuan.web.doors import needs, person


@needs("view")
def reports(request: HttpRequest) -> HttpResponse:
    """What can be handed on: the morning line, and a Word record of every case."""
    user = person(request)
    filters = [listing.Filter("kind", gettext_lazy("类别"), kind_choices(), "kind")]
    found = listing.build(
        request,
        case_rows(user).order_by("-closed_at", "-opened_at"),
        filters,
        search=lambda q, word: found_cases(user, q, word),
        search_hint=gettext_lazy("编号、事项"),
    )
    context = {"listing": found, "rows": with_states(user, found.rows), "line": gather(user, clock.now()).line}
    return render(request, "web/reports.html", context)
