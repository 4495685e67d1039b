"""What the intake asks the bureau: whose factor is this, may this station speak."""

from __future__ import annotations

import time
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import QuerySet

from qingyuan import config
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.audit.actions.record import record
from qingyuan.bureau.base.factors import code_of, item_of
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.line.actions.plan import plan_by_device
from qingyuan.bureau.line.actions.requests import hear
from qingyuan.bureau.line.actions.seen import keep_counts
from qingyuan.bureau.line.actions.stations import known_stations
from qingyuan.bureau.line.models import Channel, Device
from qingyuan.bureau.registers.actions.put_points import find_or_make_point
from qingyuan.bureau.registers.models import Point
from qingyuan.hj212 import Known
from qingyuan.hj212.layout import NUMERIC_SUBS
from qingyuan.intake.known import KnownStation
from qingyuan.intake.ledger import is_code, is_name
from qingyuan.intake.limits import Bucket
from qingyuan.intake.message_readings import ChannelMap, DeviceMap
from qingyuan.intake.resolving import Met
from qingyuan.intake.talk import Said

REFRESH_SECONDS = 5.0
WAITING_FULL = "waiting_full"
"""Counted where a station is not entered in the waiting room because too many wait already."""
_MOST_REMEMBERED = 20_000
_MOST_CHANNELS = 2_000
_AT_ONCE = 500
_ADOPTED_A_SECOND, _ADOPTED_AT_ONCE = 50.0, 200.0
"""Each adoption makes a device and a point; a flood of invented names must leave time for the known ones."""
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
        self._absent: set[str] = set()
        self._noted: dict[str, tuple[str, datetime]] = {}
        self._to_adopt: OrderedDict[str, tuple[str, datetime]] = OrderedDict()
        self._adopting = Bucket(_ADOPTED_A_SECOND, _ADOPTED_AT_ONCE, time.monotonic())
        self._there: dict[str, set[tuple[str, str]]] = {}
        self._most_series = int(config.GATEWAY_MAX_SERIES.get())
        self._items: dict[tuple[str, str], tuple[str, str]] = {}

    def begin(self, stations: Collection[str]) -> None:
        """See `intake.ingest.Resolver.begin`."""
        self._refresh()
        strange = sorted(mn for mn in stations if mn not in self._devices and is_name(mn))
        found = set()
        for start in range(0, len(strange), _AT_ONCE):
            found |= set(_in_use().filter(mn__in=strange[start : start + _AT_ONCE]).values_list("mn", flat=True))
        if found:  # adopted since we looked
            self._load()
        self._absent = {mn for mn in stations if mn not in self._devices}

    def finish(self) -> None:
        """See `intake.ingest.Resolver.finish`."""
        self._absent = set()
        noted, self._noted = self._noted, {}
        if noted:
            self._enter(noted)

    def device(self, mn: str) -> DeviceMap | None:
        """See `intake.ingest.Resolver.device`."""
        known = self._devices.get(mn)
        if known is not None or mn in self._absent:
            return known
        self._refresh()
        if mn not in self._devices and is_name(mn) and _in_use().filter(mn=mn).exists():
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
        found: dict[str, DeviceMap] = {}
        for pk, *facts in _in_use().values_list("pk", *_FACTS):
            told = Facts(*facts)
            known = self._devices.get(told.mn)
            registered = channels.get(pk, {})
            if not isinstance(known, KnownDevice) or (known.facts, known.registered) != (told, registered):
                known = KnownDevice(told, registered, self)  # else it goes on knowing what it found out
            found[told.mn] = known
        self._devices = found  # whole or not at all: a database that goes away meanwhile makes no strangers
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
        if not is_name(mn):
            return None
        if self._adopting.is_spent(time.monotonic()):
            if len(self._to_adopt) < int(config.GATEWAY_MAX_WAITING.get()):
                self._to_adopt.setdefault(mn, (system_type, at))
            return None
        self._adopting.take(time.monotonic())
        device = adopt_device(None, mn, system_type, at)
        self._absent.discard(mn)
        self._to_adopt.pop(mn, None)
        if device.state == Device.State.ACTIVE and device.point is not None and mn not in self._devices:
            told = Facts(*_in_use().values_list(*_FACTS).get(pk=device.pk))
            self._devices[mn] = KnownDevice(told, {}, self)  # no need to read all the others again for each
        return self._devices.get(mn)

    def adopt_later(self) -> int:
        """Take into use what came too fast to be taken at once; returns how many. A flood of names must not hold up others."""
        done = 0
        while self._to_adopt and not self._adopting.is_spent(time.monotonic()):
            mn, (system_type, at) = self._to_adopt.popitem(last=False)
            done += self.adopt(mn, system_type, at) is not None
        return done

    def wait(self, mn: str, system_type: str, at: datetime) -> None:
        """See `intake.ingest.Resolver.wait`."""
        now = time.monotonic()
        if now - self._waiting.get(mn, -1e9) < 60:
            return
        if len(self._waiting) > _MOST_REMEMBERED:
            self._waiting.clear()  # only made-up names come this far
        self._waiting[mn] = now
        if is_name(mn):
            self._noted[mn] = (system_type, at)
            if not self._absent:  # outside of a batch
                self.finish()

    def _enter(self, noted: Mapping[str, tuple[str, datetime]]) -> None:
        """List stations in the waiting room, as many as there is room for."""
        names = sorted(noted, key=lambda mn: noted[mn][1])
        for start in range(0, len(names), _AT_ONCE):
            part = names[start : start + _AT_ONCE]
            there = set(Device.objects.filter(mn__in=part).values_list("mn", flat=True))
            new = [mn for mn in part if mn not in there]
            most = int(config.GATEWAY_MAX_WAITING.get())
            room = max(0, most - Device.objects.filter(state=Device.State.WAITING).count())
            rows = [
                Device(mn=mn, state=Device.State.WAITING, system_type=_system(noted[mn][0]), first_seen_at=noted[mn][1])
                for mn in new[:room]
            ]
            Device.objects.bulk_create(rows, ignore_conflicts=True)
            if new[room:]:
                keep_counts({"": Met(Counter({WAITING_FULL: len(new[room:])}), at=noted[new[-1]][1])})

    def may_open(self, channel: ChannelMap, statistic: str) -> bool:
        """Whether a point may have a series of a name that no table has."""
        there = self._there.get(channel.point)
        if there is None:
            if len(self._there) > _MOST_REMEMBERED:
                self._there.clear()
            known = readings().series_of_points([channel.point])
            there = self._there[channel.point] = {(s.key.item, s.key.statistic) for s in known}
        if (channel.item, statistic) not in there:
            if len(there) >= self._most_series:
                return False
            there.add((channel.item, statistic))
        return True


