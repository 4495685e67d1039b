"""Series gone silent: expected by their plan, not received; planned stops excluded."""

from __future__ import annotations

from django.db.models import Q

from qingyuan import clock
from qingyuan.bureau.alerts.actions.reconcile import reconcile
from qingyuan.bureau.alerts.models import Alert
from qingyuan.bureau.judging.queries.observations import Level, Observation, Subject
from qingyuan.bureau.judging.queries.rules import SILENCE
from qingyuan.bureau.monitoring.queries.values import freshness
from qingyuan.bureau.registers.models import Point


def sweep_silence() -> list[Alert]:
    """Open an alert for each point that fell silent, end it for each that speaks again; returns the opened ones.

    A point that sends again what it stored while it was away is not silent: no alert begins while it catches up.
    """
    now = clock.now()
    in_use = Q(active_to__isnull=True) | Q(active_to__gt=clock.beijing(now).date())
    points = list(Point.objects.filter(in_use, expected_minutes__isnull=False))
    running = set(Alert.objects.filter(rule=SILENCE, ended_at__isnull=True).values_list("subject", flat=True))
    opened = []
    states = freshness(points)
    for point in points:
        fresh = states[point.code]
        if fresh.last_end is None or not (fresh.is_silent or point.code in running):
            continue
        if fresh.is_catching_up and point.code not in running:
            continue
        minutes = int((now - fresh.last_end).total_seconds() // 60)
        subject = Subject(
            SILENCE,
            point.code,
            point.pk,
            "",
            Level.NOTICE,
            f"{point.name} 数据中断，最后数据 {clock.beijing(fresh.last_end):%m-%d %H:%M}",
            "setting",
            float(point.expected_minutes or 0),
            "min",
            detail={"silent_minutes": minutes},
        )
        answer = "fail" if fresh.is_silent else "pass"
        since = fresh.last_end if fresh.is_silent else now
        opened += reconcile(subject, [Observation(since, now, answer, float(minutes))])
    return opened
