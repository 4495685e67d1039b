"""The gateway under load, as an installation runs it: frames through to stored readings, bursts, kill -9, idle peers.

    python benchmarks/gateway_load.py [--devices 2000] [--rate 300] [--seconds 30] [--burst-rate 2000]
        [--burst-seconds 10] [--kinds 2011] [--kills 2] [--unfriendly 10] [--idle 5000] [--beyond RATE,RATE] [--data DIR]

Runs the roles `gateway` and `work` in a folder of its own, with the devices in its register, and speaks to them over
loopback from this process, which is one more load on the same machine. Parts: steady load; kill -9 of the gateway
spread over a load; burst; unfriendly clients beside good ones; idle connections; the devices send again what was not
acknowledged. After each load, every acknowledged frame of the manifest must have come to one stored message, and every
value of a 2011 frame must stand once
in the readings. Printed: p50 and p99 of the acknowledgement against 200 ms, time to work off, memory (proportional) of
the gateway against 500 MB, CPU seconds of each process. Exit code 1 if a frame was lost or doubled or a limit passed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

from qingyuan.clock import BEIJING
from qingyuan.config import REPOSITORY
from qingyuan.intake.journal import Journal
from qingyuan.ops.gateway_role import allow_open_files
from qingyuan.readings import open_store
from qingyuan.simulate.devices import device_mn
from qingyuan.simulate.load import LoadResult, Speech, load
from qingyuan.simulate.unfriendly import WAYS

P99_MS, MEMORY_MB, PATIENCE_S = 200.0, 500.0, 600.0
TICKS = os.sysconf("SC_CLK_TCK")


class Role:
    """A process of the installation."""

    def __init__(self, data: Path, name: str, *options: str) -> None:
        self.data, self.name, self.options = data, name, options
        self.cpu_before = 0.0
        self.start()

    def start(self) -> None:
        """Run it and wait for its first heartbeat."""
        log = (self.data / f"{self.name}.log").open("a")
        beat = self.data / "run" / f"{self.name}.json"
        began = time.time()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "qingyuan", self.name, *self.options],
            env=os.environ | {"QINGYUAN_DATA_DIR": str(self.data), "PYTHONPATH": str(REPOSITORY / "src")},
            stdout=log,
            stderr=log,
        )
        while not (beat.is_file() and beat.stat().st_mtime >= began):
            if self.process.poll() is not None:
                raise SystemExit(f"{self.name} ended: {(self.data / f'{self.name}.log').read_text()[-1500:]}")
            time.sleep(0.05)

    def kill(self) -> None:
        """kill -9, and start again."""
        self.cpu_before = self.cpu()
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.start()

    def stop(self) -> None:
        """The polite way."""
        self.process.terminate()
        self.process.wait(60)

    def cpu(self) -> float:
        """CPU seconds so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS + self.cpu_before

    def memory_mb(self) -> float:
        """Proportional memory."""
        lines = Path(f"/proc/{self.process.pid}/smaps_rollup").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def register(data: Path, count: int) -> None:
    """A register of `count` devices with a point each, as a bureau has it before they are connected."""
    os.environ["QINGYUAN_DATA_DIR"] = str(data)
    from qingyuan.ops import folder, setup

    folder.prepare()
    setup.run()
    setup.set_up_django()
    from qingyuan import clock
    from qingyuan.bureau.line.models import Device
    from qingyuan.bureau.registers.models import Point

    names = [device_mn(number) for number in range(count)]
    Point.objects.bulk_create([Point(code=mn, name=mn, kind="outlet") for mn in names], batch_size=500)
    points = dict(Point.objects.values_list("code", "pk"))
    now = clock.now()
    Device.objects.bulk_create(
        [Device(mn=mn, point_id=points[mn], adopted_at=now, first_seen_at=now) for mn in names], batch_size=500
    )


