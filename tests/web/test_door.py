"""The door: wrong passwords, the lock, the first password, signing out."""

from __future__ import annotations

import pytest
from django.test import Client

from qingyuan.bureau.accounts.models import User
from web.factories import PASSWORD, County

NEW = "a-long-and-rare-phrase-7"


def enter(client: Client, password: str, username: str = "chief") -> object:
    return client.post("/sign-in/", {"username": username, "password": password, "next": "/cases/"})


def test_the_right_password_leads_to_where_one_wanted_to_go(county: County) -> None:
    answer = Client().post("/sign-in/", {"username": "chief", "password": PASSWORD, "next": "/cases/"})
    assert answer["Location"] == "/cases/"


def test_a_wrong_password_says_so_and_keeps_the_name(county: County) -> None:
    answer = Client().post("/sign-in/", {"username": "chief", "password": "wrong"})
    text = answer.content.decode()
    assert "用户名或密码不对" in text
    assert 'value="chief"' in text


def test_six_wrong_passwords_lock_even_the_right_one_out(county: County) -> None:
    client = Client()
    for _ in range(6):
        answer = client.post("/sign-in/", {"username": "chief", "password": "wrong"})
    assert answer.status_code == 429
    assert "账号暂时锁定" in answer.content.decode()
    assert client.post("/sign-in/", {"username": "chief", "password": PASSWORD}).status_code == 429


@pytest.mark.parametrize(
    ("current", "new", "again", "says"),
    [
        ("wrong", NEW, NEW, "现在的密码不对"),
        (PASSWORD, NEW, NEW + "x", "两次输入的新密码不一致"),
        (PASSWORD, "12345678901", "12345678901", "数字"),
        (PASSWORD, "short", "short", "10"),
    ],
    ids=["wrong-present", "differ", "only-digits", "too-short"],
)
def test_a_bad_new_password_is_refused_beside_its_field(
    chief: Client, current: str, new: str, again: str, says: str
) -> None:
    answer = chief.post("/password/", {"current": current, "new": new, "again": again})
    assert answer.status_code == 200
    assert says in answer.content.decode()


def test_the_first_password_is_replaced_and_one_stays_signed_in(county: County) -> None:
    user = county.users["chief"]
    user.must_change_password = True
    user.save()
    client = Client()
    enter(client, PASSWORD)
    assert "先换掉一次性密码" in client.get("/password/").content.decode()
    assert client.post("/password/", {"current": PASSWORD, "new": NEW, "again": NEW})["Location"] == "/"
    assert client.get("/cases/").status_code == 200
    assert User.objects.get(pk=user.pk).check_password(NEW)


def test_signing_out_needs_a_post(chief: Client) -> None:
    assert chief.get("/sign-out/").status_code == 405
    chief.post("/sign-out/")
    assert chief.get("/cases/")["Location"].startswith("/sign-in/")


def test_the_security_administrator_makes_a_user_with_roles(county: County) -> None:
    client = Client()
    client.force_login(county.users["security"], backend="django.contrib.auth.backends.ModelBackend")
    answer = client.post(
        "/settings/users/new/",
        {
            "username": "wang", "display_name": "王新", "organisation": county.team.pk, "roles-TOTAL_FORMS": "2",
            "roles-INITIAL_FORMS": "0", "roles-0-role": "officer", "roles-0-area": county.south.pk, "roles-1-role": "",
        },
    )  # fmt: skip
    text = answer.content.decode()
    assert "一次性密码只显示这一次" in text
    user = User.objects.get(username="wang")
    assert user.must_change_password
    assert [(r.role, r.area) for r in user.roles.all()] == [("officer", county.south)]
    again = client.post(
        "/settings/users/new/",
        {"username": "wang", "display_name": "x", "roles-TOTAL_FORMS": "0", "roles-INITIAL_FORMS": "0"},
    )
    assert "已被使用" in again.content.decode()


def test_a_token_is_shown_once_and_can_be_revoked(chief: Client, county: County) -> None:
    text = chief.post("/settings/tokens/", {"name": "脚本", "scopes": ["read"]}).content.decode()
    assert 'id="secret">qy_' in text
    assert "qy_" not in chief.get("/settings/tokens/").content.decode()
    token = county.users["chief"].tokens.get()
    chief.post(f"/settings/tokens/{token.pk}/revoke/")
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_the_look_is_remembered_and_never_leads_away(chief: Client) -> None:
    answer = chief.post("/appearance/", {"theme": "dark", "nav": "narrow", "next": "//elsewhere.example/"})
    assert answer["Location"] == "/"
    text = chief.get("/cases/").content.decode()
    assert 'data-theme="dark"' in text
    assert 'data-nav="narrow"' in text
    chief.post("/appearance/", {"theme": "system"})
    assert "data-theme" not in chief.get("/cases/").content.decode()
