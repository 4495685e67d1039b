"""What the intake asks the bureau: whose factor is this, may this station speak."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from qingyuan import config
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.audit.actions import record
from qingyuan.bureau.monitoring.models import Point
from qingyuan.bureau.sources.factors import code_of, item_of
from qingyuan.bureau.sources.line.requests import hear
from qingyuan.bureau.sources.line.seen import keep_counts
from qingyuan.bureau.sources.line.stations import known_stations
from qingyuan.bureau.sources.models import Channel, Device
from qingyuan.hj212 import Known
from qingyuan.intake.ingest import Met
from qingyuan.intake.known import KnownStation
from qingyuan.intake.ledger import is_name
from qingyuan.intake.message_readings import ChannelMap, DeviceMap
from qingyuan.intake.talk import Said

REFRESH_SECONDS = 5.0
WAITING_FULL = "waiting_full"
"""Counted where a station is not entered in the waiting room because too many wait already."""
_MOST_REMEMBERED = 20_000
_MOST_CHANNELS = 2_000
# HJ 212-2017 table 5: what kind of point a system type speaks of.
_KIND_OF_SYSTEM = {
    "21": Point.Kind.WATER,
    "22": Point.Kind.AIR,
    "31": Point.Kind.OUTLET,
    "32": Point.Kind.OUTLET,
    "39": Point.Kind.OUTLET,
}


class BureauResolver:
    """Answers from memory; looks again every few seconds and on a miss."""

    def __init__(self) -> None:
        self._devices: dict[str, DeviceMap] = {}
        self._looked_at = -REFRESH_SECONDS
        self._stations: dict[str, KnownStation] = {}
        self._waiting: dict[str, float] = {}
        self._items: dict[tuple[str, str], tuple[str, str]] = {}

    def device(self, mn: str) -> DeviceMap | None:
        """See `intake.ingest.Resolver.device`."""
        self._refresh()
        if mn not in self._devices and _in_use().filter(mn=mn).exists():  # adopted since we looked
            self._load()
        return self._devices.get(mn)

    def known(self, mn: str) -> Known:
        """See `intake.ingest.Resolver.known`."""
        self._refresh()
        station = self._stations.get(mn)
        return station.how if station else Known()

    def met(self, stations: Mapping[str, Met]) -> None:
        """See `intake.ingest.Resolver.met`."""
        keep_counts(stations)

    def said(self, sayings: Sequence[Said]) -> None:
        """See `intake.ingest.Resolver.said`."""
        hear(sayings)

    def _refresh(self) -> None:
        now = time.monotonic()
        if now - self._looked_at > REFRESH_SECONDS:
            self._load()
            self._looked_at = now

    def _load(self) -> None:
        channels: dict[int, dict[str, ChannelMap]] = defaultdict(dict)
        rows = Channel.objects.values_list("device_id", "factor_code", "point__code", "item", "unit")
        for device, code, point, item, unit in rows:
            channels[device][code] = ChannelMap(point, item, unit)
        self._devices = {
            device.mn: KnownDevice(device, channels[device.pk], self) for device in _in_use().select_related("point")
        }
        self._stations = known_stations()

    def item(self, code: str, system_type: str) -> tuple[str, str]:
        """(item, unit) of a code under an ST, remembered."""
        if (code, system_type) not in self._items:
            if len(self._items) > _MOST_REMEMBERED:
                self._items.clear()  # only made-up codes come this far
            self._items[code, system_type] = item_of(code, system_type)
        return self._items[code, system_type]

    @staticmethod
    def twins(system_type: str, codes: Iterable[str]) -> dict[str, str]:
        """By the code of 2017: under which code a factor is registered."""
        return {code_of(code, system_type): code for code in codes}

    def stepped(self, mn: str, seconds: int) -> None:
        """See `intake.ingest.Resolver.stepped`."""
        if Device.objects.filter(mn=mn).update(minute_seen=seconds):
            self._load()

    def adopt(self, mn: str, system_type: str, at: datetime) -> DeviceMap | None:
        """See `intake.ingest.Resolver.adopt`: a point of the same code is made, without an owner yet."""
        if not _fits(mn):
            return None
        device = adopt_device(None, mn, system_type, at)
        if device.state == Device.State.ACTIVE and device.point is not None and mn not in self._devices:
            self._devices[mn] = KnownDevice(device, {}, self)  # no need to read all the others again for each
        return self._devices.get(mn)

    def wait(self, mn: str, system_type: str, at: datetime) -> None:
        """See `intake.ingest.Resolver.wait`."""
        now = time.monotonic()
        if now - self._waiting.get(mn, -1e9) < 60:
            return
        if len(self._waiting) > _MOST_REMEMBERED:
            self._waiting.clear()  # only made-up names come this far
        self._waiting[mn] = now
        if not _fits(mn) or Device.objects.filter(mn=mn).exists():
            return
        if Device.objects.filter(state=Device.State.WAITING).count() >= int(config.GATEWAY_MAX_WAITING.get()):
            keep_counts({"": Met(Counter({WAITING_FULL: 1}), at=at)})
        else:
            Device.objects.get_or_create(
                mn=mn,
                defaults={"state": Device.State.WAITING, "system_type": system_type[:3], "first_seen_at": at},
            )


def kind_of_system(system_type: str) -> str:
    """The kind of point that a system type speaks of."""
    return str(_KIND_OF_SYSTEM.get(system_type, Point.Kind.UNKNOWN).value)


def _in_use() -> QuerySet[Device]:
    return Device.objects.filter(state=Device.State.ACTIVE, point__isnull=False)


def _fits(mn: str) -> bool:
    """Whether the MN can be a name; anything else stays in the journal only."""
    return is_name(mn)


class KnownDevice(DeviceMap):
    """A device whose unmapped factors go by the rule book's names."""

    def __init__(self, device: Device, channels: dict[str, ChannelMap], resolver: BureauResolver) -> None:
        assert device.point is not None
        super().__init__(
            device.mn, device.point.code, device.minute_seconds, channels, device.hour_seconds,
            device.minute_seen or 0, device.is_minute_given,
        )  # fmt: skip
        object.__setattr__(self, "_resolver", resolver)
        object.__setattr__(self, "_system_type", device.system_type)

    def channel(self, code: str) -> ChannelMap:
        """The channel as registered, also under the same factor's code of the other edition; else the factor's own item
        at the device's point.
        """
        known = self.channels.get(code)
        if known is None:
            resolver: BureauResolver = self._resolver  # type: ignore[attr-defined]
            system: str = self._system_type  # type: ignore[attr-defined]
            twin = resolver.twins(system, self.channels).get(code_of(code, system))
            item, unit = resolver.item(code, system)
            known = self.channels[twin] if twin else ChannelMap(self.point, item, unit)
            if len(self.channels) < _MOST_CHANNELS:
                self.channels[code] = known
        return known


def adopt_device(actor: User | None, mn: str, system_type: str, at: datetime) -> Device:
    """Take an unknown station into use, with a point named after it if it has none. A retired one stays retired."""
    with transaction.atomic():
        device, _ = Device.objects.get_or_create(
            mn=mn,
            defaults={"state": Device.State.WAITING, "system_type": system_type[:3], "first_seen_at": at},
        )
        if device.state != Device.State.WAITING:
            return device
        if device.point is None:
            kind = _KIND_OF_SYSTEM.get(system_type, Point.Kind.UNKNOWN)
            device.point, _ = Point.objects.get_or_create(code=mn, defaults={"name": f"未归属站点 {mn}", "kind": kind})
        device.state, device.adopted_at = Device.State.ACTIVE, at
        device.save(update_fields=["state", "point", "adopted_at"])
        record(actor, "device.adopt", device, f"{'认领' if actor else '自动认领'}站点 {mn}")
    return device
