"""What the pages of leads and cases show."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from qingyuan import clock
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.cases.definition import current, definition
from qingyuan.bureau.cases.models import Case, CaseEvent, Exhibit, Lead
from qingyuan.bureau.cases.policies import visible_cases, visible_leads
from qingyuan.bureau.cases.queries import FIELD_LABELS, state_label

DUE_SOON = timedelta(hours=24)
OTHER_VERBS = {"open": "立案", "child_lead": "登记下级线索"}


def lead_rows(user: User) -> QuerySet[Lead]:
    """Visible leads with what a row needs, those waiting for triage first."""
    rows = visible_leads(user).select_related("area", "point", "case", "created_by", "alert", "finding")
    return rows.order_by("-created_at", "-id")


def case_rows(user: User) -> QuerySet[Case]:
    """Visible cases with what a row needs: open ones by deadline, then closed ones."""
    rows = visible_cases(user).select_related("area", "point", "owner", "assignee", "ordered_by")
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
    for kind in Case.Kind.values:
        words |= current(kind).states
    return list(words.items())


@dataclass(frozen=True)
class Line:
    """One line of the time line as people read it."""

    event: CaseEvent
    label: str
    move: str
    facts: list[tuple[str, str]] = field(default_factory=list)
    files: list[dict[str, str]] = field(default_factory=list)


def _fact(name: str, value: Any) -> str:
    if name in {"deadline"}:
        return f"{datetime.fromisoformat(str(value)):%Y-%m-%d %H:%M}"
    return str(value)


def time_line(case: Case) -> list[Line]:
    """The case's events in order, with labels of the definition it was opened under."""
    plan = definition(case.kind, case.definition_version)
    lines = []
    for event in case.events.select_related("actor", "organisation"):
        step = plan.transition(event.verb)
        label = step.label if step else OTHER_VERBS.get(event.verb, event.verb)
        move = plan.states.get(event.to_state, "") if event.to_state != event.from_state else ""
        facts = [
            (FIELD_LABELS[k], _fact(k, v))
            for k, v in event.data.items()
            if k in FIELD_LABELS and k not in {"files", "rectification"} and v
        ]
        lines.append(Line(event, label, move, facts, list(event.data.get("files") or [])))
    return lines


def track(case: Case) -> list[tuple[str, str]]:
    """The states of the case's definition in order: word, and done, here or empty."""
    plan = definition(case.kind, case.definition_version)
    been = {e.to_state for e in case.events.all()} | {plan.initial}
    steps = []
    for state, word in plan.states.items():
        mark = "here" if state == case.state else "done" if state in been else ""
        steps.append((word, mark))
    return steps


def exhibits_of(subject: Case) -> list[Exhibit]:
    """What lies in the case's file: its own exhibits and those of its leads."""
    rows = Exhibit.objects.filter(Q(case=subject) | Q(lead__case=subject))
    return list(rows.select_related("evidence", "added_by").order_by("added_at", "id"))


def visible_exhibits(user: User) -> QuerySet[Exhibit]:
    """Exhibits of the leads and cases that the user may see."""
    return Exhibit.objects.filter(Q(case__in=visible_cases(user)) | Q(lead__in=visible_leads(user)))


def similar_leads(user: User, lead: Lead) -> list[Lead]:
    """Leads that may be the same matter: same point, or same area within a day; for merging."""
    near = Q(occurred_at__range=(lead.occurred_at - timedelta(days=1), lead.occurred_at + timedelta(days=1)))
    same = Q(point=lead.point) if lead.point_id else Q(area=lead.area) & near if lead.area_id else near
    rows = visible_leads(user).filter(same).exclude(pk=lead.pk).exclude(state__in=["merged", "dismissed"])
    return list(rows.order_by("-created_at")[:8])


def with_states(cases: list[Case]) -> list[dict[str, Any]]:
    """Cases with the word of their state."""
    return [{"case": c, "state": state_label(c)} for c in cases]


def counts(user: User) -> dict[str, int]:
    """Overdue, due soon, open, waiting for triage: the tallies of today."""
    now = clock.now()
    return {
        "overdue": overdue(user, now).count(),
        "due_soon": due_soon(user, now).count(),
        "open": visible_cases(user).filter(closed_at__isnull=True).count(),
        "mine": visible_cases(user).filter(mine(user), closed_at__isnull=True).count(),
        "leads": visible_leads(user).filter(state=Lead.State.NEW).count(),
    }


def kind_hint(lead: Lead) -> str:
    """The kind of case that a lead most likely becomes."""
    if lead.alert is not None and lead.alert.rule == "silence":
        return str(Case.Kind.SILENCE)
    if lead.point is not None and lead.point.kind == "outlet":
        return str(Case.Kind.OUTLET)
    if lead.point is not None and lead.parent_case_id is None:
        return str(Case.Kind.AREA)
    return str(Case.Kind.OUTLET)
