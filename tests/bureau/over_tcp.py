"""Raw bytes to the gateway on a socket, and from its journal into the store, as the running system does."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path

from qingyuan.bureau.base.store import readings
from qingyuan.bureau.line.actions.resolver import BureauResolver
from qingyuan.bureau.loop import step
from qingyuan.hj212 import Frame, Framer
from qingyuan.intake.gateway import Gateway, GatewaySettings
from qingyuan.intake.ingest import Ingester
from qingyuan.intake.journal import Journal
from qingyuan.readings import Reading

PATIENCE = 10.0


async def _talk(journal: Journal, raw: bytes, at: datetime, adopt: bool) -> list[Frame]:
    gateway = Gateway(journal, GatewaySettings(adopt_unknown=adopt), lambda: at)
    await gateway.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.state.port)
    writer.write(raw)
    await writer.drain()
    framer, answers = Framer(), []
    pieces = Framer().feed(raw)
    wanted = sum(isinstance(piece, Frame) and piece.wants_answer and piece.is_usable for piece in pieces)
    async with asyncio.timeout(PATIENCE):
        while len(answers) < wanted:
            answers += [one for one in framer.feed(await reader.read(65536)) if isinstance(one, Frame)]
        while _taken(gateway) < len(pieces):  # a frame without an answer is only seen in the counts
            await asyncio.sleep(0.01)
    await gateway.stop()
    writer.close()
    return answers


def _taken(gateway: Gateway) -> int:
    counts = gateway.state.counts
    return sum(count for kind, count in counts.items() if kind == "frames" or kind.startswith("rejected_"))


def send(data_dir: Path, at: datetime, *pieces: bytes, adopt: bool = True) -> list[Frame]:
    """Send, then read the journal into the store and judge; returns the answers."""
    journal = Journal(data_dir / "journal")
    try:
        answers = asyncio.run(_talk(journal, b"".join(pieces), at, adopt))
        ingester = Ingester(journal, readings(), BureauResolver())
        while ingester.step().records:
            pass
    finally:
        journal.close()
    while step().marks:
        pass
    return answers


def stored(point: str) -> dict[str, list[Reading]]:
    """By `item/statistic/grain`: the readings in force of a point."""
    store = readings()
    found = {}
    for series in store.series(f"{point}/*"):
        found["/".join(series.key[1:])] = store.window([series.id], 0, 2**40)
    return found


def values(point: str) -> dict[str, list[float | None]]:
    """The same with the values alone."""
    return {name: [r.value for r in rows] for name, rows in stored(point).items()}


def units(point: str) -> dict[str, str]:
    """The unit of every item of a point."""
    return {series.key.item: series.unit for series in readings().series(f"{point}/*")}
