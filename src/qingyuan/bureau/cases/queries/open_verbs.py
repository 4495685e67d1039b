from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import Q, QuerySet

from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies.rights import can, may
from qingyuan.bureau.accounts.policies.sides import is_outside
from qingyuan.bureau.cases.models import Case, Rectification
from qingyuan.bureau.cases.policies.rights import right_missing, served_on
from qingyuan.bureau.cases.policies.visible import belongs_to
from qingyuan.bureau.cases.queries.choices import Choice, assignee_choices, owner_choices, responsible_choices
from qingyuan.bureau.cases.queries.choices import is_hand as is_in_hands
from qingyuan.bureau.cases.queries.closing import basis_of
from qingyuan.bureau.cases.queries.definition import Definition, FieldUse, Transition, definition
from qingyuan.bureau.cases.queries.words import FIELD_LABELS

_KINDS = {
    "owner": "organisation",
    "assignee": "user",
    "deadline": "datetime",
    "due_on": "date",
    "files": "file",
    "outcome": "select",
    "rectification": "select",
    "note": "textarea",
    "measure": "textarea",
    "outcome_note": "textarea",
    "upper_reply": "textarea",
    "proof": "textarea",
    "override": "textarea",
    "responsible": "select",
}


@dataclass(frozen=True)
class FieldSpec:
    """One input of an action. kind: text textarea select date datetime file organisation user."""

    name: str
    label: str
    kind: str
    required: bool
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True)
class CaseAction:
    """Something this user may do with this case now."""

    verb: str
    label: str
    fields: list[FieldSpec] = field(default_factory=list)
    needs_evidence: bool = False
    is_primary: bool = False


def state_label(case: Case) -> str:
    """The Chinese name of the case's state."""
    return definition(case.kind, case.definition_version).states.get(case.state, case.state)


def outcome_label(case: Case) -> str:
    """The Chinese name of the outcome, empty while there is none."""
    return definition(case.kind, case.definition_version).outcomes.get(case.outcome, case.outcome)


def why_not(user: User, case: Case, step: Transition, plan: Definition) -> str:
    """Why this user may not take this step now; empty if the user may."""
    if reason := why_never(user, case, step):
        return reason
    if case.state not in step.from_states:
        now = plan.states.get(case.state, case.state)
        return f"案件现为“{now}”，不能“{step.label}”；请刷新页面查看可做的操作"
    if step.upper_only and not case.upper_order_number:
        return "本案不是上级交办，无须回复上级"
    return ""


def why_never(user: User, case: Case, step: Transition) -> str:
    """Why this user may not take this step whatever the state: the kind of organisation, the right, whose case it is."""
    if reason := right_missing(user, step.verb, step.label):
        return reason
    return _why_not_answer(user, case) if is_outside(user) else _why_not_work(user, case, step)


def _why_not_answer(user: User, case: Case) -> str:
    if can(user, "answer") and served_on(user, case):
        return ""
    return f"没有发给{user.organisation or '您的单位'}、尚未完成的整改要求"


def _why_not_work(user: User, case: Case, step: Transition) -> str:
    by_hands = step.hands or step.upper_only
    is_allowed = can(user, step.capability) if by_hands else may(user, step.capability, case.area_id)
    if not is_allowed:
        return f"{user} 没有“{step.label}”的权限，或权限不及于案件所在区域"
    is_hand = is_in_hands(user, case) or may(user, "assign", case.area_id)
    if by_hands and not is_hand and not (step.upper_only and case.owner is None):
        return f"案件由“{case.owner or '未指定单位'}”承办，{user} 不在该单位"
    if step.ordering_body and not belongs_to(user, case.ordered_by):
        return f"案件由“{case.ordered_by}”交办，须由该单位核实；{user} 不在该单位"
    return ""


def available_actions(user: User, case: Case) -> list[CaseAction]:
    """What this user may do with this case now, the main action first."""
    plan = definition(case.kind, case.definition_version)
    found = [
        CaseAction(
            step.verb,
            step.label,
            [
                FieldSpec(
                    use.name,
                    FIELD_LABELS[use.name],
                    _KINDS.get(use.name, "text"),
                    use.required,
                    _choices(user, case, plan, use.name),
                )
                for use in fields_of(case, step)
            ],
            "has_evidence" in step.guards,
            step.primary,
        )
        for step in plan.transitions
        if not why_not(user, case, step, plan)
    ]
    return sorted(found, key=lambda a: not a.is_primary)


def fields_of(case: Case, step: Transition) -> list[FieldUse]:
    """What a step of this case asks for: by its definition, and for a closing what it rests on."""
    found = [use for use in step.fields if use.name != "upper_reply" or case.upper_order_number]
    if step.verb != "close":
        return found
    basis = basis_of(case)
    if basis == "proof":
        found.append(FieldUse("proof", True))
    elif basis:
        found.append(FieldUse("override", False))
    return found


def _choices(user: User, case: Case, plan: Definition, name: str) -> tuple[Choice, ...]:
    if name == "outcome":
        return tuple(Choice(code, word) for code, word in plan.outcomes.items())
    if name == "rectification":
        return tuple(Choice(str(r.pk), r.measure) for r in open_orders(user, case))
    maker = {"owner": owner_choices, "assignee": assignee_choices, "responsible": responsible_choices}.get(name)
    return maker(user, case) if maker else ()


def open_orders(user: User, case: Case) -> QuerySet[Rectification]:
    """Rectifications that are not done yet; for a firm, those directed at it."""
    rows = case.rectifications.filter(done_at__isnull=True).order_by("due_on", "pk")
    if not is_outside(user):
        return rows
    mine = Q(person=user)
    if user.organisation_id:
        mine |= Q(body=user.organisation_id)
    return rows.filter(mine)
