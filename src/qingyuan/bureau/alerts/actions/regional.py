"""One event over several stations: the alerts of the others stand behind the first one, as its parts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from qingyuan import clock
from qingyuan.bureau.alerts.actions.runs import runs_of
from qingyuan.bureau.alerts.models import Alert
from qingyuan.rules import rule_book

INTERVAL = timedelta(hours=1)


def group_regional(rule: str, since: datetime) -> int:
    """Let alerts of the rule that reach `since` and run at the same hours stand as one; returns how many rows changed.

    The first to begin is the head. With fewer stations than the rule book asks (setting alert.regional.stations) each
    stands for itself. Level-triggered: it follows from the alerts alone, whatever order they came in.
    """
    today = clock.beijing(clock.now()).date()
    needed = int(rule_book().alert_threshold("alert.regional.stations", today).value)
    with transaction.atomic():
        heads: dict[int, int | None] = {}
        rows = _reached(rule, since)
        for part in _at_one_time(rows):
            head = min(part, key=lambda a: (a.started_at, a.subject))
            is_regional = len({alert.subject for alert in part}) >= needed
            heads |= {alert.pk: head.pk if is_regional and alert is not head else None for alert in part}
        changed = [alert for alert in rows if alert.head_id != heads[alert.pk]]
        for alert in changed:
            Alert.objects.filter(pk=alert.pk).update(head=heads[alert.pk])
    return len(changed)


def _reached(rule: str, since: datetime) -> list[Alert]:
    """The alerts that reach `since`, and those that these reach in turn."""
    while True:
        reach = Q(ended_at__isnull=True) | Q(ended_at__gte=since)
        rows = list(Alert.objects.filter(reach, rule=rule).exclude(ended_at=F("started_at")).order_by("started_at"))
        first = min((alert.started_at for alert in rows), default=since)
        if first >= since:
            return rows
        since = first


def _at_one_time(rows: Sequence[Alert]) -> list[list[Alert]]:
    """Alerts whose runs overlap in time, together; each alert in just one part."""
    spans = sorted(
        ((run.started_at, run.last_seen_at + INTERVAL, place) for place, a in enumerate(rows) for run in runs_of(a)),
    )
    owner = list(range(len(rows)))

    def root(place: int) -> int:
        while owner[place] != place:
            owner[place] = owner[owner[place]]
            place = owner[place]
        return place

    reach: datetime | None = None
    last = 0
    for begin, end, place in spans:
        if reach is not None and begin < reach:
            owner[root(place)] = root(last)
        if reach is None or end > reach:
            reach, last = end, place
    parts: dict[int, list[Alert]] = defaultdict(list)
    for place, alert in enumerate(rows):
        parts[root(place)].append(alert)
    return list(parts.values())
