"""What a case record says, as plain text: gathered once, then laid out and digested from the same words."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime

from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.cases.models import Case, Lead
from qingyuan.bureau.cases.policies.visible import View
from qingyuan.bureau.cases.queries.definition import Definition, definition
from qingyuan.bureau.cases.queries.informants import secrets_of, without
from qingyuan.bureau.cases.queries.open_verbs import outcome_label, state_label
from qingyuan.bureau.cases.queries.shown import CaseFile, ShownCase, ShownLead, ShownLine
from qingyuan.bureau.cases.queries.shown_files import ShownFile, exhibits_of
from qingyuan.bureau.cases.queries.shown_to import case_file
from qingyuan.bureau.reports.papers.case_record.photos import Photos, Picture, photos_of
from qingyuan.bureau.reports.papers.case_record.trigger_facts import (
    HourTable,
    opening_lead,
    trigger_fields,
    trigger_hours,
)
from qingyuan.bureau.reports.papers.case_record.words import EMPTY, Field, stamp, text

# Labels of a time line whose values have a place of their own in the record.
ELSEWHERE = {"责任方", "责任单位", "整改期限", "整改要求", "办理结果", "结果说明", "回复上级内容"}
# Who signs the paper, and who signs the copy of a firm.
SIGNERS = ("承 办 人", "审 核 人", "批 准 人")
SIGNERS_SERVED = ("送 达 人", "企业签收人")
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
    """A piece of evidence with both digests in full; photo is its number among the printed photos, "" where not."""

    name: str
    about: str
    sha256: str
    sm3: str
    photo: str = ""


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
    signers: tuple[str, ...]

    def digest(self) -> str:
        """SHA-256 over the canonical JSON (UTF-8, sorted keys, no spaces) of everything shown."""
        canonical = json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


def case_facts(case: Case, reader: User | None = None) -> CaseFacts:
    """The record's words alone; see `case_words`."""
    return case_words(case, reader)[0]


def case_words(case: Case, reader: User | None = None) -> tuple[CaseFacts, tuple[Picture, ...]]:
    """Gather a case's record from the books as far as the reader may see it; reads only. Times are Beijing time.

    reader None: the system itself. Names of files that came with a complaint stand in no record: a paper travels.
    """
    plan = definition(case.kind, case.definition_version)
    shown = case_file(reader, case)
    head = shown.head
    served = head.view == View.SERVED
    lead = None if served else opening_lead(case)
    photos = photos_of(shown.files)
    facts = CaseFacts(
        number=head.number,
        kind=head.kind_name,
        state=head.state_name,
        title=head.title,
        about=_about(case, head, lead),
        trigger=() if served else trigger_fields(case, lead, head.view),
        hours=HourTable() if served else trigger_hours(lead, exhibits_of(case)),
        hands=_hands(head, shown.lines, plan),
        mendings=tuple(
            Mending(r.measure, r.responsible, f"{r.due_on:%Y-%m-%d}", _done(r.done_at, r.done_note))
            for r in shown.orders
        ),
        children=_children(shown.children),
        outcome=(
            Field("办理结果", text(head.outcome_name)),
            Field("办结时间", stamp(head.closed_at)),
            *([] if served else [Field("结果说明", text(head.outcome_note), wide=True)]),
            *_overridden(shown),
        ),
        upper=_upper(head),
        evidence=tuple(_piece(e, photos) for e in shown.files),
        signers=SIGNERS_SERVED if served else SIGNERS,
    )
    return facts, tuple(photos.printed.values())


def _overridden(shown: CaseFile) -> list[Field]:
    """Who closed the case against the readings, and why; what was named as proof where there are no readings."""
    last = next((line for line in reversed(shown.lines) if line.verb == "close"), None)
    if last is None or not shown.head.closed_at:
        return []
    said = []
    if proof := last.data.get("proof"):
        said.append(Field("核实依据", text(proof), wide=True))
    if reason := last.data.get("override"):
        said.append(Field("未达复核", f"{last.data.get('override_by', last.who)} 决定仍按此办结：{reason}", wide=True))
    return said


