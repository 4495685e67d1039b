"""Plays the demo county into a gateway: fills the past, then speaks live, and goes on where it stopped."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import signal
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from qingyuan import clock
from qingyuan.clock import DemoClock, SystemClock
from qingyuan.simulate.calendar import DAY, HOUR
from qingyuan.simulate.county import build_county
from qingyuan.simulate.delivery import Address, Line
from qingyuan.simulate.events import EventKind, build_script, write_truth
from qingyuan.simulate.frames import DAILY, HOURLY, MINUTE, Cadence, Sending, Speaker, interval_length
from qingyuan.simulate.instrument import Instruments
from qingyuan.simulate.progress import Memory, Progress, iso, write_json
from qingyuan.simulate.records import County, Device

_MINUTE_HISTORY = 6 * HOUR
_CHUNK = 3 * DAY
_LINES = 4
_TICK_S = 0.5
_NEAR_S = 5.0  # what the clock gains in this time is left to the live part
_TELL_EVERY_S = 1.0
_LAG_WHEN_FAST = 12 * HOUR
_HISTORY = Cadence(frozenset({HOURLY, DAILY}))
_RECENT = Cadence(frozenset({MINUTE, HOURLY, DAILY}))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the role."""
    parser.add_argument("--data-dir", type=Path, required=True, help="数据目录")
    parser.add_argument("--host", default="127.0.0.1", help="网关地址")
    parser.add_argument("--port", type=int, default=0, help="网关端口；0 表示读取数据目录中的 run/gateway.port")
    parser.add_argument("--seed", type=int, default=1, help="演示县的随机种子")
    parser.add_argument("--speed", type=float, default=1.0, help="演示时钟的倍速，不会超过真实时间")
    parser.add_argument("--days", type=int, default=30, help="回填的天数")


def run(args: argparse.Namespace) -> int:
    """Play until SIGTERM or Ctrl-C; 0 when stopped in order."""
    asyncio.run(_play(args))
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Entry for running the role alone."""
    parser = argparse.ArgumentParser(prog="qingyuan demo", description="演示县：按 HJ 212 向网关回填并实时上报")
    add_arguments(parser)
    return run(parser.parse_args(argv))


async def _play(args: argparse.Namespace) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError, RuntimeError):
            loop.add_signal_handler(number, stop.set)
    address = Address(args.host, _port_of(args.port, args.data_dir))
    player = Player(args.data_dir, address, seed=args.seed, speed=args.speed, days=args.days)
    await player.play(stop)


def _port_of(port: int, data_dir: Path) -> PortSource:
    return PortSource(port, data_dir / "run" / "gateway.port")


class CountyLogger:
    """See `answering.Logger`: one device of the county. Its clock is right, and stays so."""

    def __init__(self, speaker: Speaker, device: Device, now: Callable[[], int]) -> None:
        self._speaker, self._device, self._now = speaker, device, now

    def stored(self, mn: str, cn: str, begin: datetime, end: datetime) -> list[Sending]:
        """What the platform asks for again, or for the first time after a loss."""
        first, last = int(begin.timestamp()), int(end.timestamp())
        return self._speaker.stored(self._device, cn, first, last, self._now())

    def set_clock(self, mn: str, to: datetime) -> None:
        """Nothing to do."""


class PortSource:
    """The gateway's port: given, or read anew from its file; an OSError while there is none yet."""

    def __init__(self, port: int, path: Path) -> None:
        self._port, self._path = port, path

    def __call__(self) -> int:
        if self._port:
            return self._port
        text = self._path.read_text(encoding="ascii").strip()
        if not text.isdigit():
            raise OSError(f"{self._path}：收到 {text!r}，应为端口号；请先启动网关")
        return int(text)


def recall(folder: Path, seed: int, speed: float, days: int) -> Memory:
    """The memory of the earlier run, else a new one whose clock starts now (in the past if it shall run fast)."""
    path = folder / "player.json"
    memory = Memory.read(path)
    real = int(SystemClock().now().timestamp())
    if memory is None:
        start = real if speed <= 1 else real - _LAG_WHEN_FAST
        memory = Memory(seed, days, start, start - days * DAY, speed, start, real)
    elif memory.speed != speed:
        earlier = DemoClock(
            datetime.fromtimestamp(memory.clock_start, UTC),
            memory.speed,
            datetime.fromtimestamp(memory.real_start, UTC),
        )
        memory.clock_start, memory.real_start = int(earlier.now().timestamp()), real
        memory.speed = speed
    memory.write(path)
    return memory


