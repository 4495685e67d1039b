"""Pages of the books: enterprises, devices, transmission rates."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy

from qingyuan import clock
from qingyuan.bureau import listing
from qingyuan.bureau.accounts.policies import can, visible_areas
from qingyuan.bureau.alerts.policies import visible_alerts
from qingyuan.bureau.cases.policies import visible_cases
from qingyuan.bureau.doors import needs, person
from qingyuan.bureau.sources import pages
from qingyuan.bureau.sources.figures.rates import rates
from qingyuan.bureau.sources.forms import FollowForm
from qingyuan.bureau.sources.line.devices import device_facts, proposal_for, unnamed_peers, visible_devices
from qingyuan.bureau.sources.line.exchanges import exchanges_of
from qingyuan.bureau.sources.line.packets import last_packets
from qingyuan.bureau.sources.line.policy import policy
from qingyuan.bureau.sources.models import Device, Limit
from qingyuan.rules import rule_book

SHOWN_PEERS = 10
MONTHS = 13
"""Months that can be chosen, with the quarters that begin among them."""


@needs("view")
def enterprises(request: HttpRequest) -> HttpResponse:
    """Firms under supervision."""
    user = person(request)
    areas = list(visible_areas(user).filter(kind="town").values_list("code", "name"))
    industries = sorted({(i, i) for i in pages.visible_enterprises(user).values_list("industry", flat=True) if i})
    filters = [
        listing.Filter("area", gettext_lazy("区域"), areas, "area__code"),
        listing.Filter("industry", gettext_lazy("行业"), industries, "industry"),
    ]
    found = listing.build(
        request,
        pages.enterprise_rows(user),
        filters,
        search=("name", "code"),
        search_hint=gettext_lazy("名称、信用代码"),
    )
    return render(request, "sources/enterprises.html", {"listing": found})


@needs("view")
def enterprise(request: HttpRequest, code: str) -> HttpResponse:
    """One firm's file: outlets, devices, alerts, cases."""
    user = person(request)
    subject = get_object_or_404(pages.visible_enterprises(user), code=code)
    outlets = subject.outlets.select_related("point").prefetch_related(
        Prefetch("limits", Limit.objects.standing()), "point__devices"
    )
    context = {
        "enterprise": subject,
        "outlets": outlets,
        "alerts": visible_alerts(user).filter(point__outlet__enterprise=subject)[:20],
        "cases": visible_cases(user).filter(point__outlet__enterprise=subject)[:20],
    }
    return render(request, "sources/enterprise.html", context)


@needs("view")
def devices(request: HttpRequest) -> HttpResponse:
    """Data loggers with the points they serve."""
    filters = [listing.Filter("state", gettext_lazy("状态"), Device.State.choices, "state")]
    found = listing.build(
        request, pages.device_rows(person(request)), filters, search=("mn", "point__name"),
        search_hint=gettext_lazy("MN、点位"),
    )  # fmt: skip
    peers = unnamed_peers()[:SHOWN_PEERS] if can(person(request), "manage_points") else []
    return render(request, "sources/devices.html", {"listing": found, "peers": peers})


@needs("view")
def device(request: HttpRequest, mn: str) -> HttpResponse:
    """One data logger: state, counts, clock, its last packets, what was asked of it."""
    user = person(request)
    row = get_object_or_404(visible_devices(user).select_related("point__outlet"), mn=mn)
    rule = policy(clock.now())
    given = {"time_sync": row.time_sync, "fetch_history": row.fetch_history}
    facts = {
        "device": row,
        "facts": device_facts(mn),
        "proposal": proposal_for(row) if row.state == Device.State.WAITING else None,
        "packets": last_packets(mn),
        "exchanges": exchanges_of(row),
        "asked": {"time": rule.sets_time(row), "history": rule.fetches(row)},
        "follow": FollowForm(initial=given) if can(user, "manage_points") else None,
    }
    return render(request, "sources/device.html", facts)


@needs("view")
def device_tail(request: HttpRequest, mn: str) -> HttpResponse:
    """The part of the device page that is polled; 304 while nothing came."""
    row = get_object_or_404(visible_devices(person(request)), mn=mn)
    response = render(request, "sources/_tail.html", {"device": row, "packets": last_packets(mn)})
    tag = f'"{hashlib.sha256(response.content).hexdigest()[:20]}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified(headers={"ETag": tag})
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@needs("view")
def transmission(request: HttpRequest) -> HttpResponse:
    """Transmission, validity, their product and the capture of valid data for a month or quarter: by firm, outlet, item."""
    today = clock.beijing(clock.now()).date()
    months = [_month_before(today, back) for back in range(MONTHS)]
    spans = {m.strftime("%Y-%m"): (m, _month_before(m, -1)) for m in months}
    quarters = [m for m in months if m.month % 3 == 1]
    spans |= {f"{q.year} Q{q.month // 3 + 1}": (q, _month_before(q, -3)) for q in quarters}
    chosen = request.GET.get("month", "")
    period = chosen if chosen in spans else next(iter(spans))
    first, after = spans[period]
    by = request.GET.get("by", "outlet")
    by = by if by in {"outlet", "firm", "item"} else "outlet"
    found = rates(person(request), first, min(today, after - timedelta(days=1)))
    least = float(rule_book().validity("flue_gas.quarter.capture", first))
    context = {"rates": found, "periods": list(spans), "period": period, "by": by, "least": least}
    return render(request, "sources/transmission.html", context | {"tab": "transmission"})


def _month_before(day: date, back: int) -> date:
    """The first day of the month `back` months before the one of `day`."""
    number = day.year * 12 + day.month - 1 - back
    return date(number // 12, number % 12 + 1, 1)
