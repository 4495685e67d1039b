"""The page 设备上报 vs 重算: what a device sent beside what its shorter periods give."""

from __future__ import annotations

from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy

from qingyuan import clock
from qingyuan.bureau.accounts.policies import visible_points
from qingyuan.bureau.doors import needs, person
from qingyuan.bureau.sources.models import Outlet
from qingyuan.bureau.sources.recomputed import compare

SPANS = {"1": gettext_lazy("1 天"), "7": gettext_lazy("7 天")}
SHOWN = 300


@needs("view")
def recomputed(request: HttpRequest, code: str) -> HttpResponse:
    """`to`: the last day, by default yesterday; `days`: how many up to it; `all`: also what is the same."""
    point = get_object_or_404(visible_points(person(request)).filter(outlet__isnull=False), code=code)
    outlet = Outlet.objects.select_related("point", "enterprise").get(point=point)
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
        "point": point,
        "found": found,
        "rows": rows[:SHOWN],
        "more": max(0, len(rows) - SHOWN),
        "shows_all": shows_all,
        "spans": SPANS,
        "days": days,
        "last": last,
        "today": today,
    }
    return render(request, "sources/recomputed.html", context)
