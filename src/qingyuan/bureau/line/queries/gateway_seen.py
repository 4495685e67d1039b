"""The gateway as an operator sees it: how it runs, and everything unfriendly that it met, by station and by address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from qingyuan import process
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.line.models import Device, DeviceCount
from qingyuan.bureau.line.queries.devices import visible_devices
from qingyuan.bureau.line.queries.gateway_ledger import ledger
from qingyuan.bureau.line.queries.words import HARMLESS, Count, counts_of, words_of

MOST = 100
"""How many stations and addresses are listed, those with the most trouble first."""


@dataclass(frozen=True)
class Seen:
    """A station or an address with what was counted under it, without what every friendly one does.

    has_page: it is in the register or in the waiting room.
    """

    name: str
    is_registered: bool
    has_page: bool
    peer: str
    last_at: datetime | None
    counts: list[Count]


@dataclass(frozen=True)
class GatewayFacts:
    """problems: in words, with what to do; absent: registered and not connected; counts: of the gateway since it
    started; unregistered: what was read from the journal of stations that are neither in the register nor in the waiting
    room.
    """

    is_up: bool
    port: int | None
    connections: int
    registered_connected: int
    registered: int
    absent: int
    waiting: int
    last_packet_at: datetime | None
    problems: list[str]
    counts: list[Count]
    stations: list[Seen]
    peers: list[Seen]
    unregistered: list[Count]


def gateway_facts(user: User) -> GatewayFacts:
    """The gateway now, by its heartbeat and its ledger; of the registered stations only those that the person may see."""
    beat, told = process.last_beat("gateway") or {}, ledger()
    known = dict(visible_devices(user).values_list("mn", "state"))
    foreign = set(Device.objects.values_list("mn", flat=True)) - set(known)
    active = {mn for mn, state in known.items() if state == Device.State.ACTIVE}
    here = active & set(told["connected"])
    is_up = process.role_state("gateway") == "ok"
    at = beat.get("last_packet_at")
    return GatewayFacts(
        is_up=is_up,
        port=beat.get("port"),
        connections=int(beat.get("connections", 0)) if is_up else 0,
        registered_connected=len(here) if is_up else 0,
        registered=len(active),
        absent=len(active) - len(here) if is_up else 0,
        waiting=sum(state == Device.State.WAITING for state in known.values()),
        last_packet_at=datetime.fromisoformat(at) if at else None,
        problems=_problems(beat, is_up),
        counts=counts_of(beat.get("counts", {})),
        stations=_seen({mn: page for mn, page in told["stations"].items() if mn not in foreign}, known),
        peers=unnamed_peers(),
        unregistered=[
            Count(m.kind, words_of(m.kind), m.count, m.last_at)
            for m in DeviceCount.objects.filter(mn="").order_by("-count")
        ],
    )


def unnamed_peers() -> list[Seen]:
    """Addresses that named no station, with what they did; the most active first."""
    return _seen(ledger()["peers"], {})


def _seen(pages: dict[str, Any], known: dict[str, str]) -> list[Seen]:
    rows = []
    for name, page in pages.items():
        odd = {kind: n for kind, n in page["counts"].items() if kind not in HARMLESS}
        if odd:
            at = datetime.fromisoformat(page["at"]) if page["at"] else None
            rows.append(
                Seen(name, known.get(name) == Device.State.ACTIVE, name in known, page["peer"], at, counts_of(odd))
            )
    return sorted(rows, key=lambda row: -sum(c.count for c in row.counts))[:MOST]


def _problems(beat: dict[str, Any], is_up: bool) -> list[str]:
    found = (
        [] if is_up else [_("数采网关没有运行：设备的数据由设备自己留存，网关恢复后补传；请用 qingyuan doctor 查原因")]
    )
    names = {
        "journal_error": "日志写不进去，没有应答",
        "register_error": "读不到设备登记，沿用上一份",
        "wishes_error": "读不懂待发的请求，什么也没有发",
    }
    return found + [f"{_(words)}：{beat[name]}" for name, words in names.items() if beat.get(name)]
