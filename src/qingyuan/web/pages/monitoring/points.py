from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Min
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qingyuan import clock
from qingyuan.bureau.accounts.policies.rights import can, may
from qingyuan.bureau.alerts.policies import visible_alerts, visible_findings
from qingyuan.bureau.base import display
from qingyuan.bureau.cases.queries.pages import case_rows
from qingyuan.bureau.cases.queries.shown_to import shown_cases
from qingyuan.bureau.judging.queries.evaluations import of_point
from qingyuan.bureau.monitoring.queries import charts
from qingyuan.bureau.monitoring.queries.arrival_states import ARRIVAL_WORDS, arrival_state
from qingyuan.bureau.monitoring.queries.opening import Opening, opening
from qingyuan.bureau.monitoring.queries.values import freshness
from qingyuan.bureau.overview.queries import point_rows as pages
from qingyuan.bureau.registers.models import Point, Station
from qingyuan.bureau.registers.policies import visible_points
from qingyuan.web import listing
from qingyuan.web.answering import area_filter
from qingyuan.web.doors import needs, person

TABS = {
    "air": gettext_lazy("空气"),
    "water": gettext_lazy("地表水"),
    "outlet": gettext_lazy("排放口"),
    "meter": gettext_lazy("用电"),
    "unknown": gettext_lazy("未归属"),
}
SHOWN_EVALUATIONS = 10
EVALUATION_KINDS = {
    "air": ("air_day", "air_hour"),
    "water": ("water",),
    "outlet": ("outlet_hour", "outlet_day"),
}


@needs("view")
def points(request: HttpRequest) -> HttpResponse:
    """Stations, sections, outlets and meters with their latest values and how their data arrive."""
    user = person(request)
    counts = pages.counts_by_kind(user)
    kind = request.GET.get("kind", "")
    if kind not in TABS:
        kind = next((k for k in TABS if counts.get(k)), "air")
    filters = [
        area_filter(user),
        listing.Filter(
            "arrival",
            gettext_lazy("数据到达"),
            [("silent", gettext_lazy("数据中断"))],
            lambda q, _value: q.filter(silent__gt=0),
        ),
    ]
    if kind == "air":
        filters.insert(1, listing.Filter("type", gettext_lazy("类型"), Station.Kind.choices, "station__kind"))
    if kind == "outlet":
        media = [("gas", gettext_lazy("废气")), ("water", gettext_lazy("废水"))]
        filters.insert(1, listing.Filter("medium", gettext_lazy("介质"), media, "outlet__medium"))
    found = listing.build(
        request,
        pages.points_of(user, kind),
        filters,
        search=("name", "code", "owner__name"),
        search_hint=gettext_lazy("名称、代码、单位"),
        keep=("kind",),
    )
    now = clock.now()
    tabs = [{"kind": k, "word": w, "count": counts.get(k, 0), "here": k == kind} for k, w in TABS.items()]
    context = {
        "listing": found,
        "rows": pages.list_rows(found.rows, now),
        "tabs": [t for t in tabs if t["count"] or t["kind"] != "unknown"],
        "kind": kind,
        "tab": "points",
    }
    return render(request, "monitoring/points.html", context)


def _window(request: HttpRequest, grain: str, shown: Opening) -> tuple[datetime, datetime]:
    """The one Beijing day asked for by `day`, else that of `days`, else the grain's own span; bounded by the grain."""
    try:
        begin = datetime.combine(date.fromisoformat(request.GET.get("day", "")), time.min, clock.BEIJING)
    except ValueError:
        pass
    else:
        return begin, begin + timedelta(days=1)
    try:
        span = timedelta(days=float(request.GET.get("days", "")))
    except (ValueError, OverflowError):
        span = charts.SPANS[grain]
    span = min(max(span, timedelta(hours=1)), charts.LONGEST[grain])
    return shown.end - span, shown.end


def _years(subject: Point, shown: Opening) -> list[int]:
    """The years from the first judgement of the point to its newest data, newest first."""
    if shown.newest is None:
        return []
    last = clock.beijing(shown.newest).year
    first = subject.evaluations.order_by().aggregate(first=Min("start"))["first"]
    return list(range(last, (clock.beijing(first).year if first else last) - 1, -1))


def _choice(request: HttpRequest, point: Point) -> tuple[str, str, list[pages.Cell]]:
    cells = pages.cells_by_point([point])[point.code]
    items = [c.item for c in cells]
    item = request.GET.get("item", "")
    if item not in items:
        item = items[0] if items else ""
    grain = request.GET.get("grain", "hour")
    return item, grain if grain in charts.SPANS else "hour", cells


