from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qingyuan import clock
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies.rights import can, scope_of
from qingyuan.bureau.base.calendar.kept import entered_plans, work_calendar
from qingyuan.bureau.base.errors import BureauError
from qingyuan.bureau.cases.actions.deadlines import enter_holiday_plan
from qingyuan.web.doors import attach, person


class PlanForm(forms.Form):
    """The announced plan of a year."""

    document = forms.CharField(label=gettext_lazy("文号或来源"), max_length=200)
    days = forms.CharField(
        label=gettext_lazy("放假与调休上班"),
        widget=forms.Textarea(attrs={"rows": 10, "data-wide": True, "placeholder": "2027-02-05～2027-02-11 放假 春节"}),
        help_text=gettext_lazy("每行一天或一段：日期（或起～止） 放假或上班 名称。只写与平常周末不同的日子。"),
    )


def _may_enter(user: User) -> bool:
    return can(user, "manage_system") and scope_of(user).reach.get("manage_system") is None


def calendar(request: HttpRequest) -> HttpResponse:
    """The days of a year that differ from the week, where they come from, and the form for an announced plan."""
    user = person(request)
    this_year = clock.beijing(clock.now()).year
    asked = request.GET.get("year", "")
    year = int(asked) if asked.isdecimal() and 2004 <= int(asked) <= this_year + 2 else this_year
    if request.method == "POST" and not _may_enter(user):
        raise PermissionDenied(_("您的角色没有这项权限；如工作需要，请联系安全管理员。"))
    form = PlanForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _plan, moved = enter_holiday_plan(user, year, form.cleaned_data["days"], form.cleaned_data["document"])
        except BureauError as error:
            attach(form, error)
        else:
            told = _("已录入 %(year)s 年的放假安排，重算后变动的期限 %(n)d 个。") % {"year": year, "n": len(moved)}
            messages.success(request, told)
            return redirect(f"{reverse('web:calendar')}?year={year}")
    known = work_calendar()
    context = {
        "year": year,
        "years": range(this_year - 1, this_year + 3),
        "days": _different(year),
        "form": form,
        "plan": entered_plans().get(year),
        "is_announced": year in known.plans,
        "may_enter": _may_enter(user),
    }
    return render(request, "settings/calendar.html", context)


def _different(year: int) -> list[dict[str, Any]]:
    known, day = work_calendar(), date(year, 1, 1)
    found = []
    while day.year == year:
        told = known.on(day)
        if told.works != (day.weekday() < 5):
            found.append({"day": day, "works": told.works, "name": told.name})
        day += timedelta(days=1)
    return found
