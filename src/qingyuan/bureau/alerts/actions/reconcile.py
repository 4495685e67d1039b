"""Alerts as they must be: made to agree with the judged intervals, whatever order the data came in.

One alert stands for one episode: a run of failing intervals that only a passing one ends ("cannot tell" neither ends
nor begins it). Reconciling twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from qingyuan import clock
from qingyuan.bureau.alerts.models import Alert, AlertChange
from qingyuan.bureau.monitoring.models import Point
from qingyuan.rules import rule_book


@dataclass(frozen=True)
class Observation:
    """A judged interval of a subject. answer: pass, fail or cannot_tell."""

    start: datetime
    end: datetime
    answer: str
    value: float | None = None
    watermark: int = 0


@dataclass(frozen=True)
class Subject:
    """What an alert is about, and how it is worded."""

    rule: str
    key: str
    point: int
    item: str
    level: int
    title: str
    rule_set: str
    threshold: float | None = None
    unit: str = ""
    higher_is_worse: bool = True
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass
class _Episode:
    started_at: datetime
    last_seen_at: datetime
    value: float | None
    peak: float | None
    watermark: int
    ended_at: datetime | None = None
    alert: Alert | None = None


def reconcile(subject: Subject, observations: Sequence[Observation], until: datetime | None = None) -> list[Alert]:
    """Make the subject's alerts agree with its judged intervals; returns alerts that were opened.

    observations: every judged interval from the first that changed up to the newest known, any order; those older
    than the horizon are passed over. until: the start of the last of them, where it passes and nothing later changed:
    it ends whatever ran, so that later alerts are as they were and are left alone.
    """
    horizon = clock.now() - _horizon()
    seen = sorted((o for o in observations if o.start >= horizon), key=lambda o: o.start)
    if not seen:
        return []
    first = seen[0].start
    with transaction.atomic():
        Point.objects.select_for_update().get(pk=subject.point)  # one at a time, also on a server database
        rows = Alert.objects.filter(rule=subject.rule, subject=subject.key)
        known = list(rows.filter(_reaches(first)).order_by("started_at"))
        if until is not None:
            known = [a for a in known if a.started_at < until]
        if not known and all(o.answer != "fail" for o in seen):
            return []
        running = next((a for a in known if a.started_at < first), None)
        episodes = _episodes(subject, seen, running)
        _match(episodes, [a for a in known if a is not running])
        matched = {e.alert.pk for e in episodes if e.alert}
        for alert in known:
            if alert.pk not in matched and alert is not running:
                _end(alert, alert.started_at, "数据更正后不再成立")
        opened = []
        for episode in episodes:
            if episode.alert is None:
                opened.append(_open(subject, episode))
            else:
                _update(episode.alert, episode)
        return opened


def _horizon() -> timedelta:
    """Older intervals are history: judged, but nobody is warned of them (a setting of the rule book)."""
    return timedelta(
        days=float(rule_book().alert_threshold("alert.horizon.days", clock.beijing(clock.now()).date()).value)
    )


def concerned_subjects(rule: str, since: datetime) -> set[str]:
    """Subjects of a rule with an alert that is open or reaches up to `since`: what passes may end or undo it."""
    return set(Alert.objects.filter(_reaches(since), rule=rule).values_list("subject", flat=True))


def _reaches(at: datetime) -> Q:
    """Open, or ended at `at` or later: the interval at `at` may be the very one that ended it, and be corrected."""
    return Q(ended_at__isnull=True) | Q(ended_at__gte=at)


def _worse(subject: Subject, a: float | None, b: float | None) -> float | None:
    if a is None or b is None:
        return b if a is None else a
    return max(a, b) if subject.higher_is_worse else min(a, b)


def _episodes(subject: Subject, seen: Sequence[Observation], running: Alert | None) -> list[_Episode]:
    episodes: list[_Episode] = []
    current: _Episode | None = None
    if running is not None:
        current = _Episode(
            running.started_at, min(running.last_seen_at, seen[0].start), running.value, running.peak,
            running.watermark, alert=running,
        )  # fmt: skip
        episodes.append(current)
    for o in seen:
        if o.answer == "fail":
            if current is None:
                current = _Episode(o.start, o.start, o.value, o.value, o.watermark)
                episodes.append(current)
            current.last_seen_at, current.value = o.start, o.value
            current.peak = _worse(subject, current.peak, o.value)
            current.watermark = max(current.watermark, o.watermark)
        elif o.answer == "pass" and current is not None:
            current.ended_at, current = o.start, None
    return episodes


def _match(episodes: Sequence[_Episode], alerts: Sequence[Alert]) -> None:
    """Give each new-found episode the alert that overlaps it, if there is one."""
    free = list(alerts)
    for episode in (e for e in episodes if e.alert is None):
        for alert in free:
            ends_after = episode.ended_at is None or alert.started_at < episode.ended_at
            if ends_after and (alert.ended_at is None or alert.ended_at > episode.started_at):
                episode.alert = alert
                free.remove(alert)
                break


def _open(subject: Subject, episode: _Episode) -> Alert:
    now = clock.now()
    alert = Alert.objects.create(
        rule=subject.rule, subject=subject.key, point_id=subject.point, item=subject.item, level=subject.level,
        title=subject.title[:200], started_at=episode.started_at, last_seen_at=episode.last_seen_at, opened_at=now,
        ended_at=episode.ended_at, closed_at=now if episode.ended_at else None, value=episode.value,
        threshold=subject.threshold, unit=subject.unit, peak=episode.peak, rule_set=subject.rule_set,
        watermark=episode.watermark, detail=subject.detail,
    )  # fmt: skip
    _change(alert, AlertChange.State.OPEN, episode.started_at, subject.title)
    if episode.ended_at:
        _change(alert, AlertChange.State.ENDED, episode.ended_at, "恢复正常")
    return alert


def _update(alert: Alert, episode: _Episode) -> None:
    was_open = alert.ended_at is None
    new = (episode.started_at, episode.last_seen_at, episode.value, episode.peak, episode.ended_at)
    if (alert.started_at, alert.last_seen_at, alert.value, alert.peak, alert.ended_at) == new:
        return
    alert.started_at, alert.last_seen_at, alert.value, alert.peak, alert.ended_at = new
    alert.watermark = max(alert.watermark, episode.watermark)
    alert.closed_at = clock.now() if episode.ended_at and was_open else alert.closed_at
    if episode.ended_at is None:
        alert.closed_at = None
    alert.save(update_fields=["started_at", "last_seen_at", "value", "peak", "ended_at", "watermark", "closed_at"])
    if was_open and episode.ended_at:
        _change(alert, AlertChange.State.ENDED, episode.ended_at, "恢复正常")
    elif not was_open and episode.ended_at is None:
        _change(alert, AlertChange.State.OPEN, episode.last_seen_at, "数据更正后再次成立")


def _end(alert: Alert, at: datetime, reason: str) -> None:
    if alert.ended_at == at:
        return
    alert.ended_at, alert.closed_at = at, clock.now()
    alert.detail = {**alert.detail, "withdrawn": True}
    alert.save(update_fields=["ended_at", "closed_at", "detail"])
    _change(alert, AlertChange.State.ENDED, at, reason)


def _change(alert: Alert, state: str, data_time: datetime, reason: str) -> None:
    AlertChange.objects.create(alert=alert, state=state, at=clock.now(), data_time=data_time, reason=reason[:300])
