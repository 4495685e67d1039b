"""Case definitions carried out: every path of every kind, every guard, nothing decided twice."""

from __future__ import annotations

from collections import deque
from datetime import timedelta
from typing import Any

import pytest

from bureau.handling import FIELDS, PHOTO, SOON, go, open_for
from bureau.office import Office, make_user
from moment import NOW
from qingyuan.bureau.accounts.models import Role
from qingyuan.bureau.audit.models import AuditEntry
from qingyuan.bureau.base.errors import Invalid, Missing, NotAllowed, WrongState
from qingyuan.bureau.cases.actions.work import act
from qingyuan.bureau.cases.models import Case
from qingyuan.bureau.cases.queries.definition import Definition, current
from qingyuan.bureau.cases.queries.open_verbs import available_actions, outcome_label, state_label

pytestmark = pytest.mark.django_db
KINDS = ("outlet", "area", "silence")
POINT = {"outlet": "gas", "area": "air", "silence": "waste"}


def opened(office: Office, kind: str = "outlet", **more: Any) -> Case:
    return open_for(office, getattr(office, POINT[kind]), kind, **more)


def ways_to_every_step(plan: Definition) -> list[tuple[str, ...]]:
    """For each transition and from-state: a shortest way from the beginning that ends with it."""
    shortest: dict[str, tuple[str, ...]] = {plan.initial: ()}
    waiting = deque([plan.initial])
    while waiting:
        state = waiting.popleft()
        for t in plan.transitions:
            if state in t.from_states and t.to_state and t.to_state not in shortest:
                shortest[t.to_state] = (*shortest[state], t.verb)
                waiting.append(t.to_state)
    assert set(shortest) == set(plan.states), "a state that nothing leads to"
    return [(*shortest[s], t.verb) for t in plan.transitions for s in t.from_states]


WAYS = [(kind, way) for kind in KINDS for way in ways_to_every_step(current(kind))]


@pytest.mark.parametrize(("kind", "way"), WAYS, ids=[f"{k}-{'-'.join(w)}" for k, w in WAYS])
def test_every_declared_step(office: Office, kind: str, way: tuple[str, ...]) -> None:
    more = {"upper_order_number": "交 1 号"} if "reply_upper" in way else {}
    case = opened(office, kind, **more)
    for place, verb in enumerate(way):
        before = case.state
        if verb in {"submit", "close"} and case.rectifications.filter(done_at__isnull=True).exists():
            case = go(office, case, "complete_rectification")
        if verb == "accept" and case.owner == office.south_office:
            case = go(office, case, verb, by="south")
        else:
            case = go(office, case, verb)
        step = current(kind).transition(verb)
        assert step is not None
        assert case.state == (step.to_state or before), way[: place + 1]
        event = case.events.last()
        assert event is not None
        assert (event.verb, event.from_state, event.to_state, event.at) == (verb, before, step.to_state, NOW)
        entry = AuditEntry.objects.order_by("-pk")[0]
        assert (entry.verb, entry.object_id) == (f"case.{verb}", str(case.pk))
    is_closed = case.state in current(kind).final
    assert (case.closed_at is not None, case.outcome != "") == (is_closed, is_closed)


@pytest.mark.parametrize("kind", KINDS)
def test_steps_are_only_offered_and_taken_in_their_states(office: Office, kind: str) -> None:
    case = opened(office, kind, upper_order_number="交 1 号")
    plan = current(kind)
    for state in plan.states:
        Case.objects.filter(pk=case.pk).update(state=state, owner=office.team)
        case.refresh_from_db()
        for step in plan.transitions:
            if state in step.from_states:
                continue
            assert step.verb not in {a.verb for a in available_actions(office["chief"], case)}
            with pytest.raises(WrongState, match="请刷新页面"):
                act(office["chief"], case, step.verb, "说明", FIELDS.get(step.verb))


@pytest.mark.parametrize("kind", KINDS)
def test_from_open_to_closed_and_back(office: Office, kind: str) -> None:
    case = go(office, opened(office, kind), "assign", "accept", "report", "submit", "return", "submit", "close")
    assert (state_label(case), case.closed_at) == ("已办结", NOW)
    assert outcome_label(case) == current(kind).outcomes[case.outcome]
    case = go(office, case, "reopen")
    assert (case.state, case.closed_at, case.outcome, case.outcome_note) == ("working", None, "", "")
    assert case.events.last().data["former_outcome"]  # type: ignore[union-attr]
    assert go(office, case, "submit", "close").state == "closed"


