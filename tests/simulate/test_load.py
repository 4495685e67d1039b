"""The load: as many frames as asked, each unique, and a manifest that agrees with what arrived."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from qingyuan.hj212 import decode
from qingyuan.simulate.load import LoadResult, load
from simulate.gateway import SmallGateway


def test_the_manifest_agrees_with_what_the_gateway_received(tmp_path: Path):
    async def go() -> tuple[SmallGateway, LoadResult]:
        gateway = SmallGateway()
        await gateway.start()
        result = await load("127.0.0.1", gateway.port, 7, 300.0, 0.5, manifest_path=tmp_path / "manifest.jsonl")
        await gateway.stop()
        return gateway, result

    gateway, result = asyncio.run(go())
    rows = [json.loads(line) for line in (tmp_path / "manifest.jsonl").read_text(encoding="utf-8").splitlines()]
    assert result.sent == result.acknowledged == len(rows) == 150
    assert all(row["acknowledged"] for row in rows)
    received = set()
    for frame in gateway.frames:
        message = decode(frame)
        assert message.deviations == ()
        received.add((frame.mn, frame.qn, message.fields["DataTime"], message.items["w01018"]["Rtd"]))
    assert received == {(row["mn"], row["qn"], row["data_time"], row["value"]) for row in rows}
    assert len({(row["mn"], row["data_time"]) for row in rows}) == 150
    assert gateway.connections == 7


def test_frames_without_an_answer_are_listed_as_such(tmp_path: Path):
    async def go() -> LoadResult:
        gateway = SmallGateway(silent_for=4)
        await gateway.start()
        running = asyncio.ensure_future(
            load("127.0.0.1", gateway.port, 2, 100.0, 0.2, manifest_path=tmp_path / "manifest.jsonl", grace_s=0.3)
        )
        result = await running
        await gateway.stop()
        return result

    result = asyncio.run(go())
    rows = [json.loads(line) for line in (tmp_path / "manifest.jsonl").read_text(encoding="utf-8").splitlines()]
    assert (result.sent, result.acknowledged) == (20, 16)
    assert sum(not row["acknowledged"] for row in rows) == 4
