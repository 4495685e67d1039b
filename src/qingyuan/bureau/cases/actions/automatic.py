"""Leads that the system raises by itself. What is statutory always becomes one; other anomalies only when they last."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from qingyuan import clock
from qingyuan.bureau.alerts.actions.runs import runs_of
from qingyuan.bureau.alerts.models import Alert
from qingyuan.bureau.audit.actions.record import record
from qingyuan.bureau.base.display import multiple_text
from qingyuan.bureau.cases.actions.leads import _event, raise_lead
from qingyuan.bureau.cases.models import Case, CaseEvent, Lead
from qingyuan.bureau.cases.queries.closing import hours_since
from qingyuan.bureau.cases.queries.definition import kinds
from qingyuan.bureau.judging.actions.findings import LOOK_BACK
from qingyuan.bureau.judging.models import Finding
from qingyuan.bureau.judging.queries.rules import SILENCE, warning_rules
from qingyuan.rules import rule_book


def leads_from_findings() -> list[Lead]:
    """Leads for exceedances that have none, whenever and however they were found; returns the new ones.

    Level-triggered: an exceedance decided just before a crash, or found only after late data, gets its lead too.
    """
    live = Lead.objects.exclude(state=Lead.State.DISMISSED)
    same_span = {name: OuterRef(name) for name in ("point", "item", "averaging", "start")}
    rows = Finding.objects.filter(
        ~Exists(Lead.objects.filter(**{f"finding__{name}": value for name, value in same_span.items()})),
        ~Exists(live.filter(_of_alert(OuterRef("alert")), Q(state=Lead.State.CASE) | Q(must_handle=True))),
        is_current=True,
        verdict=Finding.Verdict.EXCEEDANCE,
        decided_at__gte=clock.now() - LOOK_BACK,
    )
    made = (lead_from_finding(f) for f in rows.select_related("point", "alert").order_by("start", "pk"))
    return [lead for lead in made if lead is not None]


def _of_alert(alert: object) -> Q:
    """Leads that stand for an alert, by it or by one of its findings."""
    return Q(alert=alert) | Q(finding__alert=alert)


def lead_from_finding(finding: Finding) -> Lead | None:
    """A lead for an exceedance; None when its alert has one already, which must then be handled.

    Several findings of one alert share one lead. A lead that was dismissed while the alert was provisional does not
    count: what is statutory is not suppressed.
    """
    alert = finding.alert
    if alert is not None:
        known = Lead.objects.filter(_of_alert(alert)).exclude(state=Lead.State.DISMISSED).order_by("pk").first()
        if known is not None:
            _must_handle(known, finding)
            return None
        if Lead.objects.filter(alert=alert).exists():
            alert = None
    start = clock.beijing(finding.start)
    name = rule_book().items[finding.item].name_zh if finding.item in rule_book().items else finding.item
    average = "日均值" if finding.averaging == "day" else "小时均值"
    return raise_lead(
        None,
        title=f"{finding.point.name} {name}{average}超标 {multiple_text(finding.multiple or 0)} 倍",
        description=(
            f"{start:%Y-%m-%d %H:%M} 起的{average}为 {finding.value:g} {finding.unit}，"
            f"限值 {finding.limit_value:g} {finding.unit}；标记截止后判定为超标。"
        ),
        occurred_at=finding.start,
        finding=finding,
        alert=alert,
        must_handle=True,
    )


def _must_handle(lead: Lead, finding: Finding) -> None:
    """The finding makes an undecided lead of its alert statutory, and what that lead was merged into."""
    while lead.merged_into is not None:
        lead = lead.merged_into
    if lead.must_handle or lead.state == Lead.State.CASE:
        return
    with transaction.atomic():
        Lead.objects.filter(pk=lead.pk).update(must_handle=True)
        record(
            None, "lead.must_handle", lead, f"线索 {lead.number} 经判定为超标，不得不予立案", {"finding": finding.pk}
        )


def leads_from_lasting_alerts() -> list[Lead]:
    """Leads for alerts that are open and have lasted as long as the rule book's setting asks."""
    now = clock.now()
    made = []
    today = clock.beijing(now).date()
    for rule in warning_rules().values():
        if not rule.lead_after:
            continue
        lasting = timedelta(minutes=float(rule_book().alert_threshold(rule.lead_after, today).value))
        rows = Alert.objects.filter(rule=rule.code, ended_at__isnull=True, lead__isnull=True, head__isnull=True)
        for alert in rows.filter(started_at__lte=now - lasting).select_related("point"):
            if _lasts(alert, lasting, now):
                stations = alert.parts.count() + 1
                title = alert.title if stations == 1 else f"{alert.title}，等 {stations} 个站点"
                made.append(raise_lead(None, title=title[:200], occurred_at=alert.started_at, alert=alert))
    return made


def _lasts(alert: Alert, lasting: timedelta, now: datetime) -> bool:
    """Whether one run of it has lasted so long: of a silence the one that goes on, else any."""
    runs = runs_of(alert)
    if alert.rule == SILENCE:
        return runs[-1].started_at <= now - lasting
    return any(run.last_seen_at - run.started_at >= lasting for run in runs)


def leads_from_restarts() -> list[Lead]:
    """Leads to check plants again that were closed as stopped and run now; each case raises one."""
    stopped = {kind: plan.closing.stopped for kind, plan in kinds().items() if plan.closing.stopped}
    now, made = clock.now(), []
    for kind, outcome in stopped.items():
        rows = Case.objects.filter(kind=kind, outcome=outcome, closed_at__isnull=False, point__isnull=False)
        said = CaseEvent.objects.filter(case=OuterRef("pk"), verb="restarted", at__gte=OuterRef("closed_at"))
        rows = rows.filter(~Exists(said))
        for case in rows.select_related("point", "area"):
            assert case.point is not None
            assert case.closed_at is not None
            ran = [h for h in hours_since(case.point, case.closed_at, now) if h.state in {"pass", "fail"}]
            if ran:
                made.append(_restarted(case, ran[0].start))
    return made


def _restarted(case: Case, at: datetime) -> Lead:
    with transaction.atomic():
        lead = raise_lead(
            None,
            title=f"{case.point} 恢复生产，复核案件 {case.number}",
            description=f"案件 {case.number} 以停产办结；{clock.beijing(at):%Y-%m-%d %H:%M} 起有运行小时，须复核。",
            point=case.point,
            occurred_at=at,
        )
        _event(case, None, "restarted", note=f"恢复生产，已登记复核线索 {lead.number}")
    return lead
