"""The gateway on a real socket: nothing is acknowledged that is not in the journal, nothing that came is lost."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from intake.frames import RECEIVED, frame, numbered, qn_of
from qingyuan.hj212 import Frame, Framer
from qingyuan.intake.connection import Connection
from qingyuan.intake.errors import GatewayPortInUse
from qingyuan.intake.gateway import Gateway, GatewaySettings
from qingyuan.intake.journal import Journal, Mark, NewRecord, Record, RecordKind
from qingyuan.intake.known import is_in
from qingyuan.intake.limits import Limits

PATIENCE = 5.0


class Device:
    """One TCP connection to the gateway."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self._framer = Framer()
        self.answers: list[Frame] = []

    async def send(self, *pieces: bytes) -> None:
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()

    async def wait_for_answers(self, count: int) -> list[str]:
        """QNs of the answers, once there are `count`."""
        async with asyncio.timeout(PATIENCE):
            while len(self.answers) < count:
                data = await self.reader.read(65536)
                if not data:
                    raise ConnectionError("closed by the gateway")
                self.answers += [p for p in self._framer.feed(data) if isinstance(p, Frame)]
        return [a.qn for a in self.answers]

    async def is_closed(self) -> bool:
        async with asyncio.timeout(PATIENCE):
            try:
                return await self.reader.read(1) == b""
            except ConnectionError:
                return True

    async def close(self) -> None:
        self.writer.close()
        try:
            await self.writer.wait_closed()
        except ConnectionError:
            pass


@asynccontextmanager
async def running(journal: Journal, **settings: Any) -> AsyncIterator[Gateway]:
    gateway = Gateway(journal, GatewaySettings(**settings), lambda: RECEIVED)
    await gateway.start()
    try:
        yield gateway
    finally:
        await gateway.stop()


async def connect(gateway: Gateway) -> Device:
    return Device(*await asyncio.open_connection("127.0.0.1", gateway.state.port))


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.005)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal")


def run(talk: Coroutine[Any, Any, Any]) -> None:
    asyncio.run(talk)


def records(journal: Journal) -> list[Record]:
    return list(journal.read(0, 10_000))


def raw(journal: Journal, kind: RecordKind) -> list[bytes]:
    return [r.payload for r in records(journal) if r.kind is kind]


