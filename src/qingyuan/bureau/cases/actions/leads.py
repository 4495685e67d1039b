from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from qingyuan import clock
from qingyuan.bureau.accounts.models import Area, Organisation, User
from qingyuan.bureau.accounts.policies.rights import require
from qingyuan.bureau.accounts.queries.areas import county_box
from qingyuan.bureau.alerts.models import Alert
from qingyuan.bureau.audit.actions.record import record
from qingyuan.bureau.base.coordinates import check_position
from qingyuan.bureau.base.errors import Invalid, Missing, WrongState
from qingyuan.bureau.base.numbering import next_number
from qingyuan.bureau.cases.actions.deadlines import deadline_of
from qingyuan.bureau.cases.actions.exhibits import FileLike, keep_files, keep_statement, put_in
from qingyuan.bureau.cases.models import Case, CaseEvent, Lead
from qingyuan.bureau.cases.queries.clocks import triage_deadline
from qingyuan.bureau.cases.queries.definition import current, kind_choices, kinds
from qingyuan.bureau.cases.queries.informants import SHORTEST, secrets_of, without
from qingyuan.bureau.cases.queries.statements import trigger_statement
from qingyuan.bureau.judging.models import Finding
from qingyuan.bureau.registers.models import Point


def raise_lead(
    actor: User | None,
    *,
    title: str,
    description: str = "",
    place: str = "",
    lon: float | None = None,
    lat: float | None = None,
    area: Area | None = None,
    point: Point | None = None,
    reporter: str = "",
    reporter_phone: str = "",
    occurred_at: datetime | None = None,
    files: Sequence[FileLike] = (),
    parent_case: Case | None = None,
    alert: Alert | None = None,
    finding: Finding | None = None,
    must_handle: bool = False,
) -> Lead:
    """Register a lead. By hand, or from an alert, a finding, an area investigation. Raises Missing, Invalid."""
    require(actor, "raise_lead")
    if not title.strip():
        raise Missing("没有填写事项；请用一句话写明发现了什么", "title")
    if (lon is None) != (lat is None) or (lon is not None and not (-180 <= lon <= 180 and -90 <= (lat or 0) <= 90)):
        raise Invalid(f"位置得到经度 {lon}、纬度 {lat}，应为成对的十进制度数", "lon")
    if lon is not None and lat is not None:
        check_position(lon, lat, box=county_box())
    if parent_case and not current(parent_case.kind).children:
        raise Invalid(f"{parent_case.number} 不是区域调查，不能登记下级线索", "parent_case")
    if parent_case and parent_case.closed_at is not None:
        raise WrongState(f"区域调查 {parent_case.number} 已办结；请先重新办理，再登记下级线索")
    point = point or (finding.point if finding else None) or (alert.point if alert else None)
    if not (place.strip() or point or lon is not None):
        raise Missing("没有填写地点；请写明地点，或在地图上选点", "place")
    source = Lead.Source.MANUAL
    if parent_case:
        source = Lead.Source.INVESTIGATION
    elif finding:
        source = Lead.Source.FINDING
    elif alert:
        source = Lead.Source.ALERT
    kept = keep_files(files)
    now = clock.now()
    with transaction.atomic():
        for existing in (alert and Lead.objects.filter(alert=alert), finding and Lead.objects.filter(finding=finding)):
            if existing and (known := existing.first()):
                raise WrongState(f"已有线索 {known.number}；请在该线索上处理")
        lead = Lead.objects.create(
            number=next_number("XS"),
            source=source,
            title=_title(title, reporter, reporter_phone)[:200],
            description=description.strip(),
            place=place.strip() or (point.name if point else ""),
            lon=lon if lon is not None else (point.lon if point else None),
            lat=lat if lat is not None else (point.lat if point else None),
            area=area or (point.answering if point else None) or (parent_case.area if parent_case else None),
            point=point,
            reporter=reporter.strip() or ("" if reporter_phone.strip() else str(actor) if actor else "系统"),
            reporter_phone=reporter_phone.strip(),
            occurred_at=occurred_at or now,
            created_at=now,
            created_by=actor,
            due_at=triage_deadline(source, now),
            alert=alert,
            finding=finding,
            parent_case=parent_case,
            must_handle=must_handle,
        )
        put_in(kept, actor, lead=lead, captured_at=occurred_at)
        if parent_case:
            _event(parent_case, actor, "child_lead", note=f"登记下级线索 {lead.number} {lead.title}")
        record(actor, "lead.raise", lead, f"登记线索 {lead.number}", {"source": lead.source})
    return lead


def _title(title: str, reporter: str, phone: str) -> str:
    """The title goes everywhere, so it never names who reported the matter."""
    words = sorted((w for w in (reporter.strip(), phone.strip()) if len(w) >= SHORTEST), key=len, reverse=True)
    return without(title.strip(), words)


