"""Working a case: one verb of its definition, checked, carried out by compare-and-set, written into the time line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from qingyuan import clock
from qingyuan.bureau.accounts.models import Organisation, User
from qingyuan.bureau.audit.actions.record import record
from qingyuan.bureau.base.errors import Invalid, Missing, NotAllowed, WrongState
from qingyuan.bureau.cases.actions.exhibits import FileLike, keep_files, put_in
from qingyuan.bureau.cases.actions.leads import _event
from qingyuan.bureau.cases.guards import GUARDS
from qingyuan.bureau.cases.models import Case, Rectification
from qingyuan.bureau.cases.queries.choices import people_of, units_for
from qingyuan.bureau.cases.queries.closing import check_closing
from qingyuan.bureau.cases.queries.definition import Definition, Transition, definition
from qingyuan.bureau.cases.queries.open_verbs import fields_of, open_orders, why_never, why_not
from qingyuan.bureau.cases.queries.responsible import organisation_named, person_named, responsible_of
from qingyuan.bureau.cases.queries.words import FIELD_LABELS


def act(
    actor: User,
    case: Case,
    verb: str,
    note: str = "",
    fields: Mapping[str, Any] | None = None,
    files: Sequence[FileLike] = (),
    revision: int | None = None,
) -> Case:
    """Carry out a verb of the case's definition.

    fields: by name as the definition lists them; dates as date or ISO text, instants as aware datetime or ISO text,
    organisation and user as object or key. revision: the one the person saw; another one in the meantime is refused.
    Raises NotAllowed, WrongState, Missing, Invalid.
    """
    plan = definition(case.kind, case.definition_version)
    step = plan.transition(verb)
    if step is None:
        raise Invalid(f"得到动作“{verb}”，应为：{'、'.join(t.verb for t in plan.transitions)}", "verb")
    given = _given({**(fields or {}), **({"note": note} if note.strip() else {})})
    if revision is not None and revision != case.revision:
        raise WrongState("案件已被他人更新；请刷新页面，看过新情况后再操作")
    if reason := why_never(actor, case, step):
        raise NotAllowed(reason)
    if reason := why_not(actor, case, step, plan):
        raise (WrongState if case.state not in step.from_states else NotAllowed)(reason)
    for use in fields_of(case, step):
        absent = not files if use.name == "files" else use.name not in given
        if use.required and absent:
            raise Missing(f"没有填写“{FIELD_LABELS[use.name]}”；“{step.label}”须填写", use.name)
    for name in step.guards:
        GUARDS[name](case, {**given, "_has_files": bool(files)})
    if step.verb == "close":
        check_closing(case, given)
    changes, shown = _changes(actor, case, plan, step, given)
    kept = keep_files(files)
    with transaction.atomic():
        _apply(case, step, changes)
        shown |= _side_rows(actor, case, step, given)
        if kept:
            shown["files"] = put_in(kept, actor, case=case)
        text = str(given.get("note") or given.get("outcome_note") or given.get("measure") or "")
        _event(case, actor, verb, from_state=case.state, to_state=step.to_state, note=text, data=shown)
        record(actor, f"case.{verb}", case, f"案件 {case.number} {step.label}", _for_audit(shown))
    case.refresh_from_db()
    return case


def _for_audit(shown: Mapping[str, Any]) -> dict[str, Any]:
    """Codes and digests only: the audit trail is read by people who may not know what the case is about."""
    digests = [f["sha256"] for f in shown.get("files", [])]
    plain = {k: v for k, v in shown.items() if k not in {"files", "upper_reply", "proof", "override", "responsible"}}
    return plain | ({"files": digests} if digests else {}) | ({"overridden": True} if "override" in shown else {})


def _given(fields: Mapping[str, Any]) -> dict[str, Any]:
    """What was really filled in: blanks are nothing, and a list or a mapping is no answer to any field."""
    given: dict[str, Any] = {}
    for name, value in fields.items():
        if isinstance(value, (list, dict)):
            raise Invalid(f"“{FIELD_LABELS.get(name, name)}”得到 {value}，应为一个值", name)
        plain = value.strip() if isinstance(value, str) else value
        if plain not in (None, ""):
            given[name] = plain
    return given


def _apply(case: Case, step: Transition, changes: dict[str, Any]) -> None:
    touched = Case.objects.filter(pk=case.pk, state=case.state, revision=case.revision).update(
        state=step.to_state or case.state, revision=F("revision") + 1, **changes
    )
    if touched != 1:
        raise WrongState("案件已被他人更新；请刷新页面，看过新情况后再操作")


def _changes(
    actor: User, case: Case, plan: Definition, step: Transition, given: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Columns to change, and what the time line says of it."""
    changes: dict[str, Any] = {}
    shown: dict[str, Any] = {}
    names = {use.name for use in step.fields}
    if "owner" in names and "owner" in given:
        owner = _unit(actor, case, given["owner"])
        assignee = _person(given["assignee"]) if "assignee" in given else None
        if assignee and assignee.organisation_id != owner.pk:
            raise Invalid(f"{assignee} 不属于“{owner}”；请选择该单位的人员", "assignee")
        if assignee and not people_of(units_for(actor, case)).filter(pk=assignee.pk).exists():
            raise Invalid(f"{assignee} 不能办理案件；请选择有“办理案件”权限的人员", "assignee")
        changes |= {"owner": owner, "assignee": assignee}
        shown |= {"owner": owner.name, "assignee": str(assignee) if assignee else ""}
    if "deadline" in names and "deadline" in given:
        deadline = instant(given["deadline"], "deadline")
        if deadline <= clock.now():
            raise Invalid(f"期限 {clock.beijing(deadline):%Y-%m-%d %H:%M} 已过；应晚于现在", "deadline")
        changes |= {"deadline_at": deadline, "deadline_rule": {}}
        shown["deadline"] = clock.beijing(deadline).isoformat()
    if "outcome" in names:
        if given["outcome"] not in plan.outcomes:
            raise Invalid(f"得到结果“{given['outcome']}”，应为：{'、'.join(plan.outcomes)}", "outcome")
        changes |= {"outcome": given["outcome"], "outcome_note": given["outcome_note"]}
        shown["outcome"] = plan.outcomes[given["outcome"]]
        shown |= {name: str(given[name]) for name in ("proof", "override") if name in given}
        shown |= {"override_by": str(actor)} if "override" in given else {}
    if "upper_reply" in names and "upper_reply" in given:
        changes["upper_reply"] = given["upper_reply"]
        shown["upper_reply"] = given["upper_reply"]
    if step.to_state in plan.final:
        changes["closed_at"] = clock.now()
    elif case.closed_at is not None and step.to_state:
        changes |= {"closed_at": None, "outcome": "", "outcome_note": ""}
        shown["former_outcome"] = plan.outcomes.get(case.outcome, case.outcome)
    return changes, shown


