"""A load of many devices with a manifest: what was sent, what was acknowledged, for counting afterwards."""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from qingyuan import clock
from qingyuan.hj212 import encode
from qingyuan.simulate.delivery import Address, Line
from qingyuan.simulate.frames import Sending, stamp

_TICK_S = 0.01
_GRACE_S = 30.0
_CODE = "w01018"
_COMMAND = "2011"


@dataclass(frozen=True)
class LoadResult:
    """Counts of frames, the time it took [s], and the wait for an acknowledgement [ms] at two shares of the frames."""

    sent: int
    acknowledged: int
    elapsed_s: float
    p50_ms: float
    p99_ms: float


@dataclass
class _Entry:
    mn: str
    qn: str
    data_time: str
    value: str
    sent_at: float
    waited_s: float | None = None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `qingyuan simulate devices`."""
    parser.add_argument("--host", default="127.0.0.1", help="网关地址")
    parser.add_argument("--port", type=int, required=True, help="网关端口")
    parser.add_argument("--count", type=int, default=100, help="设备数")
    parser.add_argument("--rate", type=float, default=100.0, help="全部设备合计每秒帧数")
    parser.add_argument("--seconds", type=float, default=10.0, help="持续秒数")
    parser.add_argument("--manifest", type=Path, help="清单文件（JSON 行）：每帧的内容和是否已应答")
    parser.add_argument("--resend", action="store_true", help="超时或断线后重发未应答的帧")
    parser.add_argument("--json", action="store_true", help="结果输出为一行 JSON")


def run(args: argparse.Namespace) -> int:
    """Run the load; 0 if every frame was acknowledged, else 1."""
    result = run_load(
        args.host,
        args.port,
        args.count,
        args.rate,
        args.seconds,
        manifest_path=args.manifest,
        is_resending=args.resend,
    )
    if args.json:
        sys.stdout.write(json.dumps(result.__dict__) + "\n")
    else:
        sys.stdout.write(
            f"已发送 {result.sent} 帧，已应答 {result.acknowledged} 帧，用时 {result.elapsed_s:.1f} 秒，"
            f"应答等待 p50 {result.p50_ms:.1f} 毫秒，p99 {result.p99_ms:.1f} 毫秒\n"
        )
    return 0 if result.acknowledged == result.sent else 1


def run_load(
    host: str,
    port: int,
    count: int,
    rate: float,
    seconds: float,
    manifest_path: Path | None = None,
    *,
    is_resending: bool = False,
) -> LoadResult:
    """Let `count` devices send `rate` frames a second together for `seconds`; every (device, time) is unique.

    The manifest has one JSON line a frame: `mn, qn, cn, data_time, code, value, acknowledged`. Waits at most half a
    minute for the last acknowledgements.
    """
    return asyncio.run(load(host, port, count, rate, seconds, manifest_path=manifest_path, is_resending=is_resending))


def device_mn(number: int) -> str:
    """MN of the load's device `number`, from 0."""
    return f"10AD{number:020X}"


async def load(
    host: str,
    port: int,
    count: int,
    rate: float,
    seconds: float,
    *,
    manifest_path: Path | None = None,
    is_resending: bool = False,
    grace_s: float = _GRACE_S,
) -> LoadResult:
    """`run_load` inside a running event loop."""
    entries: dict[tuple[str, str], _Entry] = {}

    def acknowledged(sending: Sending) -> None:
        entry = entries[sending.mn, sending.qn]
        entry.waited_s = time.monotonic() - entry.sent_at

    address = Address(host, lambda: port)
    lines = [Line(address, is_resending=is_resending, on_acknowledged=acknowledged) for _ in range(count)]
    total = round(rate * seconds)
    spacing = max(1, math.floor(count / rate))
    base = int(clock.now().timestamp()) - math.ceil(total / count) * spacing - 60
    started, number = time.monotonic(), 0
    try:
        while number < total:
            due = min(total, int((time.monotonic() - started) * rate) + 1)
            for sequence in range(number, due):
                device, turn = sequence % count, sequence // count
                sending, entry = _frame(device, base + turn * spacing, sequence)
                entries[sending.mn, sending.qn] = entry
                lines[device].offer(sending)
            number = max(number, due)
            await asyncio.sleep(_TICK_S)
        last = time.monotonic() + grace_s
        while any(line.unacknowledged for line in lines) and time.monotonic() < last:
            await asyncio.sleep(_TICK_S)
    finally:
        await asyncio.gather(*(line.close() for line in lines))
        if manifest_path is not None:
            _write_manifest(manifest_path, list(entries.values()))
    return _result(list(entries.values()), time.monotonic() - started)


def _frame(device: int, at: int, sequence: int) -> tuple[Sending, _Entry]:
    mn, data_time, value = device_mn(device), stamp(at), f"{sequence / 100:.2f}"
    qn = f"{data_time}{sequence % 1000:03d}"
    cp = f"DataTime={data_time};{_CODE}-Rtd={value},{_CODE}-Flag=N"
    raw = encode(qn=qn, st="32", cn=_COMMAND, pw="123456", mn=mn, flag=5, cp=cp)
    return Sending(at, mn, _COMMAND, qn, raw), _Entry(mn, qn, data_time, value, time.monotonic())


def _write_manifest(path: Path, entries: list[_Entry]) -> None:
    with path.open("w", encoding="utf-8") as file:
        for entry in entries:
            row: dict[str, str | bool] = {"mn": entry.mn, "qn": entry.qn, "cn": _COMMAND}
            row |= {"data_time": entry.data_time, "code": _CODE, "value": entry.value}
            row["acknowledged"] = entry.waited_s is not None
            file.write(json.dumps(row) + "\n")


def _result(entries: list[_Entry], elapsed: float) -> LoadResult:
    waits = sorted(entry.waited_s for entry in entries if entry.waited_s is not None) or [math.nan]
    p50, p99 = (waits[min(int(len(waits) * share), len(waits) - 1)] * 1000 for share in (0.5, 0.99))
    acknowledged = sum(entry.waited_s is not None for entry in entries)
    return LoadResult(len(entries), acknowledged, round(elapsed, 3), round(p50, 2), round(p99, 2))