class TestRectification:
    def test_from_order_to_done(self, office: Office) -> None:
        case = go(office, opened(office), "assign", "accept", "order_rectification", "order_rectification")
        assert (case.state, case.rectifications.count()) == ("rectifying", 2)
        with pytest.raises(WrongState, match="还有 2 项整改"):
            go(office, case, "submit")
        case = go(office, case, "complete_rectification")
        with pytest.raises(WrongState, match="还有 1 项整改"):
            go(office, case, "submit")
        case = go(office, case, "complete_rectification", "submit", "close")
        assert all(r.done_at == NOW for r in case.rectifications.all())

    @pytest.mark.parametrize("given", ["999999", "abc", "", None, "1.5", "²"])
    def test_unknown_one_cannot_be_completed(self, office: Office, given: Any) -> None:
        case = go(office, opened(office), "assign", "accept", "order_rectification")
        with pytest.raises((Invalid, Missing)) as caught:
            act(office["officer"], case, "complete_rectification", "好了", {"rectification": given}, [PHOTO])
        assert caught.value.field == "rectification"

    def test_it_is_completed_once(self, office: Office) -> None:
        case = go(office, opened(office), "assign", "accept", "order_rectification", "complete_rectification")
        done = case.rectifications.get()
        with pytest.raises(Invalid, match="已完成"):
            act(office["officer"], case, "complete_rectification", "好了", {"rectification": done.pk}, [PHOTO])

    def test_proof_is_asked_for(self, office: Office) -> None:
        case = go(office, opened(office), "assign", "accept", "order_rectification")
        number = case.rectifications.get().pk
        with pytest.raises(Missing) as caught:
            act(office["officer"], case, "complete_rectification", "好了", {"rectification": number})
        assert caught.value.field == "files"


class TestGuards:
    def test_no_verification_without_evidence(self, office: Office) -> None:
        case = go(office, opened(office), "assign", "accept")
        with pytest.raises(Missing) as caught:
            act(office["officer"], case, "submit", "办完了")
        assert caught.value.field == "files"
        act(office["officer"], case, "report", "现场", {}, [PHOTO])
        case.refresh_from_db()
        assert act(office["officer"], case, "submit", "办完了").state == "submitted"

    @pytest.mark.parametrize("kind", KINDS)
    def test_upper_order_needs_its_reply(self, office: Office, kind: str) -> None:
        case = go(office, opened(office, kind, upper_order_number="交 1 号"), "assign", "accept", "submit")
        with pytest.raises(Missing) as caught:
            go(office, case, "close")
        assert caught.value.field == "upper_reply"
        closed = go(office, case, "close", fields={"upper_reply": "查实并整改"})
        assert closed.upper_reply == "查实并整改"

    def test_reply_written_before_is_enough(self, office: Office) -> None:
        case = opened(office, upper_order_number="交 1 号")
        case = go(office, case, "reply_upper", "assign", "accept", "submit", "close")
        assert case.upper_reply == "已办结。"

    def test_reply_without_an_upper_order_is_refused(self, office: Office) -> None:
        with pytest.raises(NotAllowed, match="不是上级交办"):
            go(office, opened(office), "reply_upper")

    @pytest.mark.parametrize("outcome", ["", "burnt", [], {"a": 1}])
    def test_outcome_must_be_one_of_the_kind(self, office: Office, outcome: Any) -> None:
        case = go(office, opened(office), "assign", "accept", "submit")
        with pytest.raises((Invalid, Missing)) as caught:
            act(office["chief"], case, "close", "", {"outcome": outcome, "outcome_note": "x"})
        assert caught.value.field == "outcome"

    def test_blanks_are_no_note(self, office: Office) -> None:
        """A case was returned "with a note" of three blanks."""
        case = go(office, opened(office), "assign", "accept", "submit")
        for note in ("", "   ", "\n\t"):
            with pytest.raises(Missing) as caught:
                act(office["chief"], case, "return", note)
            assert caught.value.field == "note"
        with pytest.raises(Missing):
            act(office["chief"], case, "close", "", {"outcome": "rectified", "outcome_note": " "})

    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            pytest.param({"deadline": "soon"}, "deadline", id="no-time"),
            pytest.param({"deadline": NOW - timedelta(minutes=1)}, "deadline", id="past"),
            pytest.param({"deadline": "2020-01-01T12:00"}, "deadline", id="past-text"),
            pytest.param({"owner": "NOBODY"}, "owner", id="unknown-body"),
            pytest.param({"assignee": "nobody"}, "assignee", id="unknown-person"),
            pytest.param({"assignee": "chief"}, "assignee", id="person-of-another-body"),
            pytest.param({"owner": ""}, "owner", id="no-body"),
            pytest.param({"owner": {"a": 1}}, "owner", id="body-of-another-form"),
            pytest.param({"owner": "²"}, "owner", id="odd-digit"),
        ],
    )
    def test_assignment_that_makes_no_sense(self, office: Office, fields: dict[str, Any], field: str) -> None:
        case = opened(office)
        with pytest.raises((Invalid, Missing)) as caught:
            act(office["chief"], case, "assign", "", FIELDS["assign"] | fields)
        assert caught.value.field == field
        case.refresh_from_db()
        assert (case.state, case.owner, case.revision) == ("opened", None, 1)

    def test_text_time_without_zone_is_beijing_time(self, office: Office) -> None:
        case = act(office["chief"], opened(office), "assign", "", FIELDS["assign"] | {"deadline": "2026-12-01T12:00"})
        assert case.deadline_at is not None
        assert case.deadline_at.isoformat() == "2026-12-01T04:00:00+00:00"

    def test_unknown_verb(self, office: Office) -> None:
        with pytest.raises(Invalid) as caught:
            act(office["chief"], opened(office), "burn")
        assert caught.value.field == "verb"