class Player:
    """The demonstration of one data folder."""

    def __init__(self, data_dir: Path, address: Address, *, seed: int, speed: float, days: int) -> None:
        self._folder = data_dir / "demo"
        self._progress_path = data_dir / "run" / "demo.json"
        self._address = address
        self._memory = recall(self._folder, seed, speed, days)
        self._clock = DemoClock(
            datetime.fromtimestamp(self._memory.clock_start, UTC),
            self._memory.speed,
            datetime.fromtimestamp(self._memory.real_start, UTC),
        )
        clock.set_clock(self._clock)
        self.county = self._settle_county()
        self.events = build_script(self.county, datetime.fromtimestamp(self._memory.anchor, UTC))
        if not (self._folder / "truth.jsonl").is_file():
            write_truth(self._folder / "truth.jsonl", self.county, self.events)
        self._instruments = Instruments(self.county, self.events)
        self._speaker = Speaker(self._instruments)
        self._told = 0.0
        now = self._now()
        self.progress = Progress(
            "backfilling", 0, 0, 0, self._memory.acknowledged_to, now, iso(now), iso(now), self._memory.speed
        )

    async def play(self, stop: asyncio.Event) -> None:
        """Fill the past, then speak live, until `stop` is set; what is delivered is remembered."""
        work = asyncio.ensure_future(self._work())
        ended = asyncio.ensure_future(stop.wait())
        await asyncio.wait((work, ended), return_when=asyncio.FIRST_COMPLETED)
        ended.cancel()
        work.cancel()
        results = await asyncio.gather(work, return_exceptions=True)
        self.progress.state = "stopped"
        self._tell(is_forced=True)
        if isinstance(results[0], Exception):
            raise results[0]

    async def _work(self) -> None:
        await self._fill_history()
        await self._speak_live()

    def _now(self) -> int:
        return int(self._clock.now().timestamp())

    def _settle_county(self) -> County:
        """The county of the data folder; built and written at the first start."""
        path = self._folder / "county.json"
        if path.is_file():
            return County.from_dict(json.loads(path.read_text(encoding="utf-8")))
        county = build_county(self._memory.seed)
        write_json(path, county.to_dict())
        return county

    async def _fill_history(self) -> None:
        """From what was last delivered to now: hours and days, and minutes for the last six hours; oldest first."""
        self.progress.total = self._expected(self._memory.acknowledged_to, self._now())
        self._tell(is_forced=True)
        lines = [Line(self._address, on_acknowledged=self._count) for _ in range(_LINES)]
        try:
            while self._memory.acknowledged_to < (now := self._now()) - _NEAR_S * self._memory.speed:
                start = self._memory.acknowledged_to
                recent = now - _MINUTE_HISTORY
                is_recent = start >= recent
                end = now if is_recent else min(start + _CHUNK, recent)
                await self._deliver(lines, start, end, _RECENT if is_recent else _HISTORY)
                self._memory.acknowledged_to = end
                self._memory.write(self._folder / "player.json")
        finally:
            await asyncio.gather(*(line.close() for line in lines))

    async def _deliver(self, lines: list[Line], start: int, end: int, cadence: Cadence) -> None:
        """Send one stretch over a few connections, each device always over the same one."""
        queues: list[list[Sending]] = [[] for _ in lines]
        for number, device in enumerate(self.county.devices):
            queues[number % len(lines)] += self._speaker.sendings(device, start, end, cadence)
            await asyncio.sleep(0)
        await asyncio.gather(*(self._empty(line, queue) for line, queue in zip(lines, queues, strict=True)))

    async def _empty(self, line: Line, queue: list[Sending]) -> None:
        queue.sort(key=lambda sending: sending.at)
        for sending in queue:
            await line.send(sending)
            self.progress.sent += 1
            self._tell()
        await line.drain()

    async def _speak_live(self) -> None:
        """One connection a device; each tick sends what has become due."""
        self.progress.state, self.progress.since = "live", iso(self._now())
        cadence = Cadence(realtime_factor=max(1, int(self._memory.speed // 20)))
        lines = {
            device.mn: Line(
                self._address, on_acknowledged=self._count, logger=CountyLogger(self._speaker, device, self._now)
            )
            for device in self.county.devices
        }
        last = self._memory.acknowledged_to
        try:
            while True:
                now = self._now()
                for device in self.county.devices if now > last else ():
                    if self._is_cut_off(device, now):
                        lines[device.mn].hang_up()
                    for sending in self._speaker.sendings(device, last, now, cadence):
                        lines[device.mn].offer(sending)
                        self.progress.sent += 1
                last = max(last, now)
                oldest = [line.oldest_unacknowledged for line in lines.values()]
                self._memory.acknowledged_to = min([last, *(at for at in oldest if at is not None)])
                self.progress.last = now
                self._tell()
                await asyncio.sleep(_TICK_S)
        finally:
            await asyncio.gather(*(line.close() for line in lines.values()))

    def _is_cut_off(self, device: Device, now: int) -> bool:
        return any(
            event.kind is EventKind.COMMUNICATION_LOSS and event.start <= now < event.end
            for event in self._instruments.events_of(device)
        )

    def _count(self, sending: Sending) -> None:
        self.progress.acknowledged += 1

    def _expected(self, start: int, end: int) -> int:
        """About how many frames the history has; losses are not subtracted."""
        minutes = max(min(_MINUTE_HISTORY, end - start), 0)
        total = 0
        for device in self.county.devices:
            for command, span in ((HOURLY, end - start), (DAILY, end - start), (MINUTE, minutes)):
                length = interval_length(device.kind, command)
                total += span // length if length else 0
        return total

    def _tell(self, is_forced: bool = False) -> None:
        """Publish progress and memory, at most once a second."""
        now = time.monotonic()
        if is_forced or now - self._told >= _TELL_EVERY_S:
            self._told = now
            self.progress.total = max(self.progress.total, self.progress.sent)
            self.progress.at = iso(self._now())
            self.progress.write(self._progress_path)
            self._memory.write(self._folder / "player.json")


if __name__ == "__main__":
    raise SystemExit(main())
