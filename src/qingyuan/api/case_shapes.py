"""What the API returns of leads and cases: one function a thing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from qingyuan.api.shapes import reference
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.cases.models import Case, Lead
from qingyuan.bureau.cases.policies.visible import View
from qingyuan.bureau.cases.queries.closing import Since, readings_since
from qingyuan.bureau.cases.queries.open_verbs import available_actions
from qingyuan.bureau.cases.queries.shown import ShownCase, ShownLead
from qingyuan.bureau.cases.queries.shown_files import ShownFile
from qingyuan.bureau.cases.queries.shown_to import case_file as shown_file


def exhibit(x: ShownFile) -> dict[str, Any]:
    """A piece of evidence, by its digests. is_original: given out as it came, under the name it came with."""
    return {
        "id": x.pk,
        "title": x.title,
        "file_name": x.file_name,
        "kind": x.kind,
        "sha256": x.sha256,
        "sm3": x.sm3,
        "size": x.size,
        "media_type": x.media_type,
        "added_at": x.added_at,
        "added_by": x.added_by or None,
        "is_original": x.is_original,
    }


def lead(row: ShownLead, now: datetime) -> dict[str, Any]:
    """A lead as its reader may see it; `reporter` is empty where the informant is kept back."""
    return {
        "id": row.pk,
        "number": row.number,
        "source": row.source,
        "source_name": row.source_name,
        "state": row.state,
        "state_name": row.state_name,
        "title": row.title,
        "view": row.view,
        "description": row.description,
        "place": row.place,
        "lon": row.lon,
        "lat": row.lat,
        "area": reference(row.area),
        "point": reference(row.point),
        "reporter": row.reporter,
        "has_informant": row.has_informant,
        "occurred_at": row.occurred_at,
        "created_at": row.created_at,
        "must_handle": row.must_handle,
        "age_hours": round((now - row.created_at).total_seconds() / 3600, 1),
        "due_at": row.due_at,
        "is_late": row.state == Lead.State.NEW and row.due_at is not None and row.due_at < now,
        "owner": row.owner or None,
        "alert": row.alert_id,
        "finding": row.finding_id,
        "case": row.case.number if row.case else None,
        "parent_case": row.parent_case.number if row.parent_case else None,
        "merged_into": row.merged_into.number if row.merged_into else None,
        "decision_reason": row.reason,
        "decided_by": row.decided_by or None,
        "decided_at": row.decided_at,
    }


def case(c: ShownCase) -> dict[str, Any]:
    """A case as its reader may see it in lists."""
    return {
        "id": c.pk,
        "number": c.number,
        "kind": c.kind,
        "kind_name": c.kind_name,
        "title": c.title,
        "view": c.view,
        "state": c.state,
        "state_name": c.state_name,
        "revision": c.revision,
        "definition_version": c.definition_version,
        "area": reference(c.area),
        "point": reference(c.point),
        "ordered_by": reference(c.ordered_by),
        "owner": reference(c.owner),
        "assignee": c.assignee or None,
        "opened_at": c.opened_at,
        "deadline_at": c.deadline_at,
        "deadline_provisional": c.is_deadline_provisional,
        "closed_at": c.closed_at,
        "outcome": c.outcome,
        "outcome_name": c.outcome_name,
        "outcome_note": c.outcome_note,
        "upper_system": c.upper_system,
        "upper_order_number": c.upper_order_number,
        "upper_deadline": c.upper_deadline,
        "upper_reply": c.upper_reply,
        "parent": c.parent.number if c.parent else None,
    }


def case_file(row: Case, user: User) -> dict[str, Any]:
    """A case with its time line, evidence, rectifications, leads, and what the caller may do now."""
    shown = shown_file(user, row)
    return case(shown.head) | {
        "events": [
            {
                "at": e.at,
                "actor": e.who,
                "organisation": e.body or None,
                "verb": e.verb,
                "label": e.label,
                "from_state": e.from_state,
                "to_state": e.to_state,
                "note": e.note,
                "data": e.data,
            }
            for e in shown.lines
        ],
        "exhibits": [exhibit(x) for x in shown.files],
        "rectifications": [
            {
                "id": r.pk,
                "measure": r.measure,
                "responsible": r.responsible,
                "due_on": r.due_on,
                "done_at": r.done_at,
                "done_note": r.done_note,
            }
            for r in shown.orders
        ],
        "leads": [lead_row.number for lead_row in shown.leads],
        "child_leads": [lead_row.number for lead_row in shown.children],
        "children": [child.number for child in shown.child_cases],
        "readings_since": since(None if shown.head.view == View.SERVED or row.closed_at else readings_since(row)),
        "actions": [
            {
                "verb": a.verb,
                "label": a.label,
                "is_primary": a.is_primary,
                "needs_evidence": a.needs_evidence,
                "fields": [
                    {
                        "name": f.name,
                        "label": f.label,
                        "kind": f.kind,
                        "required": f.required,
                        "choices": [{"value": c.value, "label": c.label, "group": c.group} for c in f.choices],
                    }
                    for f in a.fields
                ],
            }
            for a in available_actions(user, row)
        ],
    }


def since(found: Since | None) -> dict[str, Any] | None:
    """What the readings say since the plant was put right: whether they bear out a closing as rectified."""
    if found is None:
        return None
    return {
        "verdict": found.verdict,
        "words": found.words,
        "since": found.since,
        "needed_hours": found.needed,
        "hours": [
            {"item": h.item, "start": h.start, "value": h.value, "limit": h.limit, "state": h.state, "reason": h.reason}
            for h in found.hours
        ],
    }
