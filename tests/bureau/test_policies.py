"""Who sees what: role × area × organisation. Nobody sees another district."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bureau.office import LONG_AGO, Office, make_user
from moment import NOW
from qingyuan.bureau.accounts.models import Area, AreaParent, Role, RoleAssignment
from qingyuan.bureau.accounts.policies.rights import CAPABILITIES, can, require, visible_areas, visible_users
from qingyuan.bureau.alerts.models import Alert
from qingyuan.bureau.alerts.policies import visible_alerts
from qingyuan.bureau.base.errors import NotAllowed
from qingyuan.bureau.cases.actions.leads import raise_lead
from qingyuan.bureau.cases.policies.visible import visible_cases, visible_leads
from qingyuan.bureau.registers.policies import visible_points

pytestmark = pytest.mark.django_db

ALL = {"GAS", "WASTE", "AIR", "SEC"}


@pytest.mark.parametrize(
    ("who", "codes"),
    [
        ("director", ALL),
        ("chief", ALL),
        ("officer", ALL),
        ("monitor", ALL),
        ("system", ALL),
        ("south", {"GAS", "SEC"}),
        ("north", {"WASTE", "AIR"}),
        ("firm", {"GAS"}),
        ("other_firm", {"WASTE"}),
        ("operator", set()),
        ("security", set()),
        ("audit", set()),
    ],
)
def test_points_in_scope(office: Office, who: str, codes: set[str]) -> None:
    assert set(visible_points(office[who]).values_list("code", flat=True)) == codes


def test_operator_sees_what_it_operates(office: Office) -> None:
    office.air.operator = office["operator"].organisation
    office.air.save()
    assert [p.code for p in visible_points(office["operator"])] == ["AIR"]


@pytest.mark.parametrize("role", [Role.SECURITY_ADMIN, Role.AUDIT_ADMIN])
def test_administrator_of_an_area_sees_no_data_of_it(office: Office, role: str) -> None:
    """A security or audit administrator with an area saw the area's points; without one it saw none.

    Only the area-less branch asked whether the role may view at all."""
    user = make_user("special", role, office.south)
    assert list(visible_points(user)) == []
    assert list(visible_areas(user)) == []


def test_role_holds_between_its_days(office: Office) -> None:
    today = date(2026, 11, 21)
    for name, begin, end, sees in (
        ("ended", LONG_AGO, today, False),
        ("future", today + timedelta(days=1), None, False),
        ("last-day", LONG_AGO, today + timedelta(days=1), True),
        ("first-day", today, None, True),
    ):
        user = make_user(name, None)
        RoleAssignment.objects.create(user=user, role=Role.TOWN, area=office.south, valid_from=begin, valid_to=end)
        assert visible_points(user).exists() is sees, name


def test_area_that_moved_is_seen_from_its_new_parent(office: Office) -> None:
    district = Area.objects.create(code="D2", name="新区", kind="county")
    AreaParent.objects.filter(area=office.south).update(valid_to=date(2026, 11, 1))
    AreaParent.objects.create(area=office.south, parent=district, valid_from=date(2026, 11, 1))
    of_district = make_user("district", Role.OFFICER, district)
    assert {p.code for p in visible_points(of_district)} == {"GAS", "SEC"}
    assert {p.code for p in visible_points(office["officer"])} == {"WASTE", "AIR"}


def test_inactive_account_may_nothing(office: Office) -> None:
    user = office["chief"]
    user.is_active = False
    assert not visible_points(user).exists()
    assert not any(can(user, c) for c in CAPABILITIES[Role.CHIEF])


def test_alerts_follow_their_points(office: Office) -> None:
    for point in (office.gas, office.waste):
        Alert.objects.create(
            rule="outlet_hour", subject=point.code, point=point, level=2, title="t", started_at=NOW, last_seen_at=NOW,
            opened_at=NOW, rule_set="x",
        )  # fmt: skip
    seen = {
        who: {a.subject for a in visible_alerts(office[who])}
        for who in ("chief", "south", "firm", "other_firm", "audit")
    }
    assert seen == {
        "chief": {"GAS", "WASTE"},
        "south": {"GAS"},
        "firm": {"GAS"},
        "other_firm": {"WASTE"},
        "audit": set(),
    }


def test_leads_of_a_town_and_no_lead_for_a_firm(office: Office) -> None:
    lead = raise_lead(office["south"], title="异味", point=office.gas)
    seen = {who: lead in visible_leads(office[who]) for who in office.users}
    expected = {"director", "chief", "officer", "monitor", "system", "south"}
    assert {who for who, yes in seen.items() if yes} == expected


def test_own_lead_is_seen_wherever_it_lies(office: Office) -> None:
    lead = raise_lead(office["south"], title="异味", point=office.waste)
    assert lead in visible_leads(office["south"])
    assert lead in visible_leads(office["north"])


def test_cases_are_seen_by_area_by_owner_and_by_hand(office: Office) -> None:
    from bureau.handling import open_for

    case = open_for(office, office.waste)
    assert case in visible_cases(office["north"])
    assert case not in visible_cases(office["south"])
    assert case not in visible_cases(office["other_firm"])
    case.owner = office.south_office
    case.save()
    assert case in visible_cases(office["south"])
    case.owner, case.assignee = None, office["firm"]
    case.save()
    assert case in visible_cases(office["firm"])
    assert case not in visible_cases(office["audit"])


def test_accounts_are_seen_by_those_who_give_work(office: Office) -> None:
    assert visible_users(office["security"]).count() == len(office.users)
    assert [u.username for u in visible_users(office["officer"])] == ["officer"]


@pytest.mark.parametrize("role", list(Role))
def test_capabilities_are_those_of_the_role(office: Office, role: Role) -> None:
    user = make_user("one", role, office.south, office.firm)
    every = {c for role in Role for c in CAPABILITIES[role]}
    for capability in every:
        allowed = capability in CAPABILITIES[role] or (capability == "view" and "view_own" in CAPABILITIES[role])
        assert can(user, capability) is allowed
        if allowed:
            require(user, capability)
        else:
            with pytest.raises(NotAllowed, match="没有“"):
                require(user, capability)


@pytest.mark.parametrize(
    ("setting", "who"),
    [("director,chief", {"director", "chief"}), ("chief", {"chief"}), ("", set()),
     ("officer, security_admin, audit_admin, system_admin, enterprise, operator, town", {"officer"})],
)  # fmt: skip
def test_who_may_know_informants_is_a_setting(
    office: Office, monkeypatch: pytest.MonkeyPatch, setting: str, who: set[str]
) -> None:
    """Administrators, firms, O&M companies and towns cannot be given the right at all."""
    monkeypatch.setenv("QINGYUAN_ACCOUNTS_INFORMANTS", setting)
    assert {name for name in office.users if can(office[name], "informants")} == who


def test_a_role_in_one_town_is_none_in_another(office: Office) -> None:
    """Head of a section in the north and grid worker in the south, one could decide the leads of the south as well.

    Capabilities and areas of all roles were added up apart from each other."""
    from bureau.handling import go, open_for
    from qingyuan.bureau.cases.actions.leads import dismiss_lead
    from qingyuan.bureau.cases.queries.open_verbs import available_actions

    user = make_user("both", Role.CHIEF, office.north, office.bureau)
    RoleAssignment.objects.create(user=user, role=Role.TOWN, area=office.south, valid_from=LONG_AGO)
    assert visible_points(user).count() == 4
    south, north = (raise_lead(office["officer"], title="异味", point=p) for p in (office.gas, office.waste))
    with pytest.raises(NotAllowed, match="不及于该区域"):
        dismiss_lead(user, south, "雾气")
    assert dismiss_lead(user, north, "雾气").state == "dismissed"
    offered = [[a.verb for a in available_actions(user, open_for(office, p))] for p in (office.gas, office.waste)]
    assert offered == [[], ["assign"]]
    case = go(office, open_for(office, office.gas), "assign", "accept", "submit")
    assert available_actions(user, case) == []


def test_the_system_itself_may(office: Office) -> None:
    require(None, "triage")
