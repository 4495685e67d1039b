"""Alerts and findings."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema

from qingyuan import clock
from qingyuan.api import case_shapes, shapes
from qingyuan.api.auth import user_of, with_right
from qingyuan.api.idempotency import once
from qingyuan.api.identity import Key
from qingyuan.api.paging import Paging, page_of
from qingyuan.api.times import aware
from qingyuan.bureau.alerts.actions.acknowledge import acknowledge
from qingyuan.bureau.alerts.policies import listed_alerts, visible_alerts, visible_findings
from qingyuan.bureau.alerts.queries.pages import changes_for, hours_behind
from qingyuan.bureau.alerts.queries.pending import Wanted, pending
from qingyuan.bureau.cases.actions.leads import raise_lead
from qingyuan.bureau.cases.queries.shown_to import shown_lead

router = Router(tags=["预警"])


class AlertFilter(Schema):
    """Which alerts. `open`: true only those that go on, false only those that ended. `parts`: also the stations that a
    regional alert stands for."""

    rule: str | None = None
    point: str | None = None
    item: str | None = None
    open: bool | None = None
    acknowledged: bool | None = None
    parts: bool = False
    since: datetime | None = None


class Note(Schema):
    """A remark."""

    note: str = ""


class LeadFromAlert(Schema):
    """A lead made of an alert by hand."""

    title: str = ""
    description: str = ""


@router.get("/alerts", summary="预警列表")
def alerts(request: HttpRequest, query: Query[AlertFilter], paging: Query[Paging]) -> dict[str, Any]:
    """Newest first. `since` filters by when the alert was opened."""
    user = user_of(request)
    chosen = visible_alerts if query.parts or query.point else listed_alerts
    rows = chosen(user).select_related("point", "acknowledged_by__organisation", "lead")
    if query.rule:
        rows = rows.filter(rule=query.rule)
    if query.point:
        rows = rows.filter(point__code=query.point)
    if query.item:
        rows = rows.filter(item=query.item)
    if query.open is not None:
        rows = rows.filter(ended_at__isnull=query.open)
    if query.acknowledged is not None:
        rows = rows.filter(acknowledged_at__isnull=not query.acknowledged)
    if query.since:
        rows = rows.filter(opened_at__gte=aware(query.since))
    return page_of(rows, paging, lambda a: shapes.alert(a, user))


@router.get("/alerts/{alert_id}", summary="一条预警")
def alert(request: HttpRequest, alert_id: Key) -> dict[str, Any]:
    """With its state changes."""
    user = user_of(request)
    row = get_object_or_404(visible_alerts(user), pk=alert_id)
    changes = [
        {"state": c.state, "at": c.at, "data_time": c.data_time, "reason": c.reason, "actor": c.actor or "系统"}
        for c in changes_for(user, row)
    ]
    return shapes.alert(row, user) | {"changes": changes}


@router.post("/alerts/{alert_id}/acknowledge", auth=with_right("acknowledge"), summary="签收")
@once
def acknowledge_alert(request: HttpRequest, alert_id: Key, body: Note) -> dict[str, Any]:
    """Someone has seen it."""
    row = get_object_or_404(visible_alerts(user_of(request)), pk=alert_id)
    return shapes.alert(acknowledge(user_of(request), row, body.note), user_of(request))


@router.post("/alerts/{alert_id}/lead", auth=with_right("raise_lead"), summary="转为线索")
@once
def lead_from_alert(request: HttpRequest, alert_id: Key, body: LeadFromAlert) -> dict[str, Any]:
    """A person decides that this alert deserves work now."""
    row = get_object_or_404(visible_alerts(user_of(request)), pk=alert_id)
    made = raise_lead(
        user_of(request),
        title=body.title or row.title,
        description=body.description,
        occurred_at=row.started_at,
        alert=row,
    )
    return case_shapes.lead(shown_lead(user_of(request), made), clock.now())


class FindingFilter(Schema):
    """Which findings. firm: code of the enterprise; since, to: by the beginning of the span, `to` exclusive."""

    verdict: str | None = None
    point: str | None = None
    firm: str | None = None
    item: str | None = None
    averaging: str | None = None
    since: datetime | None = None
    to: datetime | None = None


@router.get("/findings", summary="超标判定列表")
def findings(request: HttpRequest, query: Query[FindingFilter], paging: Query[Paging]) -> dict[str, Any]:
    """Newest interval first."""
    rows = visible_findings(user_of(request)).select_related("point")
    named = {
        "verdict": query.verdict,
        "point__code": query.point,
        "item": query.item,
        "averaging": query.averaging,
        "point__outlet__enterprise__code": query.firm,
        "start__gte": aware(query.since),
        "start__lt": aware(query.to),
    }
    return page_of(rows.filter(**{k: v for k, v in named.items() if v}), paging, shapes.finding)


class PendingFilter(Schema):
    """Which spans; days are those of Beijing, both counted."""

    point: str = ""
    firm: str = ""
    item: str = ""
    since: date | None = None
    to: date | None = None


@router.get("/findings/pending", summary="待判定的超限")
def pending_findings(request: HttpRequest, query: Query[PendingFilter]) -> dict[str, Any]:
    """Spans of the last 8 days with an hour over its limit and no finding yet, the nearest tag deadline first."""
    wanted = Wanted(query.firm, query.point, query.item, since=query.since, to=query.to)
    found = [shapes.pending(p) for p in pending(user_of(request), wanted)]
    return {"items": found, "count": len(found)}


@router.get("/findings/{finding_id}", summary="一个判定及其过程")
def finding(request: HttpRequest, finding_id: Key) -> dict[str, Any]:
    """With the trace of every step, and the hours it rests on as they were known when it was decided."""
    row = get_object_or_404(visible_findings(user_of(request)), pk=finding_id)
    hours = [asdict(h) for h in hours_behind(row)] if hasattr(row.point, "outlet") else []
    return shapes.finding(row) | {"hours": hours}
