"""Data loggers: state, packets, adoption, what is asked of them; the gateway."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema

from qingyuan import clock, process
from qingyuan.api import shapes
from qingyuan.api.auth import user_of, with_right
from qingyuan.api.idempotency import once
from qingyuan.api.identity import Key
from qingyuan.api.paging import Paging, page_of
from qingyuan.api.times import aware
from qingyuan.bureau.accounts.policies.rights import require
from qingyuan.bureau.base.errors import Invalid
from qingyuan.bureau.line.actions.adopt import adopt
from qingyuan.bureau.line.actions.ask import fetch_now, set_time_now, take_back
from qingyuan.bureau.line.actions.in_use import restore, retire
from qingyuan.bureau.line.models import Device
from qingyuan.bureau.line.queries.devices import device_facts, visible_devices
from qingyuan.bureau.line.queries.exchanges import counts, exchanges, exchanges_of, visible_requests
from qingyuan.bureau.line.queries.gateway_seen import gateway_facts
from qingyuan.bureau.line.queries.packets import last_packets
from qingyuan.bureau.line.queries.policy import policy
from qingyuan.bureau.line.queries.proposals import proposal_for
from qingyuan.bureau.monitoring.queries.device_doubts import doubts_of
from qingyuan.bureau.registers.policies import visible_points

router = Router(tags=["设备"])


@router.get("/devices", summary="设备列表")
def devices(
    request: HttpRequest, paging: Query[Paging], state: Literal["active", "waiting", "retired"] | None = None
) -> dict[str, Any]:
    """Devices of the caller's points; those that wait for adoption only for who may adopt."""
    rows = visible_devices(user_of(request))
    if state:
        rows = rows.filter(state=state)
    return page_of(rows.select_related("point").order_by("mn"), paging, shapes.device)


@router.get("/devices/{mn}", summary="一台设备")
def device(request: HttpRequest, mn: str) -> dict[str, Any]:
    """State on the line, counts by kind and by deviation, clock drift, and what its data say against its registration.

    For a waiting station also what to adopt it as.
    """
    row = get_object_or_404(visible_devices(user_of(request)).select_related("point"), mn=mn)
    rule = policy(clock.now())
    asked = {"time_sync": rule.sets_time(row), "fetch_history": rule.fetches(row)}
    shown = shapes.device(row) | asdict(device_facts(mn)) | asked
    shown["doubts"] = [asdict(doubt) for doubt in doubts_of(row)]
    if row.state == Device.State.WAITING:
        shown["proposal"] = asdict(proposal_for(user_of(request), row))
    return shown


@router.get("/devices/{mn}/packets", summary="设备最近的原始包")
def packets(request: HttpRequest, mn: str, limit: int = 20) -> dict[str, Any]:
    """Newest first, at most 100, each field with its meaning; passwords hidden."""
    get_object_or_404(visible_devices(user_of(request)), mn=mn)
    return {"items": [asdict(packet) for packet in last_packets(mn, max(1, min(limit, 100)))]}


@router.get("/devices/{mn}/requests", summary="向设备发出的请求")
def device_requests(request: HttpRequest, mn: str, limit: int = 20) -> dict[str, Any]:
    """Clock settings and fetches of stored data, newest first, at most 100, with what came of each."""
    row = get_object_or_404(visible_devices(user_of(request)), mn=mn)
    return {"items": [asdict(one) for one in exchanges_of(user_of(request), row, max(1, min(limit, 100)))]}


@router.get("/gateway", summary="数采网关")
def gateway(request: HttpRequest) -> dict[str, Any]:
    """How the gateway runs, its counts, and the unfriendly things it met, by station and by address, each with words."""
    user = user_of(request)
    require(user, "manage_points")
    facts = asdict(gateway_facts(user))
    beat = process.last_beat("gateway") or {}
    told = {name: beat.get(name) for name in ("journal_error", "register_error", "wishes_error")}
    peers = [
        {"address": p.pop("name"), "last_at": p["last_at"], "counts": _numbers(p["counts"])} for p in facts.pop("peers")
    ]
    requests = counts(visible_requests(user))
    state = process.role_state("gateway")
    return facts | told | {"state": state, "counts": _numbers(facts["counts"]), "peers": peers, "requests": requests}


