"""A new installation greets with its first steps: what each opens, how far it is, where it is done."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.test import Client
from django.urls import resolve

from qingyuan.bureau.accounts.models import Area, Role, RoleAssignment, User
from qingyuan.bureau.audit.models import AuditEntry
from qingyuan.bureau.base.errors import Invalid, Missing, WrongState
from qingyuan.bureau.registers.actions.bureau import ensure_bureau
from qingyuan.bureau.registers.actions.county import name_county
from qingyuan.web.first_steps import first_steps, left
from web.factories import NOW, County

PAGE = "/settings/first-steps/"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def keeper(db: None, monkeypatch: pytest.MonkeyPatch) -> User:
    """The person who sets an empty installation up; no setting names the county."""
    monkeypatch.delenv("QINGYUAN_BUREAU_COUNTY", raising=False)
    ensure_bureau()
    user = User.objects.create_user("keeper", "pw", display_name="装机", created_at=NOW)
    for role in (Role.SYSTEM_ADMIN,):
        RoleAssignment.objects.create(user=user, role=role, area=None, valid_from=date(2020, 1, 1))
    return user


def test_an_empty_installation_says_what_to_do(keeper: User) -> None:
    """Home was blank and said nothing; nothing in the settings named the county."""
    client = signed_in(keeper)
    home = client.get("/").content.decode()
    assert PAGE in home
    assert "还没有收到任何数据" in home
    page = client.get(PAGE).content.decode()
    assert {step.state for step in first_steps()} == {"open"}
    for step in first_steps():
        assert str(step.title) in page
        assert str(step.opens) in page
        for command in step.commands:
            assert command in page
    assert PAGE in client.get("/settings/").content.decode()


def test_every_way_of_every_step_is_an_address_of_ours(keeper: User) -> None:
    for step in first_steps():
        for way in step.ways:
            assert resolve(way.path.partition("#")[0]).url_name, way.path


def test_the_county_is_named_by_a_form_and_the_bureau_with_it(keeper: User) -> None:
    client = signed_in(keeper)
    town = Area.objects.create(code="321282100", name="靖城街道", kind="town")
    page = client.post(PAGE, {"code": "3212", "name": "靖江市"}).content.decode()
    assert "应为 6 位数字" in page
    assert client.post(PAGE, {"code": "321282", "name": "靖江市"})["Location"] == PAGE
    county = Area.objects.get(kind="county")
    assert (county.code, county.name) == ("321282", "靖江市")
    assert [p.parent for p in town.parents.all()] == [county]
    assert ensure_bureau().name == "靖江市生态环境局"
    assert AuditEntry.objects.filter(verb="county.name").count() == 1
    assert first_steps()[0].state == "begun"  # towns and a name, no outline yet
    county.geometry = {"type": "Polygon", "coordinates": []}
    county.save()
    assert first_steps()[0].state == "done"
    assert "靖江市" in client.get("/").content.decode()


def test_a_second_county_is_refused(keeper: User) -> None:
    name_county(None, "321282", "靖江市")
    with pytest.raises(WrongState, match="靖江市"):
        name_county(None, "321283", "泰兴市")
    with pytest.raises(Missing):
        name_county(None, "321282", " ")
    Area.objects.create(code="321200", name="泰州", kind="city")
    Area.objects.filter(kind="county").delete()
    with pytest.raises(Invalid, match="泰州"):
        name_county(None, "321200", "靖江市")


def test_put_away_and_brought_back(keeper: User) -> None:
    client = signed_in(keeper)
    assert client.post(PAGE, {"away": "1"})["Location"] == "/"
    assert PAGE not in client.get("/").content.decode()
    assert "在今日页上显示" in client.get(PAGE).content.decode()
    client.post(PAGE, {"away": "0"})
    assert PAGE in client.get("/").content.decode()


def test_done_steps_are_not_nagged_about(county: County) -> None:
    """A county in use: the chief, who may keep points, sees how far it is; who can do none of it is not asked."""
    steps = {step.name: step.state for step in first_steps()}
    assert steps["data"] == "done"
    assert left(first_steps()) < len(steps)
    for who in ("director", "town", "enterprise", "officer", "audit"):
        if who in county.users:
            client = signed_in(county.users[who])
            assert client.get(PAGE).status_code == 403, who
            assert PAGE not in client.get("/", follow=True).content.decode(), who


def test_the_demo_can_be_told_from_a_real_county(county: County, tmp_path: Path) -> None:
    client = signed_in(county.users["chief"])
    assert "demo-mark" not in client.get("/").content.decode()
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "county.json").write_text("{}")
    page = client.get("/").content.decode()
    assert "demo-mark" in page
    assert PAGE not in page
    assert "demo-mark" in Client().get("/sign-in/").content.decode()


def test_home_names_only_what_is_left(keeper: User) -> None:
    """Home listed all eight steps beside "5 are left"."""
    client = signed_in(keeper)
    panel = client.get("/").content.decode()
    assert f'href="{PAGE}#stations"' in panel
    name_county(None, "321282", "靖江市")
    Area.objects.create(code="321282100", name="靖城街道", kind="town")
    Area.objects.filter(kind="county").update(geometry={"type": "Polygon", "coordinates": []})
    panel = client.get("/").content.decode()
    assert f'href="{PAGE}#county"' not in panel
    assert "还有 7 步没有完成" in panel
