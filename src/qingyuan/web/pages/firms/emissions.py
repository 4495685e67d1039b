"""Pages of emitted mass: all outlets for a period, one outlet by days or months, the hours behind a figure, a file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy

from qingyuan import clock
from qingyuan.bureau.base.downloads import named
from qingyuan.bureau.base.errors import BureauError
from qingyuan.bureau.base.long_questions import Busy, one_at_a_time
from qingyuan.bureau.base.media import TABLES
from qingyuan.bureau.base.months import months_back
from qingyuan.bureau.base.told import told
from qingyuan.bureau.monitoring.queries.opening import opening
from qingyuan.bureau.registers.models import Outlet
from qingyuan.bureau.registers.policies import visible_points
from qingyuan.bureau.values.actions.kept_emissions import standing_emissions
from qingyuan.bureau.values.queries.emissions import emitted_hours, periods
from qingyuan.bureau.values.queries.emissions_file import as_file
from qingyuan.web.doors import needs, person

ROWS = 10
SPANS = {"month": gettext_lazy("月"), "quarter": gettext_lazy("季"), "year": gettext_lazy("年")}
PARTS = {"month": "day", "quarter": "month", "year": "month"}


@dataclass(frozen=True)
class _Chosen:
    """The period of a kind that holds a month."""

    by: str
    month: date
    first: date
    last: date


def _chosen(request: HttpRequest, outlets: QuerySet[Outlet]) -> tuple[_Chosen, list[date]]:
    """The period asked for, else the month in which the outlets' newest data lie."""
    shown = opening(list(outlets.values_list("point__code", flat=True)))
    months = months_back(shown.day, request.GET.get("month", ""))
    by = request.GET.get("by", "")
    by = by if by in SPANS else "month"
    text = request.GET.get("month", "")
    month = next((m for m in months if f"{m:%Y-%m}" == text), shown.day.replace(day=1))
    year = date(month.year, 1, 1), date(month.year, 12, 31)
    first, last = next(span for span in periods(*year, by) if span[0] <= month <= span[1])
    return _Chosen(by, month, first, last), months


def _outlets(request: HttpRequest) -> QuerySet[Outlet]:
    rows = Outlet.objects.filter(point__in=visible_points(person(request))).select_related("point", "enterprise")
    return rows.order_by("point__name", "point__code")


def _outlet(request: HttpRequest, code: str) -> Outlet:
    return get_object_or_404(_outlets(request), point__code=code)


@needs("view")
def all_emissions(request: HttpRequest) -> HttpResponse:
    """Each outlet's items for one month, quarter or year."""
    outlets = _outlets(request)
    chosen, months = _chosen(request, outlets)
    page = Paginator(outlets, ROWS).get_page(request.GET.get("page"))
    found = standing_emissions(list(page.object_list), chosen.first, chosen.last, "all")
    context = {
        "found": found.rows,
        "until": found.until,
        "page": page,
        "chosen": chosen,
        "months": months,
        "spans": SPANS,
        "tab": "emissions",
    }
    return render(request, "firms/emissions.html", context)


@needs("view")
def outlet_emissions(request: HttpRequest, code: str) -> HttpResponse:
    """One outlet: the days of a month, or the months of a quarter or year."""
    outlet = _outlet(request, code)
    chosen, months = _chosen(request, _outlets(request).filter(pk=outlet.pk))
    context: dict[str, Any] = {"point": outlet.point, "outlet": outlet, "chosen": chosen, "months": months}
    context |= {"spans": SPANS, "part": PARTS[chosen.by]}
    total = standing_emissions([outlet], chosen.first, chosen.last, "all")
    context |= {"total": total.rows, "until": total.until}
    context["found"] = standing_emissions([outlet], chosen.first, chosen.last, PARTS[chosen.by]).rows
    return render(request, "firms/outlet_emissions.html", context)


@needs("view")
def emission_hours(request: HttpRequest, code: str) -> HttpResponse:
    """The hours of one day of one item: concentration, flow, mass, and how each came about."""
    outlet = _outlet(request, code)
    item = request.GET.get("item", "")
    try:
        day = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        day = clock.beijing(clock.now()).date()
    context = {"point": outlet.point, "item": item, "day": day, "hours": emitted_hours(outlet, item, day, day)}
    return render(request, "firms/emission_hours.html", context)


@needs("view")
def export(request: HttpRequest, form: str) -> HttpResponse:
    """The period as a file; `outlet`: only that one; `step`: day, month, quarter, year or all."""
    outlets = _outlets(request)
    chosen, _ = _chosen(request, outlets)
    if code := request.GET.get("outlet", ""):
        outlets = outlets.filter(point__code=code)
    step = request.GET.get("step", "all")
    try:
        with one_at_a_time(request, chosen.first, chosen.last):
            content = as_file(standing_emissions(list(outlets), chosen.first, chosen.last, step).rows, form)
    except Busy as error:
        return HttpResponse(
            told(str(error)), status=429, content_type="text/plain; charset=utf-8", headers={"Retry-After": "5"}
        )
    except BureauError as error:
        messages.error(request, str(error))
        return redirect("firms:emissions")
    name = f"emissions-{chosen.first}-{chosen.last}.{form}"
    return named(HttpResponse(content, content_type=TABLES[form]), name)
