"""Alerts and findings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema

from qingyuan.api import shapes
from qingyuan.api.auth import user_of
from qingyuan.api.idempotency import once
from qingyuan.api.identity import Key
from qingyuan.api.paging import Paging, page_of
from qingyuan.api.times import aware
from qingyuan.bureau.alerts.actions import acknowledge
from qingyuan.bureau.alerts.policies import visible_alerts, visible_findings
from qingyuan.bureau.cases.actions import raise_lead

router = Router(tags=["预警"])


class AlertFilter(Schema):
    """Which alerts. `open`: true only those that go on, false only those that ended."""

    rule: str | None = None
    point: str | None = None
    item: str | None = None
    open: bool | None = None
    acknowledged: bool | None = None
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
    rows = visible_alerts(user_of(request)).select_related("point", "acknowledged_by", "lead")
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
    return page_of(rows, paging, shapes.alert)


@router.get("/alerts/{alert_id}", summary="一条预警")
def alert(request: HttpRequest, alert_id: Key) -> dict[str, Any]:
    """With its state changes."""
    row = get_object_or_404(visible_alerts(user_of(request)), pk=alert_id)
    changes = [
        {"state": c.state, "at": c.at, "data_time": c.data_time, "reason": c.reason, "actor": str(c.actor or "系统")}
        for c in row.changes.select_related("actor").order_by("pk")
    ]
    return shapes.alert(row) | {"changes": changes}


@router.post("/alerts/{alert_id}/acknowledge", summary="签收")
@once
def acknowledge_alert(request: HttpRequest, alert_id: Key, body: Note) -> dict[str, Any]:
    """Someone has seen it."""
    row = get_object_or_404(visible_alerts(user_of(request)), pk=alert_id)
    return shapes.alert(acknowledge(user_of(request), row, body.note))


@router.post("/alerts/{alert_id}/lead", summary="转为线索")
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
    return shapes.lead(made)


class FindingFilter(Schema):
    """Which findings."""

    verdict: str | None = None
    point: str | None = None
    item: str | None = None
    since: datetime | None = None


@router.get("/findings", summary="超标判定列表")
def findings(request: HttpRequest, query: Query[FindingFilter], paging: Query[Paging]) -> dict[str, Any]:
    """Newest interval first."""
    rows = visible_findings(user_of(request)).select_related("point")
    if query.verdict:
        rows = rows.filter(verdict=query.verdict)
    if query.point:
        rows = rows.filter(point__code=query.point)
    if query.item:
        rows = rows.filter(item=query.item)
    if query.since:
        rows = rows.filter(start__gte=aware(query.since))
    return page_of(rows, paging, shapes.finding)


@router.get("/findings/{finding_id}", summary="一个判定及其过程")
def finding(request: HttpRequest, finding_id: Key) -> dict[str, Any]:
    """With the trace of every step."""
    return shapes.finding(get_object_or_404(visible_findings(user_of(request)), pk=finding_id))