def _decide(actor: User, lead: Lead, state: Lead.State, reason: str, **changes: Any) -> None:
    if not reason.strip():
        raise Missing("没有填写研判理由；请写明依据，供审计和回查", "reason")
    touched = Lead.objects.filter(pk=lead.pk, state=Lead.State.NEW).update(
        state=state, decision_reason=reason.strip()[:500], decided_by=actor, decided_at=clock.now(), **changes
    )
    if touched != 1:
        lead.refresh_from_db()
        raise WrongState(f"线索 {lead.number} 已是“{lead.get_state_display()}”，不能再次研判；请刷新页面")
    lead.refresh_from_db()


def dismiss_lead(actor: User, lead: Lead, reason: str) -> Lead:
    """Triage: no case, with the reason. A statutory exceedance or a superior's order cannot be dismissed."""
    require(actor, "triage", lead.area_id)
    with transaction.atomic():
        if lead.must_handle or Lead.objects.filter(pk=lead.pk, must_handle=True).exists():
            raise Invalid("有效且未标记的超标判定、上级交办的事项不得不予立案；请立案后按程序办理", "decision")
        _decide(actor, lead, Lead.State.DISMISSED, reason)
        record(actor, "lead.dismiss", lead, f"线索 {lead.number} 不予立案")
    return lead


def merge_lead(actor: User, lead: Lead, into: Lead, reason: str) -> Lead:
    """Triage: the same matter as another lead; both keep a link to each other. A duty to handle goes with it."""
    require(actor, "triage", lead.area_id)
    require(actor, "triage", into.area_id)
    if into.pk == lead.pk:
        raise Invalid("不能并入自身；请选择另一条线索", "into")
    if into.state in {Lead.State.MERGED, Lead.State.DISMISSED}:
        raise Invalid(f"线索 {into.number} 已是“{into.get_state_display()}”，不能并入", "into")
    with transaction.atomic():
        _decide(actor, lead, Lead.State.MERGED, reason, merged_into=into, case=into.case)
        if lead.must_handle:
            Lead.objects.filter(pk=into.pk).update(must_handle=True)
        record(actor, "lead.merge", lead, f"线索 {lead.number} 并入 {into.number}")
    return lead


def ordering_body(actor: User) -> Organisation:
    """The body in whose name the actor orders: the actor's organisation, else the bureau itself."""
    body = actor.organisation or Organisation.objects.filter(kind=Organisation.Kind.BUREAU).first()
    if body is None:
        raise Missing("系统中没有“生态环境局”机构；请先在“用户与角色”中为账号指定单位")
    return body


def open_case(
    actor: User,
    lead: Lead,
    kind: str,
    reason: str,
    upper_system: str = "",
    upper_order_number: str = "",
    upper_deadline: datetime | None = None,
) -> Case:
    """Triage: make a case of a lead. The readings behind its trigger are frozen into the file as evidence."""
    require(actor, "triage", lead.area_id)
    if kind not in kinds():
        raise Invalid(f"得到案件类别“{kind}”，应为：{'、'.join(name for _, name in kind_choices())}", "kind")
    if lead.parent_case_id and current(kind).children:
        raise Invalid("区域调查查到的下级线索应立为排放口案件或数据中断案件", "kind")
    plan = current(kind)
    now = clock.now()
    frozen = keep_statement(f"触发数据 {lead.number}", trigger_statement(lead))
    with transaction.atomic():
        case = Case.objects.create(
            number=next_number("AJ"),
            kind=kind,
            definition_version=plan.version,
            state=plan.initial,
            title=without(lead.title, secrets_of([lead])),
            area=lead.area,
            point=lead.point,
            parent=lead.parent_case,
            ordered_by=ordering_body(actor),
            opened_at=now,
            opened_by=actor,
            **deadline_of(now, plan.deadline_working_days, upper_deadline),
            upper_system=upper_system.strip(),
            upper_order_number=upper_order_number.strip(),
            upper_deadline=upper_deadline,
        )
        _decide(actor, lead, Lead.State.CASE, reason, case=case)
        _bring_merged(lead, case)
        shown = put_in([frozen], None, case=case, kind="readings", captured_at=now)
        event_data = {"lead": lead.number, "files": shown}
        _event(case, actor, "open", to_state=plan.initial, note=reason, data=event_data)
        record(actor, "case.open", case, f"立案 {case.number}", {"lead": lead.number})
    return case


def _bring_merged(lead: Lead, case: Case) -> None:
    """Leads that were merged into this one before, directly or through others, belong to its case too."""
    level = [lead.pk]
    while level:
        merged = Lead.objects.filter(merged_into__in=level)
        level = list(merged.values_list("pk", flat=True))
        merged.update(case=case)


def _event(
    case: Case,
    actor: User | None,
    verb: str,
    *,
    from_state: str = "",
    to_state: str = "",
    note: str = "",
    data: dict[str, Any] | None = None,
) -> CaseEvent:
    return CaseEvent.objects.create(
        case=case,
        at=clock.now(),
        actor=actor,
        organisation=actor.organisation if actor else None,
        verb=verb,
        from_state=from_state,
        to_state=to_state,
        note=note,
        data=data or {},
    )
