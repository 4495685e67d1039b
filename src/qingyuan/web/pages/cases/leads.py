from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from qingyuan import clock
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies.rights import can, may
from qingyuan.bureau.base.errors import BureauError, NotAllowed
from qingyuan.bureau.cases.actions.informants import call_back, reveal
from qingyuan.bureau.cases.actions.leads import dismiss_lead, merge_lead, open_case, raise_lead
from qingyuan.bureau.cases.actions.taking import take_lead
from qingyuan.bureau.cases.models import Lead
from qingyuan.bureau.cases.policies.visible import View, may_call_back, may_know_informant, visible_cases, visible_leads
from qingyuan.bureau.cases.queries import pages
from qingyuan.bureau.cases.queries.choices import deciders, merge_targets
from qingyuan.bureau.cases.queries.clocks import late_leads
from qingyuan.bureau.cases.queries.finding import found_leads
from qingyuan.bureau.cases.queries.informants import Identity
from qingyuan.bureau.cases.queries.shown_to import lead_files, shown_lead, shown_leads
from qingyuan.bureau.registers.policies import visible_points
from qingyuan.web import listing
from qingyuan.web.answering import area_filter
from qingyuan.web.doors import attach, needs, person
from qingyuan.web.pages.cases.forms import DismissForm, LeadForm, MergeForm, OpenCaseForm, RevealForm, TakeForm

LATE = [("late", gettext_lazy("逾期未研判"))]
WHOSE = [("mine", gettext_lazy("我")), ("nobody", gettext_lazy("无人"))]


def _whose(rows: Any, value: str, user: User) -> Any:
    return rows.filter(owner=user) if value == "mine" else rows.filter(owner__isnull=True, state=Lead.State.NEW)


def leads(request: HttpRequest) -> HttpResponse:
    """The one pool of leads."""
    user = person(request)
    orders = [(name, words) for name, (words, _columns) in pages.LEAD_ORDERS.items()]
    filters = [
        listing.Filter("state", gettext_lazy("状态"), Lead.State.choices, "state"),
        listing.Filter("source", gettext_lazy("来源"), Lead.Source.choices, "source"),
        area_filter(user, has_answers=False),
        listing.Filter("standing", gettext_lazy("时限"), LATE, lambda q, _value: late_leads(q, clock.now())),
        listing.Filter("whose", gettext_lazy("研判人"), WHOSE, lambda q, v: _whose(q, v, user)),
        listing.Filter("sort", gettext_lazy("排序"), orders, lambda q, _value: q),
    ]
    order = request.GET.get("sort", "")
    rows = pages.lead_rows(user, order if order in pages.LEAD_ORDERS else "newest")
    found = listing.build(
        request,
        rows,
        filters,
        search=lambda q, word: found_leads(user, q, word),
        search_hint=gettext_lazy("编号、事项、地点"),
    )
    context = {"listing": found, "may_raise": can(user, "raise_lead"), "counts": pages.counts(user)}
    context |= {"rows": shown_leads(user, found.rows), "now": clock.now()}
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
    candidates = merge_targets(person(request), subject).select_related("created_by")
    start = {"kind": pages.kind_hint(subject)}
    return {
        "case": OpenCaseForm(data if decision == "case" else None, auto_id="case_%s", initial=start),
        "merge": MergeForm(data if decision == "merge" else None, auto_id="merge_%s", leads=candidates),
        "dismiss": DismissForm(data if decision == "dismiss" else None, auto_id="dismiss_%s"),
    }


def _page(request: HttpRequest, subject: Lead, made: dict[str, forms.Form], decision: str) -> HttpResponse:
    user = person(request)
    shown = shown_lead(user, subject)
    may_triage = subject.state == Lead.State.NEW and may(user, "triage", subject.area_id)
    context = {
        "lead": shown,
        "alert": subject.alert,
        "finding": subject.finding,
        "forms": made,
        "decision": decision,
        "may_triage": may_triage,
        "take": TakeForm(people=deciders(subject)) if may_triage else None,
        "may_call": shown.has_informant and may_call_back(user, subject),
        "reveal": RevealForm() if shown.has_informant and may_know_informant(user, subject) else None,
        "exhibits": lead_files(user, subject),
        "similar": pages.similar_leads(user, subject) if shown.view == View.WHOLE else [],
        "merged": shown_leads(user, subject.merged.all()) if shown.view == View.WHOLE else [],
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


@require_POST
@needs("triage")
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody becomes the one who decides this lead."""
    user = person(request)
    subject = get_object_or_404(pages.lead_rows(user), pk=pk)
    people = {p.username: p for p in deciders(subject)}
    try:
        taken = take_lead(user, subject, people.get(request.POST.get("owner", "")))
    except BureauError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("研判人：%(name)s") % {"name": taken.owner})
    return redirect("cases:lead", pk=pk)


@require_POST
@needs("work", "triage")
def call(request: HttpRequest, pk: int) -> HttpResponse:
    """The officer in charge calls the informant back: the number, once, on the answer itself."""
    user = person(request)
    subject = _of_case_or_area(user, pk)
    try:
        return _identity(request, subject, call_back(user, subject))
    except BureauError as error:
        raise PermissionDenied(str(error)) from error


@require_POST
@needs("informants")
def reveal_informant(request: HttpRequest, pk: int) -> HttpResponse:
    """Who reported it, for who has the right to know, with the reason; shown once."""
    user = person(request)
    subject = _of_case_or_area(user, pk)
    try:
        return _identity(request, subject, reveal(user, subject, request.POST.get("reason", "")))
    except NotAllowed as error:
        raise PermissionDenied(str(error)) from error
    except BureauError as error:
        messages.error(request, str(error))
        return redirect("cases:lead", pk=pk)


def _of_case_or_area(user: User, pk: int) -> Lead:
    """A lead that the user may see, by itself or by its case."""
    rows = Lead.objects.filter(Q(pk__in=visible_leads(user)) | Q(case__in=visible_cases(user)))
    return get_object_or_404(rows.select_related("created_by", "case__owner", "owner"), pk=pk)


def _identity(request: HttpRequest, subject: Lead, identity: Identity) -> HttpResponse:
    answer = render(request, "cases/informant.html", {"lead": subject, "identity": identity})
    answer["Cache-Control"] = "no-store"
    return answer
