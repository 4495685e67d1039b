"""Closing rests on the readings: what ran, is valid, untagged and complies; or on a person who says so by name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from bureau.handling import PHOTO, go, open_for
from bureau.office import Office, make_point, put_hours
from moment import NOW
from qingyuan.bureau.audit.models import AuditEntry
from qingyuan.bureau.base.errors import Missing, WrongState
from qingyuan.bureau.cases.actions.automatic import leads_from_restarts
from qingyuan.bureau.cases.actions.leads import open_case, raise_lead
from qingyuan.bureau.cases.actions.work import act
from qingyuan.bureau.cases.models import Case, Lead
from qingyuan.bureau.cases.queries.closing import readings_since
from qingyuan.bureau.cases.queries.open_verbs import available_actions
from qingyuan.bureau.registers.models import Meter
from qingyuan.bureau.reports.papers.case_record.facts import case_facts
from qingyuan.bureau.values.actions.stops import plan_stop
from qingyuan.bureau.values.models import Tag

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
FIRST = NOW.replace(minute=0) + HOUR  # the first whole hour after the mending
LATER = FIRST + 9 * HOUR


@pytest.fixture
def submitted(office: Office, clock_at: Callable[[datetime], None]) -> Case:
    """Rectified at NOW, handed in for verification; the clock then stands nine hours later."""
    case = open_for(office, office.gas)
    case = go(office, case, "assign", "accept", "order_rectification", "complete_rectification", "submit")
    clock_at(LATER)
    return case


def close(office: Office, case: Case, outcome: str = "rectified", **more: Any) -> Case:
    return act(office["chief"], case, "close", "", {"outcome": outcome, "outcome_note": "已核实"} | more)


def hours(office: Office, values: list[float | None], start: datetime = FIRST, **more: Any) -> None:
    put_hours(office.gas, "NOx", start, values, **more)


class TestRectified:
    def test_six_hours_that_ran_and_comply(self, office: Office, submitted: Case) -> None:
        hours(office, [41.0] * 6)
        said = readings_since(submitted)
        assert said is not None
        assert (said.verdict, said.needed, said.since) == ("complies", 6, FIRST)
        assert close(office, submitted).outcome == "rectified"

    @pytest.mark.parametrize(
        ("values", "words"),
        [
            pytest.param([40.0, 40.0, 40.0, 40.0, 40.0, 40.0, 81.8], "81.8，超过限值", id="the-next-hour-is-over"),
            pytest.param([40.0, 40.0, 40.0, 81.8, 40.0, 40.0, 40.0], "81.8，超过限值", id="one-in-between"),
            pytest.param([40.0] * 5, "有 5 个，须连续 6 个", id="too-few"),
            pytest.param([None] * 8, "有 0 个", id="no-values"),
            pytest.param([], "没有收到小时值", id="no-readings-at-all"),
        ],
    )
    def test_what_the_readings_do_not_bear_out(
        self, office: Office, submitted: Case, values: list[float | None], words: str
    ) -> None:
        """A case was closed as rectified while the very next hour stood at 81.8 of 50."""
        hours(office, values)
        with pytest.raises(WrongState, match=words):
            close(office, submitted)
        submitted.refresh_from_db()
        assert (submitted.state, submitted.outcome) == ("submitted", "")

    def test_an_old_exceedance_that_six_hours_followed(self, office: Office, submitted: Case) -> None:
        hours(office, [81.8, 81.8, *[40.0] * 6])
        assert close(office, submitted).closed_at

    def test_hours_before_the_mending_do_not_count(self, office: Office, submitted: Case) -> None:
        hours(office, [40.0] * 8, FIRST - 8 * HOUR)
        with pytest.raises(WrongState, match="没有收到小时值"):
            close(office, submitted)

    @pytest.mark.parametrize("kind", ["维护", "故障", "校准", "正常"])
    def test_tagged_hours_do_not_count(self, office: Office, submitted: Case, kind: str) -> None:
        hours(office, [40.0] * 8)
        Tag.objects.create(
            outlet=office.gas_outlet, kind=kind, start=FIRST, end=FIRST + 3 * HOUR, made_by=office["firm"], made_at=NOW
        )
        with pytest.raises(WrongState, match="有 5 个"):
            close(office, submitted)
        Tag.objects.update(check_state=Tag.Check.REFUSED)
        assert close(office, submitted).closed_at

    def test_a_flag_of_the_device(self, office: Office, submitted: Case) -> None:
        hours(office, [40.0] * 8, flag="C")
        with pytest.raises(WrongState, match="有 0 个"):
            close(office, submitted)

    def test_an_order_that_was_done_after_reopening_counts_anew(
        self, office: Office, submitted: Case, clock_at: Callable[[datetime], None]
    ) -> None:
        hours(office, [40.0] * 8)
        case = go(office, close(office, submitted), "reopen", "submit")
        with pytest.raises(WrongState, match="没有收到小时值"):
            close(office, case)

    def test_only_the_item_of_the_case(self, office: Office, submitted: Case) -> None:
        from bureau.office import put_limit
        from bureau.test_leads import make_finding

        put_limit(office.gas_outlet, "SO2", 35, "hour", "mg/m3")
        hours(office, [40.0] * 8)
        put_hours(office.gas, "SO2", FIRST, [99.0] * 8)
        with pytest.raises(WrongState, match="二氧化硫"):
            close(office, submitted)
        Lead.objects.filter(case=submitted).update(finding=make_finding(office.gas))
        assert close(office, submitted).closed_at

    @pytest.mark.parametrize("outcome", ["filed", "not_filed", "transferred", "not_substantiated"])
    def test_other_outcomes_claim_nothing(self, office: Office, submitted: Case, outcome: str) -> None:
        assert close(office, submitted, outcome).outcome == outcome


class TestOverride:
    def test_by_name_in_writing_logged_and_printed(self, office: Office, submitted: Case) -> None:
        closed = close(office, submitted, override="比对监测达标，数采仪待修")
        event = closed.events.get(verb="close")
        assert (event.data["override"], event.data["override_by"]) == ("比对监测达标，数采仪待修", "chief")
        assert AuditEntry.objects.get(verb="case.close").data["overridden"] is True
        printed = [f"{f.label}{f.value}" for f in case_facts(closed).outcome]
        assert any("chief 决定仍按此办结：比对监测达标" in line for line in printed)

    def test_blanks_are_no_reason(self, office: Office, submitted: Case) -> None:
        with pytest.raises(WrongState):
            close(office, submitted, override="  ")

    def test_the_form_offers_it(self, office: Office, submitted: Case) -> None:
        (action,) = [a for a in available_actions(office["chief"], submitted) if a.verb == "close"]
        assert [f.name for f in action.fields if f.name in {"override", "proof"}] == ["override"]


class TestStopped:
    def stop(self, office: Office, how: str) -> None:
        if how == "flag":
            hours(office, [0.0] * 8, flag="F")
        elif how == "plan":
            hours(office, [3.0] * 8)
            plan_stop(office["chief"], office.gas, FIRST, LATER + HOUR, "停炉")
        elif how == "tag":
            hours(office, [3.0] * 8)
            Tag.objects.create(
                outlet=office.gas_outlet, kind="停运", start=FIRST, end=LATER, made_by=office["firm"], made_at=NOW
            )
        elif how == "oxygen":
            hours(office, [0.5] * 8)
            put_hours(office.gas, "O2", FIRST, [20.7] * 8, unit="%")
        elif how == "flow":
            hours(office, [0.5] * 8)
            put_hours(office.gas, "flue_flow", FIRST, [0.0] * 8, unit="m3/s")
        else:
            hours(office, [0.5] * 8)
            meter = make_point("PM1", "meter", office.south, office.firm)
            Meter.objects.create(point=meter, outlet=office.gas_outlet, unit="production")
            put_hours(meter, "d20101", FIRST, [0.0] * 8, unit="kW")

    @pytest.mark.parametrize("how", ["flag", "plan", "tag", "oxygen", "flow", "power"])
    def test_a_stopped_plant_is_not_rectified(self, office: Office, submitted: Case, how: str) -> None:
        """Nothing comes out of a stopped plant: its zeros passed for compliance."""
        self.stop(office, how)
        with pytest.raises(WrongState, match="停产，恢复生产时复核"):
            close(office, submitted)
        closed = close(office, submitted, "stopped_recheck")
        assert (closed.state, closed.outcome) == ("closed", "stopped_recheck")

    def test_a_running_plant_is_not_stopped(self, office: Office, submitted: Case) -> None:
        hours(office, [40.0] * 8)
        with pytest.raises(WrongState, match="仍在运行"):
            close(office, submitted, "stopped_recheck")

    def test_when_it_starts_again_a_lead_says_so_once(
        self, office: Office, submitted: Case, clock_at: Callable[[datetime], None]
    ) -> None:
        self.stop(office, "flag")
        closed = close(office, submitted, "stopped_recheck")
        assert leads_from_restarts() == []
        clock_at(LATER + 5 * HOUR)
        hours(office, [44.0] * 3, LATER + HOUR, origin=99)
        (lead,) = leads_from_restarts()
        assert closed.number in lead.title
        assert lead.point == office.gas
        assert closed.events.filter(verb="restarted").count() == 1
        assert leads_from_restarts() == []


class TestProof:
    def test_a_case_without_readings_names_its_proof(self, office: Office) -> None:
        lead = raise_lead(office["officer"], title="小作坊冒烟", place="桥下", area=office.south)
        case = go(office, open_case(office["chief"], lead, "outlet", "属实"), "assign", "accept", "submit")
        (action,) = [a for a in available_actions(office["chief"], case) if a.verb == "close"]
        assert [(f.name, f.required) for f in action.fields if f.name == "proof"] == [("proof", True)]
        with pytest.raises(Missing) as caught:
            close(office, case)
        assert caught.value.field == "proof"
        closed = close(office, case, proof="现场复查照片 3 张，设备已拆除")
        assert "现场复查照片" in str(case_facts(closed).outcome)

    def test_an_outlet_without_any_limit_has_none_to_comply_with(self, office: Office) -> None:
        office.gas_outlet.limits.all().delete()
        case = go(office, open_for(office, office.gas), "assign", "accept", "submit")
        with pytest.raises(Missing):
            close(office, case)


class TestArrival:
    @pytest.fixture
    def silent(self, office: Office) -> Case:
        return go(office, open_for(office, office.waste, "silence"), "assign", "accept", "submit")

    @pytest.mark.parametrize("outcome", ["restored_device", "restored_link", "restored_platform"])
    def test_restored_while_still_silent(self, office: Office, silent: Case, outcome: str) -> None:
        """The brother of the other: data "restored" of a point that still sent nothing."""
        with pytest.raises(WrongState, match="仍没有数据"):
            close(office, silent, outcome)
        put_hours(office.waste, "CODCr", NOW - 2 * HOUR, [30.0, 31.0], unit="mg/L")
        assert close(office, silent, outcome).outcome == outcome

    def test_what_restores_nothing(self, office: Office, silent: Case) -> None:
        assert close(office, silent, "retired").closed_at


def test_cases_that_run_under_an_old_version_are_covered(office: Office, submitted: Case) -> None:
    assert submitted.definition_version == 1
    (action,) = [a for a in available_actions(office["chief"], submitted) if a.verb == "close"]
    (field,) = [f for f in action.fields if f.name == "outcome"]
    assert "stopped_recheck" in {c.value for c in field.choices}
    assert {"rectified", "filed", "not_filed", "transferred", "not_substantiated"} <= {c.value for c in field.choices}
    assert PHOTO.content