def test_frame_is_in_the_journal_before_its_answer(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    states: list[int] = []

    real = Connection.send

    def send(self: Connection, data: bytes) -> None:
        states.append(len(records(journal)))
        real(self, data)

    monkeypatch.setattr(Connection, "send", send)

    async def talk() -> None:
        async with running(journal) as gateway:
            device = await connect(gateway)
            await device.send(frame())
            assert await device.wait_for_answers(1) == [qn_of(frame())]
            await device.close()

    run(talk())
    assert states == [1]
    (record,) = records(journal)
    assert (record.kind, record.payload) == (RecordKind.FRAME, frame())
    assert record.peer.startswith("127.0.0.1:")
    assert record.received_us == int(RECEIVED.timestamp() * 1e6)


@pytest.mark.parametrize("size", [1, 7, 64])
def test_bytes_split_anywhere(journal: Journal, size: int) -> None:
    frames = numbered(3)
    stream = b"".join(frames)

    async def talk() -> None:
        async with running(journal) as gateway:
            device = await connect(gateway)
            await device.send(*(stream[i : i + size] for i in range(0, len(stream), size)))
            assert await device.wait_for_answers(3) == [qn_of(f) for f in frames]
            await device.close()

    run(talk())
    assert raw(journal, RecordKind.FRAME) == frames


def test_many_devices_on_one_connection(journal: Journal) -> None:
    frames = [f for n in range(20) for f in numbered(5, mn=f"{n:024X}")]

    async def talk() -> None:
        async with running(journal) as gateway:
            device = await connect(gateway)
            await device.send(b"".join(frames))
            await device.wait_for_answers(100)
            assert {a.mn for a in device.answers} == {f"{n:024X}" for n in range(20)}
            assert gateway.state.counts["acknowledged"] == 100
            await device.close()

    run(talk())
    assert raw(journal, RecordKind.FRAME) == frames


GOOD = frame(qn="20261121073000999")
WRONG_CRC = frame()[:-6] + b"0000\r\n"


@pytest.mark.parametrize(
    ("piece", "reason"),
    [
        pytest.param(WRONG_CRC, "crc_mismatch", id="wrong-crc"),
        pytest.param(b"GET / HTTP/1.0\r\n\r\n", "garbage", id="garbage"),
        pytest.param(b"\x00\xff\xfe" * 20 + b"\r\n", "garbage", id="bytes"),
        pytest.param(b"##9999QN=" + b"x" * 300 + b"\r\n", "", id="length-that-lies"),
    ],
)
def test_bad_piece_is_kept_raw_never_answered_and_the_connection_stays(
    journal: Journal, monkeypatch: pytest.MonkeyPatch, piece: bytes, reason: str
) -> None:
    monkeypatch.setattr("qingyuan.intake.connection.QUIET_SECONDS", 0.05)

    async def talk() -> None:
        async with running(journal) as gateway:
            device = await connect(gateway)
            await device.send(piece, GOOD)
            assert await device.wait_for_answers(1) == [qn_of(GOOD)]
            await device.close()
            await until(lambda: not gateway.state.connections)
        rejected = {k: n for k, n in gateway.state.counts.items() if k.startswith("rejected_")}
        assert rejected
        if reason:
            assert f"rejected_{reason}" in rejected
        assert gateway.state.counts["acknowledged"] == 1

    run(talk())
    assert raw(journal, RecordKind.FRAME) == [GOOD]
    assert b"".join(raw(journal, RecordKind.REJECTED)).strip() == piece.strip()


def test_half_frame_then_close_is_kept(journal: Journal) -> None:
    half = GOOD[:50]

    async def talk() -> None:
        async with running(journal) as gateway:
            device = await connect(gateway)
            await device.send(half)
            await device.close()
            await until(lambda: gateway.state.counts["rejected_truncated"] == 1)

    run(talk())
    assert raw(journal, RecordKind.REJECTED) == [half]


def test_half_frame_does_not_swallow_the_next(journal: Journal) -> None:
    async def talk() -> None:
        async with running(journal) as gateway:
            device = await connect(gateway)
            await device.send(GOOD[:50], GOOD)
            assert await device.wait_for_answers(1) == [qn_of(GOOD)]
            await device.close()

    run(talk())
    assert GOOD in raw(journal, RecordKind.FRAME)
    assert b"".join(r.payload for r in records(journal)) == GOOD[:50] + GOOD


def test_frame_without_wish_for_an_answer_is_kept_quietly(journal: Journal) -> None:
    async def talk() -> None:
        async with running(journal) as gateway:
            device = await connect(gateway)
            await device.send(frame(flag=4), GOOD)
            assert await device.wait_for_answers(1) == [qn_of(GOOD)]
            await device.close()

    run(talk())
    assert raw(journal, RecordKind.FRAME) == [frame(flag=4), GOOD]


def test_answers_of_devices_are_not_answered(journal: Journal) -> None:
    reply = frame(cn="9011")

    async def talk() -> None:
        async with running(journal) as gateway:
            device = await connect(gateway)
            await device.send(reply, GOOD)
            assert await device.wait_for_answers(1) == [qn_of(GOOD)]
            await device.close()

    run(talk())


def test_adopting_gateway_marks_its_records(journal: Journal) -> None:
    async def talk() -> None:
        async with running(journal, adopt_unknown=True) as gateway:
            device = await connect(gateway)
            await device.send(GOOD)
            await device.wait_for_answers(1)
            await device.close()

    run(talk())
    assert [r.marks for r in records(journal)] == [Mark.ADOPT]


def test_full_journal_stops_the_answers_not_the_connection(journal: Journal) -> None:
    first, second, third = numbered(3)

    async def talk() -> None:
        async with running(journal) as gateway:
            device = await connect(gateway)
            await device.send(first)
            await device.wait_for_answers(1)
            journal.min_free_bytes = 2**62
            await device.send(second)
            await until(lambda: gateway.state.counts["not_acknowledged_journal_full"] == 1)
            assert "cannot write" in gateway.state.journal_error
            journal.min_free_bytes = 0
            await device.send(second, third)
            assert await device.wait_for_answers(3) == [qn_of(f) for f in (first, second, third)]
            assert gateway.state.journal_error == ""
            await device.close()

    run(talk())
    assert raw(journal, RecordKind.FRAME) == [first, second, third]


class SlowJournal:
    """A journal whose disk takes its time."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.batches: list[int] = []

    def append(self, new: Sequence[NewRecord]) -> list[int]:
        threading.Event().wait(0.05)
        self.batches.append(len(new))
        return self._journal.append(new)


def test_frames_that_wait_share_one_write(journal: Journal) -> None:
    slow = SlowJournal(journal)
    frames = numbered(200)

    async def talk() -> None:
        async with running(slow) as gateway:  # type: ignore[arg-type]
            device = await connect(gateway)
            await device.send(frames[0])
            await device.wait_for_answers(1)
            await device.send(*frames[1:])
            await device.wait_for_answers(200)
            await device.close()

    run(talk())
    assert sum(slow.batches) == 200
    assert len(slow.batches) < 20


def test_stop_answers_what_is_being_written(journal: Journal) -> None:
    """A frame whose write was under way when the gateway stopped was kept but not acknowledged.

    Stop waited for the queue to be empty, not for the batch in the disk's hands."""

    async def talk() -> None:
        gateway = Gateway(SlowJournal(journal), GatewaySettings(), lambda: RECEIVED)  # type: ignore[arg-type]
        await gateway.start()
        device = await connect(gateway)
        await device.send(GOOD)
        await until(lambda: gateway.state.counts["frames"] == 1)
        await asyncio.sleep(0)
        await gateway.stop()
        assert gateway.state.counts["acknowledged"] == 1
        assert await device.wait_for_answers(1) == [qn_of(GOOD)]
        await device.close()

    run(talk())


@pytest.mark.parametrize(
    ("networks", "is_admitted"),
    [
        pytest.param("10.0.0.0/8", False, id="other-network"),
        pytest.param("10.0.0.0/8 127.0.0.0/8", True, id="allowed"),
        pytest.param("", True, id="no-list"),
    ],
)
def test_networks(journal: Journal, networks: str, is_admitted: bool) -> None:
    allowed = tuple(ipaddress.ip_network(n) for n in networks.split())

    async def talk() -> None:
        async with running(journal, networks=allowed) as gateway:
            device = await connect(gateway)
            if is_admitted:
                await device.send(GOOD)
                await device.wait_for_answers(1)
            else:
                assert await device.is_closed()
                assert gateway.state.counts["refused_network"] == 1
                assert gateway.state.connections == 0
            await device.close()

    run(talk())
    assert len(records(journal)) == int(is_admitted)


def test_ipv4_peer_of_a_socket_on_both_families_is_in_its_network() -> None:
    networks = (ipaddress.ip_network("10.0.0.0/8"),)
    assert is_in("::ffff:10.1.2.3", networks)
    assert not is_in("::ffff:11.1.2.3", networks)
    assert not is_in("not an address", networks)


def test_connections_beyond_the_limit_are_refused_and_room_is_given_back(journal: Journal) -> None:
    async def talk() -> None:
        async with running(journal, max_connections=1) as gateway:
            first = await connect(gateway)
            await first.send(GOOD)
            await first.wait_for_answers(1)
            second = await connect(gateway)
            assert await second.is_closed()
            assert gateway.state.counts["refused_too_many"] == 1
            await first.close()
            await until(lambda: not gateway.state.connections)
            third = await connect(gateway)
            await third.send(GOOD)
            await third.wait_for_answers(1)
            await third.close()

    run(talk())


def test_idle_connection_is_closed(journal: Journal) -> None:
    async def talk() -> None:
        async with running(journal, limits=Limits(idle_seconds=0.05)) as gateway:
            device = await connect(gateway)
            assert await device.is_closed()
            await until(lambda: not gateway.state.connections)

    run(talk())


def test_port_in_use_is_one_clear_error(journal: Journal) -> None:
    async def start(port: int) -> None:
        await Gateway(journal, GatewaySettings(port=port), lambda: RECEIVED).start()

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(GatewayPortInUse) as caught:
            run(start(port))
    assert (caught.value.host, caught.value.port) == ("127.0.0.1", port)
    assert "choose another port" in str(caught.value)


def test_state_counts_what_came(journal: Journal) -> None:
    async def talk() -> None:
        async with running(journal) as gateway:
            device = await connect(gateway)
            await device.send(WRONG_CRC, GOOD)
            await device.wait_for_answers(1)
            assert gateway.state.connections == 1
            assert gateway.state.last_packet_at == RECEIVED
            assert dict(gateway.state.counts) == {"rejected_crc_mismatch": 1, "frames": 1, "acknowledged": 1}
            await device.close()

    run(talk())
