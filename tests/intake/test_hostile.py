"""One bad peer: the others are answered as ever, and what it did is counted under its name or address."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from intake.frames import MN, RECEIVED, frame, numbered, qn_of
from intake.test_gateway import Device, connect, raw, records, run, until
from qingyuan.hj212 import CrcDialect, Known, crc16_modbus, encode
from qingyuan.intake.gateway import Gateway, GatewaySettings
from qingyuan.intake.journal import Journal, Mark, RecordKind
from qingyuan.intake.known import KnownStation
from qingyuan.intake.ledger import Ledger, Page
from qingyuan.intake.limits import Limits

BAD = "B" * 24
ELSEWHERE = (ipaddress.ip_network("10.9.0.0/16"),)


@asynccontextmanager
async def gateway(journal: Journal, *known: KnownStation, **settings: object) -> AsyncIterator[Gateway]:
    register: Mapping[str, KnownStation] = {station.mn: station for station in known}
    made = Gateway(journal, GatewaySettings(**settings), lambda: RECEIVED, register=lambda: register)  # type: ignore[arg-type]
    await made.start()
    try:
        yield made
    finally:
        await made.stop()


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal")


async def others_are_well(made: Gateway) -> None:
    good = await connect(made)
    await good.send(frame())
    assert await good.wait_for_answers(1) == [qn_of(frame())]
    await good.close()
    assert made.ledger.stations[MN].counts["acknowledged"] == 1


def page(made: Gateway, mn: str = BAD) -> Page:
    return made.ledger.stations[mn]


async def slow(made: Gateway) -> Device:
    """A frame that never ends, a byte at a time."""
    bad = await connect(made)
    await bad.send(frame(mn=BAD))
    await bad.wait_for_answers(1)

    async def drip() -> None:
        for byte in frame(mn=BAD):
            await bad.send(bytes([byte]))
            await asyncio.sleep(0.02)

    dripping = asyncio.create_task(drip())
    assert await bad.is_closed()
    dripping.cancel()
    await asyncio.gather(dripping, return_exceptions=True)
    return bad


def test_slow_loris(journal: Journal) -> None:
    async def talk() -> None:
        async with gateway(journal, limits=Limits(frame_seconds=0.2)) as made:
            bad = asyncio.create_task(slow(made))
            await others_are_well(made)
            await (await bad).close()
            assert page(made).counts["closed_slow"] == 1

    run(talk())


@pytest.mark.parametrize(
    ("piece", "kind"),
    [
        pytest.param(b"\x00\x8f#\xff\x10" * 4000, "garbage", id="binary"),
        pytest.param(b"##9000QN=20261121073000000;" + b"x" * 20_000, "over_long", id="oversized"),
    ],
)
def test_garbage_without_end_is_cut_off(journal: Journal, piece: bytes, kind: str) -> None:
    async def talk() -> None:
        async with gateway(journal, limits=Limits(garbage_bytes=8000)) as made:
            bad = await connect(made)
            await bad.send(piece)
            assert await bad.is_closed()
            await others_are_well(made)
            counts = made.ledger.peers["127.0.0.1"].counts
            assert counts["closed_garbage"] == 1
            assert counts[kind] >= 1
            await bad.close()

    run(talk())
    assert sum(map(len, raw(journal, RecordKind.REJECTED))) < 20_000 + 4200


def test_station_in_the_wrong_network_gets_no_answer(journal: Journal) -> None:
    async def talk() -> None:
        async with gateway(journal, KnownStation(BAD, ELSEWHERE)) as made:
            bad = await connect(made)
            await bad.send(frame(mn=BAD), frame())
            assert await bad.wait_for_answers(1) == [qn_of(frame())]
            assert [a.mn for a in bad.answers] == [MN]
            assert page(made).counts["wrong_network"] == 1
            assert page(made).counts["acknowledged"] == 0
            await bad.close()

    run(talk())
    assert [r.marks for r in records(journal)] == [Mark.WRONG_NETWORK, 0]


def test_unregistered_station_where_only_known_ones_may_speak(journal: Journal) -> None:
    async def talk() -> None:
        async with gateway(journal, KnownStation(MN), only_known=True) as made:
            bad = await connect(made)
            await bad.send(frame(mn=BAD))
            await until(lambda: made.state.counts["refused_unknown"] == 1)
            assert page(made).counts["refused_unknown"] == 1
            await others_are_well(made)
            await bad.close()

    run(talk())
    assert raw(journal, RecordKind.FRAME) == [frame()]


def test_flood_is_slowed_down_and_nothing_of_it_lost(journal: Journal) -> None:
    flood = numbered(300, mn=BAD)

    async def talk() -> None:
        limits = Limits(station_rate=400.0, burst_seconds=0.25)
        async with gateway(journal, limits=limits) as made:
            bad = await connect(made)
            began = asyncio.get_running_loop().time()
            await bad.send(b"".join(flood[:-1]))
            await bad.wait_for_answers(299)
            await bad.send(flood[-1])
            await others_are_well(made)
            await bad.wait_for_answers(300)
            assert asyncio.get_running_loop().time() - began >= 199 / 400 - 0.05
            assert page(made).counts["slowed"] >= 1
            await bad.close()

    run(talk())
    assert [f for f in raw(journal, RecordKind.FRAME) if BAD.encode() in f] == flood


def in_modbus(whole: bytes) -> bytes:
    return whole[:-6] + b"%04X\r\n" % crc16_modbus(whole[6:-6])


KEY = bytes(range(16))
SECRET = encode(qn="20261121073000001", st="31", cn="2061", pw="123456", mn=MN, flag=9, sm4_key=KEY,
                cp="DataTime=20261121060000;a21002-Avg=12.5,a21002-Flag=N")  # fmt: skip


@pytest.mark.parametrize(
    ("piece", "how"),
    [
        pytest.param(in_modbus(frame()), Known(frozenset({CrcDialect.MODBUS})), id="dialect"),
        pytest.param(SECRET, Known(keys=(KEY,)), id="key"),
    ],
)
def test_dialect_and_key_belong_to_one_station(
    journal: Journal, piece: bytes, how: Known, capsys: pytest.CaptureFixture[str]
) -> None:
    station = KnownStation(MN, (), how)
    assert KEY.hex() not in repr(station)
    assert repr(KEY) not in repr(station)

    async def talk(known: KnownStation, check: Callable[[Gateway], bool]) -> None:
        async with gateway(journal, known) as made:
            device = await connect(made)
            await device.send(piece, frame(mn=BAD))
            await device.wait_for_answers(1)
            await until(lambda: check(made))
            await device.close()

    run(talk(station, lambda made: made.ledger.stations[MN].counts["acknowledged"] == 1))
    run(talk(KnownStation(BAD, (), how), lambda made: made.ledger.stations[MN].counts["acknowledged"] == 0))


def test_register_that_fails_leaves_the_last_copy(journal: Journal) -> None:
    answers: list[Mapping[str, KnownStation]] = [{BAD: KnownStation(BAD, ELSEWHERE)}]

    def register() -> Mapping[str, KnownStation]:
        return answers.pop()

    async def talk() -> None:
        settings = GatewaySettings(register_seconds=0.01)
        made = Gateway(journal, settings, lambda: RECEIVED, register=register)
        await made.start()
        await until(lambda: bool(made.state.register_error))
        device = await connect(made)
        await device.send(frame(mn=BAD), frame())
        await device.wait_for_answers(1)
        assert page(made).counts["wrong_network"] == 1
        await device.close()
        await made.stop()

    run(talk())


def test_counts_go_on_after_a_restart_and_made_up_names_do_not_fill_the_book() -> None:
    ledger = Ledger()
    ledger.page(MN, "10.0.0.1:5").counts["frames"] += 2
    ledger.page("<script>", "10.0.0.1:6").counts["garbage"] += 1
    again = Ledger.of(ledger.as_json())
    assert again.stations[MN].counts["frames"] == 2
    assert again.peers["10.0.0.1"].counts["garbage"] == 1
    for number in range(20_100):
        again.page(f"X{number}", "p").counts["frames"] += 1
    assert len(again.stations) <= 20_002
    assert again.stations["*"].counts["frames"] >= 100
    assert again.page("REGISTERED", "p", is_registered=True) is again.stations["REGISTERED"]
