"""Clients that do what no device should, beside a load of good ones: to see that the good ones do not feel it.

Each opens a connection of its own, again after it was cut off, and goes on until it is stopped.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime, timedelta

from qingyuan.hj212 import encode
from qingyuan.hj212.contents import time_text
from qingyuan.simulate.errors import UnknownFaultError

WAYS: Mapping[str, str] = {
    "slow": "一个字节一个字节地发，一包永远发不完",
    "oversized": "自称很长的数据段",
    "binary": "二进制乱码",
    "wrong_mn": "没有登记的、不合式样的 MN，每包换一个",
    "years_off": "时钟快二十年",
    "flood": "一台设备不停地发",
    "half_open": "连上以后什么也不发",
}
BYTE_EVERY_S = 0.05
_PAUSE_S, _AT_ONCE, _FLOOD_PAUSE_S = 0.2, 100, 0.05
MN = "BAD0" + "0" * 19
"""First digits of the MN of every unfriendly client; the last digit tells the way."""


def parse_ways(text: str) -> list[str]:
    """`name,name` or `all`; UnknownFaultError for anything else."""
    ways = [part for part in (one.strip() for one in text.split(",")) if part]
    if "all" in ways:
        return list(WAYS)
    for way in ways:
        if way not in WAYS:
            raise UnknownFaultError(way, (*WAYS, "all"))
    return ways


def mn_of(way: str) -> str:
    """The MN under which a way speaks, where it names one."""
    return f"{MN}{list(WAYS).index(way)}"


class Unfriendly:
    """Clients of the given ways against one gateway. counts: how often each was cut off or not let in."""

    def __init__(self, host: str, port: int, ways: Sequence[str], now: Callable[[], datetime], seed: int = 212) -> None:
        self._host, self._port, self._ways, self._now = host, port, ways, now
        self._chance = random.Random(seed)  # noqa: S311 - bytes of garbage, no secret
        self._tasks: list[asyncio.Task[None]] = []
        self.cut_off: Counter[str] = Counter()
        self.sent_bytes: Counter[str] = Counter()

    def start(self) -> None:
        """Begin, in the running event loop."""
        self._tasks = [asyncio.create_task(self._behave(way)) for way in self._ways]

    async def stop(self) -> None:
        """End all of them."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _behave(self, way: str) -> None:
        while True:
            writer: asyncio.StreamWriter | None = None
            drinking: asyncio.Task[None] | None = None
            try:
                reader, writer = await asyncio.open_connection(self._host, self._port)
                drinking = asyncio.create_task(_drink(reader))
                async for piece in self._pieces(way):
                    if drinking.done():
                        break
                    writer.write(piece)
                    self.sent_bytes[way] += len(piece)
                    await writer.drain()
                self.cut_off[way] += 1
            except OSError:
                self.cut_off[way] += 1
            finally:
                if drinking is not None:
                    drinking.cancel()
                if writer is not None:
                    writer.transport.abort()
            await asyncio.sleep(_PAUSE_S)

    async def _pieces(self, way: str) -> AsyncIterator[bytes]:
        number = 0
        while True:
            number += 1
            if way == "slow":
                for byte in b"##4000" + self._frame(way, number)[6:-2]:
                    yield bytes([byte])
                    await asyncio.sleep(BYTE_EVERY_S)
                continue
            if way == "half_open":
                yield b""
            elif way == "binary":
                yield self._chance.randbytes(2000)
            elif way == "oversized":
                yield b"##9999QN=" + self._frame(way, number)[9:26] + b";" + b"x" * 9000
            elif way == "flood":
                yield b"".join(self._frame(way, number * _AT_ONCE + n) for n in range(_AT_ONCE))
                await asyncio.sleep(_FLOOD_PAUSE_S)  # room for the good devices of this same process
                continue
            else:
                yield self._frame(way, number)
            await asyncio.sleep(_PAUSE_S)

    def _frame(self, way: str, number: int) -> bytes:
        now = self._now() + (timedelta(days=20 * 365) if way == "years_off" else timedelta())
        mn = f"?{self._chance.randrange(10**6)}" if way == "wrong_mn" else mn_of(way)
        at = time_text(now)
        cp = f"DataTime={at};a21002-Rtd={number % 1000}.5,a21002-Flag=N"
        return encode(qn=f"{at}{number % 1000:03d}", st="31", cn="2011", pw="123456", mn=mn, flag=5, cp=cp)


async def _drink(reader: asyncio.StreamReader) -> None:
    """Read answers away until the other side ends it."""
    try:
        while await reader.read(65536):
            continue
    except OSError:
        return
