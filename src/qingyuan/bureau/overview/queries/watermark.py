"""How far everything that pages show has come: the same mark, the same page."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Max, Model

from qingyuan.bureau.alerts.models import AlertChange
from qingyuan.bureau.audit.models import AuditEntry
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.judging.models import Evaluation, Finding

GROWS: tuple[type[Model], ...] = (AuditEntry, AlertChange, Evaluation, Finding)


def watermark(now: datetime) -> tuple[int, ...]:
    """Of what came in, was judged, warned of and done by people, and the minute: what is late becomes so by time alone."""
    grown = (table._default_manager.aggregate(last=Max("pk"))["last"] or 0 for table in GROWS)
    return (readings().offset(), *grown, int(now.timestamp()) // 60)