class TestHands:
    def test_only_the_hands_that_hold_it_work_on_it(self, office: Office) -> None:
        case = go(office, opened(office), "assign")
        for who in ("south", "north"):
            with pytest.raises(NotAllowed, match="执法大队"):
                act(office[who], case, "accept")
        for who in ("firm", "security", "audit", "system"):
            with pytest.raises(NotAllowed):
                act(office[who], case, "accept")
        assert act(office["officer"], case, "accept").state == "working"

    def test_body_above_may_work_too(self, office: Office) -> None:
        above = make_user("deputy", Role.OFFICER, office.county, office.bureau)
        assert act(above, go(office, opened(office), "assign"), "accept").state == "working"

    def test_handed_over_it_is_out_of_the_old_hands(self, office: Office) -> None:
        case = go(office, opened(office), "assign", "accept", "hand_over")
        assert (case.state, case.owner, case.assignee) == ("assigned", office.south_office, office["south"])
        with pytest.raises(NotAllowed):
            act(office["officer"], case, "accept")
        assert act(office["south"], case, "accept").state == "working"

    def test_only_the_body_that_ordered_verifies(self, office: Office) -> None:
        case = go(office, opened(office), "assign", "accept", "submit")
        city = make_user("city", Role.CHIEF, None, office.other_firm)
        for verb in ("return", "close"):
            with pytest.raises(NotAllowed, match="生态环境局"):
                act(city, case, verb, "x", {"outcome": "rectified", "outcome_note": "x"})
            with pytest.raises(NotAllowed):
                act(office["officer"], case, verb, "x", {"outcome": "rectified", "outcome_note": "x"})
        fields = {"outcome": "rectified", "outcome_note": "x", "override": "现场复核"}
        assert act(office["director"], case, "close", "", fields).closed_at

    def test_refused_steps_are_not_in_the_file(self, office: Office) -> None:
        case = go(office, opened(office), "assign")
        events, entries = case.events.count(), AuditEntry.objects.count()
        with pytest.raises(NotAllowed):
            act(office["south"], case, "accept", files=[PHOTO])
        assert (case.events.count(), AuditEntry.objects.count()) == (events, entries)
        assert case.exhibits.count() == 1

    def test_offered_actions_are_those_that_work(self, office: Office) -> None:
        case = go(office, opened(office), "assign")
        offered = {
            who: [a.verb for a in available_actions(office[who], case)] for who in ("chief", "officer", "south", "firm")
        }
        assert offered == {
            "chief": ["accept", "hand_over", "extend"], "officer": ["accept", "hand_over"], "south": [], "firm": [],
        }  # fmt: skip


class TestAtOnce:
    def test_what_someone_else_changed_meanwhile_is_seen_first(self, office: Office) -> None:
        case = go(office, opened(office), "assign")
        seen = case.revision
        go(office, case, "extend")
        with pytest.raises(WrongState, match="已被他人更新"):
            act(office["officer"], Case.objects.get(pk=case.pk), "accept", revision=seen)

    def test_stale_object_changes_nothing(self, office: Office) -> None:
        case = go(office, opened(office), "assign")
        stale = Case.objects.get(pk=case.pk)
        go(office, case, "extend", fields={"deadline": SOON + timedelta(days=1)})
        with pytest.raises(WrongState, match="已被他人更新"):
            act(office["officer"], stale, "accept", files=[PHOTO])
        fresh = Case.objects.get(pk=case.pk)
        assert (fresh.state, fresh.events.filter(verb="accept").exists()) == ("assigned", False)
        assert fresh.exhibits.count() == 1

    def test_each_change_is_a_revision(self, office: Office) -> None:
        assert go(office, opened(office), "assign", "accept", "report").revision == 4
