"""What the API returns: one function a thing, one definition for lists and details alike."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Model

from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies.sides import is_outside, name_for
from qingyuan.bureau.alerts.models import Alert
from qingyuan.bureau.alerts.queries.pages import taken_for
from qingyuan.bureau.alerts.queries.pending import Pending
from qingyuan.bureau.cases.models import Case, Lead
from qingyuan.bureau.cases.policies.visible import View
from qingyuan.bureau.cases.queries.closing import Since, readings_since
from qingyuan.bureau.cases.queries.open_verbs import available_actions
from qingyuan.bureau.cases.queries.shown_files import ShownFile
from qingyuan.bureau.cases.queries.shown_to import ShownCase, ShownLead
from qingyuan.bureau.cases.queries.shown_to import case_file as shown_file
from qingyuan.bureau.judging.models import Evaluation, Finding
from qingyuan.bureau.line.models import Device
from qingyuan.bureau.monitoring.models import IssuedValue
from qingyuan.bureau.registers.models import Point
from qingyuan.bureau.values.models import Tag, TagExhibit


def reference(row: Model | None, key: str = "code") -> dict[str, Any] | None:
    """A short pointer to another thing."""
    return None if row is None else {key: getattr(row, key), "name": str(row)}


def point(p: Point) -> dict[str, Any]:
    """A monitoring point."""
    return {
        "code": p.code, "name": p.name, "kind": p.kind, "kind_name": p.get_kind_display(), "area": reference(p.area),
        "owner": reference(p.owner), "operator": reference(p.operator), "lon": p.lon, "lat": p.lat,
        "expected_minutes": p.expected_minutes, "source_system": p.source_system,
    }  # fmt: skip


def alert(a: Alert, reader: User) -> dict[str, Any]:
    """A provisional alert. To a firm: not what an official noted, and no lead."""
    lead = None if is_outside(reader) else getattr(a, "lead", None)
    taken_by, note = taken_for(reader, a)
    return {
        "id": a.pk, "rule": a.rule, "rule_name": a.rule_name, "subject": a.subject,
        "point": reference(a.point), "item": a.item, "level": a.level, "level_name": a.get_level_display(),
        "title": a.title, "is_open": a.ended_at is None, "started_at": a.started_at, "last_seen_at": a.last_seen_at,
        "opened_at": a.opened_at, "ended_at": a.ended_at, "value": a.value, "peak": a.peak, "threshold": a.threshold,
        "times": a.times, "head": a.head_id,
        "unit": a.unit, "rule_set": a.rule_set, "watermark": a.watermark, "detail": a.detail,
        "acknowledged_at": a.acknowledged_at, "acknowledged_by": taken_by or None,
        "acknowledged_note": note, "lead": lead.number if lead else None,
    }  # fmt: skip


def finding(f: Finding) -> dict[str, Any]:
    """A finding with the trace of every step."""
    return {
        "id": f.pk, "point": reference(f.point), "item": f.item, "averaging": f.averaging, "start": f.start,
        "end": f.end, "verdict": f.verdict, "verdict_name": f.get_verdict_display(), "value": f.value,
        "limit": f.limit_value, "unit": f.unit, "multiple": f.multiple, "limit_ref": f.limit_ref,
        "rule_set": f.rule_set, "watermark": f.watermark, "trace": f.trace, "deadline": f.deadline,
        "decided_at": f.decided_at, "alert": f.alert_id,
    }  # fmt: skip


def evaluation(e: Evaluation) -> dict[str, Any]:
    """A judged interval."""
    return {
        "point": e.point.code, "kind": e.kind, "item": e.item, "start": e.start, "end": e.end, "verdict": e.verdict,
        "value": e.value, "label": e.label, "primary": e.primary, "rule_set": e.rule_set,
        "rule_digest": e.rule_digest, "limit_ref": e.limit_ref, "watermark": e.watermark, "detail": e.detail,
        "computed_at": e.computed_at,
    }  # fmt: skip


def exhibit(x: ShownFile) -> dict[str, Any]:
    """A piece of evidence, by its digests. is_original: given out as it came, under the name it came with."""
    return {
        "id": x.pk, "title": x.title, "file_name": x.file_name, "kind": x.kind, "sha256": x.sha256,
        "sm3": x.sm3, "size": x.size, "media_type": x.media_type, "added_at": x.added_at,
        "added_by": x.added_by or None, "is_original": x.is_original,
    }  # fmt: skip


def lead(row: ShownLead, now: datetime) -> dict[str, Any]:
    """A lead as its reader may see it; `reporter` is empty where the informant is kept back."""
    return {
        "id": row.pk, "number": row.number, "source": row.source, "source_name": row.source_name,
        "state": row.state, "state_name": row.state_name, "title": row.title, "view": row.view,
        "description": row.description, "place": row.place, "lon": row.lon, "lat": row.lat,
        "area": reference(row.area), "point": reference(row.point), "reporter": row.reporter,
        "has_informant": row.has_informant,
        "occurred_at": row.occurred_at, "created_at": row.created_at, "must_handle": row.must_handle,
        "age_hours": round((now - row.created_at).total_seconds() / 3600, 1), "due_at": row.due_at,
        "is_late": row.state == Lead.State.NEW and row.due_at is not None and row.due_at < now,
        "owner": row.owner or None,
        "alert": row.alert_id, "finding": row.finding_id, "case": row.case.number if row.case else None,
        "parent_case": row.parent_case.number if row.parent_case else None,
        "merged_into": row.merged_into.number if row.merged_into else None, "decision_reason": row.reason,
        "decided_by": row.decided_by or None, "decided_at": row.decided_at,
    }  # fmt: skip


def case(c: ShownCase) -> dict[str, Any]:
    """A case as its reader may see it in lists."""
    return {
        "id": c.pk, "number": c.number, "kind": c.kind, "kind_name": c.kind_name, "title": c.title, "view": c.view,
        "state": c.state, "state_name": c.state_name, "revision": c.revision,
        "definition_version": c.definition_version, "area": reference(c.area), "point": reference(c.point),
        "ordered_by": reference(c.ordered_by), "owner": reference(c.owner),
        "assignee": c.assignee or None, "opened_at": c.opened_at, "deadline_at": c.deadline_at,
        "deadline_provisional": c.is_deadline_provisional, "closed_at": c.closed_at,
        "outcome": c.outcome, "outcome_name": c.outcome_name,
        "outcome_note": c.outcome_note, "upper_system": c.upper_system, "upper_order_number": c.upper_order_number,
        "upper_deadline": c.upper_deadline, "upper_reply": c.upper_reply,
        "parent": c.parent.number if c.parent else None,
    }  # fmt: skip


def case_file(row: Case, user: User) -> dict[str, Any]:
    """A case with its time line, evidence, rectifications, leads, and what the caller may do now."""
    shown = shown_file(user, row)
    return case(shown.head) | {
        "events": [
            {"at": e.at, "actor": e.who, "organisation": e.body or None, "verb": e.verb, "label": e.label,
             "from_state": e.from_state, "to_state": e.to_state, "note": e.note, "data": e.data}
            for e in shown.lines
        ],
        "exhibits": [exhibit(x) for x in shown.files],
        "rectifications": [
            {"id": r.pk, "measure": r.measure, "responsible": r.responsible, "due_on": r.due_on, "done_at": r.done_at,
             "done_note": r.done_note}
            for r in shown.orders
        ],
        "leads": [lead_row.number for lead_row in shown.leads],
        "child_leads": [lead_row.number for lead_row in shown.children],
        "children": [child.number for child in shown.child_cases],
        "readings_since": since(None if shown.head.view == View.SERVED or row.closed_at else readings_since(row)),
        "actions": [
            {"verb": a.verb, "label": a.label, "is_primary": a.is_primary, "needs_evidence": a.needs_evidence,
             "fields": [{"name": f.name, "label": f.label, "kind": f.kind, "required": f.required,
                         "choices": [{"value": c.value, "label": c.label, "group": c.group} for c in f.choices]}
                        for f in a.fields]}
            for a in available_actions(user, row)
        ],
    }  # fmt: skip


def since(found: Since | None) -> dict[str, Any] | None:
    """What the readings say since the plant was put right: whether they bear out a closing as rectified."""
    if found is None:
        return None
    return {
        "verdict": found.verdict, "words": found.words, "since": found.since, "needed_hours": found.needed,
        "hours": [
            {"item": h.item, "start": h.start, "value": h.value, "limit": h.limit, "state": h.state,
             "reason": h.reason}
            for h in found.hours
        ],
    }  # fmt: skip


def device(d: Device) -> dict[str, Any]:
    """A data logger."""
    return {
        "mn": d.mn, "point": reference(d.point), "state": d.state, "state_name": d.get_state_display(),
        "system_type": d.system_type, "edition": d.edition, "minute_seconds": d.minute_seconds,
        "minute_seen": d.minute_seen, "minute_length": d.minute_length,
        "first_seen_at": d.first_seen_at, "adopted_at": d.adopted_at,
        "channels": [{"factor": c.factor_code, "point": c.point.code, "item": c.item, "unit": c.unit}
                     for c in d.channels.select_related("point")],
    }  # fmt: skip


def issued(v: IssuedValue) -> dict[str, Any]:
    """A figure as a higher authority issued it."""
    return {
        "id": v.pk, "point": reference(v.point), "area": reference(v.area), "indicator": v.indicator,
        "period_start": v.period_start, "period_end": v.period_end, "value": v.value_text, "unit": v.unit,
        "issuer": v.issuer, "document": v.document, "received_at": v.received_at,
    }  # fmt: skip


def tag(t: Tag, reader: User) -> dict[str, Any]:
    """A tag with the state of its check. counts: whether judging uses it."""
    withdrawn = t.withdrawn_at is not None
    return {
        "id": t.pk, "point": reference(t.outlet.point), "firm": reference(t.outlet.enterprise), "item": t.item,
        "kind": t.kind, "start": t.start, "end": t.end, "note": t.note,
        "made_by": name_for(reader, t.made_by), "made_at": t.made_at,
        "state": "withdrawn" if withdrawn else t.check_state,
        "state_name": "已撤回" if withdrawn else t.get_check_state_display(),
        "counts": not withdrawn and t.check_state != Tag.Check.REFUSED, "checked_at": t.checked_at,
        "supplied_at": t.supplied_at, "withdrawn_at": t.withdrawn_at,
        "last_event": max((e.pk for e in t.events.all()), default=0),
    }  # fmt: skip


def tag_exhibit(x: TagExhibit, reader: User) -> dict[str, Any]:
    """A file given for a tag, by its digests."""
    return {
        "id": x.pk, "file_name": x.file_name, "sha256": x.evidence.sha256, "sm3": x.evidence.sm3,
        "size": x.evidence.size, "media_type": x.evidence.media_type, "added_at": x.added_at,
        "added_by": name_for(reader, x.added_by),
    }  # fmt: skip


def pending(p: Pending) -> dict[str, Any]:
    """A span over its limit that is not decided yet."""
    return {
        "point": reference(p.point), "item": p.item, "averaging": p.averaging, "start": p.start, "end": p.end,
        "deadline": p.deadline, "tags_closed": p.is_closed, "hours": p.hours, "worst": p.worst, "limit": p.limit,
        "unit": p.unit, "alert": p.alert,
    }  # fmt: skip
