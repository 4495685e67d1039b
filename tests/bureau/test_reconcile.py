"""Alerts agree with the judged intervals, whatever order the data came in and however often it is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from bureau.office import make_point
from moment import NOW
from qingyuan import clock
from qingyuan.bureau.accounts.models import Area
from qingyuan.bureau.alerts.actions.acknowledge import acknowledge
from qingyuan.bureau.alerts.actions.reconcile import concerned_subjects, reconcile
from qingyuan.bureau.alerts.models import Alert, AlertChange
from qingyuan.bureau.audit.models import AuditEntry
from qingyuan.bureau.base.errors import NotAllowed, WrongState
from qingyuan.bureau.judging.queries.observations import Observation, Subject
from qingyuan.bureau.registers.models import Point

BEGIN = NOW - timedelta(hours=120)
STRIDE = 11  # hours from one of the property test's intervals to the next: two passing ones are held, three are not
HOLD = timedelta(hours=24)
ANSWERS = ("pass", "fail", "cannot_tell")
PASS, FAIL, UNKNOWN = ANSWERS


def hour(n: int) -> datetime:
    return BEGIN + timedelta(hours=n)


def observation(n: int, answer: str) -> Observation:
    return Observation(hour(n), hour(n + 1), answer, 50.0 + n, n)


def subject(point: Point) -> Subject:
    return Subject("outlet_hour", "GAS:NOx", point.pk, "NOx", 2, "超限", "x", 50.0, "mg/m3")


def oracle(known: dict[int, str], stride: int = 1) -> list[tuple[datetime, datetime | None]]:
    """Runs of failing hours; only a pass ends one, and what fails again within the hold is the same alert."""
    runs: list[tuple[datetime, datetime | None]] = []
    begun: int | None = None
    for n in sorted(known):
        if known[n] == FAIL and begun is None:
            begun = n
        elif known[n] == PASS and begun is not None:
            runs.append((hour(begun * stride), hour(n * stride)))
            begun = None
    if begun is not None:
        runs.append((hour(begun * stride), None))
    held: list[tuple[datetime, datetime | None]] = []
    for begin, end in runs:
        if held and held[-1][1] is not None and begin - held[-1][1] < HOLD:
            held[-1] = (held[-1][0], end)
        else:
            held.append((begin, end))
    return held


def episodes() -> list[tuple[datetime, datetime | None]]:
    """What the books say; alerts taken back (their data was corrected) are ended where they began."""
    rows = Alert.objects.order_by("started_at", "pk").values_list("started_at", "ended_at")
    return [(begin, end) for begin, end in rows if begin != end]


class Feed:
    """Gives reconcile what the judging does: every known interval from the first that changed."""

    def __init__(self, point: Point, stride: int = 1) -> None:
        self.subject = subject(point)
        self.known: dict[int, str] = {}
        self.values: dict[int, float] = {}
        self.stride = stride

    def put(self, changed: dict[int, str]) -> list[Alert]:
        self.known |= changed
        if not changed:
            return []
        concerned = self.subject.key in concerned_subjects("outlet_hour", hour(min(changed) * self.stride))
        seen = [
            replace(observation(n * self.stride, a), value=self.values.get(n, 50.0 + n * self.stride))
            for n, a in self.known.items()
            if n >= min(changed)
        ]
        if not concerned and all(o.answer != FAIL for o in seen):
            return []
        return reconcile(self.subject, seen)


def history(alert: Alert) -> list[str]:
    return list(alert.changes.order_by("pk").values_list("state", flat=True))


CHANGES = st.lists(st.dictionaries(st.integers(0, 9), st.sampled_from(ANSWERS), min_size=1, max_size=6), max_size=7)
VALUED = st.lists(
    st.dictionaries(
        st.integers(0, 9), st.tuples(st.sampled_from(ANSWERS), st.integers(51, 99)), min_size=1, max_size=6
    ),
    max_size=7,
)


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
        feed = Feed(self.point, STRIDE)
        for batch in batches:
            feed.put(batch)
            assert episodes() == oracle(feed.known, STRIDE)
            assert Alert.objects.filter(ended_at__isnull=True).count() <= 1
            changes = AlertChange.objects.count()
            assert feed.put({min(feed.known): feed.known[min(feed.known)]}) == []
            assert AlertChange.objects.count() == changes, "a second look changed something"
            assert episodes() == oracle(feed.known, STRIDE)


class TestPeak(TestCase):  # type: ignore[misc]
    def setUp(self) -> None:
        clock.set_clock(clock.FixedClock(NOW))
        self.point = make_point("GAS", "outlet", Area.objects.create(code="S", name="城南镇", kind="town"))

    def tearDown(self) -> None:
        clock.set_clock(clock.SystemClock())

    @settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(batches=VALUED, higher_is_worse=st.booleans())
    def test_the_peak_is_that_of_the_failing_hours_as_they_stand(
        self, batches: Sequence[dict[int, tuple[str, int]]], higher_is_worse: bool
    ) -> None:
        """The worst hour of a run was corrected, judged again without the start of its run: the old peak stood on."""
        feed = Feed(self.point)
        feed.subject = replace(feed.subject, higher_is_worse=higher_is_worse)
        for batch in batches:
            feed.values |= {n: float(value) for n, (_, value) in batch.items()}
            feed.put({n: answer for n, (answer, _) in batch.items()})
            for alert in Alert.objects.exclude(ended_at=F("started_at")):
                inside = [
                    feed.values[n]
                    for n, answer in feed.known.items()
                    if answer == FAIL
                    and alert.started_at <= hour(n)
                    and (alert.ended_at is None or hour(n) < alert.ended_at)
                ]
                assert alert.peak == (max if higher_is_worse else min)(inside)


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


def test_a_boilers_bad_day_is_one_alert_with_an_age_and_a_count(feed: Feed) -> None:
    """A boiler that went over its limit and back seven times in a day made seven alerts."""
    (alert,) = feed.put({0: FAIL, 1: PASS})
    for n in range(3, 21, 3):
        assert feed.put({n: FAIL}) == []
        assert feed.put({n + 1: PASS}) == []
    alert.refresh_from_db()
    assert Alert.objects.count() == 1
    assert (alert.started_at, alert.last_seen_at, alert.ended_at, alert.times) == (hour(0), hour(18), hour(19), 7)
    assert history(alert) == ["open", "ended"] * 7
    assert [c.reason for c in alert.changes.filter(state="open").order_by("pk")[1:]] == ["再次发生"] * 6


def test_after_the_hold_it_is_another_alert(feed: Feed) -> None:
    (first,) = feed.put({0: FAIL, 1: PASS})
    assert feed.put({24: FAIL, 25: PASS}) == []
    (second,) = feed.put({49: FAIL})
    first.refresh_from_db()
    assert (first.ended_at, first.times, second.started_at) == (hour(25), 2, hour(49))


def test_a_late_failure_between_two_makes_them_one(feed: Feed) -> None:
    """Of the two the one that a person took stays."""
    (first,) = feed.put({0: FAIL, 1: PASS})
    (second,) = feed.put({40: FAIL})
    Alert.objects.filter(pk=second.pk).update(acknowledged_at=NOW)
    feed.put({20: FAIL, 21: PASS})
    first.refresh_from_db()
    second.refresh_from_db()
    assert (second.started_at, second.ended_at, second.times) == (hour(0), None, 3)
    assert first.detail["withdrawn"]
    assert first.changes.order_by("-pk")[0].reason == "并入同一起预警"


def test_a_correction_inside_the_hold_is_exact(feed: Feed) -> None:
    """The hour that had brought an alert back was corrected: it must end where it had ended, not at the correction."""
    (alert,) = feed.put({0: FAIL, 2: PASS, 9: FAIL})
    feed.put({9: PASS})
    alert.refresh_from_db()
    assert (alert.ended_at, alert.last_seen_at, alert.times) == (hour(2), hour(0), 1)


def test_pass_in_between_is_a_second_run_of_the_same(feed: Feed) -> None:
    (alert,) = feed.put({1: FAIL, 3: FAIL})
    assert feed.put({2: PASS}) == []
    alert.refresh_from_db()
    assert (alert.started_at, alert.ended_at, alert.times) == (hour(1), None, 2)


def test_runs_before_the_horizon_are_folded(feed: Feed, clock_at: Any) -> None:
    """A chronic alert must not grow by a line for every run of its life."""
    (alert,) = feed.put({0: FAIL, 1: PASS})
    for day in range(1, 80):
        clock_at(NOW + timedelta(days=day))
        feed.known = {}
        feed.put({day * 20: FAIL, day * 20 + 1: PASS})
    alert.refresh_from_db()
    assert (alert.started_at, alert.times, Alert.objects.count()) == (hour(0), 80, 1)
    assert len(alert.runs) < 80


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
