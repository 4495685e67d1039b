"""Every operation refuses the signed-out, the read-only token where it changes something, and the wrong district."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from api.calling import BASE, BODIES, Caller, fill, operations
from bureau.office import Office
from qingyuan.bureau.accounts.actions import set_active
from qingyuan.bureau.alerts.models import AlertChange
from qingyuan.bureau.audit.models import AuditEntry
from qingyuan.bureau.cases.models import CaseEvent, Lead
from qingyuan.bureau.monitoring.models import Point

pytestmark = pytest.mark.django_db
EVERY = [(method, path) for method, path, _ in operations()]
IDS = [f"{m}-{p.strip('/').replace('/', '-')}" for m, p in EVERY]
OF_A_DISTRICT = [
    (m, p) for m, p in EVERY if any(x in p for x in ("alert_id", "finding_id", "tag_id", "number", "{code}", "{mn}"))
]


def call(caller: Caller, method: str, path: str, row: dict[str, Any]) -> Any:
    where = fill(path, row)
    return caller.get(where, item="NOx") if method == "get" else caller.post(where, BODIES.get(path))


def state() -> tuple[int, ...]:
    return tuple(m.objects.count() for m in (Lead, CaseEvent, AlertChange, AuditEntry))


@pytest.mark.parametrize(("method", "path"), EVERY, ids=IDS)
def test_signed_out(districts: dict[str, Any], method: str, path: str) -> None:
    before = state()
    for caller in (Caller(None), Caller(None, secret="qy_wrong"), Caller(None, secret="x" * 9000)):
        assert call(caller, method, path, districts["south"]).status_code == 401
    assert state() == before


@pytest.mark.parametrize(
    ("method", "path"), [e for e in EVERY if e[0] != "get"], ids=[i for i in IDS if i[:3] != "get"]
)
def test_token_to_read_changes_nothing(api: Any, districts: dict[str, Any], method: str, path: str) -> None:
    caller = api("chief", "read")
    before = state()
    answer = call(caller, method, path, districts["south"])
    assert (answer.status_code, answer.json()["error"]) == (403, "not_allowed")
    assert "read" in answer.json()["message"]
    assert state() == before


@pytest.mark.parametrize(
    ("method", "path"), OF_A_DISTRICT, ids=[f"{m}-{p.strip('/').replace('/', '-')}" for m, p in OF_A_DISTRICT]
)
@pytest.mark.parametrize("who", ["north", "other_firm"])
def test_other_district_is_not_found(api: Any, districts: dict[str, Any], method: str, path: str, who: str) -> None:
    caller = api(who)
    before = state()
    answer = call(caller, method, path, districts["south"])
    assert answer.status_code == 404, answer.content[:200]
    assert state() == before


@pytest.mark.parametrize(("method", "path"), [e for e in OF_A_DISTRICT if e[0] == "get"])
def test_own_district_is_found(api: Any, districts: dict[str, Any], method: str, path: str) -> None:
    mine = districts["south"] | ({"code": "SEC"} if path.endswith("/water") else {})  # the section of that district
    assert call(api("south"), method, path, mine).status_code == 200


LISTS = [
    "/points",
    "/alerts",
    "/findings",
    "/findings/pending",
    "/tags",
    "/leads",
    "/cases",
    "/evaluations",
    "/devices",
]


@pytest.mark.parametrize("path", LISTS)
def test_list_holds_no_other_district(api: Any, districts: dict[str, Any], path: str) -> None:
    text = api("south").get(path, page_size=500).content.decode()
    assert "WASTE" not in text
    assert "线索 north" not in text
    assert "B" * 23 not in text


@pytest.mark.parametrize("who", ["audit", "security", "operator"])
@pytest.mark.parametrize("path", LISTS)
def test_list_is_empty_for_who_sees_no_data(api: Any, districts: dict[str, Any], who: str, path: str) -> None:
    assert api(who).get(path).json()["count"] == 0


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/audit", {"audit"}),
        ("/imports", {"chief", "monitor", "system"}),
        ("/imports/profiles", {"chief", "monitor", "system"}),
    ],
)
def test_registers_of_a_capability(api: Any, office: Office, path: str, allowed: set[str]) -> None:
    seen = {who for who in office.users if api(who).get(path).status_code == 200}
    assert seen == allowed


def test_revoked_and_inactive(api: Any, office: Office) -> None:
    caller = api("chief")
    assert caller.get("/me").json()["username"] == "chief"
    set_active(None, office["chief"], False)
    assert caller.get("/me").status_code == 401


class TestSession:
    """The pages call the API by their session; changes need the CSRF token as on any form."""

    @pytest.fixture
    def client(self, office: Office) -> Client:
        client = Client(enforce_csrf_checks=True)
        client.force_login(office["chief"], backend="django.contrib.auth.backends.ModelBackend")
        return client

    def test_reading(self, client: Client) -> None:
        assert client.get(BASE + "/me").json()["username"] == "chief"

    def test_changing_without_csrf_token(self, client: Client, districts: dict[str, Any]) -> None:
        path = f"{BASE}/alerts/{districts['south']['alert_id']}/acknowledge"
        assert client.post(path, {}, content_type="application/json").status_code == 403
        assert districts["south"]["alert"].changes.count() == 0

    def test_first_password_must_be_changed_first(self, client: Client, office: Office) -> None:
        type(office["chief"]).objects.filter(username="chief").update(must_change_password=True)
        assert client.get(BASE + "/me").status_code == 401


def test_capabilities_of_me(api: Any) -> None:
    told = api("south").get("/me").json()
    assert told["roles"] == [{"role": "town", "area": "S"}]
    assert set(told["capabilities"]) >= {"view", "raise_lead", "work"}


def test_points_are_made_by_nobody_here(api: Any) -> None:
    assert api("chief").post("/points", {}).status_code == 405
    assert Point.objects.count() == 4


def test_every_operation_says_what_it_does() -> None:
    for method, path, told in operations():
        assert told.get("summary"), f"{method} {path}"
        assert told.get("description"), f"{method} {path}"
        assert told["tags"], f"{method} {path}"
