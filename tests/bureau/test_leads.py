"""Leads: raised, dismissed, merged, made into cases; what is statutory is never lost on the way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bureau.handling import PHOTO, SOON, go, open_for
from bureau.office import Office, put_hours
from moment import NOW
from qingyuan.bureau.alerts.models import Alert
from qingyuan.bureau.audit.models import AuditEntry
from qingyuan.bureau.base.errors import Invalid, Missing, NotAllowed, WrongState
from qingyuan.bureau.cases.actions.leads import dismiss_lead, merge_lead, open_case, raise_lead
from qingyuan.bureau.cases.models import Case, Lead
from qingyuan.bureau.evidence.actions.files import read
from qingyuan.bureau.judging.models import Finding
from qingyuan.bureau.registers.models import Point

pytestmark = pytest.mark.django_db


def new(office: Office, **more: Any) -> Lead:
    return raise_lead(office["officer"], **({"title": "河面发白", "place": "沚河大桥"} | more))


def make_alert(point: Point, **more: Any) -> Alert:
    given = {"rule": "outlet_hour", "subject": f"{point.code}:NOx", "item": "NOx", "level": 2, "title": "超限",
             "started_at": NOW, "last_seen_at": NOW, "opened_at": NOW, "rule_set": "x"}  # fmt: skip
    return Alert.objects.create(point=point, **(given | more))


def make_finding(point: Point, alert: Alert | None = None, **more: Any) -> Finding:
    given = {"item": "NOx", "averaging": "hour", "start": NOW - timedelta(days=1), "end": NOW - timedelta(hours=23),
             "verdict": "exceedance", "value": 60.0, "limit_value": 50.0, "multiple": 0.2, "limit_ref": "limit:1",
             "rule_set": "x", "watermark": 1, "deadline": NOW, "decided_at": NOW, "unit": "mg/m3"}  # fmt: skip
    return Finding.objects.create(point=point, alert=alert, **(given | more))


class TestRaising:
    def test_by_hand_with_photo(self, office: Office) -> None:
        lead = raise_lead(
            office["south"], title=" 河面发白 ", place="桥下", lon=119.4, lat=33.1, area=office.south, files=[PHOTO]
        )
        assert (lead.number, lead.state, lead.source, lead.title) == ("XS2026-0001", "new", "manual", "河面发白")
        assert (lead.reporter, lead.created_by, lead.created_at, lead.occurred_at) == (
            "south",
            office["south"],
            NOW,
            NOW,
        )
        exhibit = lead.exhibits.get()
        assert (exhibit.kind, exhibit.title) == ("photo", "现场照片")
        assert read(exhibit.evidence) == PHOTO.content

    def test_point_gives_place_area_and_position(self, office: Office) -> None:
        Point.objects.filter(pk=office.gas.pk).update(lon=119.2, lat=33.0)
        lead = new(office, place="", point=Point.objects.get(code="GAS"))
        assert (lead.place, lead.area, lead.lon, lead.lat) == ("点GAS", office.south, 119.2, 33.0)

    def test_numbers_run_on(self, office: Office) -> None:
        assert [new(office).number[-4:] for _ in range(3)] == ["0001", "0002", "0003"]

    @pytest.mark.parametrize(
        ("given", "error", "field"),
        [
            pytest.param({"title": "  "}, Missing, "title", id="no-title"),
            pytest.param({"place": " "}, Missing, "place", id="no-place"),
            pytest.param({"lon": 119.0}, Invalid, "lon", id="half-a-position"),
            pytest.param({"lon": 33.0, "lat": 119.0}, Invalid, "lon", id="swapped"),
        ],
    )
    def test_what_is_missing_is_said(
        self, office: Office, given: dict[str, Any], error: type[Missing], field: str
    ) -> None:
        with pytest.raises(error) as caught:
            new(office, **given)
        assert caught.value.field == field
        assert not Lead.objects.exists()

    def test_alert_has_one_lead(self, office: Office) -> None:
        alert = make_alert(office.gas)
        first = new(office, alert=alert)
        assert (first.source, first.point) == ("alert", office.gas)
        with pytest.raises(WrongState, match=first.number):
            new(office, alert=alert)


class TestTriage:
    def test_dismissed_with_reason(self, office: Office) -> None:
        lead = dismiss_lead(office["chief"], new(office), "现场已复核，属雾气")
        assert (lead.state, lead.decision_reason, lead.decided_by, lead.decided_at) == (
            "dismissed", "现场已复核，属雾气", office["chief"], NOW,
        )  # fmt: skip

    @pytest.mark.parametrize("decide", ["dismiss", "merge", "open"])
    def test_reason_is_asked_for(self, office: Office, decide: str) -> None:
        lead, other = new(office), new(office)
        with pytest.raises(Missing) as caught:
            DECISIONS[decide](office, lead, other, "  ")
        assert caught.value.field == "reason"
        lead.refresh_from_db()
        assert lead.state == "new"
        assert not Case.objects.exists()

    @pytest.mark.parametrize("second", ["dismiss", "merge", "open"])
    @pytest.mark.parametrize("first", ["dismiss", "merge", "open"])
    def test_decided_once(self, office: Office, first: str, second: str) -> None:
        lead, other = new(office), new(office)
        stale = Lead.objects.get(pk=lead.pk)
        DECISIONS[first](office, lead, other, "第一次")
        with pytest.raises(WrongState, match="不能再次研判"):
            DECISIONS[second](office, stale, other, "第二次")
        assert Lead.objects.get(pk=lead.pk).decision_reason == "第一次"
        assert Case.objects.count() == (first == "open")

    def test_what_must_be_handled_cannot_be_dismissed(self, office: Office) -> None:
        lead = new(office, finding=make_finding(office.gas), must_handle=True)
        with pytest.raises(Invalid, match="不得不予立案"):
            dismiss_lead(office["chief"], lead, "不重要")
        assert open_case(office["chief"], lead, "outlet", "依法立案").number

    def test_merging_what_must_be_handled_hands_the_duty_on(self, office: Office) -> None:
        """A statutory exceedance was merged into a passer-by's remark, and the remark was then dismissed.

        The duty stayed with the merged lead, where nobody looked any more."""
        statutory = new(office, finding=make_finding(office.gas), must_handle=True)
        remark, last = new(office), new(office)
        stale = Lead.objects.get(pk=remark.pk)
        merge_lead(office["chief"], statutory, remark, "同一件事")
        for row in (stale, Lead.objects.get(pk=remark.pk)):
            with pytest.raises(Invalid, match="不得不予立案"):
                dismiss_lead(office["chief"], row, "雾气")
        merge_lead(office["chief"], Lead.objects.get(pk=remark.pk), last, "同一件事")
        assert Lead.objects.get(pk=last.pk).must_handle

    def test_merged_leads_follow_into_the_case(self, office: Office) -> None:
        first, second = new(office), new(office)
        case = open_case(office["chief"], first, "outlet", "属实")
        merged = merge_lead(office["chief"], second, Lead.objects.get(pk=first.pk), "同一件事")
        assert (merged.merged_into, merged.case) == (first, case)

    def test_lead_merged_before_the_case_belongs_to_it_too(self, office: Office) -> None:
        """Leads merged into another before its case was opened never showed the case."""
        main, second, third = new(office), new(office), new(office)
        merge_lead(office["chief"], third, second, "同")
        merge_lead(office["chief"], Lead.objects.get(pk=second.pk), main, "同")
        case = open_case(office["chief"], main, "outlet", "属实")
        assert {lead.pk for lead in case.leads.all()} == {main.pk, second.pk, third.pk}

    @pytest.mark.parametrize("into", ["itself", "dismissed", "merged"])
    def test_no_merging_into_what_has_gone(self, office: Office, into: str) -> None:
        lead, other, third = new(office), new(office), new(office)
        target = {"itself": lead, "dismissed": other, "merged": other}[into]
        if into == "dismissed":
            target = dismiss_lead(office["chief"], other, "无")
        elif into == "merged":
            target = merge_lead(office["chief"], other, third, "同")
        with pytest.raises(Invalid) as caught:
            merge_lead(office["chief"], lead, target, "同")
        assert caught.value.field == "into"

    @pytest.mark.parametrize("decide", ["dismiss", "merge", "open"])
    def test_who_may_not_decide(self, office: Office, decide: str) -> None:
        lead, other = new(office), new(office)
        AuditEntry.objects.all().delete()
        for who in set(office.users) - {"chief", "director"}:
            with pytest.raises(NotAllowed):
                DECISIONS[decide](office, lead, other, "因为", who)
        assert not AuditEntry.objects.exists()
        DECISIONS[decide](office, lead, other, "因为")
        (entry,) = AuditEntry.objects.all()
        assert (entry.actor_label, entry.verb) == ("chief", {"open": "case.open"}.get(decide, f"lead.{decide}"))


DECISIONS: dict[str, Callable[..., object]] = {
    "dismiss": lambda o, lead, other, reason, who="chief": dismiss_lead(o[who], lead, reason),
    "merge": lambda o, lead, other, reason, who="chief": merge_lead(o[who], lead, other, reason),
    "open": lambda o, lead, other, reason, who="chief": open_case(o[who], lead, "outlet", reason),
}


def test_who_may_not_raise(office: Office) -> None:
    for who in ("firm", "operator", "system", "security", "audit"):
        with pytest.raises(NotAllowed):
            raise_lead(office[who], title="t", place="p")


class TestOpening:
    def test_case_is_numbered_ordered_and_has_a_deadline(self, office: Office) -> None:
        case = open_for(office, office.gas)
        assert (case.number, case.state, case.kind, case.definition_version) == ("AJ2026-0001", "opened", "outlet", 1)
        assert (case.ordered_by, case.opened_by, case.area) == (office.bureau, office["chief"], office.south)
        # Saturday 21 November 2026: the fifth working day after it is Friday the 27th, 17:30 in Beijing.
        assert case.deadline_at is not None
        assert case.deadline_at.isoformat() == "2026-11-27T17:30:00+08:00"

    def test_upper_order_brings_its_number_and_the_shorter_deadline(self, office: Office) -> None:
        case = open_for(
            office, office.gas, upper_system="省平台", upper_order_number=" 苏环交 1 号 ", upper_deadline=SOON
        )
        assert (case.upper_order_number, case.deadline_at) == ("苏环交 1 号", SOON)

    def test_readings_behind_the_trigger_are_frozen(self, office: Office) -> None:
        put_hours(office.gas, "NOx", NOW - timedelta(hours=3), [41.0, 61.5, 40.0])
        case = open_for(office, office.gas)
        exhibit = case.exhibits.get()
        assert exhibit.kind == "readings"
        assert "61.5" in read(exhibit.evidence).decode()
        put_hours(office.gas, "NOx", NOW - timedelta(hours=3), [1.0, 1.0, 1.0], origin=50)
        assert "61.5" in read(exhibit.evidence).decode()

    def test_unknown_kind(self, office: Office) -> None:
        with pytest.raises(Invalid) as caught:
            open_case(office["chief"], new(office), "war", "因为")
        assert caught.value.field == "kind"


class TestInvestigation:
    def test_child_leads_and_their_cases_belong_to_it(self, office: Office) -> None:
        parent = open_for(office, office.air, "area")
        child = new(office, parent_case=parent, point=office.gas)
        assert (child.source, child.parent_case) == ("investigation", parent)
        assert open_case(office["chief"], child, "outlet", "查实").parent == parent
        assert "child_lead" in [e.verb for e in parent.events.all()]

    def test_child_is_no_investigation_itself(self, office: Office) -> None:
        parent = open_for(office, office.air, "area")
        with pytest.raises(Invalid, match="下级线索"):
            open_case(office["chief"], new(office, parent_case=parent), "area", "查")

    def test_it_closes_when_its_children_are_decided(self, office: Office) -> None:
        parent = go(office, open_for(office, office.air, "area"), "assign", "accept", "submit")
        first, second = (new(office, parent_case=parent, point=office.gas) for _ in range(2))
        with pytest.raises(WrongState, match="2 条下级线索未研判、0 个下级案件"):
            go(office, parent, "close")
        dismiss_lead(office["chief"], first, "无关")
        child = open_case(office["chief"], second, "outlet", "查实")
        with pytest.raises(WrongState, match="0 条下级线索未研判、1 个下级案件"):
            go(office, parent, "close")
        go(office, child, "assign", "accept", "submit", "close")
        assert go(office, parent, "close").state == "closed"

    def test_only_an_open_investigation_takes_child_leads(self, office: Office) -> None:
        """A lead could be hung under an outlet case, or under an investigation that was closed long ago."""
        with pytest.raises(Invalid, match="区域调查"):
            new(office, parent_case=open_for(office, office.gas))
        closed = go(office, open_for(office, office.air, "area"), "assign", "accept", "submit", "close")
        with pytest.raises(WrongState, match="已办结"):
            new(office, parent_case=closed)
