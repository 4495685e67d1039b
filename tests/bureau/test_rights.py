"""Rights as one table: each identity, what it sees, how much of it, and what it may do where. HTTP is asked elsewhere.

A town has both; a firm reads its own; who holds a case sees the whole of it, who handed it over no more than the matter.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bureau.handling import PHOTO, go, open_for
from bureau.office import LONG_AGO, Office, make_user
from moment import NOW
from qingyuan.bureau.accounts.models import Role, RoleAssignment
from qingyuan.bureau.accounts.policies.rights import (
    CAPABILITIES,
    may,
    require_everywhere,
    roles_of,
    scope_of,
    visible_areas,
    visible_users,
)
from qingyuan.bureau.accounts.policies.sides import is_outside, name_for
from qingyuan.bureau.alerts.models import Alert
from qingyuan.bureau.alerts.policies import listed_alerts, visible_findings
from qingyuan.bureau.base.errors import NotAllowed
from qingyuan.bureau.book.policies import may_do, visible
from qingyuan.bureau.book.registry import book_of
from qingyuan.bureau.cases.actions.leads import raise_lead
from qingyuan.bureau.cases.models import Exhibit, Rectification
from qingyuan.bureau.cases.policies.rights import is_leader, right_missing, served_on, standing_of, verbs
from qingyuan.bureau.cases.policies.visible import (
    belongs_to,
    may_call_back,
    may_know_informant,
    view_of_case,
    view_of_lead,
    visible_cases,
    visible_exhibits,
    visible_leads,
)
from qingyuan.bureau.judging.models import Finding
from qingyuan.bureau.registers.policies import visible_enterprises, visible_points

pytestmark = pytest.mark.django_db
WHO = (
    "director", "chief", "officer", "monitor", "south", "north", "firm", "other_firm", "operator", "system", "security",
    "audit",
)  # fmt: skip


ALL_POINTS, ALL_VERBS = (
    "AIR GAS SEC WASTE",
    (
        "accept assign close complete_rectification extend hand_over order_rectification reopen reply_upper report return submit"
    ),
)
OF_TOWN = "accept complete_rectification hand_over order_rectification report submit"
EVERYBODY = "EEB ENF F1 F2 OM S-O"
# points, alerts, areas, firms, organisations, outlets, how many accounts
SEEN = {
    "director": (ALL_POINTS, "GAS WASTE", "C N S", "F1 F2", EVERYBODY, "GAS WASTE", 12),
    "chief": (ALL_POINTS, "GAS WASTE", "C N S", "F1 F2", EVERYBODY, "GAS WASTE", 12),
    "officer": (ALL_POINTS, "GAS WASTE", "C N S", "F1 F2", "EEB F1 F2 S-O", "GAS WASTE", 1),
    "monitor": (ALL_POINTS, "GAS WASTE", "C N S", "F1 F2", EVERYBODY, "GAS WASTE", 1),
    "south": ("GAS SEC", "GAS", "S", "F1", "F1 S-O", "GAS", 1),
    "north": ("AIR WASTE", "WASTE", "N", "F2", "F2", "WASTE", 1),
    "firm": ("GAS", "GAS", "", "F1", "F1", "GAS", 1),
    "other_firm": ("WASTE", "WASTE", "", "F2", "F2", "WASTE", 1),
    "operator": ("", "", "", "", "OM", "", 1),
    "system": (ALL_POINTS, "GAS WASTE", "C N S", "F1 F2", EVERYBODY, "GAS WASTE", 1),
    "security": ("", "", "", "", "", "", 12),
    "audit": ("", "", "", "", "", "", 1),
}
# capabilities: in every area, or only in the own
WORK, KEEP = "acknowledge raise_lead view work", "check_tag enterprises.edit import manage_points review_data"
MAY = {
    "director": "acknowledge assign informants raise_lead triage verify view",
    "chief": f"assign informants leaves.edit posts.edit triage verify {WORK} {KEEP}",
    "officer": WORK,
    "monitor": f"{WORK} {KEEP}",
    "south": "enterprises.edit raise_lead view work",
    "north": "enterprises.edit raise_lead view work",
    "firm": "answer tag view view_own",
    "other_firm": "answer tag view view_own",
    "operator": "answer tag view view_own",
    "system": "enterprises.edit import manage_points manage_system view",
    "security": "manage_users",
    "audit": "read_audit",
}
OF_ONE_TOWN = {"south": "S", "north": "N"}
# the kind of body a person stands for, whether outside the bureau, the verbs of a case that such a body does
STANDS = {
    "director": ("bureau", False, ALL_VERBS),
    "chief": ("bureau", False, ALL_VERBS),
    "officer": ("department", False, ALL_VERBS),
    "monitor": ("bureau", False, ALL_VERBS),
    "south": ("town_office", False, OF_TOWN),
    "north": ("town_office", False, OF_TOWN),
    "firm": ("enterprise", True, "complete_rectification"),
    "other_firm": ("enterprise", True, "complete_rectification"),
    "operator": ("operator", True, "complete_rectification"),
    "system": ("bureau", False, ALL_VERBS),
    "security": ("bureau", False, ALL_VERBS),
    "audit": ("bureau", False, ALL_VERBS),
}
# a lead that the town of the south raised: seen, how much, knows the informant, calls back, leads the work
LEAD = {
    "director": (True, "whole", True, False, True),
    "chief": (True, "whole", True, False, True),
    "officer": (True, "matter", False, False, False),
    "monitor": (True, "matter", False, False, False),
    "south": (True, "whole", False, False, False),
    "north": (False, "matter", False, False, False),
    "firm": (False, "served", False, False, False),
    "other_firm": (False, "served", False, False, False),
    "operator": (False, "served", False, False, False),
    "system": (True, "matter", False, False, False),
    "security": (False, "matter", False, False, False),
    "audit": (False, "matter", False, False, False),
}
# the case of an outlet in the south, from state to state: who sees the whole of it, the matter, what was served on him
CASE: dict[str, tuple[tuple[str, ...], str, str, str]] = {
    "opened": ((), "director chief", "officer monitor south system", ""),
    "given to the team": (("assign",), "director chief officer monitor", "south system", ""),
    "ordered": (("accept", "order_rectification"), "director chief officer monitor", "south system", "firm"),
    "handed over": (("hand_over",), "director chief", "officer monitor south system", "firm"),
}


def codes(rows: Any, field: str = "code") -> str:
    return " ".join(sorted(str(value) for value in rows.values_list(field, flat=True)))


def raise_alerts(office: Office) -> list[Alert]:
    return [
        Alert.objects.create(
            rule="outlet_hour", subject=point.code, point=point, level=2, title="t", started_at=NOW, last_seen_at=NOW,
            opened_at=NOW, rule_set="x",
        )
        for point in (office.gas, office.waste)
    ]  # fmt: skip


def test_what_each_sees(office: Office) -> None:
    raise_alerts(office)
    found = {}
    for who in WHO:
        user = office[who]
        books = [codes(visible(user, book_of(code))) for code in ("organisations", "outlets")]
        lists = [codes(visible_points(user)), codes(listed_alerts(user), "subject"), codes(visible_areas(user))]
        found[who] = (*lists, codes(visible_enterprises(user)), *books, visible_users(user).count())
    assert found == SEEN


def test_what_each_may_where(office: Office) -> None:
    every = sorted({capability for role in Role for capability in CAPABILITIES[role]} | {"informants", "view"})
    areas = {"N": office.north.pk, "S": office.south.pk}
    for who in WHO:
        user = office[who]
        reach = {c: "".join(name for name, area in areas.items() if may(user, c, area)) for c in every}
        assert {c: where for c, where in reach.items() if where} == dict.fromkeys(
            MAY[who].split(), OF_ONE_TOWN.get(who, "NS")
        ), who
        assert [may(user, c, None) for c in every] == [c in MAY[who].split() for c in every], who


def test_for_whom_each_stands_and_what_such_bodies_do(office: Office) -> None:
    found = {}
    for who in WHO:
        user = office[who]
        done = " ".join(sorted(verb for verb in verbs() if not right_missing(user, verb, verb)))
        found[who] = (standing_of(user), is_outside(user), done)
    assert found == STANDS
    assert "只" not in right_missing(office["south"], "close", "办结")
    assert right_missing(office["south"], "close", "办结") == (
        f"“办结”由生态环境局、科室、大队办理；{office['south']} 所在的镇街不能做这个动作"
    )
    assert "由主管部门办理" in right_missing(office["south"], "nothing", "无")


def test_how_much_of_a_lead_each_sees(office: Office) -> None:
    lead = raise_lead(office["south"], title="异味", point=office.gas)
    found = {}
    for who in WHO:
        user, seen = office[who], lead in visible_leads(office[who])
        informant = may_know_informant(user, lead), may_call_back(user, lead)
        found[who] = (seen, view_of_lead(user, lead).value, *informant, is_leader(user, lead.area_id))
    assert found == LEAD
    assert view_of_lead(None, lead) == "whole"


def test_how_much_of_a_case_each_sees_in_each_state(office: Office) -> None:
    case = open_for(office, office.gas)
    for state, (steps, whole, matter, served) in CASE.items():
        for step in steps:
            go(office, case, step)
        case.refresh_from_db()
        seen: dict[str, list[str]] = {"whole": [], "matter": [], "served": []}
        for who in WHO:
            if case in visible_cases(office[who]):
                seen[view_of_case(office[who], case).value].append(who)
        assert [" ".join(seen[view]) for view in ("whole", "matter", "served")] == [whole, matter, served], state
    assert view_of_case(None, case) == "whole"
    assert [who for who in WHO if served_on(office[who], case)] == ["firm"]
    Rectification.objects.filter(case=case).update(done_at=NOW)
    case.refresh_from_db()
    assert not served_on(office["firm"], case), "what is done is served no more"
    lead = case.leads.get()
    assert [who for who in WHO if may_call_back(office[who], lead)] == ["south"], "who holds the case"


def test_an_order_to_one_person_is_that_person_s(office: Office) -> None:
    case = open_for(office, office.gas)
    Rectification.objects.create(
        case=case, measure="m", responsible="某", person=office["operator"], due_on="2026-12-01"
    )
    assert [who for who in WHO if served_on(office[who], case)] == ["operator"]
    assert case in visible_cases(office["operator"])


def test_before_there_is_a_case_the_one_who_decides_calls_back(office: Office) -> None:
    lead = raise_lead(office["south"], title="异味", point=office.gas)
    for who in ("chief", "firm", "security"):
        lead.owner = office[who]
        assert may_call_back(office[who], lead) is (who == "chief")


def test_who_belongs_to_a_body(office: Office) -> None:
    assert belongs_to(office["director"], office.team), "the bureau is above its team"
    assert belongs_to(office["officer"], office.team)
    assert not belongs_to(office["officer"], office.bureau)
    assert not belongs_to(office["officer"], None)
    lost = make_user("lost", Role.OFFICER)
    assert not belongs_to(lost, office.team)


def test_who_leads_where_nothing_lies(office: Office) -> None:
    """What lies in no area is led by everybody who leads anywhere, and by nobody who leads nowhere."""
    north = make_user("north-chief", Role.CHIEF, office.north, office.bureau)
    assert [is_leader(north, area) for area in (None, office.north.pk, office.south.pk)] == [True, True, False]
    assert not is_leader(office["officer"], None)
    assert is_leader(office["director"], office.south.pk)


@pytest.mark.parametrize(
    ("role", "stands"),
    [
        (Role.TOWN, "town_office"),
        (Role.OFFICER, "bureau"),
        (Role.ENTERPRISE, "enterprise"),
        (Role.OPERATOR, "enterprise"),
    ],
)
def test_without_an_organisation_the_role_says_for_whom(office: Office, role: Role, stands: str) -> None:
    user = make_user("alone", role, office.south)
    assert standing_of(user) == stands
    if role == Role.TOWN:
        RoleAssignment.objects.create(user=user, role=Role.OFFICER, area=office.south, valid_from=LONG_AGO)
        assert standing_of(make_again(user)) == "bureau", "an officer who is a town's person too"


def make_again(user: Any) -> Any:
    return type(user).objects.get(pk=user.pk)


class TestNames:
    """To a firm the bureau speaks as a body; other firms have no name at all."""

    def test_by_reader(self, office: Office) -> None:
        colleague = make_user("colleague", Role.ENTERPRISE, None, office.firm)
        houseless = make_user("houseless", Role.OFFICER)
        firm = office["firm"]
        assert name_for(firm, office["officer"]) == "执法大队"
        assert name_for(firm, office["other_firm"]) == "其他单位"
        assert name_for(firm, colleague) == "colleague"
        assert name_for(firm, firm) == "firm"
        assert name_for(firm, houseless) == "主管部门"
        assert name_for(firm, None) == name_for(None, None) == "系统"
        assert name_for(office["chief"], office["other_firm"]) == "other_firm"
        assert name_for(None, office["officer"]) == "officer"

    def test_a_person_without_a_role_of_a_firm_is_outside_by_the_body(self, office: Office) -> None:
        assert is_outside(make_user("bare", None, None, office.firm))
        assert not is_outside(make_user("nobody", None))
        assert is_outside(make_user("role-only", Role.ENTERPRISE))


class TestAlertsOfARegion:
    """The parts of a regional alert are listed only for those who do not see its head."""

    def test_by_reach(self, office: Office) -> None:
        head, part = raise_alerts(office)
        part.head = head
        part.save()
        listed = {who: codes(listed_alerts(office[who]), "subject") for who in ("chief", "south", "north")}
        assert listed == {"chief": "GAS", "south": "GAS", "north": "WASTE"}
        county = make_user("county", Role.OFFICER, office.county, office.team)
        assert codes(listed_alerts(county), "subject") == "GAS", "who sees the head by area sees no part beside it"


class TestFindings:
    """Findings in force of the points that a person sees."""

    def test_only_those_in_force(self, office: Office) -> None:
        def make(point: Any, **more: Any) -> Finding:
            return Finding.objects.create(
                point=point, item="NOx", averaging="hour", start=NOW, end=NOW + timedelta(hours=1), rule_set="x",
                verdict=Finding.Verdict.EXCEEDANCE, limit_ref="r", watermark=1, deadline=NOW, decided_at=NOW, **more,
            )  # fmt: skip

        kept = make(office.gas)
        make(office.gas, is_current=False)
        make(office.waste)
        assert list(visible_findings(office["south"])) == [kept]
        assert list(visible_findings(office["audit"])) == []


class TestRowsOfBooks:
    """Who may write a row: by the area that answers; a row of no area is for who may everywhere."""

    def test_by_area(self, office: Office) -> None:
        book = book_of("enterprises")
        one, other = (visible(None, book).get(code=code) for code in ("F1", "F2"))
        stray = type(one).objects.create(organisation=office.firm, code="F9", name="无区域")
        asked = {who: [may_do(office[who], book, "edit", row) for row in (None, one, other, stray)] for who in WHO}
        yes, no = [True] * 4, [False] * 4
        expected = dict.fromkeys(WHO, no) | dict.fromkeys(("chief", "monitor", "system"), yes)
        assert asked == expected | {"south": [True, True, False, False], "north": [True, False, True, False]}
        assert may_do(None, book, "edit", stray), "the system itself may"
        other.answers, one.answers = office.south, office.north
        assert [may_do(office["south"], book, "edit", row) for row in (one, other)] == [False, True]


def test_what_towns_see_of_firms_that_others_answer_for(office: Office) -> None:
    book = book_of("enterprises")
    visible(None, book).filter(code="F1").update(answers=office.north)
    assert {who: codes(visible(office[who], book)) for who in ("south", "north")} == {"south": "", "north": "F1 F2"}


class TestEverywhere:
    """What holds for the whole installation takes a right that holds everywhere."""

    def test_by_reach(self, office: Office) -> None:
        require_everywhere(None, "manage_points")
        require_everywhere(office["chief"], "manage_points")
        partly = make_user("partly", Role.CHIEF, office.north)
        with pytest.raises(NotAllowed, match="只及于部分区域"):
            require_everywhere(partly, "manage_points")
        RoleAssignment.objects.create(user=partly, role=Role.MONITORING, area=None, valid_from=LONG_AGO)
        require_everywhere(make_again(partly), "manage_points")
        with pytest.raises(NotAllowed, match="没有“"):
            require_everywhere(office["officer"], "manage_points")


def test_roles_are_read_once_and_those_of_an_ended_account_too(
    office: Office, django_assert_num_queries: Callable[[int], Any]
) -> None:
    chief = office["chief"]
    scope_of(chief)
    with django_assert_num_queries(0):
        assert [role.role for role in roles_of(chief)] == [Role.CHIEF]
    ended = office["south"]
    ended.is_active = False
    scope_of(ended)
    assert [role.role for role in roles_of(ended)] == [Role.TOWN]


def test_who_handles_nothing_sees_the_matter_though_the_case_is_with_his_body(office: Office) -> None:
    case = go(office, open_for(office, office.gas), "assign")
    clerk = make_user("clerk", Role.SYSTEM_ADMIN, None, office.team)
    assert (view_of_case(clerk, case), case in visible_cases(clerk)) == ("matter", True)


def test_exhibits_of_leads_and_of_cases(office: Office) -> None:
    """A file of the lead, one of its case, one of another town's lead: each by whoever sees what it belongs to."""
    lead = raise_lead(office["south"], title="异味", point=office.gas, files=[PHOTO])
    raise_lead(office["north"], title="噪声", point=office.waste, files=[PHOTO])
    case = go(office, open_for(office, office.gas), "assign", "accept", "submit")
    of_lead, of_case = Exhibit.objects.filter(lead=lead), Exhibit.objects.filter(case=case)
    assert (of_lead.count(), of_case.count(), Exhibit.objects.count()) == (1, 2, 4)
    seen = {who: visible_exhibits(office[who]).count() for who in ("chief", "south", "north", "audit", "firm")}
    assert seen == {"chief": 4, "south": 3, "north": 1, "audit": 0, "firm": 0}