def kind_of_system(system_type: str) -> str:
    """The kind of point that a system type speaks of."""
    return str(_KIND_OF_SYSTEM.get(system_type, Point.Kind.UNKNOWN).value)


def _in_use() -> QuerySet[Device]:
    return Device.objects.filter(state=Device.State.ACTIVE, point__isnull=False)


def _system(system_type: str) -> str:
    """An ST as it is kept."""
    return system_type[:3] if is_code(system_type) else ""


class Facts(NamedTuple):
    """What the register says of a device in use."""

    mn: str
    point: str
    system_type: str
    minute_seconds: int
    hour_seconds: int
    minute_seen: int | None
    is_minute_given: bool


_FACTS = ("mn", "point__code", "system_type", "minute_seconds", "hour_seconds", "minute_seen", "is_minute_given")


class KnownDevice(DeviceMap):
    """A device whose unmapped factors go by the rule book's names. registered: its channels, without what it found out."""

    facts: Facts
    registered: dict[str, ChannelMap]

    def __init__(self, facts: Facts, registered: dict[str, ChannelMap], resolver: BureauResolver) -> None:
        super().__init__(
            facts.mn,
            facts.point,
            facts.minute_seconds,
            dict(registered),
            facts.hour_seconds,
            facts.minute_seen or 0,
            facts.is_minute_given,
        )
        object.__setattr__(self, "facts", facts)
        object.__setattr__(self, "registered", registered)
        object.__setattr__(self, "_resolver", resolver)

    def channel(self, code: str) -> ChannelMap:
        """The channel as registered, also under the same factor's code of the other edition; else the factor's own item
        at the device's point.
        """
        known = self.channels.get(code)
        if known is None:
            resolver: BureauResolver = self._resolver  # type: ignore[attr-defined]
            system = self.facts.system_type
            twin = resolver.twins(system, self.registered).get(code_of(code, system)) if self.registered else None
            item, unit = resolver.item(code, system)
            known = self.channels[twin] if twin else ChannelMap(self.point, item, unit)
            if len(self.channels) < _MOST_CHANNELS:
                self.channels[code] = known
        return known

    def may_open(self, code: str, channel: ChannelMap, statistic: str) -> bool:
        """Names of the tables are not many; only of the others a device may have no more than so many."""
        if channel.item != code and statistic in NUMERIC_SUBS:
            return True
        resolver: BureauResolver = self._resolver  # type: ignore[attr-defined]
        return resolver.may_open(channel, statistic)


def adopt_device(actor: User | None, mn: str, system_type: str, at: datetime) -> Device:
    """Take an unknown station into use, with a point named after it if it has none. A retired one stays retired."""
    with transaction.atomic():
        device, _ = Device.objects.get_or_create(
            mn=mn,
            defaults={"state": Device.State.WAITING, "system_type": _system(system_type), "first_seen_at": at},
        )
        if device.state != Device.State.WAITING:
            return device
        if device.point is None:
            kind = _KIND_OF_SYSTEM.get(system_type, Point.Kind.UNKNOWN)
            device.point = find_or_make_point(mn, f"未归属站点 {mn}", kind)
        plan_by_device(device.point)
        device.state, device.adopted_at = Device.State.ACTIVE, at
        device.save(update_fields=["state", "point", "adopted_at"])
        record(actor, "device.adopt", device, f"{'认领' if actor else '自动认领'}站点 {mn}")
    return device
