from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qingyuan import clock
from qingyuan.bureau.accounts.policies.rights import can
from qingyuan.bureau.alerts.actions.acknowledge import acknowledge
from qingyuan.bureau.alerts.models import Alert
from qingyuan.bureau.alerts.queries import pages
from qingyuan.bureau.base.errors import BureauError
from qingyuan.bureau.cases.actions.leads import raise_lead
from qingyuan.bureau.cases.policies.visible import visible_leads
from qingyuan.bureau.judging.queries.observations import Level
from qingyuan.bureau.judging.queries.rules import OUTLET_HOUR, warning_rules
from qingyuan.science.intervals import Interval
from qingyuan.science.sources import finding_due
from qingyuan.web import listing
from qingyuan.web.answering import area_filter
from qingyuan.web.doors import attach, needs, person
from qingyuan.web.pages.alerts.forms import AcknowledgeForm

STATES = [
    ("open", gettext_lazy("未解除")),
    ("waiting", gettext_lazy("待签收")),
    ("ended", gettext_lazy("已解除")),
]


def _by_state(rows: Any, value: str) -> Any:
    if value == "waiting":
        return rows.filter(ended_at__isnull=True, acknowledged_at__isnull=True)
    return rows.filter(ended_at__isnull=value == "open")


def _tags_open_until(alert: Alert) -> datetime | None:
    """Until when the enterprise may tag the newest hour of the alert; None where no tag bears on it, or it is over."""
    due = finding_due(Interval(alert.last_seen_at, alert.last_seen_at + timedelta(hours=1)))
    return due if alert.rule == OUTLET_HOUR and due > clock.now() else None


@needs("view")
def alerts(request: HttpRequest) -> HttpResponse:
    """Provisional alerts, the newest first."""
    filters = [
        listing.Filter("state", gettext_lazy("状态"), STATES, _by_state),
        listing.Filter(
            "rule", gettext_lazy("规则"), [(r.code, gettext_lazy(r.name)) for r in warning_rules().values()], "rule"
        ),
        listing.Filter("level", gettext_lazy("级别"), [(str(v), w) for v, w in Level.choices], "level"),
        area_filter(person(request), "point__"),
    ]
    found = listing.build(
        request,
        pages.listed_rows(person(request)),
        filters,
        search=("title", "point__name", "point__owner__name"),
        search_hint=gettext_lazy("内容、点位、单位"),
    )
    now = clock.now()
    rows = [
        {"alert": a, "state": pages.alert_state(a), "deadline": _tags_open_until(a), "age": pages.age(a, now)}
        | {"by": pages.taken_for(person(request), a)[0]}
        for a in found.rows
    ]
    return render(request, "alerts/alerts.html", {"listing": found, "rows": rows})


@needs("view")
def alert(request: HttpRequest, pk: int) -> HttpResponse:
    """One alert: what began, how it went, what was done about it."""
    user = person(request)
    subject = get_object_or_404(pages.alert_rows(user), pk=pk)
    may_take = can(user, "acknowledge") and subject.acknowledged_at is None
    form = AcknowledgeForm(request.POST or None) if may_take else None
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            acknowledge(user, subject, form.cleaned_data["note"])
        except BureauError as error:
            attach(form, error)
        else:
            messages.success(request, _("预警已签收。"))
            return redirect("alerts:alert", pk=pk)
    context = {
        "alert": subject,
        "state": pages.alert_state(subject),
        "changes": pages.changes_for(user, subject),
        "taken": pages.taken_for(user, subject),
        "form": form,
        "lead": visible_leads(user).filter(alert=subject.head or subject).first(),
        "parts": pages.alert_rows(user).filter(head=subject).order_by("started_at", "subject"),
        "head": pages.alert_rows(user).filter(parts=subject).first(),
        "age": pages.age(subject, clock.now()),
        "findings": subject.findings.filter(is_current=True),
        "deadline": _tags_open_until(subject),
        "may_raise": can(user, "raise_lead"),
        "detail": pages.facts(subject.detail),
    }
    return render(request, "alerts/alert.html", context)


@needs("raise_lead")
def alert_lead(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a lead of the alert, with one tap."""
    user = person(request)
    subject = get_object_or_404(pages.alert_rows(user), pk=pk)
    if request.method != "POST":
        return redirect("alerts:alert", pk=pk)
    try:
        lead = raise_lead(user, title=subject.title, alert=subject, occurred_at=subject.started_at)
    except BureauError as error:
        messages.error(request, str(error))
        return redirect("alerts:alert", pk=pk)
    messages.success(request, _("已转为线索 %(number)s，等待研判。") % {"number": lead.number})
    return redirect("cases:lead", pk=lead.pk)
