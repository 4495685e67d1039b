from __future__ import annotations

from django.db import transaction

from qingyuan import clock
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies import require
from qingyuan.bureau.alerts.models import Alert, AlertChange
from qingyuan.bureau.audit.actions import record
from qingyuan.bureau.errors import WrongState


def acknowledge(actor: User, alert: Alert, note: str = "") -> Alert:
    """A person has seen the alert (and perhaps phoned). Raises NotAllowed, WrongState."""
    require(actor, "acknowledge", alert.point.area_id)
    now = clock.now()
    with transaction.atomic():
        touched = Alert.objects.filter(pk=alert.pk, acknowledged_at__isnull=True).update(
            acknowledged_by=actor, acknowledged_at=now, acknowledged_note=note.strip()[:300]
        )
        if touched != 1:
            alert.refresh_from_db()
            raise WrongState(f"预警已由 {alert.acknowledged_by} 签收")
        AlertChange.objects.create(
            alert=alert,
            state=AlertChange.State.ACKNOWLEDGED,
            at=now,
            data_time=alert.last_seen_at,
            actor=actor,
            reason=note.strip()[:300] or "签收",
        )
        record(actor, "alert.acknowledge", alert, f"签收预警：{alert.title}", {"note": note})
    alert.refresh_from_db()
    return alert
