"""The gateway as a process: settings, register, heartbeat, and the counts by station that other processes read."""

from __future__ import annotations

import asyncio
import gc
import ipaddress
import resource
import signal
import ssl
from pathlib import Path

from qingyuan import clock, config, process
from qingyuan.intake.errors import GatewayPortInUse
from qingyuan.intake.gateway import Gateway, GatewaySettings
from qingyuan.intake.journal import Journal
from qingyuan.intake.known import Network
from qingyuan.intake.ledger import LEDGER_FILE, Ledger
from qingyuan.intake.limits import Limits
from qingyuan.intake.pacing import PacedSelector
from qingyuan.intake.register_file import REGISTER_FILE, RegisterFile
from qingyuan.intake.requests import WISHES_FILE, WishesFile
from qingyuan.intake.sealing import KeyBox
from qingyuan.ops.errors import OpsError

BEAT_SECONDS = 2.0
LEDGER_BEATS = 2
SPARE_FILES = 100
"""Files that the gateway has open besides its connections, with room."""


def run(data: Path, host: str, port: int, adopt_unknown: bool, tls: ssl.SSLContext | None) -> int:
    """Until told to stop. OpsError for a setting that cannot be, or a port that is taken."""
    connections = int(_number(config.GATEWAY_MAX_CONNECTIONS))
    if (allowed := allow_open_files(connections + SPARE_FILES)) < connections + SPARE_FILES:
        process.log.warning(
            "系统只允许打开 %d 个文件，不够 %d 个连接；请提高上限（ulimit -n 或 LimitNOFILE）", allowed, connections
        )
    settings = GatewaySettings(
        host=host,
        port=port,
        networks=_networks(),
        max_connections=connections,
        limits=_limits(),
        adopt_unknown=adopt_unknown,
        only_known=config.GATEWAY_ONLY_KNOWN.is_on(),
        tls=tls,
    )
    reached = int((process.last_beat("work") or {}).get("offset", 0))
    journal = Journal(
        data / "journal",
        min_free_bytes=int(_number(config.JOURNAL_MIN_FREE_MB) * 1024 * 1024),
        floor=reached,
        acknowledges=True,
    )
    ledger = Ledger.of(process.read_json(process.run_dir() / LEDGER_FILE) or {})
    try:
        with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(PacedSelector())) as runner:
            wishes = WishesFile(process.run_dir() / WISHES_FILE)
            made = Gateway(journal, settings, clock.now, register=_register(data), ledger=ledger, wishes=wishes)
            runner.run(_serve(made, journal))
    except GatewayPortInUse as error:
        raise OpsError(
            f"数采网关端口 {error.host}:{error.port} 已被占用；请换一个端口（0 = 任选），或停止占用它的程序"
        ) from error
    return 0


def allow_open_files(wanted: int) -> int:
    """Raise this process's own limit of open files as far as it may; returns what is allowed now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard == resource.RLIM_INFINITY:
        hard = max(soft, wanted)
    if soft < wanted:
        soft = min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return soft


async def _serve(server: Gateway, journal: Journal) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    process.write_port("gateway", await server.start())
    gc.freeze()  # the register is large and stays: collecting garbage need not go through it
    beats = 0
    while not stop.is_set():
        _beat(server, journal)
        if beats % LEDGER_BEATS == 0:
            await loop.run_in_executor(
                None, _write_ledger, server.ledger.as_json() | {"connected": [*server.connected()]}
            )
        beats += 1
        try:
            await asyncio.wait_for(stop.wait(), BEAT_SECONDS)
        except TimeoutError:
            continue
    await server.stop()
    _write_ledger(server.ledger.as_json() | {"connected": []})


def _beat(server: Gateway, journal: Journal) -> None:
    state = server.state
    last = state.last_packet_at
    process.beat(
        "gateway",
        port=state.port,
        connections=state.connections,
        counts=dict(state.counts),
        last_packet_at=last.isoformat() if last else None,
        journal_end=journal.end(),
        journal_damages=[damage._asdict() for damage in journal.damages()],
        journal_error=state.journal_error,
        register_error=state.register_error,
        wishes_error=state.wishes_error,
    )


def _write_ledger(content: dict[str, object]) -> None:
    try:
        process.write_json(process.run_dir() / LEDGER_FILE, content)
    except OSError as error:  # a full disk must not end the gateway; the next beat tries again
        process.log.warning("counts of stations not written: %s", error.strerror)


def _register(data: Path) -> RegisterFile:
    """The copy that `_setup` and the role `work` lay down: the gateway loads no Django and opens no database."""
    try:
        secret = (data / "secret.key").read_text().strip()
    except OSError as error:
        raise OpsError(f"读不到 {data / 'secret.key'}（{error.strerror}）；请检查数据目录的属主") from error
    return RegisterFile(process.run_dir() / REGISTER_FILE, KeyBox(secret))


def _networks() -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(n.strip()) for n in config.GATEWAY_NETWORKS.get().split(",") if n.strip())
    except ValueError as error:
        raise OpsError(f"gateway.networks 设置不对：{error}；应为以逗号分隔的网段，如 10.0.0.0/8") from error


def _limits() -> Limits:
    return Limits(
        station_rate=_number(config.GATEWAY_STATION_RATE),
        connection_rate=_number(config.GATEWAY_CONNECTION_RATE),
        segment_bytes=int(_number(config.GATEWAY_SEGMENT_BYTES)),
        garbage_bytes=int(_number(config.GATEWAY_GARBAGE_BYTES)),
        frame_seconds=_number(config.GATEWAY_FRAME_SECONDS),
        idle_seconds=_number(config.GATEWAY_IDLE_SECONDS),
        keepalive_seconds=_number(config.GATEWAY_KEEPALIVE_SECONDS),
    )


def _number(setting: config.Setting) -> float:
    text = setting.get()
    try:
        value = float(text)
    except ValueError as error:
        raise OpsError(f"{setting.key} 设置不对：得到“{text}”，应为正数") from error
    if not value > 0:
        raise OpsError(f"{setting.key} 设置不对：得到“{text}”，应为正数")
    return value
