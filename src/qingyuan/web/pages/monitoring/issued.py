from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qingyuan.bureau.accounts.policies.rights import can
from qingyuan.bureau.base.errors import BureauError
from qingyuan.bureau.indicators.queries.words import entered, indicator_word
from qingyuan.bureau.monitoring.actions.issued import put_issued_value
from qingyuan.bureau.monitoring.queries.issued import visible_issued
from qingyuan.bureau.overview.queries import point_rows as pages
from qingyuan.bureau.registers.actions.targets import put_in_roster, put_target
from qingyuan.bureau.registers.policies import visible_points
from qingyuan.web import listing
from qingyuan.web.doors import attach, needs, person
from qingyuan.web.pages.monitoring.forms import IssuedForm, RosterForm, TargetForm


@needs("view")
def issued(request: HttpRequest) -> HttpResponse:
    """Figures and yearly targets that came from above; who may import enters new ones."""
    user = person(request)
    may_put = can(user, "import")
    form = IssuedForm(request.POST or None, user=user) if may_put else None
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            put_issued_value(user, **form.given())
        except BureauError as error:
            attach(form, error)
        else:
            messages.success(request, _("已登记。"))
            return redirect("monitoring:issued")
    filters = [listing.Filter("indicator", gettext_lazy("指标"), entered(), "indicator")]
    found = listing.build(request, visible_issued(user), filters)
    rows = [{"issued": row, "word": indicator_word(row.indicator)} for row in found.rows]
    context = {"form": form, "listing": found, "rows": rows, "tab": "issued"}
    return render(request, "monitoring/issued.html", context)


@needs("manage_points")
def keep(request: HttpRequest, code: str) -> HttpResponse:
    """A point's targets and rosters, dated: nothing is replaced in place."""
    user = person(request)
    point = get_object_or_404(visible_points(user).select_related("section"), code=code)
    section = getattr(point, "section", None)
    chosen = request.POST.get("form", "")
    target = TargetForm(request.POST if chosen == "target" else None, auto_id="target_%s") if section else None
    roster = RosterForm(request.POST if chosen == "roster" else None, auto_id="roster_%s")
    form = target if chosen == "target" else roster if chosen == "roster" else None
    if form is not None and form.is_valid():
        try:
            put = put_target if form is target else put_in_roster
            put(user, point, **form.cleaned_data)
        except BureauError as error:
            attach(form, error)
        else:
            messages.success(request, _("已登记。"))
            return redirect("monitoring:keep", code=code)
    context = {
        "point": point,
        "target": target,
        "roster": roster,
        "targets": list(section.targets.order_by("kind", "-valid_from")) if section else [],
        "rosters": pages.rosters_of(point),
    }
    return render(request, "monitoring/keep.html", context)
