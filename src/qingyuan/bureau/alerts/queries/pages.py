"""What the pages of alerts and findings show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import gettext_lazy as _

from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies.sides import is_outside, name_for
from qingyuan.bureau.alerts.models import Alert, AlertChange
from qingyuan.bureau.alerts.policies import listed_alerts, visible_alerts, visible_findings
from qingyuan.bureau.judging.models import Finding
from qingyuan.bureau.judging.queries.afresh import outlet_hours
from qingyuan.bureau.judging.queries.rules import warning_rules


def alert_rows(user: User) -> QuerySet[Alert]:
    """Visible alerts with what a page needs."""
    rows = visible_alerts(user).select_related(
        "point", "point__area", "point__owner", "acknowledged_by__organisation", "lead"
    )
    return rows.order_by("-opened_at", "-id")


def listed_rows(user: User) -> QuerySet[Alert]:
    """The rows of the list: one for each event; `stations` counts those over which it stands."""
    rows = alert_rows(user).filter(pk__in=listed_alerts(user).values("pk"))
    return rows.annotate(stations=Count("parts", distinct=True) + 1)


def age(alert: Alert, now: datetime) -> timedelta:
    """How long an alert has gone on, or went on."""
    return (alert.ended_at or now) - alert.started_at


def finding_rows(user: User) -> QuerySet[Finding]:
    """Visible findings with what a row needs."""
    return visible_findings(user).select_related("point", "point__area", "point__owner", "lead")


def open_by_rule(user: User) -> list[tuple[str, str, int]]:
    """For every rule: its code, its word, how many open alerts there are, zero included."""
    rows = listed_alerts(user).filter(ended_at__isnull=True).order_by().values_list("rule")
    counts = {rule: n for rule, n in rows.annotate(n=Count("pk"))}  # noqa: C416
    return [(rule.code, rule.name, counts.get(rule.code, 0)) for rule in warning_rules().values()]


def alert_state(alert: Alert) -> tuple[str, str]:
    """open, acknowledged or ended, with its word."""
    if alert.ended_at is not None:
        return "ended", "已解除"
    if alert.acknowledged_at is not None:
        return "acknowledged", "已签收"
    return "open", "待签收"


@dataclass(frozen=True)
class ChangeShown:
    """One change of an alert. reason: what an official noted when taking it is not for the firm."""

    state: str
    state_name: str
    at: datetime
    data_time: datetime | None
    actor: str
    reason: str


def changes_for(user: User, alert: Alert) -> list[ChangeShown]:
    """How the alert went, as the reader may see it."""
    outside = is_outside(user)
    return [
        ChangeShown(
            c.state,
            str(c.get_state_display()),
            c.at,
            c.data_time,
            name_for(user, c.actor, ""),
            "" if outside and c.state == AlertChange.State.ACKNOWLEDGED else c.reason,
        )
        for c in alert.changes.select_related("actor__organisation").order_by("at", "id")
    ]


def taken_for(user: User, alert: Alert) -> tuple[str, str]:
    """Who took the alert and what was noted; to a firm only that the bureau did."""
    return name_for(user, alert.acknowledged_by, ""), "" if is_outside(user) else alert.acknowledged_note


FACTS = {
    "got": _("得到"),
    "expected": _("应为"),
    "rule": _("规则"),
    "outcome": _("结论"),
    "basis": _("依据"),
    "limit": _("限值行"),
    "statistic": _("统计量"),
    "reason": _("原因"),
    "value": _("数值"),
    "unit": _("单位"),
    "target": _("目标"),
    "deciding": _("定类项目"),
    "expected_minutes": _("应到间隔（分钟）"),
    "last_end": _("最近数据"),
}


AVERAGES = {"hour": _("小时均值"), "day": _("日均值")}


def facts(found: dict[str, Any]) -> list[tuple[Any, Any]]:
    """Plain facts of a record with their words; nested parts and empty ones are left out."""
    plain = [(k, v) for k, v in found.items() if v not in (None, "") and not isinstance(v, (dict, list))]
    return [(FACTS.get(k, k), AVERAGES.get(v, v) if isinstance(v, str) else v) for k, v in plain]


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


def step_line(step: Any) -> str:
    """One step of a trace on one line."""
    if not isinstance(step, dict):
        return str(step)
    head = str(step.get("text") or step.get("step") or step.get("name") or "")
    rest = " ".join(str(step[k]) for k in ("got", "rule", "outcome", "basis") if step.get(k))
    return f"{head} {rest}".strip()


@dataclass(frozen=True)
class HourBehind:
    """An hour that a finding rests on, as it was known when it was decided. was_revised: it reads otherwise by now."""

    start: datetime
    value: float | None
    flag: str
    answer: str
    reason: str
    was_revised: bool


def hours_behind(finding: Finding) -> list[HourBehind]:
    """The hours of a finding's span, judged by the readings and tags of the moment when it was decided."""
    span = (finding.point, finding.start, finding.end)
    then = outlet_hours(*span, as_of=finding.decided_at, item=finding.item)
    now = {h["start"]: h["value"] for h in outlet_hours(*span, item=finding.item)}
    return [
        HourBehind(h["start"], h["value"], h["flag"], h["answer"], h["reason"], now.get(h["start"]) != h["value"])
        for h in then
    ]


def earlier_findings(finding: Finding) -> QuerySet[Finding]:
    """What was found on the same span before, newest first."""
    alike = {name: getattr(finding, name) for name in ("point", "item", "averaging", "start")}
    return Finding.objects.filter(**alike, is_current=False).order_by("-decided_at", "-pk")