def _side_rows(actor: User, case: Case, step: Transition, given: Mapping[str, Any]) -> dict[str, Any]:
    """Rectifications ordered or completed."""
    if step.verb == "order_rectification":
        due = day(given["due_on"], "due_on")
        who = responsible_of(actor, case, given["responsible"])
        row = Rectification.objects.create(
            case=case, measure=given["measure"], responsible=who.name, body=who.body, person=who.person, due_on=due
        )
        return {"rectification": row.pk, "responsible": row.responsible, "due_on": due.isoformat()}
    if step.verb == "complete_rectification":
        number = str(given["rectification"])
        waiting = open_orders(actor, case).filter(pk=number if number.isdecimal() else 0)
        if waiting.update(done_at=clock.now(), done_note=given["note"]) != 1:
            raise Invalid("选择的整改要求不存在或已完成；请刷新页面", "rectification")
        return {"rectification": int(number)}
    return {}


def instant(value: Any, field: str) -> datetime:
    """An aware instant from an object or ISO text; text without a zone is Beijing time."""
    try:
        found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError as error:
        raise Invalid(f"得到时间“{value}”，应为 2026-03-01T12:00 的形式", field) from error
    return found if found.tzinfo else found.replace(tzinfo=clock.BEIJING)


def day(value: Any, field: str) -> date:
    """A date from an object or ISO text."""
    try:
        return value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError as error:
        raise Invalid(f"得到日期“{value}”，应为 2026-03-01 的形式", field) from error


def _unit(actor: User, case: Case, value: Any) -> Organisation:
    found = organisation_named(value)
    if found is None:
        raise Invalid(f"得到单位“{value}”，系统中没有；请从列表中选择", "owner")
    if not units_for(actor, case).filter(pk=found.pk).exists():
        raise Invalid(f"“{found}”不能承办本案；请从列表中选择局、科室（大队）或镇街", "owner")
    return found


def _person(value: Any) -> User:
    found = person_named(value)
    if found is None:
        raise Invalid(f"得到人员“{value}”，系统中没有或已停用；请从列表中选择", "assignee")
    return found
