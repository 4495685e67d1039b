"""Accounts: passwords, tokens, roles; each act by who may, each with its audit line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bureau.office import Office, make_user
from moment import NOW
from qingyuan.bureau.accounts.actions.tokens import create_token, revoke_token, user_of_token
from qingyuan.bureau.accounts.actions.users import (
    change_password,
    create_first_administrator,
    create_user,
    reset_password,
    set_active,
    set_roles,
)
from qingyuan.bureau.accounts.models import ApiToken, Role, RoleAssignment, User
from qingyuan.bureau.accounts.policies.rights import can
from qingyuan.bureau.audit.models import AuditEntry
from qingyuan.bureau.base.errors import Invalid, Missing, NotAllowed

pytestmark = pytest.mark.django_db


class TestPasswords:
    @pytest.mark.parametrize("password", ["short", "1234567890", "password123", "chief-officer"])
    def test_weak_one_is_refused_with_the_reason(self, office: Office, password: str) -> None:
        user = make_user("chief-officer", Role.CHIEF)
        with pytest.raises(Invalid) as caught:
            change_password(user, password)
        assert caught.value.field == "new_password"
        assert len(caught.value.message) > 5
        assert not AuditEntry.objects.exists()

    def test_good_one_is_taken(self, office: Office) -> None:
        user, first = create_user(office["security"], "new", "新人", [(Role.OFFICER, None)])
        assert user.must_change_password
        assert user.check_password(first)
        change_password(user, "沚河大桥-2026-秋")
        user.refresh_from_db()
        assert not user.must_change_password
        assert user.check_password("沚河大桥-2026-秋")
        assert not user.check_password(first)

    def test_reset_gives_a_new_one_time_password(self, office: Office) -> None:
        user = office["officer"]
        one, two = (reset_password(office["security"], user) for _ in range(2))
        assert one != two
        user.refresh_from_db()
        assert user.must_change_password
        assert user.check_password(two)

    def test_no_password_is_in_the_audit_trail(self, office: Office) -> None:
        _, password = create_user(office["security"], "new", "新人")
        reset = reset_password(office["security"], office["officer"])
        text = "".join(f"{e.summary}{e.data}" for e in AuditEntry.objects.all())
        assert password not in text
        assert reset not in text


class TestUsers:
    def test_first_administrator_only_once(self, db: None) -> None:
        password = create_first_administrator()
        admin = User.objects.get()
        assert password
        assert admin.check_password(password)
        assert admin.must_change_password
        assert can(admin, "manage_users")
        assert create_first_administrator() is None

    def test_name_taken(self, office: Office) -> None:
        with pytest.raises(Invalid, match="已被使用") as caught:
            create_user(office["security"], " chief ", "x")
        assert caught.value.field == "username"

    @pytest.mark.parametrize(
        ("roles", "error"),
        [
            pytest.param([("king", None)], Invalid, id="unknown-role"),
            pytest.param([(Role.TOWN, None)], Missing, id="town-without-area"),
            pytest.param([(Role.ENTERPRISE, None)], Missing, id="firm-without-body"),
        ],
    )
    def test_roles_that_make_no_sense_leave_no_account(
        self, office: Office, roles: Any, error: type[Exception]
    ) -> None:
        before = User.objects.count()
        with pytest.raises(error):
            create_user(office["security"], "new", "新人", roles)
        assert User.objects.count() == before
        assert not AuditEntry.objects.exists()

    def test_replaced_roles_stay_on_record(self, office: Office) -> None:
        user = office["officer"]
        assert can(user, "work")
        set_roles(office["security"], user, [(Role.MONITORING, None)])
        assert can(user, "import")
        assert {(r.role, r.valid_to is None) for r in RoleAssignment.objects.filter(user=user)} == {
            ("officer", False), ("monitoring", True),
        }  # fmt: skip

    def test_roles_twice_on_one_day(self, office: Office) -> None:
        user = office["officer"]
        for roles in ([(Role.CHIEF, None)], [], [(Role.CHIEF, None)]):
            set_roles(office["security"], user, roles)
        assert can(office["officer"], "triage")

    def test_nobody_locks_himself_out(self, office: Office) -> None:
        with pytest.raises(Invalid, match="自己的账号"):
            set_active(office["security"], office["security"], False)

    def test_switched_off_account_may_nothing(self, office: Office) -> None:
        set_active(office["security"], office["chief"], False)
        assert not can(office["chief"], "triage")


class TestTokens:
    def test_text_is_shown_once_and_only_its_digest_kept(self, office: Office) -> None:
        _, secret = create_token(office["chief"], office["chief"], "脚本", ["read"])
        assert secret not in str(ApiToken.objects.values().get())
        found = user_of_token(secret)
        assert found is not None
        assert (found[0].username, found[1]) == ("chief", ["read"])
        assert secret not in "".join(e.summary for e in AuditEntry.objects.all())

    @pytest.mark.parametrize("secret", ["", "qy_", "qy_wrong", "x" * 500])
    def test_unknown_text(self, office: Office, secret: str) -> None:
        create_token(None, office["chief"], "脚本", ["read"])
        assert user_of_token(secret) is None

    def test_revoked_expired_or_of_an_inactive_user(self, office: Office, clock_at: Callable[..., None]) -> None:
        chief = office["chief"]
        token, revoked = create_token(chief, chief, "a", ["read"])
        revoke_token(chief, token)
        assert user_of_token(revoked) is None
        _, short = create_token(chief, chief, "b", ["write"], NOW + timedelta(hours=1))
        assert user_of_token(short) is not None
        clock_at(NOW + timedelta(hours=1))
        assert user_of_token(short) is None
        _, other = create_token(chief, chief, "c", ["write"])
        set_active(None, chief, False)
        assert user_of_token(other) is None

    @pytest.mark.parametrize("scopes", [[], ["root"], ["read", "root"]])
    def test_unknown_scope(self, office: Office, scopes: list[str]) -> None:
        with pytest.raises(Invalid) as caught:
            create_token(office["chief"], office["chief"], "a", scopes)
        assert caught.value.field == "scopes"
        assert not ApiToken.objects.exists()

    def test_only_for_oneself(self, office: Office) -> None:
        """The security administrator made himself a token of the chief's and could decide leads with it."""
        for who in ("officer", "security"):
            with pytest.raises(NotAllowed):
                create_token(office[who], office["chief"], "a", ["write"])
        token, _ = create_token(None, office["chief"], "a", ["write"])
        with pytest.raises(NotAllowed):
            revoke_token(office["officer"], token)
        revoke_token(office["security"], token)


ACTS: dict[str, Callable[[Office, User], object]] = {
    "create": lambda o, who: create_user(who, "new", "新"),
    "roles": lambda o, who: set_roles(who, o["officer"], []),
    "active": lambda o, who: set_active(who, o["officer"], False),
    "reset": lambda o, who: reset_password(who, o["officer"]),
}


@pytest.mark.parametrize("name", ACTS)
def test_only_the_security_administrator_manages_users(office: Office, name: str) -> None:
    for who in set(office.users) - {"security"}:
        with pytest.raises(NotAllowed):
            ACTS[name](office, office[who])
    assert not AuditEntry.objects.exists()
    ACTS[name](office, office["security"])
    lines = {"create": ["user.create", "user.roles"], "roles": ["user.roles"], "active": ["user.active"],
             "reset": ["user.reset_password"]}[name]  # fmt: skip
    entries = AuditEntry.objects.order_by("pk")
    assert [e.verb for e in entries] == lines
    assert {(e.actor_label, e.at) for e in entries} == {("security", NOW)}
