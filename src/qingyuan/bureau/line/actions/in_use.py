"""Out of use and back: a station that nobody wants to adopt, one that was adopted by mistake, one that was taken down."""

from __future__ import annotations

from django.db import transaction

from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies.rights import require
from qingyuan.bureau.audit.actions.record import record
from qingyuan.bureau.base.errors import Invalid, Missing, WrongState
from qingyuan.bureau.line.actions.requests import withdraw_wishes
from qingyuan.bureau.line.actions.stations import lay_down_register
from qingyuan.bureau.line.models import Device

MOST_WORDS = 200


def retire(actor: User | None, device: Device, reason: str) -> Device:
    """Out of use: what it sends is kept raw and acknowledged, and becomes no reading. What was stored stays.

    reason: required. Raises NotAllowed, Missing, Invalid, WrongState.
    """
    reason = reason.strip()
    if not reason:
        raise Missing("停用须写理由", "reason")
    if len(reason) > MOST_WORDS:
        raise Invalid(f"理由有 {len(reason)} 字，至多 {MOST_WORDS} 字", "reason")
    return _turn(actor, device, Device.State.RETIRED, "device.retire", "停用设备", {"reason": reason})


def restore(actor: User | None, device: Device) -> Device:
    """Into use again at its point, or, where it never had one, back into the waiting room. Raises NotAllowed, WrongState."""
    if device.state != Device.State.RETIRED:
        raise WrongState(f"设备 {device.mn} 没有停用（{device.get_state_display()}）")
    state = Device.State.WAITING if device.point is None else Device.State.ACTIVE
    return _turn(actor, device, state, "device.restore", "恢复设备", {})


def _turn(
    actor: User | None, device: Device, state: Device.State, verb: str, words: str, data: dict[str, str]
) -> Device:
    require(actor, "manage_points", device.point.answering_id if device.point else None)
    if device.state == state:
        raise WrongState(f"设备 {device.mn} 已是“{state.label}”")
    with transaction.atomic():
        if Device.objects.filter(pk=device.pk, state=device.state).update(state=state) != 1:
            raise WrongState(f"设备 {device.mn} 的状态刚由他人改过；请重新查看")
        record(actor, verb, device, f"{words} {device.mn}", data)
        transaction.on_commit(lay_down_register)
        transaction.on_commit(withdraw_wishes)
    device.refresh_from_db()
    return device
