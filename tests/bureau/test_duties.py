"""Separation of duties: nobody does for himself what another must do, and powers that watch each other lie apart."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from bureau.office import LONG_AGO, Office, make_user
from qingyuan.bureau.accounts.actions.first_account import hand_over_first_account
from qingyuan.bureau.accounts.actions.tokens import create_token, user_of_token
from qingyuan.bureau.accounts.actions.users import (
    create_first_administrator,
    create_user,
    reset_password,
    set_active,
    set_roles,
)
from qingyuan.bureau.accounts.models import Role, RoleAssignment, User
from qingyuan.bureau.accounts.policies.duties import (
    check_subject,
    clash_of,
    clashing_accounts,
    first_account,
    grantable,
    missing_administrators,
)
from qingyuan.bureau.accounts.policies.rights import can
from qingyuan.bureau.audit.models import AuditEntry
from qingyuan.bureau.base.errors import Invalid, NotAllowed, WrongState

pytestmark = pytest.mark.django_db
THREE = [Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN]


class TestOneself:
    """The security administrator gave himself the chief's role and the audit administrator's."""

    def test_nobody_grants_himself_a_role(self, office: Office) -> None:
        for roles in ([(Role.CHIEF, None)], [(Role.AUDIT_ADMIN, None)], [(Role.SECURITY_ADMIN, None)], []):
            with pytest.raises(NotAllowed, match="自己的角色"):
                set_roles(office["security"], office["security"], roles)
        assert {r.role for r in office["security"].roles.all()} == {Role.SECURITY_ADMIN}
        assert not AuditEntry.objects.exists()

    def test_nobody_resets_his_own_password_as_administrator(self, office: Office) -> None:
        with pytest.raises(NotAllowed, match="自己的密码"):
            reset_password(office["security"], office["security"])

    def test_the_page_of_oneself_offers_nothing_and_takes_nothing(self, office: Office) -> None:
        client = Client()
        client.force_login(office["security"], backend="django.contrib.auth.backends.ModelBackend")
        page = f"/settings/users/{office['security'].pk}/"
        text = client.get(page).content.decode()
        assert "roles-0-role" not in text
        assert "/password/" not in text.split("<main")[1]
        form = {"roles-TOTAL_FORMS": 1, "roles-INITIAL_FORMS": 0, "roles-0-role": "chief"}
        assert "另一位安全管理员" in client.post(page, form).content.decode()
        client.post(page + "password/")
        assert not can(office["security"], "triage")
        assert not office["security"].must_change_password

    def test_another_one_may(self, office: Office) -> None:
        second = make_user("security2", Role.SECURITY_ADMIN)
        set_roles(second, office["security"], [(Role.AUDIT_ADMIN, None)])
        assert can(office["security"], "read_audit")


APART: list[tuple[str, ...]] = [
    (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN), (Role.SECURITY_ADMIN, Role.AUDIT_ADMIN),
    (Role.SYSTEM_ADMIN, Role.AUDIT_ADMIN), tuple(THREE), (Role.SYSTEM_ADMIN, Role.CHIEF),
    (Role.SECURITY_ADMIN, Role.OFFICER), (Role.AUDIT_ADMIN, Role.DIRECTOR), (Role.AUDIT_ADMIN, Role.MONITORING),
    (Role.ENTERPRISE, Role.OFFICER), (Role.OPERATOR, Role.MONITORING), (Role.ENTERPRISE, Role.SYSTEM_ADMIN), (Role.SETUP,),
]  # fmt: skip


@pytest.mark.parametrize("roles", APART, ids=["+".join(r) for r in APART])
def test_roles_that_exclude_each_other(office: Office, roles: tuple[str, ...]) -> None:
    """One account could be system, security and audit administrator, and a chief besides."""
    before = User.objects.count()
    given = [(role, None) for role in roles]
    for actor in (office["security"], None):
        with pytest.raises(Invalid) as caught:
            create_user(actor, "new", "新人", given, None if Role.SETUP in roles else office.bureau)
        assert caught.value.field == "roles"
    with pytest.raises(Invalid):
        set_roles(office["security"], office["officer"], given)
    assert User.objects.count() == before
    assert can(office["officer"], "work")


@pytest.mark.parametrize(
    ("role", "body"),
    [(Role.CHIEF, "firm"), (Role.SYSTEM_ADMIN, "firm"), (Role.ENTERPRISE, "bureau"), (Role.OPERATOR, "firm")],
)
def test_a_role_fits_the_organisation(office: Office, role: str, body: str) -> None:
    """A person of a firm could be made a chief, and saw every case of the county."""
    with pytest.raises(Invalid, match="不能授予"):
        create_user(office["security"], "new", "新人", [(role, None)], getattr(office, body))


def test_accounts_of_before_the_rule_are_named(office: Office) -> None:
    assert clashing_accounts() == []
    RoleAssignment.objects.create(user=office["system"], role=Role.AUDIT_ADMIN, valid_from=LONG_AGO)
    ((user, reason),) = clashing_accounts()
    assert user == office["system"]
    assert "三员分立" in reason


class TestFirstAccount:
    """The account of the installation was all three administrators and a chief, for ever."""

    @pytest.fixture
    def first(self, db: None) -> User:
        create_first_administrator()
        return User.objects.get()

    def make(self, first: User | None, role: str) -> User:
        return create_user(first, f"u-{role}", "人", [(role, None)])[0]

    def test_it_sets_up_and_decides_nothing(self, first: User) -> None:
        assert all(can(first, c) for c in ("manage_users", "manage_system", "import", "manage_points", "view"))
        assert not any(
            can(first, c) for c in ("triage", "assign", "verify", "work", "informants", "read_audit", "review_data")
        )

    @pytest.mark.parametrize("role", [Role.CHIEF, Role.OFFICER, Role.DIRECTOR, Role.MONITORING, Role.SETUP])
    def test_it_makes_the_three_administrators_only(self, first: User, role: str) -> None:
        with pytest.raises((NotAllowed, Invalid)):
            self.make(first, role)
        assert User.objects.count() == 1

    def test_it_ends_when_the_three_are_there(self, first: User) -> None:
        for role in THREE:
            with pytest.raises(WrongState, match="还没有"):
                hand_over_first_account(first)
            self.make(first, role)
        assert missing_administrators() == []
        _token, secret = create_token(first, first, "脚本", ["write"])
        ended = hand_over_first_account(first)
        assert not ended.is_active
        assert first_account() is None
        assert user_of_token(secret) is None
        assert AuditEntry.objects.order_by("-pk")[0].verb == "user.hand_over"
        with pytest.raises(WrongState):
            hand_over_first_account(None)
        with pytest.raises(Invalid):
            set_roles(User.objects.get(username="u-security_admin"), ended, [(Role.SETUP, None)])
        assert create_first_administrator() is None

    def test_nobody_else_ends_it_or_takes_it_over(self, first: User) -> None:
        security = self.make(first, Role.SECURITY_ADMIN)
        for act in (
            lambda: reset_password(security, first),
            lambda: set_active(security, first, False),
            lambda: set_roles(security, first, [(Role.OFFICER, None)]),
            lambda: hand_over_first_account(security),
        ):
            with pytest.raises(NotAllowed, match="本人"):
                act()

    def test_it_takes_over_nobody(self, first: User) -> None:
        chief, _ = create_user(None, "chief", "程", [(Role.CHIEF, None)])
        for act in (lambda: reset_password(first, chief), lambda: set_active(first, chief, False)):
            with pytest.raises(NotAllowed, match="安全管理员"):
                act()
        system = self.make(first, Role.SYSTEM_ADMIN)
        assert reset_password(first, system)

    def test_by_the_page(self, first: User, client: Client) -> None:
        User.objects.filter(pk=first.pk).update(must_change_password=False)
        client.force_login(first, backend="django.contrib.auth.backends.ModelBackend")
        assert "移交初始账号" in client.get("/settings/").content.decode()
        client.post("/settings/hand-over/")
        assert User.objects.get(pk=first.pk).is_active
        for role in THREE:
            self.make(first, role)
        assert client.post("/settings/hand-over/")["Location"] == "/sign-in/"
        assert client.get("/settings/")["Location"].startswith("/sign-in/")


def test_who_held_all_three_becomes_the_first_account(office: Office) -> None:
    from importlib import import_module

    from django.apps import apps

    migration: Any = import_module("qingyuan.ops.upgrade.before_house.accounts.migrations.0002_trust")
    old = make_user("admin", None)
    for role in (*THREE, Role.CHIEF):
        RoleAssignment.objects.create(user=old, role=role, valid_from=LONG_AGO)
    migration.first_account(apps, None)
    assert first_account() == old
    assert not can(User.objects.get(pk=old.pk), "triage")
    assert RoleAssignment.objects.filter(user=old, valid_to__isnull=False).count() == 4
    assert can(office["security"], "manage_users")


def test_words_of_clashes() -> None:
    assert "三员分立" in clash_of({Role.SYSTEM_ADMIN, Role.AUDIT_ADMIN})
    assert "不能兼任业务角色" in clash_of({Role.AUDIT_ADMIN, Role.CHIEF})
    for other in (Role.OFFICER, Role.OPERATOR):
        assert "账号不能兼任其他角色" in clash_of({Role.ENTERPRISE, other})
    assert [
        clash_of(roles) for roles in ({Role.ENTERPRISE}, {Role.CHIEF, Role.OFFICER}, {Role.AUDIT_ADMIN}, set())
    ] == [""] * 4


def test_what_each_can_grant_and_whom_reach(office: Office) -> None:
    """The first account makes the three administrators and reaches no further; nobody reaches the first account."""
    first = make_user("first", Role.SETUP)
    assert grantable(first) == THREE
    assert grantable(office["security"]) == [role for role in Role if role != Role.SETUP]
    check_subject(None, first)
    check_subject(first, first)
    check_subject(first, office["audit"])
    check_subject(office["security"], office["chief"])
    for actor, user in ((office["security"], first), (first, office["chief"])):
        with pytest.raises(NotAllowed, match="初始账号"):
            check_subject(actor, user)
