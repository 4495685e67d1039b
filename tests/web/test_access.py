"""Every address refuses who is not signed in, who has no role, and who belongs to another district."""

from __future__ import annotations

import pytest
from django.test import Client

from qingyuan.bureau.accounts.models import User
from web.factories import NOW, PASSWORD, County
from web.objects import fill
from web.walk import OPEN, addresses, routes

BACKEND = "django.contrib.auth.backends.ModelBackend"
OF_NOBODY = {"web:language", "web:appearance"}
OF_ONE_DISTRICT = {
    "sources:limits", "sources:recomputed", "sources:recomputed_count", "sources:outlet_emissions", "sources:emission_hours",
    "monitoring:point", "monitoring:series", "monitoring:stops", "sources:enterprise", "sources:device",
    "sources:device_tail", "sources:device_asked",
    "alerts:alert", "alerts:finding", "cases:lead", "cases:case", "cases:exhibit", "cases:record",
    "quality:operate", "sources:outlet", "web:map_card", "sources:outlet_hours", "sources:outlet_hour", "sources:tag_record",
    "sources:tag_exhibit",
}  # fmt: skip
WRITES = {
    "alerts:alert_lead", "alerts:finding_lead", "alerts:alert", "cases:step", "cases:decide", "sources:tag_withdraw",
    "sources:follow", "sources:adopt", "sources:ask_time", "sources:ask_fetch",
    "sources:request_withdraw", "sources:in_use", "sources:tag", "sources:tag_check", "sources:tag_supply",
    "sources:outlet_meters",
    "monitoring:keep", "quality:undo", "monitoring:stop_end",
}  # fmt: skip


# Addresses of single rows that no district owns: they hang on a capability or on the person.
OF_A_CAPABILITY = {
    "sources:limits_undo",
    "accounts:user", "accounts:user_active", "accounts:user_password", "accounts:token_revoke", "imports:job",
    "imports:progress", "imports:run", "imports:undo", "imports:bad_rows", "imports:mapping",
    "exports:export", "exports:progress", "exports:download",
}  # fmt: skip


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def test_every_address_sends_the_signed_out_to_the_door(county: County) -> None:
    for name, address in addresses(county, fill(county, north=False)).items():
        if name in OPEN:
            continue
        for answer in (Client().get(address), Client().post(address)):
            assert answer.status_code == 302, f"{name} {address}: {answer.status_code}"
            assert answer["Location"].startswith("/sign-in/?next="), name


def test_a_first_password_must_be_changed_before_anything_else(county: County) -> None:
    user = county.users["chief"]
    user.must_change_password = True
    user.save()
    client = client_of(user)
    for name, address in addresses(county, fill(county, north=False)).items():
        if name in OPEN | {"accounts:password", "accounts:sign_out"}:
            continue
        assert client.get(address)["Location"] == "/password/", name


def test_rows_of_another_district_are_not_found(county: County) -> None:
    """The town of the south sees nothing of the north, by reading or by writing."""
    client = client_of(county.users["town"])
    north = addresses(county, fill(county, north=True))
    for name in sorted(OF_ONE_DISTRICT):
        assert client.get(north[name]).status_code == 404, f"{name} {north[name]}"
    for name in sorted(WRITES):
        assert client.post(north[name], {"note": "x", "reason": "x"}).status_code in {403, 404}, name


def test_the_enterprise_sees_only_its_own(county: County) -> None:
    client = client_of(county.users["enterprise"])
    north = addresses(county, fill(county, north=True))
    for name in sorted(OF_ONE_DISTRICT - {"cases:lead"}):
        assert client.get(north[name]).status_code == 404, name
    assert client.get(f"/monitoring/{county.outlet.code}/").status_code == 200
    assert client.get(f"/leads/{county.fresh_lead.pk}/").status_code == 404


def test_lists_show_only_the_own_district(county: County) -> None:
    client = client_of(county.users["town"])
    for address in (
        "/monitoring/?kind=outlet",
        "/alerts/",
        "/cases/",
        "/leads/",
        "/map/features.json",
        "/search/?q=北港",
    ):
        text = client.get(address).content.decode()
        assert "北港印染" not in text, address
    assert "锦川热电" in client.get("/monitoring/?kind=outlet").content.decode()


@pytest.mark.parametrize(
    ("address", "role"),
    [
        ("/settings/users/", "security"),
        ("/settings/users/new/", "security"),
        ("/settings/audit/", "audit"),
        ("/imports/", "monitor"),
        ("/imports/devices/", "system"),
        ("/leads/new/", "town"),
        ("/alerts/", "officer"),
    ],
)
def test_a_page_opens_only_for_its_capability(county: County, address: str, role: str) -> None:
    assert client_of(county.users[role]).get(address).status_code == 200
    nobody = User.objects.create_user("nobody", PASSWORD, display_name="无角色", created_at=NOW)
    assert client_of(nobody).get(address).status_code == 403


def test_rows_that_hang_on_a_capability_are_refused_without_it(county: County) -> None:
    client = client_of(county.users["town"])
    south = addresses(county, fill(county, north=False))
    for name in sorted(OF_A_CAPABILITY):
        assert client.post(south[name]).status_code in {403, 404}, name


def test_the_three_administrators_do_not_see_each_others_pages(county: County) -> None:
    pages = {"security": "/settings/users/", "audit": "/settings/audit/", "system": "/imports/"}
    for role in pages:
        client = client_of(county.users[role])
        for owner, address in pages.items():
            assert (client.get(address).status_code == 200) == (owner == role), f"{role} at {address}"


def test_the_address_table_is_walked() -> None:
    """The walk above must not silently cover nothing, nor a new address of a row escape it."""
    of_rows = {r.name for r in routes() if r.blanks}
    assert of_rows == OF_ONE_DISTRICT | WRITES | OF_A_CAPABILITY
    names = {r.name for r in routes()}
    assert len(names) > 45
    assert names >= OF_ONE_DISTRICT | WRITES | OF_NOBODY
