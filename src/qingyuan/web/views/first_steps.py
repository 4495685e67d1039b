from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qingyuan.bureau.accounts.models import Area
from qingyuan.bureau.accounts.policies.rights import can
from qingyuan.bureau.base.errors import BureauError
from qingyuan.bureau.registers.actions.county import name_county
from qingyuan.web import first_steps as steps
from qingyuan.web.doors import attach, needs, person

YEAR = 365 * 24 * 3600


class CountyForm(forms.Form):
    """Which county this is."""

    code = forms.CharField(
        label=gettext_lazy("行政区划代码"), max_length=6, help_text=gettext_lazy("6 位，如 321282。")
    )
    name = forms.CharField(label=gettext_lazy("名称"), max_length=60, help_text=gettext_lazy("如 靖江市。"))


@needs(*steps.ABLE)
def first_steps(request: HttpRequest) -> HttpResponse:
    """What a new installation needs, in order; put away and brought back by a button."""
    user = person(request)
    away = request.POST.get("away", "")
    if request.method == "POST" and away in {"0", "1"}:
        answer = redirect("web:today" if away == "1" else "web:first_steps")
        if away == "1":
            answer.set_cookie(steps.AWAY, "away", max_age=YEAR, samesite="Lax", httponly=True)
        else:
            answer.delete_cookie(steps.AWAY)
        return answer
    known = Area.objects.filter(kind=Area.Kind.COUNTY).first()
    first = {"code": known.code, "name": known.name} if known else {}
    form = CountyForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            county = name_county(user, **form.cleaned_data)
        except BureauError as error:
            attach(form, error)
        else:
            messages.success(request, _("已保存：%(name)s") % {"name": county.name})
            return redirect("web:first_steps")
    found = steps.first_steps()
    context = {
        "steps": [(step, [way for way in step.ways if can(user, way.capability)]) for step in found],
        "left": steps.left(found),
        "form": form if can(user, "manage_points") else None,
        "is_away": request.COOKIES.get(steps.AWAY) == "away",
        "is_demo": steps.is_demo(),
    }
    return render(request, "settings/first_steps.html", context)
