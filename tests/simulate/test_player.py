"""The player against a small gateway: fills, goes live, stops in order, goes on where it stopped."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

import qingyuan
from qingyuan import clock
from qingyuan.simulate.calendar import HOUR
from qingyuan.simulate.county import County
from qingyuan.simulate.delivery import Address, Line
from qingyuan.simulate.frames import Sending, Speaker
from qingyuan.simulate.player import Player, PortSource
from qingyuan.simulate.progress import write_json
from simulate.gateway import SmallGateway


@pytest.fixture(autouse=True)
def system_clock():
    yield
    clock.set_clock(clock.SystemClock())


@pytest.fixture
def folder(tmp_path: Path, county: County) -> Path:
    """A data folder whose county has one logger of each kind."""
    kinds = {device.kind: device for device in reversed(county.devices)}
    small = replace(county, devices=tuple(kinds.values()))
    write_json(tmp_path / "demo" / "county.json", small.to_dict())
    return tmp_path


def player_of(folder: Path, speed: float = 1.0) -> Player:
    address = Address("127.0.0.1", PortSource(0, folder / "run" / "gateway.port"))
    return Player(folder, address, seed=1, speed=speed, days=2)


async def until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


def told(folder: Path) -> dict[str, object]:
    return json.loads((folder / "run" / "demo.json").read_text(encoding="utf-8"))


def test_the_past_is_filled_then_the_devices_speak_live(folder: Path):
    async def play() -> None:
        gateway, stop = SmallGateway(), asyncio.Event()
        await gateway.start(folder / "run" / "gateway.port")
        player = player_of(folder, speed=2000.0)
        playing = asyncio.ensure_future(player.play(stop))
        await until(lambda: player.progress.state == "live")
        await until(lambda: "2011" in {frame.cn for frame in gateway.frames})
        stop.set()
        await playing
        await gateway.stop()
        assert gateway.rejected == []
        assert {frame.cn for frame in gateway.frames} == {"2011", "2051", "2061", "2031"}
        tomorrow = clock.now() + timedelta(days=1)  # also on the last day of a month
        assert max(frame.qn[:8] for frame in gateway.frames) <= f"{tomorrow:%Y%m%d}"
        assert len(gateway.keys()) == len(gateway.frames)

    asyncio.run(play())
    final = told(folder)
    assert final["state"] == "stopped"
    assert final["sent"] >= final["acknowledged"] > 200
    assert {"from", "to", "since", "total"} <= set(final)
    assert (folder / "demo" / "truth.jsonl").is_file()


def test_a_restart_goes_on_where_it_stopped(folder: Path):
    async def play(gateway: SmallGateway) -> None:
        stop = asyncio.Event()
        await gateway.start(folder / "run" / "gateway.port")
        player = player_of(folder)
        playing = asyncio.ensure_future(player.play(stop))
        await until(lambda: player.progress.state == "live")
        stop.set()
        await playing
        await gateway.stop()

    first, second = SmallGateway(), SmallGateway()
    asyncio.run(play(first))
    memory = json.loads((folder / "demo" / "player.json").read_text(encoding="utf-8"))
    asyncio.run(play(second))
    assert len(first.frames) > 300
    assert len(second.frames) < 20
    again = json.loads((folder / "demo" / "player.json").read_text(encoding="utf-8"))
    assert again["anchor"] == memory["anchor"]
    assert again["acknowledged_to"] >= memory["acknowledged_to"]


def test_a_gateway_that_restarts_elsewhere_gets_what_was_not_acknowledged(folder: Path):
    async def play() -> tuple[SmallGateway, SmallGateway, Player]:
        first, second, stop = SmallGateway(), SmallGateway(), asyncio.Event()
        await first.start(folder / "run" / "gateway.port")
        player = player_of(folder)
        playing = asyncio.ensure_future(player.play(stop))
        await until(lambda: len(first.frames) > 100)
        await first.stop()
        await second.start(folder / "run" / "gateway.port")
        await until(lambda: player.progress.state == "live")
        stop.set()
        await playing
        await second.stop()
        return first, second, player

    first, second, player = asyncio.run(play())
    anchor = json.loads((folder / "demo" / "player.json").read_text(encoding="utf-8"))["anchor"]
    hours = [frame for frame in first.frames + second.frames if frame.cn == "2061"]
    expected = set()
    for device in player.county.devices:
        for sending in player._speaker.sendings(device, anchor - 48 * HOUR, anchor):
            if sending.cn == "2061":
                expected.add((sending.mn, sending.qn))
    assert expected <= {(frame.mn, frame.qn) for frame in hours}


def test_a_frame_without_an_answer_is_sent_again(speaker: Speaker, county: County, anchor: int):
    sendings = speaker.sendings(county.devices[0], anchor - 600, anchor)[:5]

    async def send() -> tuple[SmallGateway, list[Sending]]:
        gateway = SmallGateway(silent_for=3)
        await gateway.start()
        done: list[Sending] = []
        line = Line(Address("127.0.0.1", lambda: gateway.port), timeout_s=0.1, on_acknowledged=done.append)
        for sending in sendings:
            await line.send(sending)
        async with asyncio.timeout(20):
            await line.drain()
        await line.close()
        await gateway.stop()
        return gateway, done

    gateway, done = asyncio.run(send())
    assert sorted(done) == sorted(sendings)
    assert gateway.keys() == {(one.mn, one.qn) for one in sendings}


def test_a_missing_port_file_is_waited_for(tmp_path: Path):
    with pytest.raises(OSError, match=r"gateway\.port"):
        PortSource(0, tmp_path / "gateway.port")()
    (tmp_path / "gateway.port").write_text("abc", encoding="ascii")
    with pytest.raises(OSError, match="端口号"):
        PortSource(0, tmp_path / "gateway.port")()
    assert PortSource(7, tmp_path / "gateway.port")() == 7


def test_sigterm_ends_the_role_in_order(folder: Path):
    source = Path(qingyuan.__file__).parents[1]
    role = subprocess.Popen(
        [sys.executable, "-m", "qingyuan.simulate.player", "--data-dir", str(folder), "--days", "1"],
        env={**os.environ, "PYTHONPATH": str(source)},
    )
    try:
        progress = folder / "run" / "demo.json"
        asyncio.run(until(progress.is_file))
        role.send_signal(signal.SIGTERM)
        assert role.wait(timeout=20) == 0
    finally:
        role.kill()
    assert told(folder)["state"] == "stopped"
