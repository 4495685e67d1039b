"""Raw bytes to the gateway on a socket, and from its journal into the store, as the running system does."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from qingyuan.bureau.evaluation.actions.step import step
from qingyuan.bureau.monitoring.store import readings
from qingyuan.bureau.sources.line.resolver import BureauResolver
from qingyuan.hj212 import Frame, Framer
from qingyuan.intake.gateway import Gateway, GatewaySettings
from qingyuan.intake.ingest import Ingester
from qingyuan.intake.journal import Journal
from qingyuan.readings import Reading

QUIET = 0.15


async def _talk(journal: Journal, pieces: Iterable[bytes], at: datetime, adopt: bool) -> list[Frame]:
    gateway = Gateway(journal, GatewaySettings(adopt_unknown=adopt), lambda: at)
    await gateway.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.state.port)
    for piece in pieces:
        writer.write(piece)
        await writer.drain()
    told = b""
    while True:  # until it has been quiet for a while: a device does not know how many answers it gets
        try:
            told += await asyncio.wait_for(reader.read(65536), QUIET)
        except TimeoutError:
            break
    await gateway.stop()
    writer.close()
    framer = Framer()
    return [piece for piece in framer.feed(told) + framer.close() if isinstance(piece, Frame)]


def send(data_dir: Path, at: datetime, *pieces: bytes, adopt: bool = True) -> list[Frame]:
    """Send, then read the journal into the store and judge; returns the answers."""
    journal = Journal(data_dir / "journal")
    try:
        answers = asyncio.run(_talk(journal, pieces, at, adopt))
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
