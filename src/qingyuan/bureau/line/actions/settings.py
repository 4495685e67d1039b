"""How a device may speak (from where, with which check, at which intervals, under which key), and what may be asked of
it without a person.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from django.db import transaction

from qingyuan import clock
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies.rights import require, require_everywhere
from qingyuan.bureau.audit.actions.record import record
from qingyuan.bureau.base.errors import Invalid
from qingyuan.bureau.line.actions.keys import seal_key
from qingyuan.bureau.line.actions.requests import withdraw_wishes
from qingyuan.bureau.line.actions.stations import lay_down_register
from qingyuan.bureau.line.models import Device, DeviceKey, Follow, RequestPolicy
from qingyuan.bureau.line.queries.policy import policy_row
from qingyuan.hj212 import CrcDialect
from qingyuan.intake.known import NOWHERE, networks_of

_LONGEST_SECONDS = 86400
_FIELDS = ("network", "crc_dialect", "minute_seconds", "hour_seconds", "time_sync", "fetch_history")
_MOST_DRIFT_S, _MOST_DAYS = 86400, 366


@dataclass(frozen=True)
class DeviceSettings:
    """What to change; None leaves it. sm4_key: 16 bytes, becomes the key in use, older ones are kept."""

    network: str | None = None
    crc_dialect: str | None = None
    minute_seconds: int | None = None
    hour_seconds: int | None = None
    time_sync: str | None = None
    fetch_history: str | None = None
    sm4_key: bytes | None = None


def set_device(actor: User | None, device: Device, to: DeviceSettings) -> list[str]:
    """Change the given ones; returns the names of what changed. The audit line never holds a key."""
    require(actor, "manage_points", device.point.answering_id if device.point else None)
    if to.network and networks_of(to.network) == NOWHERE:
        raise Invalid(f"网段得到“{to.network}”，应为以逗号分隔的网段，如 10.1.2.0/24", "network")
    if to.crc_dialect is not None and to.crc_dialect not in set(CrcDialect):
        raise Invalid(f"CRC 方言得到“{to.crc_dialect}”，应为 {'、'.join(CrcDialect)}", "crc_dialect")
    for name in ("minute_seconds", "hour_seconds"):
        seconds = getattr(to, name)
        if seconds is not None and not 0 < seconds <= _LONGEST_SECONDS:
            raise Invalid(f"间隔得到 {seconds} 秒，应为 1 到 {_LONGEST_SECONDS}", name)
    for name in ("time_sync", "fetch_history"):
        if getattr(to, name) not in {None, *Follow.values}:
            raise Invalid(f"{name} 得到“{getattr(to, name)}”，应为 on、off 或空（随全局）", name)
    fields = {name: getattr(to, name) for name in _FIELDS}
    changed = {name: value for name, value in fields.items() if value is not None and value != getattr(device, name)}
    if to.minute_seconds is not None and not device.is_minute_given:
        changed["minute_seconds"] = to.minute_seconds  # said by a person from now on, also where it is the same
    with transaction.atomic():
        if changed:
            given = {"is_minute_given": True} if to.minute_seconds is not None else {}
            Device.objects.filter(pk=device.pk).update(**changed, **given)
        if to.sm4_key is not None:
            DeviceKey.objects.create(device=device, sealed=seal_key(device.mn, to.sm4_key), added_at=clock.now())
        names = [*changed, *(["sm4_key"] if to.sm4_key is not None else [])]
        if names:
            transaction.on_commit(lay_down_register)
            transaction.on_commit(withdraw_wishes)
            record(actor, "device.set", device, f"改设备 {device.mn} 的登记：{'、'.join(names)}", changed)
    return names


@dataclass(frozen=True)
class PolicySettings:
    """What is asked of devices without a person. drift_s, back_days: None takes the figure of the rule tables."""

    time_sync: bool
    fetch_history: bool
    drift_s: int | None = None
    back_days: int | None = None


def set_policy(actor: User | None, to: PolicySettings) -> list[str]:
    """Change the policy of the installation; returns the names of what changed. Off takes effect at once."""
    require_everywhere(actor, "manage_points")
    for name, most in (("drift_s", _MOST_DRIFT_S), ("back_days", _MOST_DAYS)):
        figure = getattr(to, name)
        if figure is not None and not 0 < figure <= most:
            raise Invalid(f"得到 {figure}，应为 1 到 {most}，或留空用规则表的数", name)
    before = policy_row()
    changed = {name: value for name, value in asdict(to).items() if value != getattr(before, name)}
    if not changed:
        return []
    with transaction.atomic():
        RequestPolicy.objects.update_or_create(pk=before.pk or 1, defaults=asdict(to) | {"changed_at": clock.now()})
        words = f"改设备请求的全局设置：校时{_on(to.time_sync)}，补取缺数{_on(to.fetch_history)}"
        record(actor, "device.policy", "device_policy:1", words, changed)
        transaction.on_commit(withdraw_wishes)
    return [*changed]


def _on(is_on: bool) -> str:
    return "开" if is_on else "关"
