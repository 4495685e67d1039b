"""Alerts as judging sees them: the other side of the door `judging.queries.observations.Episodes`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db.models import Q

from qingyuan.bureau.alerts.actions.reconcile import concerned_subjects, reconcile, warned_from
from qingyuan.bureau.alerts.actions.regional import group_regional
from qingyuan.bureau.alerts.models import Alert
from qingyuan.bureau.judging.queries.observations import Observation, Subject


class AlertEpisodes:
    """Episodes kept as alerts."""

    def warned_from(self) -> datetime:
        """Since when what is judged warns anybody."""
        return warned_from()

    def concerned(self, rule: str, since: datetime) -> Collection[str]:
        """Subjects with an alert that is open or reaches up to `since`."""
        return concerned_subjects(rule, since)

    def take(self, subject: Subject, seen: Sequence[Observation], until: datetime | None = None) -> list[Alert]:
        """Reconcile; returns alerts that were opened."""
        return reconcile(subject, seen, until)

    def group(self, rule: str, since: datetime) -> None:
        """One event over several stations is one alert."""
        group_regional(rule, since)

    def over(self, rule: str, key: str, start: datetime, end: datetime) -> int | None:
        """The newest alert of the subject that began before `end` and was not over at `start`."""
        reaches = Q(ended_at__isnull=True) | Q(ended_at__gt=start)
        rows = Alert.objects.filter(reaches, rule=rule, subject=key, started_at__lt=end)
        return rows.order_by("-started_at").values_list("pk", flat=True).first()
