"""Pages of data loggers: the list, one device, the waiting room, the gateway."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from qingyuan import clock
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies.rights import can, may
from qingyuan.bureau.base.errors import BureauError
from qingyuan.bureau.line.actions.adopt import adopt
from qingyuan.bureau.line.actions.in_use import restore, retire
from qingyuan.bureau.line.models import Device
from qingyuan.bureau.line.queries.devices import device_facts, on_the_line, visible_devices
from qingyuan.bureau.line.queries.exchanges import exchanges_of
from qingyuan.bureau.line.queries.gateway_ledger import ledger
from qingyuan.bureau.line.queries.gateway_seen import gateway_facts, unnamed_peers
from qingyuan.bureau.line.queries.packets import last_packets
from qingyuan.bureau.line.queries.policy import policy
from qingyuan.bureau.line.queries.proposals import Proposal, adoptable_points, proposal_for
from qingyuan.bureau.monitoring.queries.device_doubts import doubts_of
from qingyuan.bureau.overview.queries.watermark import watermark
from qingyuan.bureau.registers.policies import visible_points
from qingyuan.rules import rule_book
from qingyuan.web import listing
from qingyuan.web.doors import needs, person
from qingyuan.web.pages.firms import rows as pages
from qingyuan.web.pages.firms.forms import AdoptForm, FollowForm
from qingyuan.web.views.polling import polled

SHOWN_PEERS = 10


def _by_line(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    connected = ledger()["connected"]
    return rows.filter(mn__in=connected) if value == "on" else rows.exclude(mn__in=connected)


@needs("view")
def devices(request: HttpRequest) -> HttpResponse:
    """Data loggers with the points they serve, and whether they are connected."""
    user = person(request)
    filters = [
        listing.Filter("state", gettext_lazy("状态"), Device.State.choices, "state"),
        listing.Filter("line", gettext_lazy("连接"), [("on", _("已连接")), ("off", _("未连接"))], _by_line),
    ]
    rows = pages.device_rows(user)
    found = listing.build(request, rows, filters, search=("mn", "point__name"), search_hint=gettext_lazy("MN、点位"))
    keeps = can(user, "manage_points")
    lines = on_the_line([device.mn for device in found.rows])
    context = {
        "listing": found,
        "rows": [{"device": device, "line": lines[device.mn]} for device in found.rows],
        "waiting": rows.filter(state=Device.State.WAITING).count() if keeps else 0,
        "peers": unnamed_peers()[:SHOWN_PEERS] if keeps else [],
        "keeps": keeps,
    }
    return render(request, "line/devices.html", context)


@needs("view")
def device(request: HttpRequest, mn: str) -> HttpResponse:
    """One data logger: state, counts, clock, its last packets, what was asked of it."""
    user = person(request)
    row = get_object_or_404(visible_devices(user).select_related("point__outlet"), mn=mn)
    rule = policy(clock.now())
    given = {"time_sync": row.time_sync, "fetch_history": row.fetch_history}
    keeps = may(user, "manage_points", row.point.answering_id if row.point else None)
    proposal = proposal_for(user, row) if keeps and row.state == Device.State.WAITING else None
    facts = {
        "device": row,
        "system": rule_book().protocol.systems.get(row.system_type, ""),
        "facts": device_facts(mn),
        "doubts": doubts_of(row),
        "proposal": proposal,
        "adoption": _adoption(user, proposal) if proposal else None,
        "packets": last_packets(mn),
        "exchanges": exchanges_of(person(request), row),
        "asked": {"time": rule.sets_time(row), "history": rule.fetches(row)},
        "keeps": keeps,
        "follow": FollowForm(initial=given) if keeps else None,
    }
    return render(request, "line/device.html", facts)


def _adoption(user: User, proposal: Proposal, data: Any = None) -> AdoptForm:
    likely = [(c.code, _named(c.name, c.has_device)) for c in proposal.points if c.items or not c.has_device]
    known = {code for code, _name in likely}
    points, served = adoptable_points(user)
    others = [(p.code, _named(p.name, p.pk in served)) for p in points if p.code not in known]
    first = proposal.points[0] if proposal.points else None
    best = first.code if first and first.items and not first.has_device else ""
    return AdoptForm(data, likely=likely, others=others, initial={"point": best})


def _named(name: str, has_device: bool) -> str:
    return f"{name}（{_('已有设备')}）" if has_device else name


@require_POST
@needs("manage_points")
def adopt_station(request: HttpRequest, mn: str) -> HttpResponse:
    """Take a waiting station into use; what it sent while it waited is read."""
    user = person(request)
    row = get_object_or_404(visible_devices(user), mn=mn)
    code = request.POST.get("point", "")
    point = get_object_or_404(visible_points(user), code=code) if code else None
    try:
        count = adopt(user, row, point)
    except BureauError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("已认领；先前上传的已重新读取，入库 %(n)d 个读数。") % {"n": count})
    return redirect("line:device", mn=mn)


@require_POST
@needs("manage_points")
def in_use(request: HttpRequest, mn: str) -> HttpResponse:
    """Out of use with a reason, or back."""
    user = person(request)
    row = get_object_or_404(visible_devices(user).select_related("point"), mn=mn)
    try:
        if row.state == Device.State.RETIRED:
            restore(user, row)
        else:
            retire(user, row, request.POST.get("reason", ""))
    except BureauError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("已保存。"))
    return redirect("line:device", mn=mn)


@needs("view")
def tail(request: HttpRequest, mn: str) -> HttpResponse:
    """The last packets, as they are polled."""
    row = get_object_or_404(visible_devices(person(request)), mn=mn)
    return polled(
        request,
        watermark(clock.now()),
        lambda: render(request, "line/_tail.html", {"device": row, "packets": last_packets(mn)}),
    )


@needs("view")
def asked(request: HttpRequest, mn: str) -> HttpResponse:
    """What was asked of the device, as it is polled."""
    user = person(request)
    row = get_object_or_404(visible_devices(user).select_related("point"), mn=mn)
    keeps = may(user, "manage_points", row.point.answering_id if row.point else None)
    exchanges = exchanges_of(user, row)
    context = {"device": row, "exchanges": exchanges, "keeps": keeps}
    return polled(request, (repr(exchanges), keeps), lambda: render(request, "line/_asked.html", context))


@needs("manage_points")
def gateway(request: HttpRequest) -> HttpResponse:
    """How the gateway runs, and everything unfriendly that it met."""
    return render(request, "line/gateway.html", {"facts": gateway_facts(person(request)), "tab": "devices"})