class Bench:
    """One installation and what was measured on it."""

    def __init__(self, data: Path, kinds: tuple[str, ...]) -> None:
        self.data, self.port, self.failed, self.devices = data, _free_port(), False, 0
        self.kinds = kinds
        self.gateway = Role(data, "gateway", "--port", str(self.port))
        self.work = Role(data, "work")

    def say(self, words: str, is_good: bool = True) -> None:
        """Print a line; a bad one fails the run."""
        self.failed |= not is_good
        sys.stdout.write(f"{'' if is_good else 'FAILED: '}{words}\n")
        sys.stdout.flush()

    def run(
        self, name: str, count: int, rate: float, seconds: float, *, kills: int = 0, is_limited: bool = True
    ) -> None:
        """One load by devices that spoke in no load before, worked off and held against its manifest."""
        manifest = self.data / f"{name}.jsonl"
        speech = Speech(editions=("2017",), kinds=self.kinds, first=self.devices)
        self.devices += count
        cpu = (self.gateway.cpu(), self.work.cpu(), time.process_time())
        result, peak = asyncio.run(self._load(count, rate, seconds, kills, manifest, speech))
        began = time.monotonic()
        self._work_off()
        behind = time.monotonic() - began
        spent = (self.gateway.cpu() - cpu[0], self.work.cpu() - cpu[1], time.process_time() - cpu[2])
        reached = result.sent / max(seconds, 1e-9)
        self.say(
            f"{name}: {count} devices, {rate:g} frames/s for {seconds:g} s: sent {result.sent} ({reached:.0f}/s), "
            f"acknowledged {result.acknowledged}, p50 {result.p50_ms:.1f} ms, p99 {result.p99_ms:.1f} ms, "
            f"worked off {behind:.1f} s later; gateway {peak:.0f} MB; CPU s gateway {spent[0]:.1f}, work {spent[1]:.1f}, "
            f"load {spent[2]:.1f}"
        )
        frame = (spent[0] + spent[1]) / max(result.sent, 1) * 1000
        self.say(
            f"  {', '.join(self.kinds)}: {self._values(manifest)} values a frame; gateway and work {frame:.2f} ms a frame"
        )
        if is_limited:
            self.say(f"  p99 {result.p99_ms:.1f} ms of {P99_MS:g} ms", kills > 0 or result.p99_ms <= P99_MS)
            self.say(f"  memory {peak:.0f} MB of {MEMORY_MB:g} MB", peak <= MEMORY_MB)
            self.say(f"  all acknowledged: {result.acknowledged} of {result.sent}", result.acknowledged == result.sent)
        self.check(manifest)

    @staticmethod
    def _values(manifest: Path) -> str:
        """How many values the frames of each kind have."""
        found: dict[str, set[int]] = {}
        with manifest.open(encoding="utf-8") as rows:
            for row in map(json.loads, rows):
                found.setdefault(row["cn"], set()).add(sum(len(subs) for subs in row["values"].values()))
        return ", ".join("/".join(map(str, sorted(found[cn]))) for cn in sorted(found))

    async def _load(
        self, count: int, rate: float, seconds: float, kills: int, manifest: Path, speech: Speech
    ) -> tuple[LoadResult, float]:
        loop = asyncio.get_running_loop()
        peak = 0.0
        sending = asyncio.create_task(
            load(
                "127.0.0.1",
                self.port,
                count,
                rate,
                seconds,
                manifest_path=manifest,
                is_resending=True,
                speech=speech,
                is_connected_first=True,
            )
        )
        began, done = time.monotonic(), 0
        while not sending.done():
            await asyncio.wait([sending], timeout=1.0)
            if done < kills and time.monotonic() - began >= seconds * (done + 1) / (kills + 1):
                await loop.run_in_executor(None, self.gateway.kill)
                done += 1
            peak = max(peak, self.gateway.memory_mb())
        return await sending, peak

    def _work_off(self) -> None:
        until = time.monotonic() + PATIENCE_S
        journal = Journal(self.data / "journal")
        end = journal.end()
        journal.close()
        while time.monotonic() < until:
            if json.loads((self.data / "run" / "work.json").read_text())["offset"] >= end:
                return
            time.sleep(0.2)
        self.say(f"not worked off within {PATIENCE_S:g} s", False)

    def check(self, manifest: Path) -> None:
        """Every acknowledged frame once among the messages, its values once among the readings."""
        rows = [json.loads(line) for line in manifest.read_text(encoding="utf-8").splitlines()]
        acknowledged = [row for row in rows if row["acknowledged"]]
        wanted = Counter((row["mn"], row["cn"]) for row in acknowledged)
        most = Counter((row["mn"], row["cn"]) for row in rows)
        store = open_store(self.data / "readings")
        try:
            kept: Counter[tuple[str, str]] = Counter()
            for mn in {row["mn"] for row in rows}:
                kept.update((m.station, m.command) for m in store.messages(station=mn, outcome="stored", limit=10**6))
            lost = sum((wanted - kept).values())
            doubled = sum((kept - most).values())
            self.say(
                f"  manifest: {len(acknowledged)} frames, lost {lost}, doubled {doubled}", not lost and not doubled
            )
            wrong = self._wrong_values(store, acknowledged)
            self.say(f"  values that do not stand as sent: {wrong}", not wrong)
        finally:
            store.close()

    @staticmethod
    def _wrong_values(store: Any, rows: list[dict[str, Any]]) -> int:
        """The first factor's value of every 2011 frame, which is unique in the load."""
        wrong = 0
        rows = [row for row in rows if row["cn"] == "2011"]
        by_mn: dict[str, list[dict[str, Any]]] = {}
        for row in rows:
            by_mn.setdefault(row["mn"], []).append(row)
        for mn, own in by_mn.items():
            series = [s.id for s in store.series(f"{mn}/") if s.key.grain == "raw" and s.key.statistic == "Rtd"]
            standing = store.window(series, 0, 2**40)
            found = Counter((r.start, r.value) for r in standing)
            revised = any(r.revisions != 1 for r in standing)
            for row in own:
                start = int(_instant(row["data_time"]))
                first = float(next(iter(row["values"].values()))["Rtd"])
                wrong += found[start, first] < 1 or revised
        return wrong

    def unfriendly(self, seconds: float) -> None:
        """Every unfriendly client of the simulator beside ten devices."""
        speech = Speech(first=self.devices, unfriendly=tuple(WAYS))
        self.devices += 10
        result = asyncio.run(load("127.0.0.1", self.port, 10, 50.0, seconds, speech=speech))
        peak = self.gateway.memory_mb()
        self.say(
            f"unfriendly clients of {len(WAYS)} kinds for {seconds:g} s: p99 beside them {result.p99_ms:.1f} ms "
            f"({result.acknowledged} of {result.sent} acknowledged), gateway {peak:.0f} MB, cut off {result.cut_off}",
            result.acknowledged == result.sent and result.p99_ms <= P99_MS and peak <= MEMORY_MB,
        )

    def idle(self, count: int) -> None:
        """Connections that say nothing, beside a device that speaks."""
        asyncio.run(self._idle(count))

    async def _idle(self, count: int) -> None:
        allow_open_files(count + 200)
        gate = asyncio.Semaphore(200)

        async def connect() -> asyncio.StreamWriter:
            async with gate:
                return (await asyncio.open_connection("127.0.0.1", self.port))[1]

        writers = await asyncio.gather(*(connect() for _ in range(count)))
        speech = Speech(first=self.devices)
        self.devices += 10
        result = await load("127.0.0.1", self.port, 10, 50.0, 5.0, speech=speech)
        await asyncio.sleep(2.5)
        held = json.loads((self.data / "run" / "gateway.json").read_text())["connections"]
        memory = self.gateway.memory_mb()
        self.say(
            f"idle: {held} connections held, gateway {memory:.0f} MB, p99 beside them {result.p99_ms:.1f} ms "
            f"({result.acknowledged} of {result.sent} acknowledged)",
            held >= count and memory <= MEMORY_MB and result.acknowledged == result.sent and result.p99_ms <= P99_MS,
        )
        for writer in writers:
            writer.transport.abort()


