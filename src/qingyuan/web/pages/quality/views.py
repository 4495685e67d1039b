from __future__ import annotations

from datetime import timedelta

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
from qingyuan.bureau.monitoring.queries.opening import opening
from qingyuan.bureau.quality.actions import operations
from qingyuan.bureau.quality.queries.pages import recent_flags
from qingyuan.bureau.quality.queries.words import OUTCOMES, RULES
from qingyuan.bureau.registers.policies import visible_points
from qingyuan.web.doors import attach, needs, person
from qingyuan.web.listing import PAGE_SIZE
from qingyuan.web.pages.quality.forms import OperationForm

SPANS = {"1": gettext_lazy("1 天"), "7": gettext_lazy("7 天"), "31": gettext_lazy("31 天")}
HISTORY = timedelta(days=31)
SHOWN_HISTORY = 100


@needs("view")
def flags(request: HttpRequest) -> HttpResponse:
    """The flags on the readings of the last days, newest first, by point, rule and outcome."""
    user = person(request)
    days = request.GET.get("days", "")
    days = days if days in SPANS else "7"
    point, rule, outcome = (request.GET.get(name, "") for name in ("point", "rule", "outcome"))
    standing = request.GET.get("state", "standing") != "all"
    codes = [point] if point else list(visible_points(user).values_list("code", flat=True))
    shown = opening(codes, request.GET.get("until", ""))
    end = shown.end
    found, count = recent_flags(
        user,
        end - timedelta(days=int(days)),
        end,
        point=point,
        rule=rule if rule in RULES else "",
        outcome=outcome if outcome in OUTCOMES else "",
        standing=standing,
        joined=True,
    )
    context = {
        "page": Paginator(found, PAGE_SIZE).get_page(request.GET.get("page")),
        "count": count,
        "listed": len(found),
        "points": list(visible_points(user).order_by("kind", "name").values_list("code", "name")),
        "rules": RULES,
        "outcomes": OUTCOMES,
        "spans": SPANS,
        "chosen": {"point": point, "rule": rule, "outcome": outcome, "days": days, "all": not standing},
        "opening": shown,
        "tab": "quality",
    }
    return render(request, "quality/flags.html", context)


@needs("view")
def operate(request: HttpRequest, code: str) -> HttpResponse:
    """A range of one series: its flags with those taken back, and the form to set it aside or confirm it."""
    user = person(request)
    point = get_object_or_404(visible_points(user).select_related("area"), code=code)
    allowed = may(user, "review_data", point.answering_id)
    now = clock.beijing(opening([point]).end)
    item, grain, statistic = (request.GET.get(n, d) for n, d in (("item", ""), ("grain", "hour"), ("statistic", "Avg")))
    first = {
        "series": f"{item}/{statistic}/{grain}",
        "start": request.GET.get("start", f"{now - timedelta(hours=1):%Y-%m-%dT%H:00}"),
        "end": request.GET.get("end", f"{now:%Y-%m-%dT%H:00}"),
    }
    form = OperationForm(request.POST or None, point=point, initial=first) if allowed else None
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            number = operations.operate(user, point, **form.given())
        except BureauError as error:
            attach(form, error)
        else:
            messages.success(request, _("已登记操作 %(number)s；受影响的均值和评价正在重算。") % {"number": number})
            return redirect("quality:operate", code=code)
    elif request.method == "POST" and form is None:
        messages.error(request, _("没有审核数据的权限。"))
        return redirect("monitoring:point", code=code)
    end = opening([point]).end
    history, count = recent_flags(user, end - HISTORY, end + HISTORY, point=point.code, item=item)
    context = {
        "point": point,
        "form": form,
        "may_review": allowed,
        "history": history[:SHOWN_HISTORY],
        "count": count,
        "item": item,
    }
    return render(request, "quality/operate.html", context)


@require_POST
@needs("review_data")
def undo(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """Take an operation back."""
    user = person(request)
    point = get_object_or_404(visible_points(user), code=code)
    try:
        operations.undo(user, point, number)
    except BureauError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("已撤销操作 %(number)s。") % {"number": number})
    return redirect("quality:operate", code=code)
