"""The page of arrivals, with its planned stops."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from qingyuan import clock
from qingyuan.bureau.accounts.policies.rights import may
from qingyuan.bureau.base.errors import BureauError
from qingyuan.bureau.judging.queries.waiting import Waiting, waiting_to_be_judged
from qingyuan.bureau.monitoring.queries.arrival_states import ARRIVAL_WORDS
from qingyuan.bureau.monitoring.queries.arrivals import arrivals, gateway_last_packet
from qingyuan.bureau.monitoring.queries.watchdog import watchdog
from qingyuan.bureau.registers.models import Point
from qingyuan.bureau.registers.policies import visible_points
from qingyuan.bureau.values.actions.stops import end_stop, plan_stop
from qingyuan.bureau.values.models import PlannedStop
from qingyuan.web.doors import attach, needs, person
from qingyuan.web.listing import PAGE_SIZE
from qingyuan.web.pages.monitoring.forms import StopForm

SIDES = {
    "device": gettext_lazy("设备"),
    "link": gettext_lazy("通信"),
    "us": gettext_lazy("本系统"),
    "source": gettext_lazy("数据来源"),
}
SHOWN_STOPS = 50


@needs("view")
def freshness(request: HttpRequest) -> HttpResponse:
    """Every point with when its data was last received, parsed and judged, and where they stopped."""
    points = visible_points(person(request)).exclude(kind=Point.Kind.UNKNOWN).select_related("area", "owner")
    kind = request.GET.get("kind", "")
    if kind in Point.Kind.values:
        points = points.filter(kind=kind)
    found = arrivals(list(points))
    counts = {state: sum(a.state == state for a in found) for state in ARRIVAL_WORDS}
    state = request.GET.get("state", "")
    side = request.GET.get("side", "")
    chosen = [
        a
        for a in found
        if state in ("", a.state) and (side not in SIDES or (a.cause is not None and a.cause.side == side))
    ]
    context = {
        "page": Paginator(chosen, PAGE_SIZE).get_page(request.GET.get("page")),
        "total": len(chosen),
        "counts": [(name, word, counts[name]) for name, word in ARRIVAL_WORDS.items()],
        "kinds": [(k, w) for k, w in Point.Kind.choices if k != Point.Kind.UNKNOWN],
        "sides": SIDES,
        "words": ARRIVAL_WORDS,
        "chosen": {"kind": kind, "state": state, "side": side},
        "watchdog": watchdog(),
        "packet": gateway_last_packet(),
        "backlog": _backlog(waiting_to_be_judged()),
        "tab": "freshness",
    }
    return render(request, "monitoring/freshness.html", context)


def _backlog(waiting: Waiting) -> list[tuple[int, str]]:
    """How far a history is read, and how far it is judged, with what is left; nothing while all goes with the present."""
    if not waiting.is_history:
        return []
    megabytes = f"{waiting.unread / 1e6:.1f}"
    left = {"percent": waiting.percent, "n": waiting.hours, "days": waiting.days}
    read = _("读出 %(percent)d%%，还有 %(n)s MB 报文") % {"percent": waiting.percent_read, "n": megabytes}
    judged = _("评价 %(percent)d%%，还有 %(n)d 个序列小时、%(days)d 个点位日") % left
    return [(waiting.percent_read, read), (waiting.percent, judged)]


@needs("view")
def stops(request: HttpRequest, code: str) -> HttpResponse:
    """A point's planned stops, and for who keeps points the form to enter one."""
    user = person(request)
    point = get_object_or_404(visible_points(user).select_related("area"), code=code)
    allowed = may(user, "manage_points", point.answering_id)
    form = StopForm(request.POST or None) if allowed else None
    if request.method == "POST" and form is None:
        messages.error(request, _("没有维护点位的权限。"))
        return redirect("monitoring:stops", code=code)
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            plan_stop(user, point, **form.cleaned_data)
        except BureauError as error:
            attach(form, error)
        else:
            messages.success(request, _("已登记。"))
            return redirect("monitoring:stops", code=code)
    rows = list(point.planned_stops.order_by("-start")[:SHOWN_STOPS])
    context = {"point": point, "form": form, "stops": rows, "now": clock.now(), "may_keep": allowed}
    return render(request, "monitoring/stops.html", context)


@require_POST
@needs("manage_points")
def end(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """A stop ends now."""
    point = get_object_or_404(visible_points(person(request)), code=code)
    stop = get_object_or_404(PlannedStop.objects.select_related("point"), pk=pk, point=point)
    try:
        end_stop(person(request), stop)
    except BureauError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("计划停运已结束。"))
    return redirect("monitoring:stops", code=code)
