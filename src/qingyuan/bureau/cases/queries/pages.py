"""What the pages of leads and cases show."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from qingyuan import clock
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.cases.models import Case, Lead
from qingyuan.bureau.cases.policies.visible import visible_cases, visible_leads
from qingyuan.bureau.cases.queries.definition import definition, kinds
from qingyuan.bureau.cases.queries.shown import ShownLead
from qingyuan.bureau.cases.queries.shown_to import shown_cases, shown_leads

DUE_SOON = timedelta(hours=24)


LEAD_ORDERS = {
    "newest": (_("最新登记在前"), (F("created_at").desc(), F("pk").desc())),
    "oldest": (_("最早登记在前"), (F("created_at").asc(), F("pk").asc())),
    "due": (_("期限最近在前"), (F("due_at").asc(nulls_last=True), F("pk").asc())),
    "owner": (_("按研判人"), (F("owner__display_name").asc(nulls_last=True), F("due_at").asc(nulls_last=True))),
}


def lead_rows(user: User, order: str = "newest") -> QuerySet[Lead]:
    """Visible leads with what a row needs, in one of the orders."""
    rows = visible_leads(user).select_related(
        "area",
        "point",
        "case__owner",
        "case__assignee",
        "created_by",
        "owner",
        "decided_by",
        "parent_case",
        "merged_into",
    )
    return rows.prefetch_related("case__events").order_by(*LEAD_ORDERS[order][1])


def case_rows(user: User) -> QuerySet[Case]:
    """Visible cases with what a row needs: open ones by deadline, then closed ones."""
    rows = visible_cases(user).select_related(
        "area", "point", "owner__parent__parent", "assignee", "ordered_by", "opened_by", "parent"
    )
    rows = rows.prefetch_related("events", "leads__created_by")
    return rows.order_by("closed_at", "deadline_at", "-opened_at")


def overdue(user: User, now: datetime) -> QuerySet[Case]:
    """Open cases past their deadline."""
    return case_rows(user).filter(closed_at__isnull=True, deadline_at__lt=now)


def due_soon(user: User, now: datetime) -> QuerySet[Case]:
    """Open cases whose deadline comes within a day."""
    return case_rows(user).filter(closed_at__isnull=True, deadline_at__gte=now, deadline_at__lt=now + DUE_SOON)


def mine(user: User) -> Q:
    """Cases that wait for this user or the user's organisation."""
    condition = Q(assignee=user)
    if user.organisation_id:
        condition |= Q(owner=user.organisation_id, assignee__isnull=True)
    return condition


def state_choices() -> list[tuple[str, str]]:
    """Every state of the current definitions, once."""
    words: dict[str, str] = {}
    for plan in kinds().values():
        words |= plan.states
    return list(words.items())


def late_cases(user: User, now: datetime) -> int:
    """How many open cases are past their deadline."""
    return visible_cases(user).filter(closed_at__isnull=True, deadline_at__lt=now).count()


def track(case: Case) -> list[tuple[str, str]]:
    """The states of the case's definition in order: word, and done, here or empty."""
    plan = definition(case.kind, case.definition_version)
    been = {e.to_state for e in case.events.all()} | {plan.initial}
    steps = []
    for state, word in plan.states.items():
        mark = "here" if state == case.state else "done" if state in been else ""
        steps.append((word, mark))
    return steps


def similar_leads(user: User, lead: Lead) -> list[ShownLead]:
    """Leads that may be the same matter: same point, or same area within a day; for merging."""
    near = Q(occurred_at__range=(lead.occurred_at - timedelta(days=1), lead.occurred_at + timedelta(days=1)))
    same = Q(point=lead.point) if lead.point_id else Q(area=lead.area) & near if lead.area_id else near
    rows = visible_leads(user).filter(same).exclude(pk=lead.pk).exclude(state__in=["merged", "dismissed"])
    rows = rows.select_related("area", "point", "case", "created_by", "owner", "decided_by", "merged_into")
    return shown_leads(user, rows.order_by("-created_at")[:8])


def with_states(user: User, cases: Iterable[Case]) -> list[dict[str, Any]]:
    """Cases as the user may see them, with the word of their state."""
    return [{"case": c, "state": c.state_name} for c in shown_cases(user, cases)]


def counts(user: User) -> dict[str, int]:
    """Overdue, due soon, open, one's own, leads that wait and those past their deadline: the tallies of today."""
    now = clock.now()
    is_open = Q(closed_at__isnull=True)
    soon = Q(deadline_at__gte=now, deadline_at__lt=now + DUE_SOON)
    found: dict[str, int] = visible_cases(user).aggregate(
        overdue=Count("pk", filter=is_open & Q(deadline_at__lt=now)),
        due_soon=Count("pk", filter=is_open & soon),
        open=Count("pk", filter=is_open),
        mine=Count("pk", filter=is_open & mine(user)),
    )
    leads, late = waiting_leads(user, now)
    return found | {"leads": leads, "late_leads": late}


def waiting_leads(user: User, now: datetime) -> tuple[int, int]:
    """How many leads wait for a decision, and how many of them past their deadline."""
    rows = visible_leads(user).filter(state=Lead.State.NEW).order_by()
    found = rows.aggregate(all=Count("pk"), late=Count("pk", filter=Q(due_at__lt=now)))
    return found["all"], found["late"]


def kind_hint(lead: Lead) -> str:
    """The kind of case that a lead most likely becomes: by the rule that warned, else by the kind of its point."""
    rule = lead.alert.rule if lead.alert is not None else ""
    place = lead.point.kind if lead.point is not None else ""
    may_be = [d for d in kinds().values() if not (d.children and lead.parent_case_id)]
    by_rule = [d for d in may_be if rule and rule in d.for_rules]
    by_place = [d for d in may_be if place and place in d.for_points]
    return (by_rule or by_place or may_be)[0].kind
