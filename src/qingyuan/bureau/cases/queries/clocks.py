"""By when a lead is to be decided: a dated setting by where the lead came from."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet

from qingyuan import clock
from qingyuan.bureau.cases.models import Lead
from qingyuan.rules import rule_book


def triage_deadline(source: str, created_at: datetime) -> datetime:
    """The instant until which a lead that came from there is to be decided."""
    key = f"lead.triage.{source}.hours"
    hours = rule_book().alert_threshold(key, clock.beijing(created_at).date()).value
    return created_at + timedelta(hours=float(hours))


def late_leads(rows: QuerySet[Lead], now: datetime) -> QuerySet[Lead]:
    """Those that wait for a decision past their deadline."""
    return rows.filter(state=Lead.State.NEW, due_at__lt=now)
