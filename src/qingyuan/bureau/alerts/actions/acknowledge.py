from __future__ import annotations

from datetime import datetime

from django.db import transaction

from qingyuan import clock
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies.rights import require
from qingyuan.bureau.alerts.models import Alert, AlertChange
from qingyuan.bureau.audit.actions.record import record
from qingyuan.bureau.base.errors import WrongState


def acknowledge(actor: User, alert: Alert, note: str = "") -> Alert:
    """A person has seen the alert (and perhaps phoned), and with it its parts. Raises NotAllowed, WrongState."""
    require(actor, "acknowledge", alert.point.answering_id)
    now, said = clock.now(), note.strip()[:300]
    with transaction.atomic():
        if not _take(actor, alert, now, said):
            alert.refresh_from_db()
            raise WrongState(f"预警已由 {alert.acknowledged_by} 签收")
        for part in alert.parts.filter(acknowledged_at__isnull=True):
            _take(actor, part, now, said)
        record(actor, "alert.acknowledge", alert, f"签收预警：{alert.title}", {"note": note})
    alert.refresh_from_db()
    return alert


def _take(actor: User, alert: Alert, now: datetime, said: str) -> bool:
    touched = Alert.objects.filter(pk=alert.pk, acknowledged_at__isnull=True).update(
        acknowledged_by=actor, acknowledged_at=now, acknowledged_note=said
    )
    if touched == 1:
        AlertChange.objects.create(
            alert=alert,
            state=AlertChange.State.ACKNOWLEDGED,
            at=now,
            data_time=alert.last_seen_at,
            actor=actor,
            reason=said or "签收",
        )
    return touched == 1
