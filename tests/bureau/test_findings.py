"""Provisional alerts and findings: first the valid hour over its limit, then, after the tags, the averaging time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bureau.office import Office, put_hours, put_limit
from qingyuan.bureau.alerts.models import Alert
from qingyuan.bureau.audit.models import AuditEntry
from qingyuan.bureau.base.errors import Invalid, NotAllowed, WrongState
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.cases.actions.automatic import leads_from_findings
from qingyuan.bureau.cases.actions.leads import dismiss_lead, merge_lead, open_case, raise_lead
from qingyuan.bureau.cases.models import Lead
from qingyuan.bureau.judging.models import Evaluation, Finding
from qingyuan.bureau.judging.queries.afresh import outlet_hours
from qingyuan.bureau.loop import decide_findings, step
from qingyuan.bureau.registers.models import Enterprise
from qingyuan.bureau.values.actions.tags import tag, withdraw_tag

pytestmark = pytest.mark.django_db
YESTERDAY = datetime(2026, 11, 19, 16, tzinfo=UTC)  # 20 November, midnight in Beijing
MORNING = YESTERDAY + timedelta(hours=9)
NOON = YESTERDAY + timedelta(hours=36)  # 21 November, 12:00 in Beijing


def judge(office: Office, values: list[float | None], begin: datetime = MORNING, **more: Any) -> list[Alert]:
    put_hours(office.gas, "NOx", begin, values, **more)
    return step().opened


def verdicts() -> list[str]:
    return list(Finding.objects.filter(is_current=True).order_by("start").values_list("verdict", flat=True))


class TestProvisional:
    def test_first_hour_over_the_limit(self, office: Office) -> None:
        (alert,) = judge(office, [49.0, 51.5, 60.0])
        assert (alert.rule, alert.subject, alert.started_at) == ("outlet_hour", "GAS:NOx", MORNING + timedelta(hours=1))
        assert alert.title == "点GAS 11月20日10时 氮氧化物 51.5 mg/m3，限值 ≤50 mg/m3"
        assert (alert.threshold, alert.peak, alert.ended_at) == (50.0, 60.0, None)
        assert not Finding.objects.exists()

    def test_equality_is_no_exceedance(self, office: Office) -> None:
        assert judge(office, [50.0, 50.0]) == []
        assert judge(office, [50.1], MORNING + timedelta(hours=2)) != []

    @pytest.mark.parametrize("flag", ["C", "M", "D", "F", "B", "S", "X"])
    def test_invalid_hour_warns_nobody(self, office: Office, flag: str) -> None:
        assert judge(office, [90.0], flag=flag) == []

    def test_over_range_is_at_least_that_much(self, office: Office) -> None:
        assert judge(office, [90.0], flag="T") != []

    @pytest.mark.parametrize(
        ("unit", "good", "bad"),
        [("ug/m3", 49_000.0, 51_000.0), ("mg/m³", 49.0, 51.0), ("毫克/立方米", 49.0, 51.0)],
    )
    def test_value_in_another_unit(self, office: Office, unit: str, good: float, bad: float) -> None:
        assert judge(office, [good], unit=unit) == []
        assert judge(office, [bad], MORNING + timedelta(hours=1), unit=unit) != []
        assert [s.unit for s in readings().series()] == [unit]

    @pytest.mark.parametrize("unit", ["ppm", "mg/L", "??"])
    def test_unit_that_cannot_be_converted_stops_nobody(self, office: Office, unit: str) -> None:
        """One channel with a misspelt unit stopped the judging of the whole county.

        The unit table's refusal went up through the loop, which repeated the same batch for ever."""
        put_hours(office.waste, "CODCr", MORNING, [90.0], unit="mg/L")
        judge(office, [9000.0], unit=unit)
        assert [a.subject for a in Alert.objects.all()] == ["WASTE:CODCr"]
        assert step().marks == 0

    @pytest.mark.parametrize("value", [1e25, 1e300, -1e25, 1e-300])
    def test_absurd_value_stops_nobody(self, office: Office, value: float) -> None:
        judge(office, [value, 60.0])
        assert Alert.objects.get().last_seen_at == MORNING + timedelta(hours=1)
        step()  # the flag that the value was given is a change too, looked at once
        assert step().marks == 0

    def test_nothing_judged_twice(self, office: Office) -> None:
        judge(office, [60.0])
        rows = Evaluation.objects.count()
        assert step().marks == 0
        judge(office, [60.0], origin=99)
        assert Evaluation.objects.count() == rows

    def test_each_hour_by_the_limit_of_its_day(self, office: Office) -> None:
        """A stricter limit from today on was not applied while old hours came in with today's.

        The limit in force on the first changed day judged all later hours as well."""
        old = office.gas_outlet.limits.get()
        old.valid_to = date(2026, 11, 20)
        old.save()
        put_limit(office.gas_outlet, "NOx", 30, "hour", "mg/m3", valid_from=date(2026, 11, 20))
        put_hours(office.gas, "NOx", YESTERDAY - timedelta(hours=3), [40.0] * 6)
        (alert,) = step().opened
        assert (alert.started_at, alert.threshold) == (YESTERDAY, 30.0)
        assert Evaluation.objects.filter(kind="outlet_hour", is_current=True).count() == 3

    def test_limit_on_the_converted_value(self, office: Office) -> None:
        limit = office.gas_outlet.limits.get()
        limit.statistic = "ZsAvg"
        limit.save()
        assert judge(office, [90.0]) == []
        assert judge(office, [90.0], statistic="ZsAvg") != []

    def test_change_from_measured_to_converted_values(self, office: Office) -> None:
        old = office.gas_outlet.limits.get()
        old.valid_to = date(2026, 11, 20)
        old.save()
        put_limit(office.gas_outlet, "NOx", 50, "hour", "mg/m3", valid_from=date(2026, 11, 20), statistic="ZsAvg")
        begin = YESTERDAY - timedelta(hours=2)
        put_hours(office.gas, "NOx", begin, [40.0, 40.0, 90.0, 90.0])
        put_hours(office.gas, "NOx", begin, [90.0, 90.0, 40.0, 60.0], statistic="ZsAvg", origin=20)
        (alert,) = step().opened
        assert alert.started_at == YESTERDAY + timedelta(hours=1)


