from __future__ import annotations

from django.db import transaction

from qingyuan import clock, config
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies.rights import require
from qingyuan.bureau.base.errors import WrongState
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.line.actions.resolver import BureauResolver, adopt_device
from qingyuan.bureau.line.actions.stations import lay_down_register
from qingyuan.bureau.line.models import Device
from qingyuan.bureau.registers.models import Point
from qingyuan.intake.ingest import UNKNOWN_STATION, Ingester
from qingyuan.intake.journal import Journal

REPLAY_LIMIT = 100_000


def adopt(actor: User | None, device: Device, point: Point | None = None) -> int:
    """Take a waiting station into use, at a point of the register or at one named after it.

    What it sent while it waited is parsed again from the journal; returns how many readings that gave.
    """
    require(actor, "manage_points", point.answering_id if point else None)
    if device.state == Device.State.ACTIVE:
        raise WrongState(f"站点 {device.mn} 已在用")
    if device.state == Device.State.RETIRED:
        raise WrongState(f"站点 {device.mn} 已停用；请先恢复使用")
    with transaction.atomic():
        if point is not None:
            Device.objects.filter(pk=device.pk).update(point=point)
        adopt_device(actor, device.mn, device.system_type, clock.now())
        transaction.on_commit(lay_down_register)
    return _read_again(device.mn)


def read_adopted_again() -> int:
    """What stations in use sent before they were adopted and nobody read again (a crash, a batch under way then)."""
    waiting = {station for station, outcome, _, _ in readings().tallies() if outcome == UNKNOWN_STATION}
    in_use = Device.objects.filter(state=Device.State.ACTIVE, point__isnull=False)
    return sum(_read_again(mn) for mn in in_use.values_list("mn", flat=True) if mn in waiting)


def _read_again(mn: str) -> int:
    kept = readings().messages(station=mn, outcome=UNKNOWN_STATION, limit=REPLAY_LIMIT)
    journal = Journal(config.data_dir() / "journal")
    try:
        ingester = Ingester(journal, readings(), BureauResolver())
        return ingester.replay(sorted(m.origin for m in kept)).readings
    finally:
        journal.close()
