from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy

from qingyuan import clock
from qingyuan.bureau.base.downloads import named
from qingyuan.bureau.cases.queries.definition import kind_choices
from qingyuan.bureau.cases.queries.finding import found_cases
from qingyuan.bureau.cases.queries.pages import case_rows, with_states
from qingyuan.bureau.overview.queries.today import gather
from qingyuan.bureau.reports.queries.report import reports as declared_reports
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
    papers = [one for one in declared_reports().values() if one.about == "county"]
    context = {"listing": found, "rows": with_states(user, found.rows), "line": gather(user, clock.now()).line}
    context["papers"] = papers
    return render(request, "web/reports.html", context)


@needs("view")
def paper(request: HttpRequest) -> HttpResponse:
    """A paper of the county as a file, for what lies in the reader's scope."""
    papers = {one.code: one for one in declared_reports().values() if one.about == "county"}
    one = papers.get(request.GET.get("code") or next(iter(papers)))
    if one is None:
        raise Http404
    now = clock.beijing(clock.now())
    answer = HttpResponse(one.make(None, person(request)), content_type=one.media)
    return named(answer, f"{one.name}-{now:%Y%m%d}{one.suffix}")
