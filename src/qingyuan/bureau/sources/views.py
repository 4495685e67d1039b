from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy

from qingyuan.bureau import listing
from qingyuan.bureau.accounts.policies import visible_areas
from qingyuan.bureau.alerts.policies import visible_alerts
from qingyuan.bureau.cases.policies import visible_cases
from qingyuan.bureau.doors import needs, person
from qingyuan.bureau.sources import pages
from qingyuan.bureau.sources.models import Device


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
    outlets = subject.outlets.select_related("point").prefetch_related("limits", "point__devices")
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
    return render(request, "sources/devices.html", {"listing": found})
