"""What a reader sees of a lead or a case. Page, API, Word record, lists and search all ask here, and nowhere else.

Three views: the whole for the unit that handles the matter; the matter, without informant, reasons of triage and titles
of merged leads, for everybody else of the bureau and the towns; what was served on it for a firm or an O&M company.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from qingyuan.bureau.accounts.models import Organisation, User
from qingyuan.bureau.accounts.policies.sides import name_for
from qingyuan.bureau.cases.models import Case, CaseEvent, Lead
from qingyuan.bureau.cases.policies.rights import UNITS
from qingyuan.bureau.cases.policies.visible import View, view_of_case, view_of_lead, visible_leads
from qingyuan.bureau.cases.queries.definition import Definition, definition, kind_name
from qingyuan.bureau.cases.queries.informants import has_informant, secrets_of, without
from qingyuan.bureau.cases.queries.shown import CaseFile, ShownCase, ShownLead, ShownLine, ShownOrder
from qingyuan.bureau.cases.queries.shown_files import ShownFile, files_of_case, files_of_lead, is_directed_at
from qingyuan.bureau.cases.queries.words import FIELD_LABELS, OTHER_VERBS, fact
from qingyuan.bureau.registers.models import Point

MERGED_TITLE = "已并入另一线索"
NOT_SHOWN = {"files", "rectification", "lead"}


def shown_case(reader: User | None, case: Case) -> ShownCase:
    """The head of a case for a reader who may see it."""
    view = view_of_case(reader, case)
    plan = definition(case.kind, case.definition_version)
    served = view == View.SERVED
    point = case.point if not served or _is_own_point(reader, case.point) else None
    title = without(case.title, secrets_of(case.leads.all()))
    kind = kind_name(case.kind)
    if served:
        title = f"{point.name} {kind}" if point else kind
    return ShownCase(
        pk=case.pk,
        view=view,
        number=case.number,
        kind=case.kind,
        kind_name=kind,
        title=title,
        state=case.state,
        state_name=plan.states.get(case.state, case.state),
        revision=case.revision,
        definition_version=case.definition_version,
        area=None if served else case.area,
        point=point,
        ordered_by=case.ordered_by,
        owner=case.owner if not served or _is_unit(case.owner) else None,
        assignee="" if served or not case.assignee else str(case.assignee),
        opened_at=case.opened_at,
        opened_by="" if served else str(case.opened_by),
        deadline_at=case.deadline_at,
        is_deadline_provisional=case.is_deadline_provisional,
        closed_at=case.closed_at,
        outcome=case.outcome,
        outcome_name=plan.outcomes.get(case.outcome, case.outcome),
        outcome_note="" if served else _clean(case, case.outcome_note),
        upper_system="" if served else case.upper_system,
        upper_order_number="" if served else case.upper_order_number,
        upper_deadline=None if served else case.upper_deadline,
        upper_reply="" if served else _clean(case, case.upper_reply),
        parent=None if served else case.parent,
    )


def shown_cases(reader: User | None, rows: Iterable[Case]) -> list[ShownCase]:
    """The heads of many cases."""
    return [shown_case(reader, row) for row in rows]


def _clean(case: Case, text: str) -> str:
    return without(text, secrets_of(case.leads.all())) if text else ""


def _is_unit(body: Organisation | None) -> bool:
    return body is not None and body.kind in UNITS


def _is_own_point(reader: User | None, point: Point | None) -> bool:
    if reader is None or point is None or reader.organisation_id is None:
        return False
    return reader.organisation_id in {point.owner_id, point.operator_id}


def case_file(reader: User | None, case: Case) -> CaseFile:
    """The whole file of a case as far as the reader may see it."""
    head = shown_case(reader, case)
    files = files_of_case(reader, case)
    served = head.view == View.SERVED
    return CaseFile(
        head,
        _lines(reader, case, head.view, files),
        files,
        _orders(reader, case, head.view),
        [] if served else _leads(reader, case, head.view),
        [] if served else _children(reader, case),
        [] if served else list(case.children.all()),
    )


def _leads(reader: User | None, case: Case, view: View) -> list[ShownLead]:
    """The leads of the case; those that were merged into them only for who handles it."""
    rows = case.leads.select_related("area", "point", "created_by", "owner", "decided_by", "merged_into").order_by("pk")
    return shown_leads(reader, (row for row in rows if view == View.WHOLE or row.state != Lead.State.MERGED))


def _children(reader: User | None, case: Case) -> list[ShownLead]:
    rows = case.child_leads.select_related("area", "point", "case", "created_by", "owner", "decided_by")
    if reader is not None:
        rows = rows.filter(pk__in=visible_leads(reader))
    return shown_leads(reader, rows.order_by("created_at", "pk"))


def _orders(reader: User | None, case: Case, view: View) -> list[ShownOrder]:
    rows = case.rectifications.select_related("body", "person").order_by("due_on", "pk")
    return [
        ShownOrder(r.pk, r.measure, r.responsible, r.due_on, r.done_at, r.done_note)
        for r in rows
        if view != View.SERVED or (reader is not None and is_directed_at(reader, r.body_id, r.person_id))
    ]


def _lines(reader: User | None, case: Case, view: View, files: list[ShownFile]) -> list[ShownLine]:
    plan = definition(case.kind, case.definition_version)
    names = {f.sha256: f.file_name for f in files}
    orders = {o.pk for o in _orders(reader, case, view)}
    rows = case.events.select_related("actor__organisation", "organisation").order_by("at", "id")
    if view == View.SERVED:
        return [_served_line(reader, case, e, plan, names) for e in rows if _is_for(reader, e, orders)]
    return [_line(reader, case, e, plan, view, names) for e in rows]


def _line(
    reader: User | None, case: Case, event: CaseEvent, plan: Definition, view: View, names: dict[str, str]
) -> ShownLine:
    step = plan.transition(event.verb)
    note = "" if event.verb == "open" and view != View.WHOLE else _clean(case, event.note)
    facts = [
        (FIELD_LABELS[k], _clean(case, fact(k, v)))
        for k, v in event.data.items()
        if k in FIELD_LABELS and k not in NOT_SHOWN and v
    ]
    return ShownLine(
        event.at,
        name_for(reader, event.actor),
        str(event.organisation or ""),
        event.verb,
        step.label if step else OTHER_VERBS.get(event.verb, event.verb),
        event.from_state,
        event.to_state,
        plan.states.get(event.to_state, "") if event.to_state != event.from_state else "",
        note,
        facts,
        _named(event, names),
        _data(case, event, names, set(event.data)),
    )


def _data(case: Case, event: CaseEvent, names: dict[str, str], shown: set[str]) -> dict[str, Any]:
    """The facts of a line for a program: cleaned, and its files under the names that the reader sees."""
    plain = {k: v for k, v in event.data.items() if k in shown and k != "files"}
    cleaned = {k: _clean(case, v) if isinstance(v, str) else v for k, v in plain.items()}
    return cleaned | ({"files": _named(event, names)} if event.data.get("files") else {})


def _named(event: CaseEvent, names: dict[str, str]) -> list[dict[str, str]]:
    """The files of a line under the names that the reader sees."""
    given = [str(f.get("sha256", "")) for f in event.data.get("files") or []]
    return [{"name": names[digest], "sha256": digest} for digest in given if digest in names]


def _is_for(reader: User | None, event: CaseEvent, orders: set[int]) -> bool:
    """A firm reads the orders that are directed at it, what it sent in itself, and that the case is closed."""
    if event.verb == "order_rectification":
        return event.data.get("rectification") in orders
    if reader is not None and event.organisation_id is not None and event.organisation_id == reader.organisation_id:
        return True
    return event.verb == "close" or (reader is not None and event.actor_id == reader.pk)


def _served_line(
    reader: User | None, case: Case, event: CaseEvent, plan: Definition, names: dict[str, str]
) -> ShownLine:
    step = plan.transition(event.verb)
    is_own = reader is not None and (
        event.actor_id == reader.pk
        or (event.organisation_id is not None and event.organisation_id == reader.organisation_id)
    )
    shown = {"responsible", "due_on", "outcome"} if not is_own else {"rectification", "files", "note"}
    facts = [(FIELD_LABELS[k], fact(k, v)) for k, v in event.data.items() if k in shown - NOT_SHOWN and v]
    return ShownLine(
        event.at,
        name_for(reader, event.actor),
        str(event.organisation or "") if is_own else "",
        event.verb,
        step.label if step else event.verb,
        "",
        "",
        "",
        event.note if is_own else "",
        facts,
        _named(event, names),
        _data(case, event, names, shown | {"rectification"}),
    )


def shown_lead(reader: User | None, lead: Lead) -> ShownLead:
    """A lead for a reader who may see it. The informant is never in it."""
    view = view_of_lead(reader, lead)
    whole = view == View.WHOLE
    secrets = secrets_of([lead])
    from_outside = has_informant(lead)
    merged = lead.state == Lead.State.MERGED and not whole
    return ShownLead(
        pk=lead.pk,
        view=view,
        number=lead.number,
        source=lead.source,
        source_name=str(lead.get_source_display()),
        state=lead.state,
        state_name=str(lead.get_state_display()),
        title=MERGED_TITLE if merged else without(lead.title, secrets),
        description="" if merged else without(lead.description, secrets),
        place="" if merged else without(lead.place, secrets),
        lon=lead.lon,
        lat=lead.lat,
        area=lead.area,
        point=lead.point,
        reporter="" if from_outside else lead.reporter,
        has_informant=from_outside,
        occurred_at=lead.occurred_at,
        created_at=lead.created_at,
        created_by=str(lead.created_by) if lead.created_by else "系统",
        owner=str(lead.owner) if lead.owner else "",
        due_at=lead.due_at,
        must_handle=lead.must_handle,
        alert_id=lead.alert_id,
        finding_id=lead.finding_id,
        case=lead.case,
        parent_case=lead.parent_case,
        merged_into=lead.merged_into if whole else None,
        reason=without(lead.decision_reason, secrets) if whole else "",
        decided_by=str(lead.decided_by) if whole and lead.decided_by else "",
        decided_at=lead.decided_at,
    )


def shown_leads(reader: User | None, rows: Iterable[Lead]) -> list[ShownLead]:
    """Many leads."""
    return [shown_lead(reader, row) for row in rows]


def lead_files(reader: User | None, lead: Lead) -> list[ShownFile]:
    """The evidence of a lead as the reader may see it."""
    return files_of_lead(reader, lead)