def _numbers(found: list[dict[str, Any]]) -> dict[str, int]:
    return {row["kind"]: row["count"] for row in found}


class RetireIn(Schema):
    """Why; required."""

    reason: str = ""


@router.post("/devices/{mn}/retire", auth=with_right("manage_points"), summary="停用设备、不认领站点")
@once
def post_retire(request: HttpRequest, mn: str, body: RetireIn) -> dict[str, Any]:
    """Out of use: what it sends stays raw. What was stored stays; can be taken back by `…/restore`."""
    user = user_of(request)
    return shapes.device(retire(user, get_object_or_404(visible_devices(user), mn=mn), body.reason))


@router.post("/devices/{mn}/restore", auth=with_right("manage_points"), summary="恢复设备")
@once
def post_restore(request: HttpRequest, mn: str) -> dict[str, Any]:
    """Into use again at its point, or back into the waiting room."""
    user = user_of(request)
    return shapes.device(restore(user, get_object_or_404(visible_devices(user), mn=mn)))


class TimeIn(Schema):
    """Why, for the record."""

    reason: str = ""


@router.post("/devices/{mn}/time", auth=with_right("manage_points"), summary="立即校时")
@once
def post_time(request: HttpRequest, mn: str, body: TimeIn) -> dict[str, Any]:
    """Have the device's clock set (1012); 409 says what stands against it. The request is followed in `…/requests`."""
    user = user_of(request)
    made = set_time_now(user, get_object_or_404(visible_devices(user), mn=mn), body.reason)
    return asdict(exchanges(user_of(request), [made])[0])


class FetchIn(Schema):
    """Which stored data: grain minute, hour or day; since, to: the stretch, its missing intervals are asked for."""

    grain: Literal["minute", "hour", "day"] = "hour"
    since: datetime
    to: datetime
    reason: str = ""


@router.post("/devices/{mn}/fetch", auth=with_right("manage_points"), summary="立即补取")
@once
def post_fetch(request: HttpRequest, mn: str, body: FetchIn) -> dict[str, Any]:
    """Have the device send what is missing in a stretch (2031, 2051, 2061); 409 says what stands against it."""
    user = user_of(request)
    device = get_object_or_404(visible_devices(user), mn=mn)
    since, until = aware(body.since), aware(body.to)
    if since is None or until is None:
        raise Invalid("起止时间都须填写", "since")
    return asdict(exchanges(user_of(request), [fetch_now(user, device, body.grain, since, until, body.reason)])[0])


@router.post("/devices/{mn}/requests/{request_id}/withdraw", auth=with_right("manage_points"), summary="撤回待发的请求")
@once
def post_withdraw_request(request: HttpRequest, mn: str, request_id: Key) -> dict[str, Any]:
    """A request that was not sent yet is not sent any more."""
    user = user_of(request)
    row = get_object_or_404(visible_requests(user), device__mn=mn, pk=request_id)
    take_back(user, row)
    row.refresh_from_db()
    return asdict(exchanges(user_of(request), [row])[0])


class AdoptIn(Schema):
    """At which point; empty makes one named after the station."""

    point: str = ""


@router.post("/devices/{mn}/adopt", auth=with_right("manage_points"), summary="认领站点")
@once
def adopt_device(request: HttpRequest, mn: str, body: AdoptIn) -> dict[str, Any]:
    """Take a waiting station into use; what it sent is read again."""
    user = user_of(request)
    device = get_object_or_404(visible_devices(user), mn=mn)
    at = get_object_or_404(visible_points(user), code=body.point) if body.point else None
    count = adopt(user, device, at)
    device.refresh_from_db()
    return shapes.device(device) | {"readings": count}
