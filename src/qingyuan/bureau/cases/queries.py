from __future__ import annotations

from dataclasses import dataclass, field

from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies import can, may
from qingyuan.bureau.cases.definition import Definition, Transition, definition
from qingyuan.bureau.cases.models import Case
from qingyuan.bureau.places.models import Organisation

FIELD_LABELS = {
    "owner": "承办单位",
    "assignee": "承办人",
    "deadline": "办理期限",
    "note": "说明",
    "files": "证据材料",
    "measure": "整改要求",
    "responsible": "责任单位",
    "due_on": "整改期限",
    "rectification": "整改要求",
    "outcome": "办理结果",
    "outcome_note": "结果说明",
    "upper_reply": "回复上级内容",
}
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
}


@dataclass(frozen=True)
class FieldSpec:
    """One input of an action. kind: text textarea select date datetime file organisation user."""

    name: str
    label: str
    kind: str
    required: bool
    choices: tuple[tuple[str, str], ...] = ()


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


def _belongs_to(user: User, body: Organisation | None) -> bool:
    """Whether the user works for the body or for one above it."""
    while body is not None:
        if user.organisation_id == body.pk:
            return True
        body = body.parent
    return False


def why_not(user: User, case: Case, step: Transition, plan: Definition) -> str:
    """Why this user may not take this step now; empty if the user may."""
    if case.state not in step.from_states:
        now = plan.states.get(case.state, case.state)
        return f"案件现为“{now}”，不能“{step.label}”；请刷新页面查看可做的操作"
    is_allowed = can(user, step.capability) if step.hands else may(user, step.capability, case.area_id)
    if not is_allowed:
        return f"{user} 没有“{step.label}”的权限，或权限不及于案件所在区域"
    is_leader = may(user, "assign", case.area_id)
    if step.hands and not (case.assignee_id == user.pk or _belongs_to(user, case.owner) or is_leader):
        return f"案件由“{case.owner or '未指定单位'}”承办，{user} 不在该单位"
    if step.ordering_body and not _belongs_to(user, case.ordered_by):
        return f"案件由“{case.ordered_by}”交办，须由该单位核实；{user} 不在该单位"
    if step.upper_only and not case.upper_order_number:
        return "本案不是上级交办，无须回复上级"
    return ""


def available_actions(user: User, case: Case) -> list[CaseAction]:
    """What this user may do with this case now, the main action first."""
    plan = definition(case.kind, case.definition_version)
    found = [
        CaseAction(
            step.verb,
            step.label,
            [
                FieldSpec(use.name, FIELD_LABELS[use.name], _KINDS.get(use.name, "text"), use.required,
                          _choices(case, plan, use.name))
                for use in step.fields
                if use.name != "upper_reply" or case.upper_order_number
            ],
            "has_evidence" in step.guards,
            step.primary,
        )
        for step in plan.transitions
        if not why_not(user, case, step, plan)
    ]  # fmt: skip
    return sorted(found, key=lambda a: not a.is_primary)


def _choices(case: Case, plan: Definition, name: str) -> tuple[tuple[str, str], ...]:
    if name == "outcome":
        return tuple(plan.outcomes.items())
    if name == "rectification":
        return tuple((str(r.pk), r.measure) for r in case.rectifications.filter(done_at__isnull=True))
    return ()
