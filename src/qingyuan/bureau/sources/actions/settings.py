"""How a device may speak: from where, with which check, at which intervals, under which key."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from qingyuan import clock
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies import require
from qingyuan.bureau.audit.actions import record
from qingyuan.bureau.errors import Invalid
from qingyuan.bureau.sources.keys import seal_key
from qingyuan.bureau.sources.models import Device, DeviceKey
from qingyuan.bureau.sources.stations import lay_down_register
from qingyuan.hj212 import CrcDialect
from qingyuan.intake.known import NOWHERE, networks_of

_LONGEST_SECONDS = 86400


@dataclass(frozen=True)
class DeviceSettings:
    """What to change; None leaves it. sm4_key: 16 bytes, becomes the key in use, older ones are kept."""

    network: str | None = None
    crc_dialect: str | None = None
    minute_seconds: int | None = None
    hour_seconds: int | None = None
    sm4_key: bytes | None = None


def set_device(actor: User | None, device: Device, to: DeviceSettings) -> list[str]:
    """Change the given ones; returns the names of what changed. The audit line never holds a key."""
    require(actor, "manage_points")
    if to.network and networks_of(to.network) == NOWHERE:
        raise Invalid(f"网段得到“{to.network}”，应为以逗号分隔的网段，如 10.1.2.0/24", "network")
    if to.crc_dialect is not None and to.crc_dialect not in set(CrcDialect):
        raise Invalid(f"CRC 方言得到“{to.crc_dialect}”，应为 {'、'.join(CrcDialect)}", "crc_dialect")
    for name in ("minute_seconds", "hour_seconds"):
        seconds = getattr(to, name)
        if seconds is not None and not 0 < seconds <= _LONGEST_SECONDS:
            raise Invalid(f"间隔得到 {seconds} 秒，应为 1 到 {_LONGEST_SECONDS}", name)
    fields = {name: getattr(to, name) for name in ("network", "crc_dialect", "minute_seconds", "hour_seconds")}
    changed = {name: value for name, value in fields.items() if value is not None and value != getattr(device, name)}
    with transaction.atomic():
        if changed:
            Device.objects.filter(pk=device.pk).update(**changed)
        if to.sm4_key is not None:
            DeviceKey.objects.create(device=device, sealed=seal_key(device.mn, to.sm4_key), added_at=clock.now())
        names = [*changed, *(["sm4_key"] if to.sm4_key is not None else [])]
        if names:
            transaction.on_commit(lay_down_register)
            record(actor, "device.set", device, f"改设备 {device.mn} 的登记：{'、'.join(names)}", changed)
    return names
