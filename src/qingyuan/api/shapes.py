"""What the API returns: one function a thing, for lists and details alike; leads and cases in `case_shapes`."""

from __future__ import annotations

from typing import Any

from django.db.models import Model

from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies.sides import is_outside, name_for
from qingyuan.bureau.alerts.models import Alert
from qingyuan.bureau.alerts.queries.pages import taken_for
from qingyuan.bureau.alerts.queries.pending import Pending
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
        "code": p.code,
        "name": p.name,
        "kind": p.kind,
        "kind_name": p.get_kind_display(),
        "area": reference(p.area),
        "answers": reference(p.answers or p.area),
        "owner": reference(p.owner),
        "operator": reference(p.operator),
        "lon": p.lon,
        "lat": p.lat,
        "expected_minutes": p.expected_minutes,
        "source_system": p.source_system,
    }


def alert(a: Alert, reader: User) -> dict[str, Any]:
    """A provisional alert. To a firm: not what an official noted, and no lead."""
    lead = None if is_outside(reader) else getattr(a, "lead", None)
    taken_by, note = taken_for(reader, a)
    return {
        "id": a.pk,
        "rule": a.rule,
        "rule_name": a.rule_name,
        "subject": a.subject,
        "point": reference(a.point),
        "item": a.item,
        "level": a.level,
        "level_name": a.get_level_display(),
        "title": a.title,
        "is_open": a.ended_at is None,
        "started_at": a.started_at,
        "last_seen_at": a.last_seen_at,
        "opened_at": a.opened_at,
        "ended_at": a.ended_at,
        "value": a.value,
        "peak": a.peak,
        "threshold": a.threshold,
        "times": a.times,
        "head": a.head_id,
        "unit": a.unit,
        "rule_set": a.rule_set,
        "watermark": a.watermark,
        "detail": a.detail,
        "acknowledged_at": a.acknowledged_at,
        "acknowledged_by": taken_by or None,
        "acknowledged_note": note,
        "lead": lead.number if lead else None,
    }


def finding(f: Finding) -> dict[str, Any]:
    """A finding with the trace of every step."""
    return {
        "id": f.pk,
        "point": reference(f.point),
        "item": f.item,
        "averaging": f.averaging,
        "start": f.start,
        "end": f.end,
        "verdict": f.verdict,
        "verdict_name": f.get_verdict_display(),
        "value": f.value,
        "limit": f.limit_value,
        "unit": f.unit,
        "multiple": f.multiple,
        "limit_ref": f.limit_ref,
        "rule_set": f.rule_set,
        "watermark": f.watermark,
        "trace": f.trace,
        "deadline": f.deadline,
        "decided_at": f.decided_at,
        "alert": f.alert_id,
    }


def evaluation(e: Evaluation) -> dict[str, Any]:
    """A judged interval."""
    return {
        "point": e.point.code,
        "kind": e.kind,
        "item": e.item,
        "start": e.start,
        "end": e.end,
        "verdict": e.verdict,
        "value": e.value,
        "label": e.label,
        "primary": e.primary,
        "rule_set": e.rule_set,
        "rule_digest": e.rule_digest,
        "limit_ref": e.limit_ref,
        "watermark": e.watermark,
        "detail": e.detail,
        "computed_at": e.computed_at,
    }


def device(d: Device) -> dict[str, Any]:
    """A data logger."""
    return {
        "mn": d.mn,
        "point": reference(d.point),
        "state": d.state,
        "state_name": d.get_state_display(),
        "system_type": d.system_type,
        "edition": d.edition,
        "minute_seconds": d.minute_seconds,
        "minute_seen": d.minute_seen,
        "minute_length": d.minute_length,
        "first_seen_at": d.first_seen_at,
        "adopted_at": d.adopted_at,
        "channels": [
            {"factor": c.factor_code, "point": c.point.code, "item": c.item, "unit": c.unit}
            for c in d.channels.select_related("point")
        ],
    }


def issued(v: IssuedValue) -> dict[str, Any]:
    """A figure as a higher authority issued it."""
    return {
        "id": v.pk,
        "point": reference(v.point),
        "area": reference(v.area),
        "indicator": v.indicator,
        "period_start": v.period_start,
        "period_end": v.period_end,
        "value": v.value_text,
        "unit": v.unit,
        "issuer": v.issuer,
        "document": v.document,
        "received_at": v.received_at,
    }


def tag(t: Tag, reader: User) -> dict[str, Any]:
    """A tag with the state of its check. counts: whether judging uses it."""
    withdrawn = t.withdrawn_at is not None
    return {
        "id": t.pk,
        "point": reference(t.outlet.point),
        "firm": reference(t.outlet.enterprise),
        "item": t.item,
        "kind": t.kind,
        "start": t.start,
        "end": t.end,
        "note": t.note,
        "made_by": name_for(reader, t.made_by),
        "made_at": t.made_at,
        "state": "withdrawn" if withdrawn else t.check_state,
        "state_name": "已撤回" if withdrawn else t.get_check_state_display(),
        "counts": not withdrawn and t.check_state != Tag.Check.REFUSED,
        "checked_at": t.checked_at,
        "supplied_at": t.supplied_at,
        "withdrawn_at": t.withdrawn_at,
        "last_event": max((e.pk for e in t.events.all()), default=0),
    }


def tag_exhibit(x: TagExhibit, reader: User) -> dict[str, Any]:
    """A file given for a tag, by its digests."""
    return {
        "id": x.pk,
        "file_name": x.file_name,
        "sha256": x.evidence.sha256,
        "sm3": x.evidence.sm3,
        "size": x.evidence.size,
        "media_type": x.evidence.media_type,
        "added_at": x.added_at,
        "added_by": name_for(reader, x.added_by),
    }


def pending(p: Pending) -> dict[str, Any]:
    """A span over its limit that is not decided yet."""
    return {
        "point": reference(p.point),
        "item": p.item,
        "averaging": p.averaging,
        "start": p.start,
        "end": p.end,
        "deadline": p.deadline,
        "tags_closed": p.is_closed,
        "hours": p.hours,
        "worst": p.worst,
        "limit": p.limit,
        "unit": p.unit,
        "alert": p.alert,
    }
