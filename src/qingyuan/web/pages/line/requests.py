"""Pages of what is asked of devices: the policy, a device's own setting, the log."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from qingyuan import clock
from qingyuan.bureau.accounts.policies.rights import can
from qingyuan.bureau.base.errors import BureauError
from qingyuan.bureau.line.actions.requests import own_clock_is_doubtful
from qingyuan.bureau.line.actions.settings import DeviceSettings, PolicySettings, set_device, set_policy
from qingyuan.bureau.line.models import DeviceRequest
from qingyuan.bureau.line.queries.devices import visible_devices
from qingyuan.bureau.line.queries.exchanges import counts, exchanges, visible_requests
from qingyuan.bureau.line.queries.policy import policy, policy_row
from qingyuan.web import listing
from qingyuan.web.doors import attach, needs, person
from qingyuan.web.pages.firms.forms import FollowForm, PolicyForm


@needs("view")
def requests(request: HttpRequest) -> HttpResponse:
    """What holds for the installation, with its form for who keeps the devices, and every request with its end."""
    user, now = person(request), clock.now()
    may_set = can(user, "manage_points")
    if request.method == "POST" and not may_set:
        raise PermissionDenied("您的角色没有维护设备的权限；如工作需要，请联系安全管理员。")
    row, rule = policy_row(), policy(now)
    given = {name: getattr(row, name) for name in PolicyForm.base_fields}
    form = PolicyForm(request.POST or None, initial=given, rule=rule) if may_set else None
    if form is not None and request.method == "POST" and form.is_valid():
        try:
            set_policy(user, PolicySettings(**form.cleaned_data))
        except BureauError as error:
            attach(form, error)
        else:
            messages.success(request, _("已保存。"))
            return redirect("line:requests")
    rows = visible_requests(user)
    filters = [listing.Filter("state", gettext_lazy("状态"), DeviceRequest.State.choices, "state")]
    found = listing.build(
        request, rows, filters, search=("device__mn", "device__point__name"), search_hint=gettext_lazy("MN、点位")
    )
    words = dict(DeviceRequest.State.choices)
    context = {
        "form": form,
        "policy": rule,
        "doubtful": (rule.time_sync or may_set) and own_clock_is_doubtful(rule, now),
        "listing": found,
        "shown": exchanges(person(request), found.rows),
        "counts": [(state, words[state], n) for state, n in counts(rows).items()],
        "tab": "devices",
    }
    return render(request, "line/requests.html", context)


@require_POST
@needs("manage_points")
def follow(request: HttpRequest, mn: str) -> HttpResponse:
    """Whether one device follows the installation, or always or never is asked."""
    user = person(request)
    device = get_object_or_404(visible_devices(user), mn=mn)
    form = FollowForm(request.POST)
    if form.is_valid():
        try:
            set_device(user, device, DeviceSettings(**form.cleaned_data))
        except BureauError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("已保存。"))
    else:
        messages.error(request, _("没有这样的选择。"))
    return redirect("line:device", mn=mn)
