"""How far everything that pages show has come: the same mark, the same page."""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from django.db.models import Model

from qingyuan.bureau.alerts.models import AlertChange
from qingyuan.bureau.audit.models import AuditEntry
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.judging.models import Evaluation, Finding

GROWS: tuple[type[Model], ...] = (AuditEntry, AlertChange, Evaluation, Finding)


def watermark(now: datetime) -> tuple[int, ...]:
    """Of what came in, was judged, warned of and done by people, and the minute: what is late becomes so by time alone."""
    return (readings().offset(), *_grown(GROWS), int(now.timestamp()) // 60)


def work_mark(now: datetime) -> tuple[int, ...]:
    """Of what was warned of and done by people, and the minute: what the counts of the frame depend on."""
    return (*_grown((AuditEntry, AlertChange)), int(now.timestamp()) // 60)


def _grown(tables: tuple[type[Model], ...]) -> tuple[int, ...]:
    """The last number of each table, in one question."""
    names = (connection.ops.quote_name(each._meta.db_table) for each in tables)
    asked = ", ".join(f"(SELECT MAX(id) FROM {name})" for name in names)  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {asked}")
        return tuple(number or 0 for number in cursor.fetchone())
