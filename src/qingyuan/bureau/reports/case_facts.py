"""What a case record says, as plain text: gathered once, then laid out and digested from the same words."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime

from qingyuan.bureau.cases.definition import Definition, definition
from qingyuan.bureau.cases.models import Case, CaseEvent, Exhibit, Lead
from qingyuan.bureau.cases.pages import exhibits_of, time_line
from qingyuan.bureau.cases.queries import outcome_label, state_label
from qingyuan.bureau.reports.trigger_facts import HourTable, opening_lead, trigger_fields, trigger_hours
from qingyuan.bureau.reports.words import EMPTY, Field, stamp, text

# Labels of a time line whose values have a place of their own in the record.
ELSEWHERE = {"责任单位", "整改期限", "整改要求", "办理结果", "结果说明", "回复上级内容"}
KINDS = {"file": "文件", "photo": "照片", "readings": "冻结数据", "record": "记录"}


@dataclass(frozen=True)
class Hand:
    """One step of the chain of hands."""

    at: str
    verb: str
    who: str
    move: str
    note: str


@dataclass(frozen=True)
class Mending:
    """A rectification that was ordered, and whether it is done."""

    measure: str
    responsible: str
    due: str
    done: str


@dataclass(frozen=True)
class Piece:
    """A piece of evidence with both digests in full."""

    name: str
    about: str
    sha256: str
    sm3: str


@dataclass(frozen=True)
class Child:
    """A child lead of an area investigation, and what became of it."""

    lead: str
    state: str
    outcome: str


@dataclass(frozen=True)
class CaseFacts:
    """Everything a case record shows except who printed it and when. Empty values are already written as —."""

    number: str
    kind: str
    state: str
    title: str
    about: tuple[Field, ...]
    trigger: tuple[Field, ...]
    hours: HourTable
    hands: tuple[Hand, ...]
    mendings: tuple[Mending, ...]
    children: tuple[Child, ...]
    outcome: tuple[Field, ...]
    upper: tuple[Field, ...]
    evidence: tuple[Piece, ...]

    def digest(self) -> str:
        """SHA-256 over the canonical JSON (UTF-8, sorted keys, no spaces) of everything shown."""
        canonical = json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


def case_facts(case: Case) -> CaseFacts:
    """Gather a case's record from the books; reads only. Times are Beijing time."""
    plan = definition(case.kind, case.definition_version)
    exhibits = exhibits_of(case)
    lead = opening_lead(case)
    return CaseFacts(
        number=case.number,
        kind=str(case.get_kind_display()),
        state=state_label(case),
        title=case.title,
        about=_about(case, lead),
        trigger=trigger_fields(case, lead),
        hours=trigger_hours(lead, exhibits),
        hands=_hands(case, plan),
        mendings=tuple(
            Mending(r.measure, r.responsible, f"{r.due_on:%Y-%m-%d}", _done(r.done_at, r.done_note))
            for r in case.rectifications.order_by("due_on", "pk")
        ),
        children=_children(case),
        outcome=(
            Field("办理结果", text(outcome_label(case))),
            Field("办结时间", stamp(case.closed_at)),
            Field("结果说明", text(case.outcome_note), wide=True),
        ),
        upper=_upper(case),
        evidence=tuple(_piece(e) for e in exhibits),
    )


def _about(case: Case, lead: Lead | None) -> tuple[Field, ...]:
    point = case.point
    enterprise = point.owner if point else None
    place = lead.place if lead else ""
    if lead and lead.lon is not None and lead.lat is not None:
        place = f"{place}（{lead.lon:.5f}, {lead.lat:.5f}）"
    return (
        Field("事　　项", text(case.title), wide=True),
        Field("企业单位", text(enterprise)),
        Field("点　　位", text(f"{point.name}（{point.code}）" if point else "")),
        Field("地　　点", text(place), wide=True),
        Field("区　　域", text(case.area)),
        Field("交办单位", text(case.ordered_by)),
        Field("承办单位", text(case.owner)),
        Field("承 办 人", text(case.assignee)),
        Field("立　　案", f"{stamp(case.opened_at)} {case.opened_by}"),
        Field("办理期限", stamp(case.deadline_at)),
        *([Field("上级案件", text(case.parent), wide=True)] if case.parent else []),
    )


def _hands(case: Case, plan: Definition) -> tuple[Hand, ...]:
    hands = []
    for line in time_line(case):
        event = line.event
        note = _note(case, event)
        extra = [f"{name}：{value}" for name, value in line.facts if name not in ELSEWHERE and value != event.note]
        if former := event.data.get("former_outcome"):
            extra.append(f"原办理结果：{former}")
        if line.files:
            extra.append(f"证据 {len(line.files)} 件")
        note = "；".join(part for part in (note.rstrip("。；"), *extra) if part)
        hands.append(Hand(stamp(event.at), line.label, _who(event), _move(event, plan), text(note)))
    return tuple(hands)


def _note(case: Case, event: CaseEvent) -> str:
    """The event's words; what a section below says in full is only pointed to."""
    note = event.note.strip()
    if note and event.verb == "close" and note == case.outcome_note.strip():
        return "见“办理结果”"
    if event.verb == "order_rectification":
        return "见“整改”"
    return note


def _who(event: CaseEvent) -> str:
    if event.actor is None:
        return "系统"
    return f"{event.actor}（{event.organisation}）" if event.organisation else str(event.actor)


def _move(event: CaseEvent, plan: Definition) -> str:
    before, after = (plan.states.get(state, "") for state in (event.from_state, event.to_state))
    if before and after and before != after:
        return f"{before}→{after}"
    return text(after or before)


def _done(at: datetime | None, note: str) -> str:
    return "未完成" if at is None else f"{stamp(at)} {note}".strip()


def _children(case: Case) -> tuple[Child, ...]:
    rows = case.child_leads.select_related("case").order_by("created_at", "pk")
    return tuple(
        Child(
            f"{lead.number} {lead.title}",
            f"{lead.case.number} {state_label(lead.case)}" if lead.case else str(lead.get_state_display()),
            text(outcome_label(lead.case) if lead.case else lead.decision_reason),
        )
        for lead in rows
    )


def _upper(case: Case) -> tuple[Field, ...]:
    if not (case.upper_order_number or case.upper_system or case.upper_deadline):
        return ()
    return (
        Field("上级系统", text(case.upper_system)),
        Field("交办单号", text(case.upper_order_number)),
        Field("上级期限", stamp(case.upper_deadline)),
        Field("回复内容", text(case.upper_reply), wide=True),
    )


def _piece(exhibit: Exhibit) -> Piece:
    evidence = exhibit.evidence
    who = str(exhibit.added_by) if exhibit.added_by else "系统"
    about = f"{KINDS.get(exhibit.kind, exhibit.kind)}　{stamp(exhibit.added_at)}　{who}"
    name = exhibit.title or exhibit.file_name
    if exhibit.file_name and exhibit.file_name not in name:
        name = f"{name}（{exhibit.file_name}）" if not exhibit.file_name.startswith(name) else exhibit.file_name
    return Piece(text(name), about, evidence.sha256, evidence.sm3 or EMPTY)
