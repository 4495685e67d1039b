"""What is over its limit and not decided yet, and what a finding rests on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bureau.office import Office, put_hours, put_limit
from qingyuan.bureau.alerts.models import Alert
from qingyuan.bureau.alerts.queries.pages import earlier_findings, hours_behind
from qingyuan.bureau.alerts.queries.pending import Wanted, pending
from qingyuan.bureau.judging.models import Finding
from qingyuan.bureau.loop import decide_findings, step
from qingyuan.bureau.values.actions.tags import tag

pytestmark = pytest.mark.django_db
YESTERDAY = datetime(2026, 11, 19, 16, tzinfo=UTC)  # 20 November, midnight in Beijing
MORNING = YESTERDAY + timedelta(hours=9)
NOON = YESTERDAY + timedelta(hours=36)
HOUR = timedelta(hours=1)


def judge(office: Office, values: list[float | None], begin: datetime = MORNING, **more: Any) -> None:
    put_hours(office.gas, "NOx", begin, values, **more)
    while step().marks:
        pass


class TestPending:
    def test_first_hour_over_the_limit_with_its_tag_deadline(self, office: Office) -> None:
        judge(office, [49.0, 51.5])
        (one,) = pending(office["chief"])
        assert (one.point, one.item, one.averaging, one.start) == (office.gas, "NOx", "hour", MORNING + HOUR)
        assert (one.worst, one.limit, one.unit, one.deadline) == (51.5, 50.0, "mg/m3", NOON)
        assert (one.is_closed, one.alert) == (False, Alert.objects.get().pk)

    def test_the_hours_of_a_day_that_is_judged_by_its_mean_are_one(self, office: Office) -> None:
        put_hours(office.waste, "CODCr", YESTERDAY, [50.0, 70.0, 65.0, 90.0], unit="mg/L")
        step()
        (one,) = pending(office["chief"])
        assert (one.averaging, one.start, one.end) == ("day", YESTERDAY, YESTERDAY + 24 * HOUR)
        assert ([h - YESTERDAY for h in one.hours], one.worst) == ([HOUR, 2 * HOUR, 3 * HOUR], 90.0)

    def test_closed_then_decided(self, office: Office, clock_at: Callable[..., None]) -> None:
        judge(office, [60.0])
        clock_at(NOON)
        assert [p.is_closed for p in pending(office["chief"])] == [True]
        decide_findings()
        assert pending(office["chief"]) == []

    def test_a_tag_takes_it_off_the_list(self, office: Office) -> None:
        judge(office, [60.0])
        tag(office["firm"], office.gas_outlet, "维护", MORNING, MORNING + HOUR)
        while step().marks:
            pass
        assert pending(office["chief"]) == []

    @pytest.mark.parametrize(
        ("who", "count"), [("firm", 1), ("south", 1), ("other_firm", 0), ("north", 0), ("audit", 0)]
    )
    def test_everyone_sees_their_own(self, office: Office, who: str, count: int) -> None:
        judge(office, [60.0])
        assert len(pending(office[who])) == count

    @pytest.mark.parametrize(
        ("wanted", "count"),
        [
            (Wanted(firm="F1"), 1), (Wanted(firm="F2"), 0), (Wanted(outlet="GAS"), 1), (Wanted(item="SO2"), 0),
            (Wanted(area="S"), 1), (Wanted(since=date(2026, 11, 20), to=date(2026, 11, 20)), 1),
            (Wanted(since=date(2026, 11, 21)), 0), (Wanted(to=date(2026, 11, 19)), 0),
        ],
    )  # fmt: skip
    def test_narrowed(self, office: Office, wanted: Wanted, count: int) -> None:
        judge(office, [60.0])
        assert len(pending(office["chief"], wanted)) == count

    def test_nearest_deadline_first(self, office: Office) -> None:
        judge(office, [60.0], YESTERDAY + 24 * HOUR)
        judge(office, [60.0], origin=50)
        assert [p.deadline for p in pending(office["chief"])] == [NOON, NOON + 24 * HOUR]


class TestBehind:
    def test_hours_as_they_were_known_when_it_was_decided(self, office: Office, clock_at: Callable[..., None]) -> None:
        judge(office, [60.0])
        clock_at(NOON)
        (found,) = decide_findings()
        (hour,) = hours_behind(found)
        assert (hour.start, hour.value, hour.answer, hour.was_revised) == (MORNING, 60.0, "fail", False)

    def test_what_was_found_before_stays(self, office: Office, clock_at: Callable[..., None]) -> None:
        judge(office, [60.0])
        clock_at(NOON)
        decide_findings()
        clock_at(NOON + HOUR)
        judge(office, [45.0], origin=50)
        current = Finding.objects.get(is_current=True)
        assert [(f.verdict, f.value) for f in earlier_findings(current)] == [("exceedance", 60.0)]

    def test_a_day_opens_all_its_hours(self, office: Office, clock_at: Callable[..., None]) -> None:
        put_limit(office.waste_outlet, "NH3N", 5, "day", "mg/L")
        put_hours(office.waste, "NH3N", YESTERDAY, [6.0] * 24, unit="mg/L")
        step()
        clock_at(NOON)
        (found,) = decide_findings()
        assert [h.value for h in hours_behind(found)] == [6.0] * 24
