"""The outbox: told with the change, once by each channel; sent under a lease; the inbox and what comes round."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from book.pattern import WELLS
from bureau.office import Office
from moment import NOW
from qingyuan.bureau.base.errors import Invalid
from qingyuan.bureau.book.actions import read_values, save
from qingyuan.bureau.messages import channels as found
from qingyuan.bureau.messages.actions import mark_read, post, remind, send_next, send_waiting
from qingyuan.bureau.messages.actions.sending import LEASE, MOST_ATTEMPTS
from qingyuan.bureau.messages.channels import Channel
from qingyuan.bureau.messages.models import Delivery
from qingyuan.bureau.messages.queries import inbox, unread


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A channel that carries messages away, and can be broken."""
    sent: list[str] = []
    broken: list[Exception] = []

    def send(delivery: Delivery) -> None:
        if broken:
            raise broken[0]
        sent.append(f"{delivery.person.username}:{delivery.title}")

    kept = {**found.channels(), "wire": Channel("wire", "线", send)}
    monkeypatch.setattr("qingyuan.bureau.messages.actions.sending.channels", lambda: kept)
    return sent, broken


def test_the_inbox_holds_a_change_once(office: Office) -> None:
    for _ in range(3):
        post("book:wells:1:r2", [office["chief"], office["south"]], "甲井改了", link="/books/wells/row/J1/")
    assert unread(office["chief"]) == unread(office["south"]) == 1
    assert not inbox(office["north"])
    assert mark_read(office["chief"]) == 1
    assert mark_read(office["chief"]) == unread(office["chief"]) == 0
    with pytest.raises(Invalid, match="没有消息途径"):
        post("x", [office["chief"]], "x", by=["pigeon"])


def test_a_change_that_does_not_happen_tells_nobody(office: Office) -> None:
    with transaction.atomic():
        post("x", [office["chief"]], "x")
        transaction.set_rollback(True)
    assert not Delivery.objects.exists()


def test_sent_once_and_recorded(office: Office, wire: Any) -> None:
    post("a", [office["chief"]], "甲", by=["wire", "inbox"])
    post("a", [office["chief"]], "甲", by=["wire", "inbox"])
    assert send_waiting() == 1
    assert send_waiting() == 0
    assert wire[0] == ["chief:甲"]
    assert Delivery.objects.get(channel="wire").sent_at == NOW


def test_a_channel_that_fails_is_tried_again_later_and_not_for_ever(office: Office, wire: Any, clock_at: Any) -> None:
    sent, broken = wire
    broken.append(OSError("no line"))
    post("a", [office["chief"]], "甲", by=["wire"])
    assert send_next()
    assert not send_next()
    assert "no line" in Delivery.objects.get().failed
    broken.clear()
    clock_at(NOW + LEASE + timedelta(seconds=1))
    assert send_next()
    assert (sent, Delivery.objects.get().failed) == (["chief:甲"], "")
    broken.append(OSError("gone"))
    post("b", [office["chief"]], "乙", by=["wire"])
    for day in range(1, 20):
        clock_at(NOW + timedelta(days=day))
        send_next()
    assert Delivery.objects.get(change="b").attempts == MOST_ATTEMPTS


def test_two_senders_never_send_one_message_twice(office: Office, wire: Any) -> None:
    """The second takes what the first has leased for nothing."""
    post("a", [office["chief"]], "甲", by=["wire"])
    Delivery.objects.update(lease_until=NOW + LEASE, attempts=1)
    assert not send_next()
    assert wire[0] == []


def test_what_comes_round_is_told_to_who_answers_for_it(office: Office, clock_at: Any) -> None:
    for code, town, day in (
        ("J1", "城南镇", "2026-08-30"),
        ("J2", "城北镇", "2026-08-30"),
        ("J3", "城南镇", "2026-11-01"),
    ):
        save(None, WELLS, read_values(WELLS, {"code": code, "name": code, "area": town, "sampled_on": day}))
    assert date(2026, 8, 30) + timedelta(days=90 - 7) == date(2026, 11, 21)
    remind()
    remind()
    told = {d.person.username: d.title for d in Delivery.objects.select_related("person")}
    assert told == {
        "south": "监测井：1 项采样将到期", "north": "监测井：1 项采样将到期", "chief": "监测井：2 项采样将到期",
        "monitor": "监测井：2 项采样将到期",
    }  # fmt: skip
    client = Client()
    client.force_login(office["south"], backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(inbox(office["south"]).get().link).content.decode()
    assert "J1" in page
    assert "/J3/" not in page


def test_the_page_and_the_bell(office: Office) -> None:
    post("a", [office["south"]], "甲井改了", link="/books/wells/")
    client, other = Client(), Client()
    client.force_login(office["south"], backend="django.contrib.auth.backends.ModelBackend")
    other.force_login(office["north"], backend="django.contrib.auth.backends.ModelBackend")
    assert "甲井改了" in client.get("/messages/").content.decode()
    assert "甲井改了" not in other.get("/messages/").content.decode()
    assert ">1<" in client.get("/frame/bell/").content.decode()
    number = str(Delivery.objects.get().pk)
    other.post("/messages/read/", {"message": number})
    assert unread(office["south"]) == 1
    assert client.post("/messages/read/", {"message": number, "link": "/books/wells/"})["Location"] == "/books/wells/"
    assert client.post("/messages/read/", {"link": "https://example.org/"})["Location"] == "/messages/"
    assert client.post("/messages/read/", {"link": "//example.org/"})["Location"] == "/messages/"
    assert unread(office["south"]) == 0
