"""Leads have an age, a clock, an owner and an order: none waits unseen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from api.calling import Caller
from bureau.office import Office
from bureau.test_leads import make_alert, make_finding
from moment import NOW
from qingyuan.bureau.base.errors import Invalid, NotAllowed, WrongState
from qingyuan.bureau.cases.actions.leads import dismiss_lead, raise_lead
from qingyuan.bureau.cases.actions.taking import take_lead
from qingyuan.bureau.cases.models import Lead

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def client_of(office: Office, who: str) -> Client:
    client = Client()
    client.force_login(office[who], backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def three(office: Office, clock_at: Callable[[datetime], None]) -> list[Lead]:
    """By hand 50 hours ago, from a finding 10 hours ago, from an alert 30 hours ago; only the first and last are late."""
    made = []
    for back, more in ((50, {}), (10, {"finding": make_finding(office.gas)}), (30, {"alert": make_alert(office.gas)})):
        clock_at(NOW - back * HOUR)
        made.append(raise_lead(office["officer"], title=f"线索 {back}", point=office.gas, **more))
    clock_at(NOW)
    return made


@pytest.mark.parametrize(("source", "hours"), [("manual", 48), ("finding", 24), ("alert", 24), ("investigation", 48)])
def test_the_deadline_is_a_setting_by_source(office: Office, source: str, hours: int) -> None:
    from bureau.handling import open_for

    more: dict[str, Any] = {
        "finding": lambda: {"finding": make_finding(office.gas)},
        "alert": lambda: {"alert": make_alert(office.gas)},
        "investigation": lambda: {"parent_case": open_for(office, office.air, "area")},
    }.get(source, dict)()
    lead = raise_lead(office["officer"], title="t", place="p", **more)
    assert (lead.source, lead.due_at) == (source, NOW + hours * HOUR)


def test_the_list_by_the_api(office: Office, three: list[Lead]) -> None:
    caller = Caller(office["chief"])

    def titles(**query: Any) -> list[str]:
        return [i["title"] for i in caller.get("/leads", **query).json()["items"]]

    assert titles() == ["线索 10", "线索 30", "线索 50"]
    assert titles(sort="oldest") == ["线索 50", "线索 30", "线索 10"]
    assert titles(sort="due") == ["线索 30", "线索 50", "线索 10"]
    assert titles(late="true", sort="due") == ["线索 30", "线索 50"]
    assert titles(late="false") == ["线索 10"]
    take_lead(office["chief"], three[1])
    assert titles(owner="chief") == ["线索 10"]
    assert titles(sort="owner")[0] == "线索 10"
    told = caller.get(f"/leads/{three[0].number}").json()
    assert (told["age_hours"], told["is_late"], told["owner"]) == (50.0, True, None)
    assert caller.get("/leads", sort="colour").status_code == 422


def test_a_decided_lead_is_not_late(office: Office, three: list[Lead]) -> None:
    dismiss_lead(office["chief"], three[0], "雾气")
    assert Caller(office["chief"]).get("/leads", late="true").json()["count"] == 1


def test_the_header_leads_to_the_late_rows(office: Office, three: list[Lead]) -> None:
    """The header said that something was late and led to a list of something else."""
    client = client_of(office, "chief")
    text = client.get("/settings/").content.decode()
    assert 'href="/leads/?standing=late&amp;sort=due"' in text
    rows = client.get("/leads/?standing=late&sort=due")
    assert [row.title for row in rows.context["rows"]] == ["线索 30", "线索 50"]
    assert "逾期线索" not in client_of(office, "north").get("/settings/").content.decode()


def test_the_dot_leads_to_the_points_that_are_silent(office: Office) -> None:
    """The dot counted silent points of every kind and opened the list of one kind, which was empty."""
    client = client_of(office, "chief")
    dot = client.get("/frame/freshness/").content.decode()
    address = dot.split('href="')[1].split('"')[0]
    assert address.startswith("/monitoring/freshness/")
    assert client.get(address).status_code == 200


class TestOwner:
    def test_taken_and_given(self, office: Office, three: list[Lead]) -> None:
        assert take_lead(office["chief"], three[0]).owner == office["chief"]
        assert take_lead(office["chief"], three[0], office["director"]).owner == office["director"]
        answer = Caller(office["chief"]).post(f"/leads/{three[0].number}/take", {"owner": "chief"})
        assert answer.json()["owner"] == "chief"

    @pytest.mark.parametrize("who", ["officer", "firm", "security", "nobody"])
    def test_not_to_who_decides_nothing(self, office: Office, three: list[Lead], who: str) -> None:
        answer = Caller(office["chief"]).post(f"/leads/{three[0].number}/take", {"owner": who})
        assert (answer.status_code, answer.json()["field"]) == (422, "owner")

    def test_not_by_who_decides_nothing(self, office: Office, three: list[Lead]) -> None:
        with pytest.raises(NotAllowed):
            take_lead(office["officer"], three[0])
        with pytest.raises(Invalid):
            take_lead(office["chief"], three[0], office["system"])

    def test_not_what_is_decided(self, office: Office, three: list[Lead]) -> None:
        stale = Lead.objects.get(pk=three[0].pk)
        dismiss_lead(office["chief"], three[0], "雾气")
        with pytest.raises(WrongState):
            take_lead(office["chief"], stale)

    def test_by_the_page(self, office: Office, three: list[Lead]) -> None:
        client = client_of(office, "chief")
        page = client.get(f"/leads/{three[0].pk}/")
        assert [v for v, _ in page.context["take"].fields["owner"].choices] == ["director", "chief"]
        client.post(f"/leads/{three[0].pk}/take/", {"owner": "director"})
        three[0].refresh_from_db()
        assert three[0].owner == office["director"]
        assert [r.pk for r in client.get("/leads/?whose=nobody").context["rows"]] == [three[1].pk, three[2].pk]
