from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from qingyuan.bureau import listing
from qingyuan.bureau.accounts.policies import can, visible_areas, visible_points
from qingyuan.bureau.cases import pages
from qingyuan.bureau.cases.actions import dismiss_lead, merge_lead, open_case, raise_lead
from qingyuan.bureau.cases.forms import DismissForm, LeadForm, MergeForm, OpenCaseForm
from qingyuan.bureau.cases.models import Lead
from qingyuan.bureau.cases.policies import visible_cases, visible_leads
from qingyuan.bureau.doors import attach, needs, person
from qingyuan.bureau.errors import BureauError


def leads(request: HttpRequest) -> HttpResponse:
    """The one pool of leads."""
    user = person(request)
    areas = list(visible_areas(user).filter(kind="town").values_list("code", "name"))
    filters = [
        listing.Filter("state", gettext_lazy("状态"), Lead.State.choices, "state"),
        listing.Filter("source", gettext_lazy("来源"), Lead.Source.choices, "source"),
        listing.Filter("area", gettext_lazy("区域"), areas, "area__code"),
    ]
    found = listing.build(
        request, pages.lead_rows(user), filters, search=("number", "title", "place", "point__name"),
        search_hint=gettext_lazy("编号、事项、地点"),
    )  # fmt: skip
    context = {"listing": found, "may_raise": can(user, "raise_lead"), "counts": pages.counts(user)}
    return render(request, "cases/leads.html", context)


@needs("raise_lead")
def new_lead(request: HttpRequest) -> HttpResponse:
    """Raise a lead by hand; from an investigation it becomes that case's child lead."""
    user = person(request)
    parent = None
    if number := request.GET.get("case", ""):
        parent = get_object_or_404(visible_cases(user), number=number, kind="area")
    start: dict[str, Any] = {}
    if code := request.GET.get("point", ""):
        start["point"] = get_object_or_404(visible_points(user), code=code).code
    form = LeadForm(request.POST or None, request.FILES or None, user=user, initial=start)
    if request.method == "POST" and form.is_valid():
        try:
            lead = raise_lead(user, parent_case=parent, **form.cleaned_data)
        except BureauError as error:
            attach(form, error)
        else:
            messages.success(request, _("已登记线索 %(number)s，等待研判。") % {"number": lead.number})
            return redirect("cases:case", pk=parent.pk) if parent else redirect("cases:lead", pk=lead.pk)
    return render(request, "cases/lead_new.html", {"form": form, "parent": parent})


def _forms(request: HttpRequest, subject: Lead, decision: str) -> dict[str, forms.Form]:
    data = request.POST if request.method == "POST" else None
    candidates = visible_leads(person(request)).exclude(pk=subject.pk).exclude(state__in=["merged", "dismissed"])
    start = {"kind": pages.kind_hint(subject)}
    return {
        "case": OpenCaseForm(data if decision == "case" else None, auto_id="case_%s", initial=start),
        "merge": MergeForm(data if decision == "merge" else None, auto_id="merge_%s", leads=candidates),
        "dismiss": DismissForm(data if decision == "dismiss" else None, auto_id="dismiss_%s"),
    }


def _page(request: HttpRequest, subject: Lead, made: dict[str, forms.Form], decision: str) -> HttpResponse:
    user = person(request)
    context = {
        "lead": subject,
        "forms": made,
        "decision": decision,
        "may_triage": subject.state == Lead.State.NEW and can(user, "triage"),
        "exhibits": subject.exhibits.select_related("evidence", "added_by"),
        "similar": pages.similar_leads(user, subject),
        "merged": list(subject.merged.all()),
    }
    return render(request, "cases/lead.html", context)


def lead(request: HttpRequest, pk: int) -> HttpResponse:
    """One lead, and for who may triage, the three decisions."""
    subject = get_object_or_404(pages.lead_rows(person(request)), pk=pk)
    return _page(request, subject, _forms(request, subject, ""), "")


@require_POST
@needs("triage")
def decide(request: HttpRequest, pk: int, decision: str) -> HttpResponse:
    """Open a case, merge, or dismiss; always with the reason."""
    user = person(request)
    subject = get_object_or_404(pages.lead_rows(user), pk=pk)
    made = _forms(request, subject, decision)
    form = made[decision]
    if not form.is_valid():
        return _page(request, subject, made, decision)
    try:
        if decision == "case":
            case = open_case(user, subject, **form.cleaned_data)
            messages.success(request, _("已立案 %(number)s。") % {"number": case.number})
            return redirect("cases:case", pk=case.pk)
        if decision == "merge":
            merge_lead(user, subject, form.cleaned_data["into"], form.cleaned_data["reason"])
            messages.success(request, _("已并入。"))
        else:
            dismiss_lead(user, subject, form.cleaned_data["reason"])
            messages.success(request, _("已登记不予立案及理由。"))
    except BureauError as error:
        attach(form, error)
        return _page(request, subject, made, decision)
    return redirect("cases:lead", pk=pk)
