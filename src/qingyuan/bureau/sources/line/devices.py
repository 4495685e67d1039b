"""What is known of one device: who may see it, how it behaves on the line, what it deviates in, what to adopt it as."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import QuerySet

from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies import can, visible_points
from qingyuan.bureau.monitoring.store import readings
from qingyuan.bureau.sources.line.gateway_ledger import ledger
from qingyuan.bureau.sources.line.packets import factors_sent, last_packets
from qingyuan.bureau.sources.line.resolver import kind_of_system
from qingyuan.bureau.sources.models import Device, DeviceClock, DeviceCount
from qingyuan.hj212 import Deviation
from qingyuan.rules import rule_book

_DEVIATIONS = {deviation.value: deviation.text_zh for deviation in Deviation}
WORDS = {
    "frames": "数据包", "acknowledged": "已应答", "wrong_network": "来自未登记的网段，未采用",
    "refused_unknown": "未登记，按设置拒收", "refused_network": "不在允许的网段，拒绝连接",
    "slowed": "超过速率上限，放慢接收", "closed_slow": "半包久不完整，断开", "closed_garbage": "杂乱字节过多，断开",
    "closed_idle": "久无数据，断开", "stored": "已入库", "duplicate": "重复，只存一次", "no_data": "无监测数据",
    "waiting_full": "待认领的已满，没有列入", "asked": "主动请求", "not_sendable": "请求不能发送",
    "part": "拆包，等其余部分", "part_joined": "拆包，已合并", "part_alone": "拆包，未到齐，按到达的部分使用",
    "unknown_station": "未认领，留存原文", "no_time": "没有数据时间", "clock_off": "设备时钟相差一年以上，未采用",
}  # fmt: skip


@dataclass(frozen=True)
class Count:
    """How often something was met. last_at: None where only the number is kept."""

    kind: str
    words: str
    count: int
    last_at: datetime | None = None


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


@dataclass(frozen=True)
class Proposal:
    """What an unknown station seems to be: the kind of point by its ST, the factors by what it sent."""

    system: str
    kind: str
    factors: list[tuple[str, str]]


def visible_devices(user: User) -> QuerySet[Device]:
    """Devices of the user's points; those without a point only for who may adopt them."""
    if can(user, "manage_points"):
        return Device.objects.all()
    return Device.objects.filter(point__in=visible_points(user))


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
        deviations=[Count(m.kind, _DEVIATIONS.get(m.kind, WORDS.get(m.kind, "")), m.count, m.last_at) for m in met],
        outcomes=[
            Count(outcome, WORDS.get(outcome, _DEVIATIONS.get(outcome, "")), count, datetime.fromtimestamp(last, UTC))
            for _, outcome, count, last in sorted(tallies, key=lambda t: -t[2])
        ],
    )


def line_counts(page: dict[str, Any]) -> list[Count]:
    """What the gateway itself counted, without the deviations, which the messages count."""
    return [Count(k, WORDS.get(k, ""), n) for k, n in page["counts"].items() if k not in _DEVIATIONS]


def proposal_for(device: Device) -> Proposal:
    """For the operator who adopts a waiting station."""
    system = rule_book().protocol.systems.get(device.system_type, "")
    return Proposal(system, kind_of_system(device.system_type), factors_sent(last_packets(device.mn, 50)))


def unnamed_peers() -> list[tuple[str, list[Count]]]:
    """Addresses that named no station, with what they did; the most active first."""
    told = ledger()["peers"]
    rows = [(peer, [Count(k, WORDS.get(k, _DEVIATIONS.get(k, "")), n) for k, n in page["counts"].items()])
            for peer, page in told.items()]  # fmt: skip
    return sorted(rows, key=lambda row: -sum(c.count for c in row[1]))[:100]
