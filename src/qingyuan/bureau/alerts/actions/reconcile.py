"""Alerts as they must be: made to agree with the judged intervals, whatever order the data came in.

One alert stands for one episode: runs of failing intervals, each ended by a passing one ("cannot tell" neither ends nor
begins it), that follow each other within the hold of the rule book. A bad day is one alert with an age and a count, not
one for each hour. Reconciling twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from qingyuan import clock
from qingyuan.bureau.alerts.actions.runs import Run, failing_runs, folded, runs_of, together, worst_of
from qingyuan.bureau.alerts.models import Alert, AlertChange
from qingyuan.bureau.judging.queries.observations import Observation, Subject
from qingyuan.bureau.registers.models import Point
from qingyuan.rules import rule_book


def reconcile(subject: Subject, observations: Sequence[Observation], until: datetime | None = None) -> list[Alert]:
    """Make the subject's alerts agree with its judged intervals; returns alerts that were opened.

    observations: every judged interval from the first that changed up to the newest known, any order; those older
    than the horizon are passed over. until: the start of the last of them, where it passes and nothing later changed:
    it ends whatever ran, so that what failed later is as it was.
    """
    today = clock.beijing(clock.now()).date()
    horizon, hold = warned_from(), _setting("alert.hold.hours", today)
    seen = sorted((o for o in observations if o.start >= horizon), key=lambda o: o.start)
    if not seen:
        return []
    first = seen[0].start
    with transaction.atomic():
        Point.objects.select_for_update().get(pk=subject.point)  # one at a time, also on a server database
        rows = Alert.objects.filter(rule=subject.rule, subject=subject.key).exclude(ended_at=F("started_at"))
        known = list(rows.filter(_reaches(first - hold)).order_by("started_at"))
        if until is not None:
            known = [a for a in known if a.started_at < until + hold]
        if not known and all(o.answer != "fail" for o in seen):
            return []
        old = [run for alert in known for run in runs_of(alert)]
        runs = [run for run in old if run.started_at < first and run.ended_at is not None and run.ended_at < first]
        running = next((r for r in old if r.started_at < first and (r.ended_at is None or r.ended_at >= first)), None)
        runs += failing_runs(seen, running, higher_is_worse=subject.higher_is_worse)
        runs += [run for run in old if until is not None and run.started_at >= until]
        return _agree(subject, together(runs, hold), known, horizon)


def _agree(subject: Subject, episodes: Sequence[Sequence[Run]], known: list[Alert], horizon: datetime) -> list[Alert]:
    """Write what differs; alerts that no episode matches were wrong, or are part of another one by now."""
    free, pairs = list(known), []
    for episode in episodes:
        alert = _matching(episode, free)
        pairs.append((episode, alert))
        if alert is not None:
            free.remove(alert)
    for alert in free:
        is_part = any(_overlaps(alert, episode) for episode in episodes)
        _end(alert, alert.started_at, "并入同一起预警" if is_part else "数据更正后不再成立")
    opened = []
    for episode, alert in pairs:
        if alert is None:
            opened.append(_open(subject, episode))
        else:
            _update(subject, alert, folded(episode, horizon, higher_is_worse=subject.higher_is_worse))
    return opened


def _setting(key: str, on: date) -> timedelta:
    """A span of the rule book: for how long back anybody is warned, and how long an alert is held."""
    found = rule_book().alert_threshold(key, on)
    return timedelta(**{f"{found.unit}s": float(found.value)})


def warned_from() -> datetime:
    """Since when what is judged warns anybody: what is older is history."""
    now = clock.now()
    return now - _setting("alert.horizon.days", clock.beijing(now).date())


def concerned_subjects(rule: str, since: datetime) -> set[str]:
    """Subjects of a rule with an alert that is open or reaches up to `since`: what passes may end or undo it."""
    return set(Alert.objects.filter(_reaches(since), rule=rule).values_list("subject", flat=True))


def _reaches(at: datetime) -> Q:
    """Open, or ended at `at` or later: the interval at `at` may be the very one that ended it, and be corrected."""
    return Q(ended_at__isnull=True) | Q(ended_at__gte=at)


def _overlaps(alert: Alert, episode: Sequence[Run]) -> bool:
    begin, end = episode[0].started_at, episode[-1].ended_at
    return (end is None or alert.started_at < end) and (alert.ended_at is None or alert.ended_at > begin)


def _matching(episode: Sequence[Run], free: Sequence[Alert]) -> Alert | None:
    """The alert that stands for the episode: of several the one that work hangs on, else the earliest."""
    found = [alert for alert in free if _overlaps(alert, episode)]
    if len(found) > 1:
        found.sort(key=lambda a: (not hasattr(a, "lead"), a.acknowledged_at is None, a.started_at))
    return found[0] if found else None


def _open(subject: Subject, episode: Sequence[Run]) -> Alert:
    now, last = clock.now(), episode[-1]
    alert = Alert.objects.create(
        rule=subject.rule,
        subject=subject.key,
        point_id=subject.point,
        item=subject.item,
        level=subject.level,
        title=subject.title[:200],
        opened_at=now,
        closed_at=now if last.ended_at else None,
        threshold=subject.threshold,
        unit=subject.unit,
        rule_set=subject.rule_set,
        detail=subject.detail,
        **_columns(episode, higher_is_worse=subject.higher_is_worse),
        runs=[run.as_json() for run in episode],
    )
    _change(alert, AlertChange.State.OPEN, episode[0].started_at, subject.title)
    if last.ended_at:
        _change(alert, AlertChange.State.ENDED, last.ended_at, "恢复正常")
    return alert


def _columns(episode: Sequence[Run], *, higher_is_worse: bool) -> dict[str, Any]:
    """What an alert says of its runs."""
    last = episode[-1]
    return {
        "started_at": episode[0].started_at,
        "last_seen_at": last.last_seen_at,
        "ended_at": last.ended_at,
        "value": last.value,
        "peak": worst_of((run.peak for run in episode), higher_is_worse=higher_is_worse),
        "watermark": max(run.watermark for run in episode),
        "times": sum(run.count for run in episode),
    }


def _update(subject: Subject, alert: Alert, episode: Sequence[Run]) -> None:
    wanted = _columns(episode, higher_is_worse=subject.higher_is_worse)
    wanted["watermark"] = max(alert.watermark, wanted["watermark"])
    runs = [run.as_json() for run in episode]
    before, last = alert.ended_at, episode[-1]
    if runs == alert.runs and all(getattr(alert, name) == value for name, value in wanted.items()):
        return
    for name, value in (wanted | {"runs": runs}).items():
        setattr(alert, name, value)
    if last.ended_at is None:
        alert.closed_at = None
    elif before is None:
        alert.closed_at = clock.now()
    alert.save(update_fields=[*wanted, "runs", "closed_at"])
    is_again = before is not None and last.started_at > before
    if before is not None and (is_again or last.ended_at is None):
        said = "再次发生" if is_again else "数据更正后再次成立"
        _change(alert, AlertChange.State.OPEN, last.last_seen_at, said)
    if last.ended_at is not None and (before is None or is_again):
        _change(alert, AlertChange.State.ENDED, last.ended_at, "恢复正常")


def _end(alert: Alert, at: datetime, reason: str) -> None:
    alert.ended_at, alert.closed_at = at, clock.now()
    alert.detail = {**alert.detail, "withdrawn": True}
    alert.save(update_fields=["ended_at", "closed_at", "detail"])
    _change(alert, AlertChange.State.ENDED, at, reason)


def _change(alert: Alert, state: str, data_time: datetime, reason: str) -> None:
    AlertChange.objects.create(alert=alert, state=state, at=clock.now(), data_time=data_time, reason=reason[:300])
