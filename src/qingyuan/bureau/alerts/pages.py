"""What the pages of alerts and findings show."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import gettext_lazy as _

from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.alerts.models import Alert, Finding
from qingyuan.bureau.alerts.policies import visible_alerts, visible_findings


def alert_rows(user: User) -> QuerySet[Alert]:
    """Visible alerts with what a row needs."""
    rows = visible_alerts(user).select_related("point", "point__area", "point__owner", "acknowledged_by", "lead")
    return rows.order_by("-opened_at", "-id")


def finding_rows(user: User) -> QuerySet[Finding]:
    """Visible findings with what a row needs."""
    return visible_findings(user).select_related("point", "point__area", "point__owner", "lead")


def open_by_rule(user: User) -> list[tuple[str, str, int]]:
    """For every rule: its code, its word, how many open alerts there are, zero included."""
    rows = visible_alerts(user).filter(ended_at__isnull=True).order_by().values_list("rule")
    counts = {rule: n for rule, n in rows.annotate(n=Count("pk"))}  # noqa: C416
    return [(str(rule), str(word), counts.get(rule, 0)) for rule, word in Alert.Rule.choices]


def alert_state(alert: Alert) -> tuple[str, str]:
    """open, acknowledged or ended, with its word."""
    if alert.ended_at is not None:
        return "ended", "已解除"
    if alert.acknowledged_at is not None:
        return "acknowledged", "已签收"
    return "open", "待签收"


FACTS = {
    "got": _("得到"), "expected": _("应为"), "rule": _("规则"), "outcome": _("结论"), "basis": _("依据"),
    "limit": _("限值行"), "statistic": _("统计量"), "reason": _("原因"), "value": _("数值"), "unit": _("单位"),
    "target": _("目标"), "deciding": _("定类项目"), "expected_minutes": _("应到间隔（分钟）"), "last_end": _("最近数据"),
}  # fmt: skip


def facts(found: dict[str, Any]) -> list[tuple[Any, Any]]:
    """Plain facts of a record with their words; nested parts and empty ones are left out."""
    plain = [(k, v) for k, v in found.items() if v not in (None, "") and not isinstance(v, (dict, list))]
    return [(FACTS.get(k, k), v) for k, v in plain]


def trace_steps(finding: Finding) -> list[dict[str, Any]]:
    """The steps of the judgement in a shape for the page: what was asked, what was found."""
    steps = []
    for step in finding.trace:
        if isinstance(step, dict):
            text = str(step.get("text") or step.get("step") or step.get("name") or "")
            rest = {k: v for k, v in step.items() if k not in {"text", "step", "name"}}
            steps.append({"text": text, "facts": facts(rest)})
        else:
            steps.append({"text": str(step), "facts": []})
    return steps
