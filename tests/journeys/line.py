"""A real gateway on a loopback port, a device that speaks HJ 212 to it, and the loop behind it."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from qingyuan import clock
from qingyuan.bureau.base.store import readings
from qingyuan.bureau.line.actions.resolver import BureauResolver
from qingyuan.bureau.loop import step
from qingyuan.hj212 import Framer, encode
from qingyuan.intake.gateway import Gateway, GatewaySettings
from qingyuan.intake.ingest import Ingester
from qingyuan.intake.journal import Journal


@contextmanager
def gateway(folder: Path) -> Iterator[int]:
    """The gateway in a thread of its own; yields its port."""
    started, stopping = threading.Event(), threading.Event()
    ports: list[int] = []

    async def serve() -> None:
        journal = Journal(folder / "journal")
        server = Gateway(journal, GatewaySettings(), clock.now)
        ports.append(await server.start())
        started.set()
        await asyncio.get_running_loop().run_in_executor(None, stopping.wait)
        await server.stop()
        journal.close()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    assert started.wait(10)
    yield ports[0]
    stopping.set()
    thread.join(10)


def hour_packet(mn: str, hour: datetime, code: str, value: float) -> bytes:
    """An hourly mean of one factor of a flue-gas outlet (command 2061), asking for an acknowledgement."""
    local = clock.beijing(hour)
    cp = f"DataTime={local:%Y%m%d%H}0000;{code}-Avg={value:.1f},{code}-Flag=N"
    return encode(qn=f"{local:%Y%m%d%H}0512345", st="31", cn="2061", pw="123456", mn=mn, flag=5, cp=cp)


def send(port: int, packet: bytes) -> bytes:
    """Send one packet and wait for its acknowledgement, as a logger does."""
    framer = Framer()
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(packet)
        while True:
            data = line.recv(4096)
            assert data, "the gateway closed without an acknowledgement"
            if answers := framer.feed(data):
                return answers[0].raw


def work_off(folder: Path) -> None:
    """What the work process does: ingest what is journaled, judge what changed."""
    journal = Journal(folder / "journal")
    ingester = Ingester(journal, readings(), BureauResolver())
    while ingester.step().records:
        pass
    while step().marks:
        pass
    journal.close()
