"""Exceedances: what was found, what still waits for its tags, each with its trace and the readings behind it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies.rights import can
from qingyuan.bureau.accounts.policies.sides import is_outside
from qingyuan.bureau.alerts.queries import pages
from qingyuan.bureau.alerts.queries.pending import Wanted, pending
from qingyuan.bureau.audit.actions.record import record
from qingyuan.bureau.base import display
from qingyuan.bureau.base.errors import BureauError, Invalid
from qingyuan.bureau.base.sheets import Column, file_of
from qingyuan.bureau.cases.actions.leads import raise_lead
from qingyuan.bureau.cases.policies.visible import visible_leads
from qingyuan.bureau.judging.models import Finding
from qingyuan.bureau.registers.policies import visible_enterprises
from qingyuan.bureau.values.queries.limits import limit_named
from qingyuan.web import listing
from qingyuan.web.answering import area_filter
from qingyuan.web.doors import needs, person

LEAD = Column(gettext_lazy("线索"), lambda f: f.lead.number if hasattr(f, "lead") and f.lead else "")
COLUMNS = (
    Column(gettext_lazy("企业"), lambda f: f.point.owner),
    Column(gettext_lazy("排放口"), lambda f: f.point.name),
    Column(gettext_lazy("点位编码"), lambda f: f.point.code),
    Column(gettext_lazy("项目"), lambda f: display.item_name(f.item)),
    Column(gettext_lazy("评判均值"), lambda f: _("日均值") if f.averaging == "day" else _("小时均值")),
    Column(gettext_lazy("起"), lambda f: f.start),
    Column(gettext_lazy("止"), lambda f: f.end),
    Column(gettext_lazy("结论"), lambda f: _(f.get_verdict_display())),
    Column(gettext_lazy("数值"), lambda f: f.value),
    Column(gettext_lazy("限值"), lambda f: f.limit_value),
    Column(gettext_lazy("单位"), lambda f: display.unit_text(f.unit)),
    Column(gettext_lazy("超标倍数"), lambda f: f.multiple),
    Column(gettext_lazy("标记截止"), lambda f: f.deadline),
    Column(gettext_lazy("判定时间"), lambda f: f.decided_at),
    LEAD,
    Column(gettext_lazy("判定过程"), lambda f: "；".join(pages.step_line(s) for s in f.trace)),
)
"""What a list of findings holds as a file."""


def _filters(request: HttpRequest, user: User) -> list[listing.Filter]:
    seen = pages.finding_rows(user).order_by().values_list("point__code", "point__name", "item").distinct()
    outlets = sorted({(code, name) for code, name, _item in seen}, key=lambda pair: pair[1])
    items = sorted({(item, display.item_name(item)) for _code, _name, item in seen})
    for one in pending(user):
        outlets += [] if (one.point.code, one.point.name) in outlets else [(one.point.code, one.point.name)]
        items += [] if (one.item, display.item_name(one.item)) in items else [(one.item, display.item_name(one.item))]
    firms = list(visible_enterprises(user).order_by("name").values_list("code", "name"))
    averaging = [("hour", gettext_lazy("小时均值")), ("day", gettext_lazy("日均值"))]
    return [
        listing.Filter("verdict", gettext_lazy("结论"), Finding.Verdict.choices, "verdict"),
        listing.Filter("firm", gettext_lazy("企业"), firms, "point__outlet__enterprise__code"),
        listing.Filter("outlet", gettext_lazy("排放口"), outlets, "point__code"),
        listing.Filter("item", gettext_lazy("项目"), items, "item"),
        listing.Filter("averaging", gettext_lazy("评判均值"), averaging, "averaging"),
        area_filter(user, "point__"),
    ]


@needs("view")
def findings(request: HttpRequest) -> HttpResponse:
    """Findings after the tag deadline; `stage=pending`: what is over its limit and not decided; `form`: as a file."""
    user = person(request)
    found = listing.build(
        request,
        pages.finding_rows(user),
        _filters(request, user),
        search=("point__name", "point__owner__name", "item"),
        search_hint=gettext_lazy("点位、单位、项目"),
        period=listing.Period(gettext_lazy("时段"), "start"),
    )
    waiting = pending(user, _wanted(found))
    if request.GET.get("form"):
        return _file(request, user, found)
    stage = "pending" if request.GET.get("stage") == "pending" else "decided"
    context = {"listing": found, "pending": waiting, "stage": stage, "decided_count": found.count}
    context["outside"] = is_outside(user)
    if stage == "pending":
        found.count = len(waiting)
    return render(request, "alerts/findings.html", context)


def _wanted(found: listing.Listing) -> Wanted:
    """The filters that what is not decided can be narrowed by."""
    chosen = {f.name: f.value for f in found.filters}
    days = {n: getattr(found.period, n, "") for n in ("since", "to")}
    since, to = (date.fromisoformat(days[n]) if days[n] else None for n in ("since", "to"))
    return Wanted(chosen["firm"], chosen["outlet"], chosen["item"], chosen["area"], since, to)


def _file(request: HttpRequest, user: User, found: listing.Listing) -> HttpResponse:
    assert found.narrowed_to is not None
    columns = tuple(c for c in COLUMNS if c is not LEAD or not is_outside(user))
    try:
        answer = file_of(_("超标判定"), request.GET["form"], columns, found.narrowed_to.iterator(chunk_size=1000))
    except Invalid as error:
        messages.error(request, str(error))
        return redirect("alerts:findings")
    with transaction.atomic():
        record(user, "finding.export", "findings:list", f"导出超标判定 {found.count} 行")
    return answer


@needs("view")
def finding(request: HttpRequest, pk: int) -> HttpResponse:
    """One finding with every step of its judgement and the hours it rests on."""
    user = person(request)
    subject = get_object_or_404(pages.finding_rows(user), pk=pk)
    is_outlet = hasattr(subject.point, "outlet")
    context: dict[str, Any] = {
        "finding": subject,
        "limit": limit_named(subject.limit_ref),
        "steps": pages.trace_steps(subject),
        "hours": pages.hours_behind(subject) if is_outlet else [],
        "earlier": pages.earlier_findings(subject),
        "lead": visible_leads(user).filter(finding=subject).first(),
        "may_raise": can(user, "raise_lead") and subject.verdict == Finding.Verdict.EXCEEDANCE,
    }
    return render(request, "alerts/finding.html", context)


@needs("raise_lead")
def finding_lead(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a lead of the finding; a statutory exceedance must be handled."""
    user = person(request)
    subject = get_object_or_404(pages.finding_rows(user), pk=pk)
    if request.method != "POST":
        return redirect("alerts:finding", pk=pk)
    title = _("%(point)s %(item)s 超标") % {"point": subject.point, "item": subject.item}
    must = subject.verdict == Finding.Verdict.EXCEEDANCE
    try:
        lead = raise_lead(user, title=title, finding=subject, occurred_at=subject.start, must_handle=must)
    except BureauError as error:
        messages.error(request, str(error))
        return redirect("alerts:finding", pk=pk)
    return redirect("cases:lead", pk=lead.pk)
