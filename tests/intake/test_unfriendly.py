"""The simulator's unfriendly clients against the gateway, a good device beside them: what an operator can try himself."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from intake.frames import MN, RECEIVED, numbered, qn_of
from intake.test_gateway import connect, run, until
from qingyuan.intake.gateway import Gateway, GatewaySettings
from qingyuan.intake.journal import Journal
from qingyuan.intake.known import KnownStation
from qingyuan.intake.limits import Limits
from qingyuan.simulate.unfriendly import WAYS, Unfriendly, mn_of

LIMITS = Limits(station_rate=100.0, burst_seconds=0.5, garbage_bytes=8000, frame_seconds=0.3, idle_seconds=0.5)
COUNTED = {
    "slow": "closed_slow", "oversized": "closed_garbage", "binary": "garbage", "wrong_mn": "mn_form",
    "years_off": "frames", "flood": "slowed", "half_open": "closed_idle",
}  # fmt: skip
FRAMES, BEARABLE_S = 40, 2.0


def counted(made: Gateway, way: str) -> int:
    """How often what the way does was counted, under its MN or its address."""
    pages = [*made.ledger.peers.values(), made.ledger.stations.get(mn_of(way))]
    return sum(page.counts[COUNTED[way]] for page in pages if page is not None)


async def speak_well(made: Gateway) -> list[float]:
    """A device that sends a frame and waits for its answer; how long each took [s]."""
    device, waits = await connect(made), []
    loop = asyncio.get_running_loop()
    for number, raw in enumerate(numbered(FRAMES), 1):
        began = loop.time()
        await device.send(raw)
        assert (await device.wait_for_answers(number))[-1] == qn_of(raw)
        waits.append(loop.time() - began)
        await asyncio.sleep(0.01)
    await device.close()
    return waits


@pytest.mark.parametrize("ways", [*([way] for way in WAYS), list(WAYS)], ids=[*WAYS, "all-at-once"])
def test_a_good_device_is_answered_as_ever_and_the_other_is_counted(
    tmp_path: Path, ways: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qingyuan.intake.connection.QUIET_SECONDS", 0.1)

    async def talk() -> None:
        register = {MN: KnownStation(MN)}
        made = Gateway(
            Journal(tmp_path / "journal"), GatewaySettings(limits=LIMITS), lambda: RECEIVED, register=lambda: register
        )
        port = await made.start()
        others = Unfriendly("127.0.0.1", port, ways, lambda: RECEIVED)
        others.start()
        waits = await speak_well(made)
        await until(lambda: all(counted(made, way) for way in ways))
        await others.stop()
        assert max(waits) < BEARABLE_S
        good = made.ledger.stations[MN].counts
        assert (good["frames"], good["acknowledged"]) == (FRAMES, FRAMES)
        assert {*good} == {"frames", "acknowledged"}, "nothing of the others is laid to its charge"
        await made.stop()

    run(talk())


def test_what_is_counted_is_named_for_every_way() -> None:
    assert set(COUNTED) == set(WAYS)
