"""Leads that the system raises by itself. What is statutory always becomes one; other anomalies only when they last."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import F

from qingyuan import clock
from qingyuan.bureau.alerts.models import Alert, Finding
from qingyuan.bureau.cases.actions.leads import raise_lead
from qingyuan.bureau.cases.models import Lead
from qingyuan.bureau.errors import WrongState
from qingyuan.rules import rule_book

# How long a condition must last before it is a lead of its own: settings of the rule book.
_LASTING = {
    Alert.Rule.AQI: "lead.aqi.minutes",
    Alert.Rule.SECTION: "lead.section.minutes",
    Alert.Rule.SILENCE: "lead.silence.minutes",
}


def lead_from_finding(finding: Finding) -> Lead | None:
    """A lead for a new exceedance; several findings of one alert share one lead."""
    alert = finding.alert
    if alert is not None and Lead.objects.filter(alert=alert).exists():
        return None
    start = clock.beijing(finding.start)
    name = rule_book().items[finding.item].name_zh if finding.item in rule_book().items else finding.item
    average = "日均值" if finding.averaging == "day" else "小时均值"
    try:
        return raise_lead(
            None,
            title=f"{finding.point.name} {name}{average}超标 {finding.multiple or 0:.2f} 倍",
            description=(
                f"{start:%Y-%m-%d %H:%M} 起的{average}为 {finding.value:g} {finding.unit}，"
                f"限值 {finding.limit_value:g} {finding.unit}；标记截止后判定为超标。"
            ),
            occurred_at=finding.start,
            finding=finding,
            alert=alert,
            must_handle=True,
        )
    except WrongState:
        return None


def leads_from_lasting_alerts() -> list[Lead]:
    """Leads for alerts that are open and have lasted as long as the rule book's setting asks."""
    now = clock.now()
    made = []
    for rule, key in _LASTING.items():
        lasting = timedelta(minutes=float(rule_book().alert_threshold(key, clock.beijing(now).date()).value))
        rows = Alert.objects.filter(
            rule=rule, ended_at__isnull=True, lead__isnull=True, last_seen_at__gte=F("started_at") + lasting
        )
        if rule == Alert.Rule.SILENCE:
            rows = Alert.objects.filter(
                rule=rule, ended_at__isnull=True, lead__isnull=True, started_at__lte=now - lasting
            )
        for alert in rows.select_related("point"):
            made.append(raise_lead(None, title=alert.title, occurred_at=alert.started_at, alert=alert))
    return made
