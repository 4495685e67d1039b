"""Requests to devices: only the clock and stored data, only where asked for, on the device's own line, on record first."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from intake.frames import BEIJING, MN, RECEIVED, frame, qn_of
from intake.test_gateway import Device, connect, records, run, until
from intake.test_ingest import Line
from qingyuan import process
from qingyuan.hj212 import Frame, Framer, Known, acknowledge, decode, encode, interpret
from qingyuan.hj212.contents import FieldTime, History
from qingyuan.intake.errors import NotSendable, NoWishes
from qingyuan.intake.gateway import Gateway, GatewaySettings
from qingyuan.intake.journal import Journal, NewRecord, RecordKind
from qingyuan.intake.known import KnownStation
from qingyuan.intake.requests import SENDABLE, Wish, WishesFile, content_of, request_frame
from qingyuan.intake.talk import Saying
from qingyuan.rules import rule_book

BEGIN = datetime(2026, 11, 20, 3, tzinfo=BEIJING)
LATER = RECEIVED + timedelta(minutes=10)
KEY = bytes(range(16))
OTHER = "B" * 24
EDITIONS = ("2005", "2017", "2025")
COMMANDS = sorted({(edition, cn) for edition, cn in rule_book().protocol.commands})


def wish(cn: str = "2061", mn: str = MN, qn: str = "20261121083000001", **more: Any) -> Wish:
    span = (None, None) if cn == "1012" else (BEGIN, BEGIN + timedelta(hours=2))
    return Wish(qn, mn, cn, *span, more.get("until", LATER))


def one(raw: bytes, *keys: bytes) -> Frame:
    (piece,) = Framer(keys=keys).feed(raw)
    assert isinstance(piece, Frame)
    return piece


@asynccontextmanager
async def gateway(journal: Journal, wishes: list[Wish], *known: KnownStation) -> AsyncIterator[Gateway]:
    register = {station.mn: station for station in known or (KnownStation(MN),)}
    settings = GatewaySettings(wishes_seconds=0.01)
    made = Gateway(journal, settings, lambda: RECEIVED, register=lambda: register, wishes=lambda: list(wishes))
    await made.start()
    try:
        yield made
    finally:
        await made.stop()


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal")


@pytest.mark.parametrize(("edition", "cn"), COMMANDS, ids=str)
def test_no_other_command_can_be_wished_for(edition: str, cn: str) -> None:
    if cn in SENDABLE:
        head = one(encode(qn="", st="31", cn="2011", pw="x", mn=MN, flag=EDITIONS.index(edition) << 2 | 1)).head
        assert one(request_frame(wish(cn), head, RECEIVED, None)).cn == cn
        return
    with pytest.raises(NotSendable, match=cn):
        wish(cn)


def test_what_may_be_sent_is_the_clock_and_stored_data() -> None:
    assert {"1012", "2031", "2041", "2051", "2061"} == SENDABLE


@pytest.mark.parametrize(
    ("flag", "edition", "cp"),
    [
        pytest.param(0, "2005", b"BeginTime=20261120030000,EndTime=20261120050000", id="2005"),
        pytest.param(5, "2017", b"BeginTime=20261120030000;EndTime=20261120050000", id="2017"),
        pytest.param(8, "2025", b"BeginTime=20261120030000;EndTime=20261120050000", id="2025"),
    ],
)
def test_request_speaks_as_the_device_does(flag: int, edition: str, cp: bytes) -> None:
    head = one(encode(qn="20261121083000000", st="32", cn="2011", pw="654321", mn=MN, flag=flag)).head
    asked = one(request_frame(wish(), head, RECEIVED, None))
    assert (asked.head.st, asked.head.pw, asked.edition, asked.wants_answer) == ("32", "654321", edition, True)
    assert asked.cp == cp
    assert interpret(decode(asked)) == History(BEGIN, BEGIN + timedelta(hours=2))


def test_request_to_a_device_that_encrypts_is_encrypted() -> None:
    head = one(frame(flag=9)).head
    raw = request_frame(wish("1012"), head, RECEIVED, KEY)
    assert b"SystemTime" not in raw
    assert interpret(decode(one(raw, KEY))) == FieldTime(RECEIVED.astimezone(BEIJING))


async def speak(made: Gateway, mn: str = MN) -> Device:
    device = await connect(made)
    await device.send(frame(mn=mn))
    await device.wait_for_answers(1)
    return device


def test_request_stands_in_the_journal_and_goes_out_once_on_the_devices_own_line(journal: Journal) -> None:
    wishes: list[Wish] = []

    async def talk() -> None:
        async with gateway(journal, wishes, KnownStation(MN), KnownStation(OTHER)) as made:
            device, other = await speak(made), await speak(made, OTHER)
            wishes.append(wish("1012"))
            await device.wait_for_answers(2)
            asked = device.answers[-1]
            assert (asked.cn, asked.qn, asked.mn) == ("1012", "20261121083000001", MN)
            assert interpret(decode(asked)) == FieldTime(RECEIVED.astimezone(BEIJING))
            wishes.append(wish(qn="20261121083000002"))
            await device.wait_for_answers(3)
            await other.send(frame(mn=OTHER, qn="20261121083000009"))
            await other.wait_for_answers(2)
            assert [a.cn for a in other.answers] == ["9014", "9014"]
            assert [a.cn for a in device.answers] == ["9014", "1012", "2061"]
            assert made.ledger.stations[MN].counts["asked"] == 2
            await device.close()
            await other.close()

    run(talk())
    assert [r.payload[:40] for r in records(journal) if r.kind is RecordKind.REQUEST] == [
        request_frame(wish("1012"), one(frame()).head, RECEIVED, None)[:40],
        request_frame(wish(qn="20261121083000002"), one(frame()).head, RECEIVED, None)[:40],
    ]


def test_two_stations_may_be_asked_under_one_number(journal: Journal) -> None:
    """Requests made in one moment bore the same number, and only the first of the stations got its own."""

    async def talk() -> None:
        async with gateway(journal, [wish(), wish(mn=OTHER)], KnownStation(MN), KnownStation(OTHER)) as made:
            device, other = await speak(made), await speak(made, OTHER)
            assert (await device.wait_for_answers(2))[-1] == (await other.wait_for_answers(2))[-1] == wish().qn
            await device.close()
            await other.close()

    run(talk())


def test_forwarded_station_is_asked_where_it_last_spoke_and_not_after_its_line_ended(journal: Journal) -> None:
    wishes: list[Wish] = []

    async def talk() -> None:
        async with gateway(journal, wishes, KnownStation(MN), KnownStation(OTHER)) as made:
            old, platform = await speak(made), await speak(made)
            await platform.send(frame(mn=OTHER))
            await platform.wait_for_answers(2)
            assert made.connected() == {MN, OTHER}
            await old.close()
            await until(lambda: made.state.connections == 1)
            wishes.append(wish())
            await platform.wait_for_answers(3)
            await platform.close()
            await until(lambda: not made.state.connections)
            assert made.connected() == set()
            wishes.append(wish(qn="20261121083000002"))
            again = await connect(made)
            await again.send(frame(mn=OTHER))
            await again.wait_for_answers(1)
            assert made.ledger.stations[MN].counts["asked"] == 1
            await again.close()

    run(talk())


@pytest.mark.parametrize(
    ("known", "asked"),
    [
        pytest.param((KnownStation(OTHER),), wish(), id="not-registered"),
        pytest.param((KnownStation(MN, (ipaddress.ip_network("10.9.0.0/16"),)),), wish(), id="wrong-network"),
        pytest.param((KnownStation(MN),), wish(until=RECEIVED - timedelta(seconds=1)), id="too-late"),
        pytest.param((KnownStation(MN),), None, id="no-wish"),
    ],
)
def test_nothing_is_ever_sent(journal: Journal, known: Sequence[KnownStation], asked: Wish | None) -> None:
    async def talk() -> None:
        async with gateway(journal, [asked] if asked else [], *known, KnownStation(OTHER)) as made:
            device = await connect(made)
            await device.send(frame(), frame(qn="20261121083000000", cn="1013"), frame(mn=OTHER))
            while not any(a.mn == OTHER for a in device.answers):
                await device.wait_for_answers(len(device.answers) + 1)
            await asyncio.sleep(0.1)
            await device.send(frame(mn=OTHER, qn="20261121083000005"))
            await device.wait_for_answers(len(device.answers) + 1)
            assert {a.cn for a in device.answers} <= {"9013", "9014"}
            await device.close()

    run(talk())
    assert not [r for r in records(journal) if r.kind is RecordKind.REQUEST]


def test_file_of_wishes_is_followed_and_a_tampered_one_sends_nothing(tmp_path: Path) -> None:
    path = tmp_path / "wishes.json"
    wishes = WishesFile(path)
    assert wishes() == ()
    process.write_json(path, content_of([wish(), wish("1012")]))
    assert list(wishes()) == [wish(), wish("1012")]
    process.write_json(path, {"wishes": [["20261121083000001", MN, "3011", None, None, LATER.isoformat()]]})
    with pytest.raises(NotSendable, match="3011"):
        wishes()
    path.write_text("{")
    with pytest.raises(NoWishes):
        wishes()
    path.unlink()
    assert wishes() == ()


class TestHeard:
    """What comes back is told from the journal, in order, and a replay of single records tells nothing."""

    @pytest.fixture
    def line(self, tmp_path: Path) -> Line:
        return Line(tmp_path, MN)

    @pytest.mark.parametrize(
        ("reply", "saying", "code"),
        [
            pytest.param("9011", Saying.ANSWERED, 1, id="accepted"),
            pytest.param("9012", Saying.EXECUTED, 1, id="executed"),
            pytest.param("9013", Saying.ANSWERED, 1, id="notified"),
        ],
    )
    def test_request_and_answer(self, line: Line, reply: str, saying: Saying, code: int) -> None:
        asked = request_frame(wish(), one(frame()).head, RECEIVED, None)
        at = int(RECEIVED.timestamp() * 1e6)
        line.journal.append([NewRecord(RecordKind.REQUEST, asked, "p", at)])
        (position,) = line.put(acknowledge(one(asked), reply))
        line.ingester.step()
        expected = [(Saying.SENT, MN, wish().qn, 0, RECEIVED), (saying, MN, wish().qn, code, RECEIVED)]
        assert line.register.sayings == expected
        assert line.register.drift[MN] is None, "its request number is ours"
        assert line.outcomes() == ["no_data"], "what we sent is no message of the device"
        line.ingester.replay([position])
        assert line.register.sayings == expected

    def test_answer_of_2005_names_the_request_in_its_data(self, line: Line) -> None:
        line.put(encode(qn="", st="91", cn="9011", pw="x", mn=MN, flag=0, cp=f"QN={wish().qn};QnRtn=2"))
        line.ingester.step()
        assert line.register.sayings == [(Saying.ANSWERED, MN, wish().qn, 2, RECEIVED)]

    def test_device_asks_for_the_time(self, line: Line) -> None:
        line.put(encode(qn="20261121083000007", st="31", cn="1013", pw="x", mn=MN, flag=5))
        line.ingester.step()
        assert [s.saying for s in line.register.sayings] == [Saying.ASKS_TIME]

    def test_known_keys_open_what_was_sent_encrypted(self, line: Line) -> None:
        line.register.how[MN] = Known(keys=(KEY,))
        asked = request_frame(wish(), one(frame(flag=9)).head, RECEIVED, KEY)
        line.journal.append([NewRecord(RecordKind.REQUEST, asked, "p", 0)])
        line.ingester.step()
        assert [s.qn for s in line.register.sayings] == [wish().qn]


def test_answered_frames_still_get_their_own_answer(journal: Journal) -> None:
    async def talk() -> None:
        async with gateway(journal, [wish()]) as made:
            device = await speak(made)
            await device.wait_for_answers(2)
            await device.send(acknowledge(device.answers[-1]), frame(qn="20261121083000055"))
            assert (await device.wait_for_answers(3))[-1] == "20261121083000055"
            assert qn_of(frame()) == device.answers[0].qn
            await device.close()

    run(talk())
