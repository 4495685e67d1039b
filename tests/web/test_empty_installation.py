"""Every page of an installation in which nothing is, as each identity: it answers, says what is missing, shows no hole.

The first account sets up by browser alone: county, one point, roster, three administrators; then it hands over and ends.
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from qingyuan.bureau.accounts.actions.users import create_first_administrator
from qingyuan.bureau.accounts.models import Area, Organisation, Role, RoleAssignment, User
from qingyuan.bureau.accounts.policies.duties import ADMINISTRATORS
from qingyuan.bureau.registers.actions.bureau import ensure_bureau
from qingyuan.bureau.registers.models import Point, RosterEntry
from web.factories import NOW
from web.walk import FORMS, LISTS, OF_ONESELF, routes

WITHOUT_A_PAGE = {"accounts:sign_out", "web:freshness", "outbox:bell", "accounts:hand_over", "web:map_features"}
SUPERVISED = {Role.ENTERPRISE: "enterprise", Role.OPERATOR: "operator"}


@pytest.fixture
def empty(db: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: Any, clock_at: Any) -> None:
    """An installation in which nothing is but the bureau."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    monkeypatch.setenv("QINGYUAN_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("QINGYUAN_BUREAU_COUNTY", raising=False)
    ensure_bureau()


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def person_of(role: Role) -> User:
    body = None
    if role in SUPERVISED:
        body = Organisation.objects.create(code=f"O-{role}", name=f"单位{role}", kind=SUPERVISED[role])
    user = User.objects.create_user(f"u-{role}", "pw", display_name=f"某{role}", organisation=body, created_at=NOW)
    area = Area.objects.create(code="T1", name="一镇", kind="town") if role == Role.TOWN else None
    RoleAssignment.objects.create(user=user, role=role, area=area, valid_from=date(2020, 1, 1))
    return user


def plain_pages() -> list[str]:
    """Addresses without a blank that are pages."""
    found = []
    for route in routes():
        if not route.blanks and route.name in LISTS | FORMS | OF_ONESELF and route.name not in WITHOUT_A_PAGE:
            found.append(reverse(route.name))
    return found


@pytest.mark.parametrize("role", list(Role))
def test_every_page_says_something_to_each(empty: None, role: Role) -> None:
    client = client_of(person_of(role))
    faults = []
    for path in plain_pages():
        answer = client.get(path, follow=True)
        if answer.status_code == 403:
            continue
        if answer.status_code != 200:
            faults.append(f"{path}: {answer.status_code}")
            continue
        if not answer["Content-Type"].startswith("text/html"):
            continue
        text = answer.content.decode()
        main = text[text.find("<main") :]
        if "<h1" not in main:
            faults.append(f"{path}: no heading")
        if re.search(r"<tbody>\s*</tbody>", main):
            faults.append(f"{path}: a table without rows and without a word")
        if re.search(r"\bNone\b|\bnan\b", re.sub(r"<[^>]*>", " ", main)):
            faults.append(f"{path}: None or nan")
    assert faults == []


class TestTheFirstAccount:
    def client(self) -> Client:
        secret = create_first_administrator()
        assert secret
        client = Client()
        assert client.post("/sign-in/", {"username": "admin", "password": secret}).status_code == 302
        assert client.get("/")["Location"].startswith("/password/")
        own = {"current": secret, "new": "Yunzhi-Qing-2026", "again": "Yunzhi-Qing-2026"}
        assert client.post("/password/", own).status_code == 302
        return client

    def test_it_takes_every_step_by_a_form(self, empty: None) -> None:
        client = self.client()
        steps = client.get("/settings/first-steps/").content.decode()
        for path in re.findall(r'class="button" href="([^"#]+)', steps):
            assert client.get(path).status_code == 200, path
        assert client.post("/settings/first-steps/", {"code": "321282", "name": "靖江市"}).status_code == 302
        area = Area.objects.get(kind="county")
        one = {"form": "one", "code": "S1", "name": "市监测站", "kind": "air", "area": area.pk, "lon": "120.27",
               "lat": "32.01"}  # fmt: skip
        assert "市监测站" in client.post("/imports/points/", one, follow=True).content.decode()
        assert Point.objects.get(code="S1").expected_minutes is None
        assert "已登记" in client.post("/imports/points/", one).content.decode()
        wrong = client.post("/imports/points/", one | {"code": "S2", "lat": "95"}).content.decode()
        assert "S2" in wrong  # what was typed stays
        assert not Point.objects.filter(code="S2").exists()
        roster = {"form": "roster", "area": area.pk, "roster": "county_air", "since": "2026-01-01"}
        client.post("/imports/points/", roster)
        assert RosterEntry.objects.get().point.code == "S1"

    def test_it_makes_the_three_hands_over_and_ends(self, empty: None) -> None:
        client = self.client()
        form = client.get(reverse("accounts:user_new")).content.decode()
        offered = set(re.findall(r'<option value="([a-z_]+)"', form)) & {str(role) for role in Role}
        assert offered == {str(role) for role in ADMINISTRATORS}
        for role in ADMINISTRATORS:
            assert "还没有" in client.get("/settings/").content.decode()
            made = {"username": f"a-{role}", "display_name": role.label, "roles-TOTAL_FORMS": 1,
                    "roles-INITIAL_FORMS": 0, "roles-0-role": role}  # fmt: skip
            assert "一次性密码" in client.post(reverse("accounts:user_new"), made).content.decode()
        assert "三个管理员有 3 个" in client.get("/settings/first-steps/").content.decode()
        client.post(reverse("accounts:hand_over"))
        assert client.get("/", follow=True).request["PATH_INFO"].startswith("/sign-in")
        assert not User.objects.get(username="admin").is_active
        security = client_of(User.objects.get(username=f"a-{Role.SECURITY_ADMIN}"))
        User.objects.update(must_change_password=False)
        assert "officer" in security.get(reverse("accounts:user_new")).content.decode()
        system = client_of(User.objects.get(username=f"a-{Role.SYSTEM_ADMIN}"))
        assert system.get("/settings/first-steps/").status_code == 200
        assert system.get("/imports/points/").status_code == 200
