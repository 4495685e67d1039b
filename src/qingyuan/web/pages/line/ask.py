"""A person has a device asked at once: a page that says what will be sent and what stands against it, then the request."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from qingyuan import clock
from qingyuan.bureau.accounts.policies.rights import may
from qingyuan.bureau.base.errors import BureauError
from qingyuan.bureau.line.actions.ask import fetch_now, set_time_now, take_back, why_not_now
from qingyuan.bureau.line.models import Device
from qingyuan.bureau.line.queries.devices import device_facts, visible_devices
from qingyuan.bureau.line.queries.exchanges import visible_requests
from qingyuan.bureau.line.queries.gaps import GRAINS, gaps_of
from qingyuan.bureau.line.queries.policy import figure, policy
from qingyuan.intake.requests import SET_TIME
from qingyuan.web.doors import attach, needs, person
from qingyuan.web.pages.firms.forms import LOCAL, FetchForm, TimeForm

_SHOWN = 20
_HOURLY = "2061"


def _kept(request: HttpRequest, mn: str) -> Device:
    user = person(request)
    row = get_object_or_404(visible_devices(user).select_related("point"), mn=mn)
    if not may(user, "manage_points", row.point.answering_id if row.point else None):
        raise PermissionDenied("您的“维护点位和设备”权限不及于该设备所在区域；如工作需要，请联系安全管理员。")
    return row


@needs("manage_points")
def time(request: HttpRequest, mn: str) -> HttpResponse:
    """Set the clock of a device now."""
    row = _kept(request, mn)
    form = TimeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            set_time_now(person(request), row, form.cleaned_data["reason"])
        except BureauError as error:
            attach(form, error)
        else:
            messages.success(request, _("已提出校时，等网关发出；进展见下面的“校时和补取”。"))
            return redirect("line:device", mn=mn)
    against = "" if form.is_bound else why_not_now(row, SET_TIME)
    context = {"device": row, "form": form, "against": against, "facts": device_facts(mn)}
    return render(request, "line/ask_time.html", context)


@needs("manage_points")
def fetch(request: HttpRequest, mn: str) -> HttpResponse:
    """Have a device send stored data now; the stretches that are known to be missing are offered."""
    row, now = _kept(request, mn), clock.now()
    missing = _missing(row, now)
    form = FetchForm(request.POST or None, initial=_initial(request, missing))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            fetch_now(person(request), row, given["grain"], given["since"], given["until"], given["reason"])
        except BureauError as error:
            attach(form, error)
        else:
            messages.success(request, _("已提出补取，等网关发出；进展见下面的“校时和补取”。"))
            return redirect("line:device", mn=mn)
    context = {
        "device": row,
        "form": form,
        "against": "" if form.is_bound else why_not_now(row, _HOURLY),
        "missing": missing,
        "back_days": policy(now).back.days,
        "most": int(figure("fetch.most_intervals", now)),
        "tries": int(figure("fetch.tries", now)),
    }
    return render(request, "line/ask_fetch.html", context)


@require_POST
@needs("manage_points")
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a request back that was not sent yet."""
    row = get_object_or_404(visible_requests(person(request)), pk=pk)
    try:
        take_back(person(request), row)
    except BureauError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("已撤回，不会发出。"))
    return redirect("line:device", mn=row.device.mn)


def _missing(device: Device, now: datetime) -> list[dict[str, Any]]:
    """The newest stretches without data, each not longer than may be asked for at once."""
    most = int(figure("fetch.most_intervals", now))
    found: list[dict[str, Any]] = []
    for one in gaps_of([device], now - policy(now).back, now, now).get(device.pk, []):
        for run in one.runs(most):
            since, last = (datetime.fromtimestamp(at, clock.BEIJING) for at in (run.starts[0], run.starts[-1]))
            until = last + timedelta(seconds=run.length)
            found.append({"grain": GRAINS[run.cn], "since": since, "until": until, "count": len(run.starts)})
    return sorted(found, key=lambda row: row["since"], reverse=True)[:_SHOWN]


def _initial(request: HttpRequest, missing: list[dict[str, Any]]) -> dict[str, Any]:
    if request.GET.get("since"):
        return {name: request.GET.get(name, "") for name in ("grain", "since", "until")}
    if missing:
        newest = missing[0]
        return {"grain": newest["grain"]} | {n: newest[n].strftime(LOCAL) for n in ("since", "until")}
    return {}
