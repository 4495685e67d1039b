"""The roles that `up` supervises; each also runs alone."""

from __future__ import annotations

import argparse
import asyncio
import ipaddress
import os
import signal
import ssl
import threading
from pathlib import Path

from qingyuan import clock, config, process
from qingyuan.ops import folder, ports
from qingyuan.ops.errors import OpsError

BEAT_SECONDS = 2.0


def _begin(role: str) -> Path:
    """What every role does first. Alone, it also brings the folder up to date."""
    data = folder.prepare()
    if os.environ.get("QINGYUAN_SUPERVISED"):
        process.die_with_parent()
    else:
        from qingyuan.ops import setup

        told = setup.run()
        if password := told.get("password"):
            print(f"管理员账号：admin    一次性密码：{password}    （只显示这一次，首次登录须修改）", flush=True)
    process.set_up_clock()
    return data


def _tls_files() -> tuple[Path, Path] | None:
    certificate, key = config.TLS_CERTIFICATE.get(), config.TLS_KEY.get()
    if not certificate:
        return None
    for name, path in (("证书", certificate), ("私钥", key)):
        if not Path(path).is_file():
            raise OpsError(f"TLS {name}文件“{path}”不存在；请检查 tls.certificate 和 tls.key 设置")
    return Path(certificate), Path(key)


def serve(host: str, port: int) -> int:
    """Pages and API: granian with one WSGI worker."""
    _begin("serve")
    port = ports.choose(host, port, "网页")
    tls = _tls_files()
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    static = Path(__file__).resolve().parents[1] / "web" / "static"
    server = Server(
        "qingyuan.web.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=4,
        backlog=512,
        log_access=False,
        log_level=LogLevels.warning,
        static_path_route=["/static"],
        static_path_mount=[static],
        ssl_cert=tls[0] if tls else None,
        ssl_key=tls[1] if tls else None,
        respawn_failed_workers=True,
        workers_kill_timeout=5,
    )
    process.write_port("serve", port)
    stop = threading.Event()

    def beat() -> None:
        while not stop.is_set():
            process.beat("serve", port=port)
            stop.wait(BEAT_SECONDS)

    threading.Thread(target=beat, daemon=True).start()
    server.serve()
    stop.set()
    return 0


def gateway(host: str, port: int, adopt_unknown: bool) -> int:
    """Devices: asyncio, journal, acknowledgement."""
    data = _begin("gateway")
    from qingyuan.intake.errors import GatewayPortInUse
    from qingyuan.intake.gateway import Gateway, GatewaySettings
    from qingyuan.intake.journal import Journal

    tls = None
    if files := _tls_files():
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(*files)
    if config.GATEWAY_TLS.get().lower() not in {"1", "true", "yes"}:
        tls = None
    try:
        networks = tuple(ipaddress.ip_network(n.strip()) for n in config.GATEWAY_NETWORKS.get().split(",") if n.strip())
    except ValueError as error:
        raise OpsError(f"gateway.networks 设置不对：{error}；应为以逗号分隔的网段，如 10.0.0.0/8") from error
    settings = GatewaySettings(
        host=host,
        port=port,
        networks=networks,
        max_connections=int(config.GATEWAY_MAX_CONNECTIONS.get()),
        idle_seconds=float(config.GATEWAY_IDLE_SECONDS.get()),
        adopt_unknown=adopt_unknown,
        tls=tls,
    )
    journal = Journal(data / "journal", min_free_bytes=int(config.JOURNAL_MIN_FREE_MB.get()) * 1024 * 1024)

    async def run() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        server = Gateway(journal, settings, clock.now)
        process.write_port("gateway", await server.start())
        while not stop.is_set():
            state = server.state
            last = state.last_packet_at
            process.beat(
                "gateway",
                port=state.port,
                connections=state.connections,
                counts=dict(state.counts),
                last_packet_at=last.isoformat() if last else None,
                journal_end=journal.end(),
                journal_error=state.journal_error,
            )
            try:
                await asyncio.wait_for(stop.wait(), BEAT_SECONDS)
            except TimeoutError:
                continue
        await server.stop()

    try:
        asyncio.run(run())
    except GatewayPortInUse as error:
        raise OpsError(
            f"数采网关端口 {error.host}:{error.port} 已被占用；请换一个端口（0 = 任选），或停止占用它的程序"
        ) from error
    return 0


def work() -> int:
    """Everything between a journaled packet and a page: ingest, roll up, evaluate, alert, import, seal."""
    _begin("work")
    from qingyuan.ops import setup

    setup.set_up_django()
    from qingyuan.ops.worker import Worker

    worker = Worker()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop())
    worker.run()
    return 0


def demo_role(arguments: argparse.Namespace) -> int:
    """The demo county's devices, under a supervisor or alone."""
    if os.environ.get("QINGYUAN_SUPERVISED"):
        process.die_with_parent()
    from qingyuan.simulate import player

    arguments.data_dir = config.data_dir()
    arguments.port = arguments.port or 0
    return player.run(arguments)
