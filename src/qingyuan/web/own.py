"""The first page of a firm or an O&M company: its own outlets, what is open, what is to be tagged before noon."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.alerts.models import Alert
from qingyuan.bureau.alerts.policies import visible_alerts, visible_findings
from qingyuan.bureau.alerts.queries.pending import Pending, pending
from qingyuan.bureau.cases.queries.pages import case_rows, with_states
from qingyuan.bureau.judging.models import Finding
from qingyuan.bureau.judging.queries.tags import visible_tags, waiting
from qingyuan.bureau.overview.queries.point_rows import Row, list_rows, points_of
from qingyuan.bureau.values.models import Tag
from qingyuan.clock import beijing

SHOWN = 20


@dataclass(frozen=True)
class Own:
    """What a firm sees first."""

    now: datetime
    rows: list[Row]
    outlets: int
    alerts: list[Alert]
    findings_this_month: int
    findings: list[Finding]
    cases: list[dict[str, object]]
    tag_until: datetime
    pending: list[Pending]
    asked: list[Tag]


def gather_own(user: User, now: datetime) -> Own:
    """All of it; everything from the user's own scope."""
    local = beijing(now)
    noon = local.replace(hour=12, minute=0, second=0, microsecond=0)
    month = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    outlets = points_of(user, "outlet")
    exceeded = visible_findings(user).filter(verdict=Finding.Verdict.EXCEEDANCE, start__gte=month)
    return Own(
        now=now,
        rows=list_rows(list(outlets[:SHOWN]), now),
        outlets=outlets.count(),
        alerts=list(visible_alerts(user).filter(ended_at__isnull=True).select_related("point")[:SHOWN]),
        findings_this_month=exceeded.count(),
        findings=list(exceeded.select_related("point")[:5]),
        cases=with_states(user, case_rows(user).filter(closed_at__isnull=True)[:5]),
        tag_until=noon if local < noon else noon + timedelta(days=1),
        pending=pending(user)[:SHOWN],
        asked=list(
            visible_tags(user)
            .filter(check_state=Tag.Check.ASKED, withdrawn_at__isnull=True)
            .exclude(pk__in=waiting(visible_tags(user)).values("pk"))
            .select_related("outlet__point")[:SHOWN]
        ),
    )
