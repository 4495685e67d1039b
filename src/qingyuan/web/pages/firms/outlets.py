"""The outlet's page: everything of its hours on one axis, as a chart and as a table, and one hour opened up."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from qingyuan import clock
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies.rights import can, may
from qingyuan.bureau.base import display
from qingyuan.bureau.base.errors import BureauError, Invalid
from qingyuan.bureau.base.long_questions import Busy, one_at_a_time
from qingyuan.bureau.base.told import told
from qingyuan.bureau.judging.queries.afresh import outlet_hours
from qingyuan.bureau.line.queries.behind import behind
from qingyuan.bureau.monitoring.queries.opening import opening
from qingyuan.bureau.registers.actions.meters import link_meter, unlink_meter
from qingyuan.bureau.registers.models import Point
from qingyuan.bureau.registers.policies import visible_points
from qingyuan.bureau.values.queries.aligned import LONGEST, Aligned, aligned
from qingyuan.bureau.values.queries.aligned_shown import payload, table
from qingyuan.web.doors import needs, person
from qingyuan.web.pages.firms.forms import MeterForm

SPANS = {"day": 1, "week": 7, "month": 31}
SPAN_WORDS = {"day": gettext_lazy("1 天"), "week": gettext_lazy("7 天"), "month": gettext_lazy("31 天")}
LOCAL = "%Y-%m-%dT%H:%M"
HOUR = timedelta(hours=1)


def _point(request: HttpRequest, code: str) -> Point:
    rows = visible_points(person(request)).filter(outlet__isnull=False)
    return get_object_or_404(rows.select_related("area", "owner", "outlet__enterprise"), code=code)


def _moment(text: str, field: str) -> datetime | None:
    """A Beijing time of the address; None for an empty one. Raises Invalid."""
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid(f"时间得到“{text}”，应为 2026-11-20T08:00 的形式", field) from error
    return at if at.tzinfo else at.replace(tzinfo=clock.BEIJING)


def _end(point: Point) -> datetime:
    """The end of the hour up to which the page shows: now, else where the point's data end."""
    return opening([point]).end.replace(minute=0, second=0, microsecond=0) + HOUR


def _window(request: HttpRequest, point: Point) -> tuple[str, datetime, datetime]:
    """The span of the address: one of SPANS up to now (or to the newest data), or `own` from first to last day, both counted."""
    given = request.GET.get("since", ""), request.GET.get("to", "")
    if any(given) and request.GET.get("span", "own") == "own":
        try:
            first, last = (date.fromisoformat(text) for text in given)
        except ValueError as error:
            raise Invalid("起止日期都须填写，如 2026-11-01", "since") from error
        start, end = (datetime.combine(d, time.min, clock.BEIJING) for d in (first, last + timedelta(days=1)))
        if not timedelta(0) < end - start <= LONGEST:
            raise Invalid(f"时段得到 {first} 至 {last}，应为正向且不超过 {LONGEST.days} 天", "since")
        return "own", start, end
    span = request.GET.get("span", "week")
    span = span if span in SPANS else "week"
    end = _end(point)
    return span, end - timedelta(days=SPANS[span]), end


def _asked(request: HttpRequest, point: Point) -> tuple[str, Aligned]:
    as_of = _moment(request.GET.get("as_of", ""), "as_of")
    span, start, end = _window(request, point)
    return span, aligned(point, start, end, as_of)


@needs("view")
def outlet(request: HttpRequest, code: str) -> HttpResponse:
    """The hours of an outlet with everything that bears on them."""
    user, point = person(request), _point(request, code)
    problem = ""
    try:
        span, found = _asked(request, point)
    except BureauError as error:
        problem, span = str(error), "week"
        end = _end(point)
        found = aligned(point, end - timedelta(days=SPANS[span]), end)
    as_table = request.GET.get("view") == "table"
    context: dict[str, Any] = {
        "point": point,
        "found": found,
        "problem": problem,
        "span": span,
        "spans": SPAN_WORDS,
        "first_day": clock.beijing(found.start).date(),
        "last_day": clock.beijing(found.end - timedelta(seconds=1)).date(),
        "as_of_asked": found.as_of,
        "as_table": as_table,
        "columns": [(p, t) for p in found.panels for t in p.traces],
        "rows": table(found) if as_table else [],
        "may_tag": can(user, "tag"),
        "meters": list(point.outlet.meters.select_related("point")),
        "meter_form": _meter_form(user, point) if may(user, "manage_points", point.answering_id) else None,
    }
    return render(request, "firms/outlet.html", context)


def _meter_form(user: User, point: Point, given: Any = None) -> MeterForm:
    own = visible_points(user).filter(kind=Point.Kind.METER, owner=point.owner_id).order_by("name")
    return MeterForm(given, meters=list(own.values_list("code", "name")))


@require_POST
@needs("manage_points")
def meters(request: HttpRequest, code: str) -> HttpResponse:
    """Say which meter stands for what of the outlet, or (`remove`) that one stands for it no more."""
    user, point = person(request), _point(request, code)
    gone = request.POST.get("remove", "")
    form = _meter_form(user, point, request.POST)
    try:
        if gone:
            unlink_meter(user, get_object_or_404(visible_points(user), code=gone, meter__outlet__point=point))
        elif form.is_valid():
            meter = get_object_or_404(visible_points(user), code=form.cleaned_data["meter"])
            link_meter(user, meter, point.outlet, form.cleaned_data["unit"])
        else:
            raise Invalid(_("请选择本单位的用电监控点和用途"), "meter")
    except BureauError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("已保存。"))
    return redirect("firms:outlet", code=code)


@needs("view")
def hours(request: HttpRequest, code: str) -> HttpResponse:
    """The chart's data."""
    try:
        point = _point(request, code)
        _span, start, end = _window(request, point)
        with one_at_a_time(request, start, end):
            found = aligned(point, start, end, _moment(request.GET.get("as_of", ""), "as_of"))
    except BureauError as error:
        status = 429 if isinstance(error, Busy) else 422
        return JsonResponse({"error": error.code, "message": told(str(error))}, status=status)
    return JsonResponse(payload(found))


@needs("view")
def hour(request: HttpRequest, code: str) -> HttpResponse:
    """One hour of one item: each step of its judgement, every revision, the shorter readings, the packet."""
    point = _point(request, code)
    item, problem = request.GET.get("item", ""), ""
    limited = sorted(set(point.outlet.limits.standing().values_list("item", flat=True)))
    item = item or (limited[0] if limited else "")
    try:
        at = _moment(request.GET.get("at", ""), "at") or _end(point) - 2 * HOUR
        as_of = _moment(request.GET.get("as_of", ""), "as_of")
    except BureauError as error:
        problem, at, as_of = str(error), _end(point) - 2 * HOUR, None
    start = at.replace(minute=0, second=0, microsecond=0)
    judged = outlet_hours(point, start, start + HOUR, as_of, item) if item in limited else []
    around = aligned(point, start, start + HOUR, as_of)
    context = {
        "point": point,
        "item": item,
        "decimals": display.item_decimals(item),
        "start": start,
        "end": start + HOUR,
        "before": start - HOUR,
        "as_of_asked": as_of,
        "problem": problem,
        "judged": judged,
        "behind": behind(point, item, start, as_of),
        "beside": [(p, t, t.values[0]) for p in around.panels for t in p.traces],
        "bands": around.bands,
        "statistics": {
            "Avg": _("实测均值"),
            "ZsAvg": _("折算均值"),
            "Cou": _("累计值"),
            "Min": _("最小值"),
            "Max": _("最大值"),
        },
    }
    return render(request, "firms/hour.html", context)
