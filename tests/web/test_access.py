"""Every address refuses who is not signed in, who has no role, and who belongs to another district."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from django.test import Client

from canaries import (
    FILE,
    FIRM,
    INFORMANT,
    NAME,
    NOT_FOR,
    ORDER,
    PHONE,
    REASON,
    REMARK,
    TITLE,
    Matter,
    plant,
    readable,
)
from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.audit.models import AuditEntry
from qingyuan.bureau.cases.models import Exhibit, Lead
from web.factories import NOW, PASSWORD, County
from web.objects import fill
from web.walk import CLASSES, OF_A_BOOK, OF_A_CAPABILITY, OF_ONE_DISTRICT, OPEN, WRITES, addresses, routes

INLINE = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=\"|javascript:")
BACKEND = "django.contrib.auth.backends.ModelBackend"


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
    """The walk above must not silently cover nothing, nor a new address escape it: each stands in the table of walk.py."""
    known = set().union(*CLASSES)
    names = {r.name for r in routes()}
    assert names - known == set(), "classify the new address in tests/web/walk.py"
    assert known - names == set(), "the table names addresses that are gone"
    assert {r.name for r in routes() if r.blanks} == OF_ONE_DISTRICT | WRITES | OF_A_CAPABILITY | OF_A_BOOK
    assert len(names) > 45


def _addresses_of(matter: Matter) -> list[str]:
    """Every address, filled with the rows of the planted matter, and the lists narrowed to it."""
    objects = fill(matter.county, north=False)
    found = set(addresses(matter.county, objects).values())
    for case in (matter.case, matter.handed):
        found |= {f"/cases/{case.pk}/", f"/cases/{case.pk}/record.docx", f"/search/?q={case.number}"}
    found |= {f"/leads/{lead.pk}/" for lead in Lead.objects.all()}
    found |= {f"/exhibits/{x.pk}/" for x in Exhibit.objects.filter(evidence__size__gt=3)}
    found |= {
        "/search/?q=AJ",
        "/search/?q=XS",
        "/search/?q=2026",
        "/map/?point=D01",
        "/leads/?sort=due",
        "/leads/?q=冒烟",
    }
    found |= {
        "/findings/?form=csv",
        "/findings/?form=xlsx",
        "/settings/audit/?page=2",
        "/cases/?q=AJ",
        "/tags/",
        "/alerts/",
        f"/books/devices/{'8' * 24}/",
        f"/books/devices/{'8' * 24}/asked/",
    }
    return sorted(found)


@pytest.mark.parametrize("who", sorted(NOT_FOR))
def test_nobody_reads_what_is_not_for_them(county: County, who: str) -> None:
    """The accused firm read the complaint on its own case page: file names, text, place, the reason of triage.

    Every address, for every identity, with a mark on everything that somebody must not read. Every page is rendered or
    refused in words on the way, with nothing inline."""
    matter = plant(county)
    client = client_of(matter.users[who])
    leaks = []
    for address in _addresses_of(matter):
        answer = client.get(address)
        said_so = answer.status_code in {200, 286, 302, 400, 403, 404, 405, 409} or address == "/healthz"
        assert said_so, f"{address}: {answer.status_code}"
        if answer.status_code != 302 and answer.headers.get("Content-Type", "").startswith("text/html"):
            assert not INLINE.search(answer.content.decode()), f"{address}: {INLINE.search(answer.content.decode())}"
            assert "Content-Security-Policy" in answer.headers, address
        if address.startswith("/exhibits/") and "X-Content-Copy" not in answer.headers and NOT_FOR[who] == INFORMANT:
            continue  # the handling unit has the right to the original
        said = readable(b"".join(answer.streaming_content) if answer.streaming else answer.content)  # type: ignore[arg-type]
        said += str(answer.headers)
        own = str(matter.users[who])
        leaks += [(address, word) for word in NOT_FOR[who] if word in said and word != own]
    assert leaks == []


def test_the_signed_out_read_nothing(county: County) -> None:
    matter = plant(county)
    for address in _addresses_of(matter):
        said = readable(Client().get(address).content)
        assert not [w for w in (*FIRM, ORDER) if w in said], address


def test_what_each_does_see(county: County) -> None:
    """An empty page hides everything: the handling unit sees the whole, the firm what was served on it."""
    matter = plant(county)
    page = f"/cases/{matter.case.pk}/"
    seen = {
        who: client_of(matter.users[who]).get(page).content.decode()
        for who in ("officer", "enterprise", "om", "monitor")
    }
    assert all(w in seen["officer"] for w in (TITLE, REASON, FILE, REMARK, ORDER))
    assert all(w in seen["enterprise"] for w in (matter.case.number, ORDER, "锦川热电", "2026-12-01", "登记整改完成"))
    assert all(w in seen["om"] for w in (matter.case.number, ORDER))
    assert all(w in seen["monitor"] for w in (TITLE, ORDER, REMARK))
    record = readable(client_of(matter.users["enterprise"]).get(f"{page}record.docx").content)
    assert ORDER in record
    assert matter.case.number in record


def test_a_picture_of_a_complaint_is_a_copy_without_traces(county: County) -> None:
    matter = plant(county)
    for x in matter.lead.exhibits.all():
        whole = client_of(matter.users["officer"]).get(f"/exhibits/{x.pk}/")
        assert whole.status_code == 200
        assert FILE in unquote(whole["Content-Disposition"])
        part = client_of(matter.users["monitor"]).get(f"/exhibits/{x.pk}/")
        assert part.status_code == (403 if x.evidence.media_type == "application/pdf" else 200)
        assert client_of(matter.users["enterprise"]).get(f"/exhibits/{x.pk}/").status_code == 403
        if part.status_code == 200:
            assert part["X-Content-Copy"] == "plain"
            assert part["X-Content-SHA256"] == x.evidence.sha256


REVEAL = {"chief", "director"}


@pytest.mark.parametrize("who", sorted(NOT_FOR))
def test_who_reaches_the_informant(county: County, who: str) -> None:
    """The officer in charge by a button, who has the right by a reason; each look is a line of the audit trail."""
    matter = plant(county)
    client = client_of(matter.users[who])
    call = client.post(f"/leads/{matter.lead.pk}/informant/call/")
    assert (PHONE in call.content.decode()) == (who == "officer"), call.status_code
    assert client.post(f"/leads/{matter.lead.pk}/informant/reveal/", {"reason": " "}).status_code in {302, 403, 404}
    reveal = client.post(f"/leads/{matter.lead.pk}/informant/reveal/", {"reason": f"需核对 {NAME}"})
    assert (NAME in reveal.content.decode()) == (who in REVEAL), reveal.status_code
    lines = AuditEntry.objects.filter(verb__startswith="informant.")
    assert lines.count() == (who == "officer") + (who in REVEAL)
    assert not [line for line in lines if NAME in line.summary or PHONE in line.summary]
    if who in REVEAL | {"officer"}:
        assert "no-store" in (call if who == "officer" else reveal)["Cache-Control"]


def test_the_officer_in_charge_after_a_hand_over_calls_back(county: County) -> None:
    """The unit that received the case works without identity and reasons; its officer in charge can still call."""
    matter = plant(county)
    receiver = client_of(matter.users["receiver"])
    page = receiver.get(f"/cases/{matter.handed.pk}/").content.decode()
    lead = matter.handed.leads.get()
    assert f"/leads/{lead.pk}/informant/call/" in page
    assert REASON not in page
    assert PHONE in receiver.post(f"/leads/{lead.pk}/informant/call/").content.decode()
    assert receiver.post(f"/leads/{lead.pk}/informant/reveal/", {"reason": "x"}).status_code == 403
    assert client_of(matter.users["officer"]).post(f"/leads/{lead.pk}/informant/call/").status_code == 403