def _about(case: Case, head: ShownCase, lead: Lead | None) -> tuple[Field, ...]:
    point = head.point
    enterprise = point.owner if point else None
    if head.view == View.SERVED:
        return (
            Field("事　　项", text(head.title), wide=True),
            Field("企业单位", text(enterprise)),
            Field("点　　位", text(f"{point.name}（{point.code}）" if point else "")),
            Field("交办单位", text(head.ordered_by)),
            Field("办理期限", stamp(head.deadline_at)),
        )
    place = without(lead.place, secrets_of([lead])) if lead else ""
    if lead and lead.lon is not None and lead.lat is not None:
        place = f"{place}（{lead.lon:.5f}, {lead.lat:.5f}）"
    return (
        Field("事　　项", text(head.title), wide=True),
        Field("企业单位", text(enterprise)),
        Field("点　　位", text(f"{point.name}（{point.code}）" if point else "")),
        Field("地　　点", text(place), wide=True),
        Field("区　　域", text(head.area)),
        Field("交办单位", text(head.ordered_by)),
        Field("承办单位", text(head.owner)),
        Field("承 办 人", text(head.assignee)),
        Field("立　　案", f"{stamp(head.opened_at)} {head.opened_by}"),
        Field("办理期限", stamp(head.deadline_at)),
        *([Field("上级案件", text(case.parent.number), wide=True)] if case.parent else []),
    )


def _hands(head: ShownCase, lines: list[ShownLine], plan: Definition) -> tuple[Hand, ...]:
    hands = []
    for line in lines:
        note = _note(head, line)
        extra = [f"{name}：{value}" for name, value in line.facts if name not in ELSEWHERE and value != line.note]
        if former := line.data.get("former_outcome"):
            extra.append(f"原办理结果：{former}")
        if line.files:
            extra.append(f"证据 {len(line.files)} 件")
        note = "；".join(part for part in (note.rstrip("。；"), *extra) if part)
        who = f"{line.who}（{line.body}）" if line.body and line.body != line.who else line.who
        hands.append(Hand(stamp(line.at), line.label, who, _move(line, plan), text(note)))
    return tuple(hands)


def _note(head: ShownCase, line: ShownLine) -> str:
    """The line's words; what a section below says in full is only pointed to."""
    note = line.note.strip()
    if note and line.verb == "close" and note == head.outcome_note.strip():
        return "见“办理结果”"
    if line.verb == "order_rectification":
        return "见“整改”"
    return note


def _move(event: ShownLine, plan: Definition) -> str:
    before, after = (plan.states.get(state, "") for state in (event.from_state, event.to_state))
    if before and after and before != after:
        return f"{before}→{after}"
    return text(after or before)


def _done(at: datetime | None, note: str) -> str:
    return "未完成" if at is None else f"{stamp(at)} {note}".strip()


def _children(rows: list[ShownLead]) -> tuple[Child, ...]:
    return tuple(
        Child(
            f"{lead.number} {lead.title}",
            f"{lead.case.number} {state_label(lead.case)}" if lead.case else lead.state_name,
            text(outcome_label(lead.case) if lead.case else lead.reason),
        )
        for lead in rows
    )


def _upper(head: ShownCase) -> tuple[Field, ...]:
    if not (head.upper_order_number or head.upper_system or head.upper_deadline):
        return ()
    return (
        Field("上级系统", text(head.upper_system)),
        Field("交办单号", text(head.upper_order_number)),
        Field("上级期限", stamp(head.upper_deadline)),
        Field("回复内容", text(head.upper_reply), wide=True),
    )


def _piece(file: ShownFile, photos: Photos) -> Piece:
    about = f"{KINDS.get(file.kind, file.kind)}　{stamp(file.added_at)}　{file.added_by}"
    name = file.title or file.file_name
    if file.of_lead:
        name = f"线索材料 {file.pk}"
    elif file.file_name and file.file_name not in name:
        name = f"{name}（{file.file_name}）" if not file.file_name.startswith(name) else file.file_name
    printed = list(photos.printed)
    if file.pk in photos.left_out:
        about += f"　{photos.left_out[file.pk]}"
    photo = f"照片 {printed.index(file.pk) + 1}" if file.pk in printed else ""
    return Piece(text(name), about, file.sha256, file.sm3 or EMPTY, photo)
