from __future__ import annotations

from django.db import transaction

from qingyuan import clock, config
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies import require
from qingyuan.bureau.audit.actions import record
from qingyuan.bureau.errors import WrongState
from qingyuan.bureau.monitoring.models import Point
from qingyuan.bureau.monitoring.store import readings
from qingyuan.bureau.sources.models import Device
from qingyuan.bureau.sources.resolver import BureauResolver, adopt_device
from qingyuan.intake.ingest import UNKNOWN_STATION, Ingester
from qingyuan.intake.journal import Journal

REPLAY_LIMIT = 100_000


def adopt(actor: User | None, device: Device, point: Point | None = None) -> int:
    """Take a waiting station into use, at a point of the register or at one named after it.

    What it sent while it waited is parsed again from the journal; returns how many readings that gave.
    """
    require(actor, "manage_points")
    if device.state == Device.State.ACTIVE:
        raise WrongState(f"站点 {device.mn} 已在用")
    with transaction.atomic():
        if point is not None:
            Device.objects.filter(pk=device.pk).update(point=point)
        adopt_device(device.mn, device.system_type, clock.now())
        record(actor, "device.adopt", device, f"认领站点 {device.mn}")
    store = readings()
    kept = store.messages(station=device.mn, outcome=UNKNOWN_STATION, limit=REPLAY_LIMIT)
    origins = sorted(m.origin for m in kept)
    store.forget_messages(origins)
    journal = Journal(config.data_dir() / "journal")
    try:
        return Ingester(journal, store, BureauResolver()).replay(origins).readings
    finally:
        journal.close()