class TestHourFinding:
    def test_waits_for_noon_of_the_next_day(self, office: Office, clock_at: Callable[..., None]) -> None:
        judge(office, [60.0])
        clock_at(NOON - timedelta(seconds=1))
        assert decide_findings() == []
        clock_at(NOON)
        (found,) = decide_findings()
        assert (found.verdict, found.value, found.limit_value, found.averaging) == ("exceedance", 60.0, 50.0, "hour")
        assert found.multiple == pytest.approx(0.2)
        assert (found.deadline, found.decided_at) == (NOON, NOON)
        assert found.alert == Alert.objects.get()
        assert [s["name"] for s in found.trace][-1] == "限值比较"
        assert decide_findings() == []

    @pytest.mark.parametrize(
        ("kind", "hours", "verdict"),
        [
            pytest.param("启炉", (0, 1), "exempt", id="start-up"),
            pytest.param("启炉", (-4, 1), "exceedance", id="beyond-the-hours-it-exempts"),
            pytest.param("维护", (0, 1), "exempt", id="maintenance"),
            pytest.param("启炉", (2, 3), "exceedance", id="another-hour"),
        ],
    )
    def test_tags(
        self, office: Office, clock_at: Callable[..., None], kind: str, hours: tuple[int, int], verdict: str
    ) -> None:
        Enterprise.objects.filter(organisation=office.firm).update(industry_key="thermal_power")
        judge(office, [60.0])
        begin, end = (MORNING + timedelta(hours=h) for h in hours)
        tag(office["firm"], office.gas_outlet, kind, begin, end)
        clock_at(NOON)
        decide_findings()
        assert verdicts() == [verdict]

    def test_withdrawn_tag_does_not_count(self, office: Office, clock_at: Callable[..., None]) -> None:
        judge(office, [60.0])
        row = tag(office["firm"], office.gas_outlet, "维护", MORNING, MORNING + timedelta(hours=1))
        withdraw_tag(office["firm"], row)
        clock_at(NOON)
        assert [f.verdict for f in decide_findings()] == ["exceedance"]
        with pytest.raises(WrongState):
            withdraw_tag(office["firm"], row)

    def test_late_correction_revises_it(self, office: Office, clock_at: Callable[..., None]) -> None:
        judge(office, [60.0])
        clock_at(NOON)
        (first,) = decide_findings()
        clock_at(NOON + timedelta(hours=2))
        judge(office, [45.0], origin=50)
        first.refresh_from_db()
        assert (first.is_current, verdicts()) == (False, ["within"])
        current = Finding.objects.get(is_current=True)
        assert (current.value, current.watermark) == (45.0, 50)
        judge(office, [70.0], origin=60)
        assert verdicts() == ["exceedance"]
        assert Finding.objects.count() == 3


