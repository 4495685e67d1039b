"""The page 设备上报 vs 重算: what a device sent beside what its shorter periods give."""

from __future__ import annotations

from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy

from qingyuan import clock
from qingyuan.bureau.registers.models import Outlet
from qingyuan.bureau.registers.policies import visible_points
from qingyuan.bureau.values.queries.recomputed import compare
from qingyuan.web.doors import needs, person

SPANS = {"1": gettext_lazy("1 天"), "7": gettext_lazy("7 天")}
SHOWN = 300


def _outlet(request: HttpRequest, code: str) -> Outlet:
    points = visible_points(person(request))
    return get_object_or_404(Outlet.objects.filter(point__in=points).select_related("point"), point__code=code)


@needs("view")
def recomputed_count(request: HttpRequest, code: str) -> HttpResponse:
    """The part of a page that says how many periods of yesterday differ; asked for once the page is there."""
    outlet = _outlet(request, code)
    day = clock.beijing(clock.now()).date() - timedelta(days=1)
    context = {"point": outlet.point, "found": compare(outlet, day, day), "day": day}
    return render(request, "firms/_recomputed_count.html", context)


@needs("view")
def recomputed(request: HttpRequest, code: str) -> HttpResponse:
    """`to`: the last day, by default yesterday; `days`: how many up to it; `all`: also what is the same."""
    outlet = _outlet(request, code)
    today = clock.beijing(clock.now()).date()
    try:
        last = min(today, date.fromisoformat(request.GET.get("to", "")))
    except ValueError:
        last = today - timedelta(days=1)
    days = request.GET.get("days", "")
    days = days if days in SPANS else "1"
    found = compare(outlet, last - timedelta(days=int(days) - 1), last)
    shows_all = request.GET.get("all") == "1"
    rows = sorted(found.rows, key=lambda r: (r.start, r.item), reverse=True) if shows_all else found.listed
    context = {
        "point": outlet.point,
        "found": found,
        "rows": rows[:SHOWN],
        "more": max(0, len(rows) - SHOWN),
        "shows_all": shows_all,
        "spans": SPANS,
        "days": days,
        "last": last,
        "today": today,
    }
    return render(request, "firms/recomputed.html", context)
