"""Deadlines that follow from the working calendar, and what happens to them when a year's plan is announced."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from qingyuan import clock
from qingyuan.bureau.accounts.actions.keep_plan import keep_plan
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.audit.actions.record import record
from qingyuan.bureau.base.calendar.kept import due_after_working_days
from qingyuan.bureau.base.models import HolidayPlan
from qingyuan.bureau.cases.models import Case, CaseEvent


def deadline_of(start: datetime, working_days: int, upper: datetime | None) -> dict[str, Any]:
    """The columns of a deadline that follows from the calendar; an earlier one from above goes before it.

    `deadline_rule` keeps what it was worked out from and whether it may still move.
    """
    due = due_after_working_days(start, working_days)
    rule = {"from": start.isoformat(), "working_days": working_days, "provisional": due.is_provisional}
    if upper is not None and upper <= due.at:
        return {"deadline_at": upper, "deadline_rule": rule | {"provisional": False}}
    return {"deadline_at": due.at, "deadline_rule": rule}


def enter_holiday_plan(actor: User | None, year: int, text: str, document: str) -> tuple[HolidayPlan, list[Case]]:
    """Keep the announced plan of a year and work out again the open deadlines; returns those that moved.

    A deadline that a person set is left alone. Raises what `keep_plan` raises.
    """
    with transaction.atomic():
        plan = keep_plan(actor, year, text, document)
        moved = [case for case in Case.objects.filter(closed_at=None).order_by("pk") if _again(actor, case, plan)]
    return plan, moved


def _again(actor: User | None, case: Case, plan: HolidayPlan) -> bool:
    """Whether the deadline moved. The change is on the case's time line and in the audit trail."""
    rule = case.deadline_rule
    if not rule:
        return False
    start = datetime.fromisoformat(rule["from"])
    changes = deadline_of(start, rule["working_days"], case.upper_deadline)
    if (changes["deadline_at"], changes["deadline_rule"]) == (case.deadline_at, rule):
        return False
    before = case.deadline_at
    Case.objects.filter(pk=case.pk).update(revision=F("revision") + 1, **changes)
    case.refresh_from_db()
    if before == case.deadline_at:
        return False
    old, new = (f"{clock.beijing(at):%Y-%m-%d %H:%M}" if at else "" for at in (before, case.deadline_at))
    note = f"{plan.year} 年放假安排已录入（{plan.document}），期限由 {old} 重算为 {new}"
    CaseEvent.objects.create(case=case, at=clock.now(), actor=actor, verb="deadline_recomputed", note=note)
    record(actor, "case.deadline", case, f"案件 {case.number} {note}", {"before": old, "after": new})
    return True
