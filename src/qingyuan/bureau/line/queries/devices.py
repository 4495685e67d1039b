"""What is known of one device: who may see it, how it behaves on the line, what it deviates in, what to adopt it as."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Q, QuerySet

from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies.rights import can
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.line.models import Device, DeviceClock, DeviceCount
from qingyuan.bureau.line.queries.gateway_ledger import ledger
from qingyuan.bureau.line.queries.words import DEVIATIONS, Count, words_of
from qingyuan.bureau.registers.policies import visible_points


@dataclass(frozen=True)
class DeviceFacts:
    """drift_s: the device's clock minus ours when it last sent a request number."""

    is_connected: bool
    last_packet_at: datetime | None
    peer: str
    drift_s: float | None
    drift_at: datetime | None
    line: list[Count]
    deviations: list[Count]
    outcomes: list[Count]


def visible_devices(user: User) -> QuerySet[Device]:
    """Devices of the user's points; those without a point, which lie in no area, only for who may adopt them."""
    scope = Q(point__in=visible_points(user))
    if can(user, "manage_points"):
        scope |= Q(point__isnull=True)
    return Device.objects.filter(scope)


def device_facts(mn: str) -> DeviceFacts:
    """Everything counted under an MN."""
    told = ledger()
    page = told["stations"].get(mn) or {"counts": {}, "at": None, "peer": ""}
    at = datetime.fromisoformat(page["at"]) if page["at"] else None
    tallies = readings().tallies(mn)
    if at is None and tallies:
        at = datetime.fromtimestamp(max(t[3] for t in tallies), UTC)
    clock = DeviceClock.objects.filter(mn=mn).first()
    met = DeviceCount.objects.filter(mn=mn).order_by("-count")
    return DeviceFacts(
        is_connected=mn in told["connected"],
        last_packet_at=at,
        peer=page["peer"],
        drift_s=clock.drift_s if clock else None,
        drift_at=clock.at if clock else None,
        line=line_counts(page),
        deviations=[Count(m.kind, words_of(m.kind), m.count, m.last_at) for m in met],
        outcomes=[
            Count(outcome, words_of(outcome), count, datetime.fromtimestamp(last, UTC))
            for _, outcome, count, last in sorted(tallies, key=lambda t: -t[2])
        ],
    )


def line_counts(page: dict[str, Any]) -> list[Count]:
    """What the gateway itself counted, without the deviations, which the messages count."""
    return [Count(k, words_of(k), n) for k, n in page["counts"].items() if k not in DEVIATIONS]


@dataclass(frozen=True)
class OnTheLine:
    """Whether a station is connected, and when its last packet came."""

    is_connected: bool
    last_packet_at: datetime | None


def on_the_line(mns: Iterable[str]) -> dict[str, OnTheLine]:
    """By MN, as the gateway last wrote it."""
    told = ledger()
    connected, pages = set(told["connected"]), told["stations"]
    found = {}
    for mn in mns:
        at = (pages.get(mn) or {}).get("at")
        found[mn] = OnTheLine(mn in connected, datetime.fromisoformat(at) if at else None)
    return found