def _point(request: HttpRequest, code: str) -> Point:
    rows = visible_points(person(request)).select_related(
        "area", "owner", "operator", "station", "section__water_body", "outlet__enterprise"
    )
    return get_object_or_404(rows, code=code)


@needs("view")
def point(request: HttpRequest, code: str) -> HttpResponse:
    """One point: what it shows now, its chart, its judgements, what it is held to."""
    user = person(request)
    subject = _point(request, code)
    item, grain, cells = _choice(request, subject)
    now = clock.now()
    shown = opening([subject], request.GET.get("until", ""))
    start, end = _window(request, grain, shown)
    as_table = request.GET.get("view") == "table"
    statistic = charts.statistic_of(subject, item, end)
    found = charts.spots(subject, item, grain, start, end, statistic) if as_table and item else []
    fresh = freshness([subject])[subject.code]
    arrival = arrival_state(fresh, now)
    judged = of_point(subject, EVALUATION_KINDS.get(subject.kind, ()), SHOWN_EVALUATIONS)
    outlet, section = getattr(subject, "outlet", None), getattr(subject, "section", None)
    context: dict[str, Any] = {
        "point": subject,
        "cells": cells,
        "item": item,
        "grain": grain,
        "grains": charts.grain_words(),
        "days": f"{(end - start).total_seconds() / 86400:g}",
        "as_table": as_table,
        "is_converted": statistic == "ZsAvg",
        "spots": list(reversed(found)),
        "decimals": display.item_decimals(item) if item else None,
        "unit": next((c.unit for c in cells if c.item == item), ""),
        "start": start,
        "end": end,
        "opening": shown,
        "years": _years(subject, shown),
        "earlier": clock.beijing(start - timedelta(seconds=1)).date(),
        "later": clock.beijing(min(end + (end - start), now)).date() if end < now else None,
        "last": fresh.last_end,
        "arrival": arrival,
        "arrival_word": ARRIVAL_WORDS[arrival],
        "judged": judged,
        "newest": max((e for e in judged if e.kind in {"air_hour", "water"}), key=lambda e: e.start, default=None),
        "limits": list(outlet.limits.standing().order_by("item", "-valid_from")) if outlet else [],
        "targets": list(section.targets.order_by("kind", "-valid_from")) if section else [],
        "issued": pages.issued_beside(subject),
        "tags": list(outlet.tags.filter(withdrawn_at__isnull=True).order_by("-start")[:10]) if outlet else [],
        "rosters": pages.rosters_of(subject),
        "devices": list(subject.devices.all()),
        "alerts": list(visible_alerts(user).filter(point=subject)[:6]),
        "findings": list(visible_findings(user).filter(point=subject)[:6]) if outlet else [],
        "cases": shown_cases(user, case_rows(user).filter(point=subject)[:6]),
        "may_raise": can(user, "raise_lead"),
        "may_keep": can(user, "manage_points"),
        "may_review": may(user, "review_data", subject.answering_id),
        "statistic": statistic,
        "may_tag": outlet is not None and can(user, "tag"),
    }
    return render(request, "monitoring/point.html", context)


def _day_words(at: datetime | None) -> str:
    return f"{clock.beijing(at):%Y-%m-%d %H:%M}" if at else "—"


@needs("view")
def series(request: HttpRequest, code: str) -> HttpResponse:
    """The chart's data."""
    subject = _point(request, code)
    item, grain, cells = _choice(request, subject)
    if not item:
        return JsonResponse({"rows": [], "lines": [], "item": "", "name": "", "unit": "", "grain": grain})
    shown = opening([subject], request.GET.get("until", ""))
    start, end = _window(request, grain, shown)
    unit = next((c.unit for c in cells if c.item == item), "")
    found = charts.spots(subject, item, grain, start, end, charts.statistic_of(subject, item, end))
    answer = charts.payload(subject, item, grain, found, unit, end)
    answer["words"] = {
        "value": _("数值"),
        "flag": _("标识"),
        "revised": _("有修订"),
        "gap": _("缺测"),
        "limit": _("限值"),
        "far": _("（在图外）"),
        "told": _("检查"),
        "apart": _("不计入均值"),
        "none": _("这段时间没有数据；数据到 %(when)s。") % {"when": _day_words(shown.newest)},
    }
    return JsonResponse(answer)
