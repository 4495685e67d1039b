"""Alerts agree with the judged intervals, whatever order the data came in and however often it is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from bureau.office import make_point
from moment import NOW
from qingyuan import clock
from qingyuan.bureau.alerts.actions import acknowledge
from qingyuan.bureau.alerts.actions.reconcile import Observation, Subject, concerned_subjects, reconcile
from qingyuan.bureau.alerts.models import Alert, AlertChange
from qingyuan.bureau.audit.models import AuditEntry
from qingyuan.bureau.errors import NotAllowed, WrongState
from qingyuan.bureau.monitoring.models import Point
from qingyuan.bureau.places.models import Area

BEGIN = NOW - timedelta(hours=40)
ANSWERS = ("pass", "fail", "cannot_tell")
PASS, FAIL, UNKNOWN = ANSWERS


def hour(n: int) -> datetime:
    return BEGIN + timedelta(hours=n)


def observation(n: int, answer: str) -> Observation:
    return Observation(hour(n), hour(n + 1), answer, 50.0 + n, n)


def subject(point: Point) -> Subject:
    return Subject("outlet_hour", "GAS:NOx", point.pk, "NOx", 2, "超限", "x", 50.0, "mg/m3")


def oracle(known: dict[int, str]) -> list[tuple[datetime, datetime | None]]:
    """Runs of failing hours; only a pass ends one."""
    runs: list[tuple[datetime, datetime | None]] = []
    begun: int | None = None
    for n in sorted(known):
        if known[n] == FAIL and begun is None:
            begun = n
        elif known[n] == PASS and begun is not None:
            runs.append((hour(begun), hour(n)))
            begun = None
    return runs + ([(hour(begun), None)] if begun is not None else [])


def episodes() -> list[tuple[datetime, datetime | None]]:
    """What the books say; alerts taken back (their data was corrected) are ended where they began."""
    rows = Alert.objects.order_by("started_at", "pk").values_list("started_at", "ended_at")
    return [(begin, end) for begin, end in rows if begin != end]


class Feed:
    """Gives reconcile what the judging does: every known interval from the first that changed."""

    def __init__(self, point: Point) -> None:
        self.subject = subject(point)
        self.known: dict[int, str] = {}

    def put(self, changed: dict[int, str]) -> list[Alert]:
        self.known |= changed
        if not changed:
            return []
        concerned = self.subject.key in concerned_subjects("outlet_hour", hour(min(changed)))
        seen = [observation(n, a) for n, a in self.known.items() if n >= min(changed)]
        if not concerned and all(o.answer != FAIL for o in seen):
            return []
        return reconcile(self.subject, seen)


def history(alert: Alert) -> list[str]:
    return list(alert.changes.order_by("pk").values_list("state", flat=True))


CHANGES = st.lists(st.dictionaries(st.integers(0, 9), st.sampled_from(ANSWERS), min_size=1, max_size=6), max_size=7)


class TestAnyOrder(TestCase):  # type: ignore[misc]
    def setUp(self) -> None:
        clock.set_clock(clock.FixedClock(NOW))
        area = Area.objects.create(code="S", name="城南镇", kind="town")
        self.point = make_point("GAS", "outlet", area)

    def tearDown(self) -> None:
        clock.set_clock(clock.SystemClock())

    @settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(batches=CHANGES)
    def test_late_data_and_corrections_in_any_batching(self, batches: Sequence[dict[int, str]]) -> None:
        feed = Feed(self.point)
        for batch in batches:
            feed.put(batch)
            assert episodes() == oracle(feed.known)
            assert Alert.objects.filter(ended_at__isnull=True).count() <= 1
            changes = AlertChange.objects.count()
            assert feed.put({min(feed.known): feed.known[min(feed.known)]}) == []
            assert AlertChange.objects.count() == changes, "a second look changed something"
            assert episodes() == oracle(feed.known)


@pytest.fixture
def feed(db: None, clock_at: Any) -> Feed:
    return Feed(make_point("GAS", "outlet", Area.objects.create(code="S", name="城南镇", kind="town")))


def test_first_failing_hour_opens_and_the_passing_one_ends(feed: Feed) -> None:
    (alert,) = feed.put({0: PASS, 1: FAIL, 2: FAIL})
    assert (alert.started_at, alert.last_seen_at, alert.opened_at) == (hour(1), hour(2), NOW)
    assert (alert.value, alert.peak, alert.watermark) == (52.0, 52.0, 2)
    feed.put({3: UNKNOWN, 4: FAIL, 5: PASS})
    alert.refresh_from_db()
    assert (alert.ended_at, alert.closed_at, alert.last_seen_at, alert.peak) == (hour(5), NOW, hour(4), 54.0)
    assert history(alert) == ["open", "ended"]


def test_pass_corrected_to_fail_at_the_very_end_goes_on(feed: Feed) -> None:
    """The hour that had ended an alert was corrected to a failing one, and a second alert began.

    An alert that ended exactly where the change began was not looked at."""
    (alert,) = feed.put({0: FAIL, 1: PASS})
    assert feed.put({1: FAIL}) == []
    alert.refresh_from_db()
    assert (alert.started_at, alert.ended_at) == (hour(0), None)
    assert history(alert) == ["open", "ended", "open"]


def test_pass_corrected_to_cannot_tell_goes_on(feed: Feed) -> None:
    (alert,) = feed.put({0: FAIL, 1: PASS})
    feed.put({1: UNKNOWN})
    alert.refresh_from_db()
    assert alert.ended_at is None


def test_alert_whose_hour_was_wrong_is_taken_back(feed: Feed) -> None:
    (alert,) = feed.put({0: FAIL})
    feed.put({0: PASS})
    alert.refresh_from_db()
    assert (alert.ended_at, alert.detail["withdrawn"]) == (hour(0), True)
    assert alert.changes.order_by("-pk")[0].reason == "数据更正后不再成立"
    (again,) = feed.put({0: FAIL})
    assert again.pk != alert.pk
    assert "withdrawn" not in again.detail


def test_first_hour_in_late_moves_the_beginning(feed: Feed) -> None:
    (alert,) = feed.put({3: FAIL})
    assert feed.put({2: FAIL}) == []
    alert.refresh_from_db()
    assert alert.started_at == hour(2)


def test_pass_in_between_splits(feed: Feed) -> None:
    (first,) = feed.put({1: FAIL, 3: FAIL})
    (second,) = feed.put({2: PASS})
    first.refresh_from_db()
    assert (first.ended_at, second.started_at, second.ended_at) == (hour(2), hour(3), None)


def test_lower_is_worse_for_a_lower_bound(feed: Feed) -> None:
    feed.subject = Subject(**{**feed.subject.__dict__, "higher_is_worse": False})
    (alert,) = feed.put({5: FAIL, 6: FAIL})
    assert alert.peak == 55.0


def test_the_books_refuse_a_second_open_alert(feed: Feed) -> None:
    (alert,) = feed.put({1: FAIL})
    with pytest.raises(IntegrityError), transaction.atomic():
        Alert.objects.create(**{f.name: getattr(alert, f.name) for f in Alert._meta.concrete_fields if f.name != "id"})


def test_old_history_warns_nobody(feed: Feed) -> None:
    old = [Observation(NOW - timedelta(days=400), NOW - timedelta(days=399), FAIL, 99.0, 1)]
    assert reconcile(feed.subject, old) == []
    assert not Alert.objects.exists()


class TestAcknowledging:
    def test_once_with_note_change_and_audit_line(self, office: Any) -> None:
        (alert,) = Feed(office.gas).put({1: FAIL})
        done = acknowledge(office["officer"], alert, " 已电话通知企业 ")
        assert (done.acknowledged_by, done.acknowledged_at, done.acknowledged_note) == (
            office["officer"],
            NOW,
            "已电话通知企业",
        )
        assert history(alert) == ["open", "acknowledged"]
        (entry,) = AuditEntry.objects.all()
        assert (entry.verb, entry.actor_label) == ("alert.acknowledge", "officer")
        with pytest.raises(WrongState, match="officer 签收"):
            acknowledge(office["chief"], alert)
        assert AuditEntry.objects.count() == 1

    @pytest.mark.parametrize("who", ["south", "firm", "operator", "system", "security", "audit"])
    def test_who_may_not(self, office: Any, who: str) -> None:
        (alert,) = Feed(office.gas).put({1: FAIL})
        with pytest.raises(NotAllowed):
            acknowledge(office[who], alert)
        assert not AuditEntry.objects.exists()
