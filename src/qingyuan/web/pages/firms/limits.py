"""Pages of limits: those of an outlet by date, each held against the standards; what all outlets ask to look at."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from qingyuan import clock
from qingyuan.bureau.accounts.policies.rights import can
from qingyuan.bureau.base.errors import BureauError
from qingyuan.bureau.registers.models import Outlet
from qingyuan.bureau.registers.policies import visible_points
from qingyuan.bureau.values.actions.limits_file import undo_limits
from qingyuan.bureau.values.models import LimitImport
from qingyuan.bureau.values.queries.limit_checks import check_outlet
from qingyuan.bureau.values.queries.limit_doubts import doubts
from qingyuan.web.doors import needs, person

ROWS = 40


@needs("view")
def outlet_limits(request: HttpRequest, code: str) -> HttpResponse:
    """The limits of one outlet with their check, and the items that have none."""
    user = person(request)
    point = get_object_or_404(visible_points(user).filter(outlet__isnull=False), code=code)
    outlet = Outlet.objects.select_related("point", "enterprise").get(point=point)
    today = clock.beijing(clock.now()).date()
    context = {
        "point": point,
        "outlet": outlet,
        "check": check_outlet(outlet, today),
        "doubts": doubts(outlet, today),
        "today": today,
    }
    return render(request, "firms/limits.html", context)


@needs("view")
def all_limits(request: HttpRequest) -> HttpResponse:
    """Every outlet of the person with its number of limits, and what to look at; the imports, with a way back."""
    user = person(request)
    today = clock.beijing(clock.now()).date()
    outlets = (
        Outlet.objects.filter(point__in=visible_points(user))
        .select_related("point", "enterprise")
        .prefetch_related("limits")
    )
    page = Paginator(outlets.order_by("point__name", "point__code"), ROWS).get_page(request.GET.get("page"))
    may_keep = can(user, "manage_points")
    context = {
        "page": page,
        "checks": [check_outlet(o, today) for o in page.object_list],
        "imports": LimitImport.objects.select_related("made_by", "undone_by")[:20] if may_keep else [],
        "may_keep": may_keep,
        "tab": "limits",
    }
    return render(request, "firms/all_limits.html", context)


@require_POST
@needs("manage_points")
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an import of limits back."""
    batch = get_object_or_404(LimitImport, pk=pk)
    try:
        count = undo_limits(person(request), batch)
    except BureauError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("已撤回，%(n)d 条限值恢复原状。") % {"n": count})
    return redirect("firms:all_limits")
