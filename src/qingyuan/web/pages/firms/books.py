"""Pages of the books: enterprises, transmission rates."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy

from qingyuan import clock
from qingyuan.bureau.alerts.policies import visible_alerts
from qingyuan.bureau.base.months import month_before, months_back
from qingyuan.bureau.cases.queries.pages import case_rows
from qingyuan.bureau.cases.queries.shown_to import shown_cases
from qingyuan.bureau.monitoring.queries.opening import opening
from qingyuan.bureau.registers.models import Point
from qingyuan.bureau.registers.policies import visible_enterprises, visible_points
from qingyuan.bureau.values.models import Limit
from qingyuan.bureau.values.queries.aligned import LONGEST
from qingyuan.bureau.values.queries.rates import rates
from qingyuan.rules import rule_book
from qingyuan.web import listing
from qingyuan.web.answering import area_filter
from qingyuan.web.doors import needs, person
from qingyuan.web.pages.firms import rows as pages

MONTHS = 13
"""Months that can be chosen, with the quarters that begin among them."""


@needs("view")
def enterprises(request: HttpRequest) -> HttpResponse:
    """Firms under supervision."""
    user = person(request)
    industries = sorted({(i, i) for i in visible_enterprises(user).values_list("industry", flat=True) if i})
    filters = [
        area_filter(user),
        listing.Filter("industry", gettext_lazy("行业"), industries, "industry"),
    ]
    found = listing.build(
        request,
        pages.enterprise_rows(user),
        filters,
        search=("name", "code"),
        search_hint=gettext_lazy("名称、信用代码"),
    )
    return render(request, "firms/enterprises.html", {"listing": found})


@needs("view")
def enterprise(request: HttpRequest, code: str) -> HttpResponse:
    """One firm's file: outlets, devices, alerts, cases."""
    user = person(request)
    subject = get_object_or_404(visible_enterprises(user), code=code)
    outlets = subject.outlets.select_related("point").prefetch_related(
        Prefetch("limits", Limit.objects.standing()), "point__devices"
    )
    context = {
        "enterprise": subject,
        "outlets": outlets,
        "alerts": visible_alerts(user).filter(point__outlet__enterprise=subject)[:20],
        "cases": shown_cases(user, case_rows(user).filter(point__outlet__enterprise=subject)[:20]),
    }
    return render(request, "firms/enterprise.html", context)


@needs("view")
def transmission(request: HttpRequest) -> HttpResponse:
    """Transmission, validity, their product and the capture of valid data for a month or quarter: by firm, outlet, item."""
    today = clock.beijing(clock.now()).date()
    outlets = visible_points(person(request)).filter(kind=Point.Kind.OUTLET).values_list("code", flat=True)
    months = months_back(opening(list(outlets)).day, request.GET.get("month", ""), MONTHS)
    spans = {m.strftime("%Y-%m"): (m, month_before(m, -1)) for m in months}
    quarters = [m for m in months if m.month % 3 == 1]
    spans |= {f"{q.year} Q{q.month // 3 + 1}": (q, month_before(q, -3)) for q in quarters}
    chosen = request.GET.get("month", "")
    period = chosen if chosen in spans else months[0].strftime("%Y-%m")
    first, after = spans[period]
    by = request.GET.get("by", "outlet")
    by = by if by in {"outlet", "firm", "item"} else "outlet"
    found = rates(person(request), first, min(today, after - timedelta(days=1)))
    least = float(rule_book().validity("flue_gas.quarter.capture", first))
    since = max(first, found.last - LONGEST + timedelta(days=1))  # what the outlet's page shows at once
    context = {"rates": found, "periods": list(spans), "period": period, "by": by, "least": least, "since": since}
    return render(request, "firms/transmission.html", context | {"tab": "transmission"})