class TestDayFinding:
    def fill(self, office: Office, values: list[float | None]) -> None:
        put_hours(office.waste, "CODCr", YESTERDAY, values, unit="mg/L")
        step()

    def test_mean_of_the_day(self, office: Office, clock_at: Callable[..., None]) -> None:
        self.fill(office, [50.0] * 23 + [290.5])
        clock_at(NOON)
        (found,) = decide_findings()
        assert (found.averaging, found.start, found.end) == ("day", YESTERDAY, YESTERDAY + timedelta(days=1))
        assert found.value == pytest.approx(60.0208333)
        assert found.verdict == "exceedance"

    def test_one_bad_hour_within_a_good_day(self, office: Office, clock_at: Callable[..., None]) -> None:
        self.fill(office, [50.0] * 23 + [290.0])
        assert Alert.objects.filter(rule="outlet_hour").exists()
        clock_at(NOON)
        assert decide_findings() == []
        assert verdicts() == ["within"]

    def test_too_few_hours(self, office: Office, clock_at: Callable[..., None]) -> None:
        self.fill(office, [90.0] * 17)
        clock_at(NOON)
        decide_findings()
        assert verdicts() == ["cannot_tell"]

    def test_weighted_by_flow(self, office: Office, clock_at: Callable[..., None]) -> None:
        put_hours(office.waste, "flow", YESTERDAY, [1.0] * 23 + [10.0], unit="m3/h")
        self.fill(office, [50.0] * 23 + [90.0])
        clock_at(NOON)
        (found,) = decide_findings()
        assert found.value == pytest.approx((23 * 50 + 10 * 90) / 33)

    @pytest.mark.parametrize(
        ("flags", "value"),
        [
            pytest.param("N", (23 * 70 + 10 * 90) / 33, id="valid"),
            pytest.param("D", 70.0, id="a-faulty-flow-weighs-nothing"),
            pytest.param("F", 70.0, id="a-stopped-flow-is-no-discharge"),
        ],
    )
    def test_flow_of_the_last_hour(
        self, office: Office, clock_at: Callable[..., None], flags: str, value: float
    ) -> None:
        """A flow under an invalid flag weighed its hour all the same."""
        put_hours(office.waste, "flow", YESTERDAY, [1.0] * 23, unit="m3/h")
        put_hours(office.waste, "flow", YESTERDAY + timedelta(hours=23), [10.0], unit="m3/h", flag=flags, origin=90)
        self.fill(office, [70.0] * 23 + [90.0])
        clock_at(NOON)
        decide_findings()
        assert Finding.objects.get(is_current=True).value == pytest.approx(value)

    def test_what_stands_in_the_pipe_warns_nobody_until_it_flows(self, office: Office) -> None:
        put_hours(office.waste, "flow", YESTERDAY, [0.0] * 4, unit="m3/h")
        self.fill(office, [90.0] * 4)
        assert not Alert.objects.exists()
        (row, *_) = outlet_hours(office.waste, YESTERDAY, YESTERDAY + timedelta(hours=1))
        assert (row["answer"], row["reason"]) == ("cannot_tell", "流量为 0，没有排放")
        put_hours(office.waste, "flow", YESTERDAY + timedelta(hours=2), [3.0], unit="m3/h", origin=80)
        step()
        (alert,) = Alert.objects.all()
        assert alert.started_at == YESTERDAY + timedelta(hours=2)

    def test_day_over_its_limit_with_no_hour_over_the_hourly_one(
        self, office: Office, clock_at: Callable[..., None]
    ) -> None:
        """An incinerator's day over its daily limit was never judged when every hour kept the hourly limit.

        Findings were only looked for where an hour had failed."""
        Enterprise.objects.filter(organisation=office.firm).update(industry_key="waste_incineration")
        office.gas_outlet.limits.update(upper=100)
        put_limit(office.gas_outlet, "NOx", 80, "day", "mg/m3")
        judge(office, [90.0] * 24, YESTERDAY)
        assert not Alert.objects.exists()
        clock_at(NOON)
        (found,) = decide_findings()
        assert (found.averaging, found.value, found.limit_value) == ("day", 90.0, 80.0)
        assert [lead.must_handle for lead in leads_from_findings()] == [True]


class TestTagging:
    def test_until_noon_of_the_next_day(self, office: Office, clock_at: Callable[..., None]) -> None:
        begin, end = MORNING, MORNING + timedelta(hours=1)
        clock_at(NOON)
        assert tag(office["firm"], office.gas_outlet, "维护", begin, end).made_at == NOON
        clock_at(NOON + timedelta(seconds=1))
        with pytest.raises(Invalid, match="现已截止") as caught:
            tag(office["firm"], office.gas_outlet, "维护", begin, end)
        assert caught.value.field == "start"

    def test_only_one_s_own_outlet(self, office: Office) -> None:
        for who in set(office.users) - {"firm"}:
            with pytest.raises(NotAllowed):
                tag(office[who], office.gas_outlet, "维护", MORNING, MORNING + timedelta(hours=1))
        assert not AuditEntry.objects.exists()
        row = tag(office["firm"], office.gas_outlet, "维护", MORNING, MORNING + timedelta(hours=1))
        assert [e.verb for e in AuditEntry.objects.all()] == ["tag.make"]
        with pytest.raises(NotAllowed):
            withdraw_tag(office["other_firm"], row)

    @pytest.mark.parametrize(
        ("kind", "length", "field"), [("正常", 1, "kind"), ("度假", 1, "kind"), ("维护", 0, "end"), ("维护", -1, "end")]
    )
    def test_what_makes_no_sense(self, office: Office, kind: str, length: int, field: str) -> None:
        with pytest.raises(Invalid) as caught:
            tag(office["firm"], office.gas_outlet, kind, MORNING, MORNING + timedelta(hours=length))
        assert caught.value.field == field


