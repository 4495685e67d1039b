"""Hours over their limit on which nothing is decided yet: their tags are still open, or the decision is under way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q

from qingyuan import clock
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.queries.areas import answered_by
from qingyuan.bureau.alerts.models import Alert
from qingyuan.bureau.judging.actions.findings import span_of
from qingyuan.bureau.judging.models import Evaluation, Finding
from qingyuan.bureau.judging.queries.rules import OUTLET_HOUR
from qingyuan.bureau.registers.models import Outlet, Point
from qingyuan.bureau.registers.policies import visible_points
from qingyuan.bureau.values.models import Limit
from qingyuan.science.intervals import Interval
from qingyuan.science.sources import finding_due

LOOK = timedelta(days=8)


@dataclass
class Pending:
    """A span that a finding will judge. hours: its hours over their limit, by start; worst: the highest of them."""

    point: Point
    item: str
    averaging: str
    start: datetime
    end: datetime
    deadline: datetime
    hours: list[datetime]
    worst: float | None
    limit_ref: str
    limit: float | None
    unit: str
    alert: int | None

    @property
    def is_closed(self) -> bool:
        """Whether the tags are closed, so that the decision is only under way."""
        return self.deadline <= clock.now()


@dataclass(frozen=True)
class Wanted:
    """What is asked for; empty: all."""

    firm: str = ""
    outlet: str = ""
    item: str = ""
    area: str = ""
    since: date | None = None
    to: date | None = None

    def where(self) -> Q:
        """The condition on evaluations."""
        named = {
            "point__outlet__enterprise__code": self.firm,
            "point__code": self.outlet,
            "item": self.item,
        }
        found = Q(**{name: value for name, value in named.items() if value})
        if self.area:
            found &= answered_by(self.area, "point__")
        if self.since:
            found &= Q(start__gte=datetime.combine(self.since, time.min, clock.BEIJING))
        if self.to:
            found &= Q(start__lt=datetime.combine(self.to + timedelta(days=1), time.min, clock.BEIJING))
        return found


def pending(user: User, wanted: Wanted | None = None) -> list[Pending]:
    """Spans of the last 8 days with an hour over its limit and no finding yet, the nearest deadline first."""
    since = clock.now() - LOOK
    rows = Evaluation.objects.filter(
        (wanted or Wanted()).where(),
        kind="outlet_hour",
        is_current=True,
        verdict=Evaluation.Verdict.FAIL,
        start__gte=since,
        point__in=visible_points(user),
    ).select_related("point__area", "point__owner")
    rows = rows.order_by("start")
    outlets = {
        o.point_id: o for o in Outlet.objects.filter(point__in={r.point_id for r in rows}).select_related("enterprise")
    }
    decided = set(
        Finding.objects.filter(
            is_current=True, start__gte=since - timedelta(days=1), point__in=list(outlets)
        ).values_list("point_id", "item", "start")
    )
    found: dict[tuple[int, str, datetime], Pending] = {}
    for row in rows:
        outlet = outlets.get(row.point_id)
        if outlet is None or row.detail.get("no_finding"):
            continue
        span = span_of(outlet, row.item, row.start)
        key = (row.point_id, row.item, span.start)
        if key in decided:
            continue
        if key not in found:
            found[key] = _begun(row, span)
        one = found[key]
        one.hours.append(row.start)
        if row.value is not None:
            one.worst = row.value if one.worst is None else max(one.worst, row.value)
    made = sorted(found.values(), key=lambda p: (p.deadline, p.start, p.point.code, p.item))
    _name_limits(made)
    _name_alerts(made)
    return made


def _begun(row: Evaluation, span: Interval) -> Pending:
    averaging = "day" if span.length > timedelta(hours=1) else "hour"
    due = finding_due(span)
    return Pending(row.point, row.item, averaging, span.start, span.end, due, [], None, row.limit_ref, None, "", None)


def _name_limits(rows: list[Pending]) -> None:
    keys = {p.limit_ref.partition(":")[2] for p in rows}
    limits = {f"limit:{x.pk}": x for x in Limit.objects.filter(pk__in=[k for k in keys if k.isdecimal()])}
    for p in rows:
        limit = limits.get(p.limit_ref)
        if limit is not None:
            bound = limit.upper if limit.upper is not None else limit.lower
            p.limit, p.unit = (None if bound is None else float(bound)), limit.unit


def _name_alerts(rows: list[Pending]) -> None:
    subjects = {f"{p.point.code}:{p.item}" for p in rows}
    alerts = list(Alert.objects.filter(rule=OUTLET_HOUR, subject__in=subjects).order_by("started_at"))
    for p in rows:
        for a in alerts:
            reaches = a.started_at < p.end and (a.ended_at is None or a.ended_at > p.start)
            if a.subject == f"{p.point.code}:{p.item}" and reaches:
                p.alert = a.pk
