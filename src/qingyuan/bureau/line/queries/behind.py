"""What lies behind one hour of an outlet: every revision, the shorter readings, the packet it came in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from qingyuan.bureau.base.store import readings
from qingyuan.bureau.line.models import Device
from qingyuan.bureau.line.queries.packets import Packet, packet_at
from qingyuan.bureau.registers.models import Point
from qingyuan.readings import Rank, Reading, Series, Status

HOUR = 3600


@dataclass(frozen=True)
class Revision:
    """One value of the hour; stands: it is the one in force; is_derived: worked out from shorter readings, not reported."""

    statistic: str
    unit: str
    value: float | None
    decimals: int | None
    flag: str
    qualifier: str
    status: str
    capture: float | None
    received_at: datetime
    origin: int
    stands: bool
    is_derived: bool


@dataclass(frozen=True)
class Behind:
    """An hour opened up. minutes: the shorter readings in force; packet: None where it is no longer kept."""

    revisions: list[Revision]
    minutes: list[Revision]
    packet: Packet | None


def behind(point: Point, item: str, hour: datetime, as_of: datetime | None = None) -> Behind:
    """What was ever reported for the hour of an item; with as_of only what had been received then."""
    start, known = int(hour.timestamp()), None if as_of is None else int(as_of.timestamp())
    store = readings()
    series = [s for s in store.series_of_points([point.code]) if s.key.item == item]
    hourly = [s for s in series if s.key.grain == "hour"]
    standing = {r.series: r.origin for r in store.window([s.id for s in hourly], start, start + HOUR, as_of=known)}
    revisions = [
        _shown(r, s, standing.get(s.id) == r.origin)
        for s in hourly
        for r in store.revisions(s.id, start, start + HOUR)
        if known is None or r.received_at <= known
    ]
    minute = {s.id: s for s in series if s.key.grain == "minute" and s.key.statistic in {"Avg", "ZsAvg"}}
    found = store.window(sorted(minute), start, start + HOUR, as_of=known)
    minutes = [_shown(r, minute[r.series], True) for r in sorted(found, key=lambda r: (r.start, r.series))]
    return Behind(revisions, minutes, _packet(point, [r.origin for r in revisions if r.stands]))


def _shown(r: Reading, s: Series, stands: bool) -> Revision:
    at = r.received_at if s.key.grain == "hour" else r.start
    return Revision(
        s.key.statistic,
        s.unit,
        r.value,
        r.decimals if r.decimals >= 0 else None,
        r.flag,
        r.qualifier,
        Status(r.status).name.lower(),
        r.capture,
        datetime.fromtimestamp(at, UTC),
        r.origin,
        stands,
        r.rank == Rank.DERIVED,
    )


def _packet(point: Point, origins: list[int]) -> Packet | None:
    """The message of one of the positions, if a device of this point sent it."""
    mns = set(Device.objects.filter(point=point).values_list("mn", flat=True))
    mns |= set(Device.objects.filter(channels__point=point).values_list("mn", flat=True))
    for origin in sorted(set(origins), reverse=True):
        packet = packet_at(origin, mns)
        if packet is not None:
            return packet
    return None


def as_plain(found: Behind) -> dict[str, Any]:
    """For the API."""
    packet = found.packet
    return {
        "revisions": [vars(r) for r in found.revisions],
        "minutes": [vars(r) | {"start": r.received_at} for r in found.minutes],
        "packet": None
        if packet is None
        else {"origin": packet.origin, "received_at": packet.received_at, "command": packet.command, "raw": packet.raw},
    }