class TestLeadsFromFindings:
    @pytest.fixture
    def exceeding(self, office: Office, clock_at: Callable[..., None]) -> Office:
        judge(office, [60.0, 61.0, 62.0])
        return office

    def decide(self, clock_at: Callable[..., None]) -> list[Lead]:
        clock_at(NOON)
        decide_findings()
        return leads_from_findings()

    def test_hours_of_one_alert_share_one_lead(self, exceeding: Office, clock_at: Callable[..., None]) -> None:
        (lead,) = self.decide(clock_at)
        assert Finding.objects.count() == 3
        assert (lead.source, lead.must_handle, lead.alert, lead.point) == (
            "finding",
            True,
            Alert.objects.get(),
            exceeding.gas,
        )
        assert lead.title == "点GAS 氮氧化物小时均值超标 0.20 倍"
        assert leads_from_findings() == []

    def test_crash_between_finding_and_lead(self, exceeding: Office, clock_at: Callable[..., None]) -> None:
        """A worker that died after deciding never raised the lead: only new decisions were looked at."""
        clock_at(NOON)
        decide_findings()
        assert len(leads_from_findings()) == 1

    def test_exceedance_found_by_late_data(self, office: Office, clock_at: Callable[..., None]) -> None:
        """A finding that late data turned into an exceedance raised no lead at all."""
        put_hours(office.waste, "CODCr", YESTERDAY, [50.0] * 23 + [290.0], unit="mg/L")
        step()
        assert self.decide(clock_at) == []
        put_hours(office.waste, "CODCr", YESTERDAY, [80.0] * 20, unit="mg/L", origin=500)
        step()
        assert verdicts() == ["exceedance"]
        assert [lead.must_handle for lead in leads_from_findings()] == [True]

    def test_revised_exceedance_has_its_lead_already(self, exceeding: Office, clock_at: Callable[..., None]) -> None:
        assert len(self.decide(clock_at)) == 1
        judge(exceeding, [65.0, 66.0, 67.0], origin=50)
        assert leads_from_findings() == []

    def test_lead_raised_by_hand_becomes_statutory(self, exceeding: Office, clock_at: Callable[..., None]) -> None:
        lead = raise_lead(exceeding["officer"], title="超标", alert=Alert.objects.get())
        assert self.decide(clock_at) == []
        lead.refresh_from_db()
        assert lead.must_handle
        with pytest.raises(Invalid, match="不得不予立案"):
            dismiss_lead(exceeding["chief"], lead, "不重要")
        entries = AuditEntry.objects.filter(verb="lead.must_handle").count()
        assert entries == 1
        assert leads_from_findings() == []
        assert AuditEntry.objects.filter(verb="lead.must_handle").count() == 1

    def test_lead_dismissed_while_provisional_does_not_suppress_it(
        self, exceeding: Office, clock_at: Callable[..., None]
    ) -> None:
        """An alert's lead, dismissed before the finding, swallowed the statutory exceedance of the next noon.

        The alert "had a lead already"; that it was dismissed was not looked at."""
        lead = raise_lead(exceeding["officer"], title="超标", alert=Alert.objects.get())
        dismiss_lead(exceeding["chief"], lead, "怀疑仪器")
        (statutory,) = self.decide(clock_at)
        assert statutory.must_handle
        assert statutory.finding is not None
        assert leads_from_findings() == []

    def test_duty_reaches_what_the_lead_was_merged_into(self, exceeding: Office, clock_at: Callable[..., None]) -> None:
        lead = raise_lead(exceeding["officer"], title="超标", alert=Alert.objects.get())
        remark = raise_lead(exceeding["officer"], title="异味", place="路边")
        merge_lead(exceeding["chief"], lead, remark, "同一件事")
        assert self.decide(clock_at) == []
        remark.refresh_from_db()
        assert remark.must_handle
        count = AuditEntry.objects.count()
        assert leads_from_findings() == []
        assert AuditEntry.objects.count() == count

    def test_case_already_open(self, exceeding: Office, clock_at: Callable[..., None]) -> None:
        lead = raise_lead(exceeding["officer"], title="超标", alert=Alert.objects.get())
        open_case(exceeding["chief"], lead, "outlet", "属实")
        assert self.decide(clock_at) == []
        assert Lead.objects.count() == 1