def _instant(text: str) -> float:
    return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=BEIJING).timestamp()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--devices", type=int, default=2000)
    parser.add_argument("--rate", type=float, default=300.0)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--burst-rate", type=float, default=2000.0)
    parser.add_argument("--burst-seconds", type=float, default=10.0)
    parser.add_argument("--kills", type=int, default=2)
    parser.add_argument("--idle", type=int, default=5000)
    parser.add_argument("--unfriendly", type=float, default=10.0, help="seconds")
    parser.add_argument("--beyond", default="", help="more rates, each for ten seconds, without limits")
    parser.add_argument("--kinds", default="2011,2051,2061", help="commands that the devices send")
    parser.add_argument("--data", type=Path, help="keep the installation here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = options.data or Path(folder) / "data"
        data.mkdir(parents=True, exist_ok=True)
        more = [rate for rate in options.beyond.split(",") if rate]
        register(data, options.devices * (3 + len(more)) + 20)
        bench = Bench(data, tuple(options.kinds.split(",")))
        try:
            if options.seconds:
                bench.run("steady", options.devices, options.rate, options.seconds)
            if options.kills:
                bench.run("killed", options.devices, options.rate, max(10.0, 3.0 * options.kills), kills=options.kills)
            if options.burst_seconds:
                bench.run("burst", options.devices, options.burst_rate, options.burst_seconds)
            for rate in more:
                bench.run(f"beyond-{rate}", options.devices, float(rate), 10.0, is_limited=False)
            if options.unfriendly:
                bench.unfriendly(options.unfriendly)
            if options.idle:
                bench.idle(options.idle)
        finally:
            bench.work.stop()
            bench.gateway.stop()
    return int(bench.failed)


if __name__ == "__main__":
    sys.exit(main())
