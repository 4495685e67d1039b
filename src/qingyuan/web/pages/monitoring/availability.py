"""The grid of availability: points by days for an item, or items by days for a point."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy

from qingyuan.bureau.base import display
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.monitoring.queries.availability import availability as rows_of
from qingyuan.bureau.monitoring.queries.availability import last_days
from qingyuan.bureau.monitoring.queries.opening import opening
from qingyuan.bureau.overview.queries import point_rows as pages
from qingyuan.bureau.registers.models import Point
from qingyuan.bureau.registers.policies import visible_points
from qingyuan.web.doors import needs, person

SPANS = {"7": gettext_lazy("7 天"), "14": gettext_lazy("14 天"), "31": gettext_lazy("31 天")}
ROWS = 40


def _days(request: HttpRequest, points: list[Point], span: int) -> dict[str, Any]:
    """The days shown: up to today, else to where the data of the points end, or to the day asked for."""
    shown = opening(points, request.GET.get("until", ""))
    return {"opening": shown, "days": last_days(span, shown.day)}


@needs("view")
def availability(request: HttpRequest) -> HttpResponse:
    """Shares of the expected hours that count; `point` shows one point's items, else the points of a kind for an item."""
    user = person(request)
    span = request.GET.get("days", "")
    span = span if span in SPANS else "14"
    chosen = {"days": span, "kind": "", "item": "", "point": ""}
    context: dict[str, Any] = {"spans": SPANS, "chosen": chosen, "tab": "availability"}
    if request.GET.get("point"):
        point = get_object_or_404(visible_points(user), code=request.GET["point"])
        chosen["point"] = point.code
        context |= _days(request, [point], int(span))
        context |= {"point": point, "rows": rows_of([point], context["days"])}
        return render(request, "monitoring/availability.html", context)
    counts = pages.counts_by_kind(user)
    kinds = [(k, w) for k, w in Point.Kind.choices if counts.get(k)]
    kind = request.GET.get("kind", "")
    if kind not in dict(kinds):
        kind = next((k for k in ("air", "water", "outlet") if k in dict(kinds)), kinds[0][0] if kinds else "")
    points = list(visible_points(user).filter(kind=kind).order_by("name", "code"))
    there = {s.key.item for s in readings().series_of_points([p.code for p in points]) if s.key.grain == "hour"}
    first = [i for i in pages.FIRST_ITEMS.get(kind, ()) if i in there]
    items = [*first, *sorted(there - set(first))]
    item = request.GET.get("item", "")
    item = item if item in items else next(iter(items), "")
    chosen |= {"kind": kind, "item": item}
    page = Paginator(points, ROWS).get_page(request.GET.get("page"))
    context |= _days(request, points, int(span))
    rows = rows_of(list(page.object_list), context["days"], item) if item else []
    named = [(i, display.item_name(i)) for i in items]
    return render(
        request, "monitoring/availability.html", context | {"rows": rows, "kinds": kinds, "items": named, "page": page}
    )
