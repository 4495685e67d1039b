"""The roles that `up` supervises; each also runs alone."""

from __future__ import annotations

import argparse
import os
import signal
import ssl
import threading
from pathlib import Path

from qingyuan import config, process
from qingyuan.ops import folder, ports
from qingyuan.ops.errors import OpsError

BEAT_SECONDS = 2.0
WEB_WORKERS = 2
NICE_WORK = 10


def _begin(role: str) -> Path:
    """What every role does first. Alone, it also brings the folder up to date."""
    data = folder.prepare()
    if os.environ.get("QINGYUAN_SUPERVISED"):
        process.die_with_parent()
    else:
        from qingyuan.ops.set_up_apart import set_up_apart

        if password := set_up_apart().get("password"):
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
    """Pages and API: granian with two WSGI workers of one thread each (ADR 051)."""
    _begin("serve")
    port = ports.choose(host, port, "网页")
    tls = _tls_files()
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    server = Server(
        "qingyuan.web.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=WEB_WORKERS,
        blocking_threads=1,
        backlog=512,
        log_access=False,
        log_level=LogLevels.warning,
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
    from qingyuan.ops import gateway_role

    tls = None
    if files := _tls_files():
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(*files)
    if not config.GATEWAY_TLS.is_on():
        tls = None
    return gateway_role.run(data, host, port, adopt_unknown, tls)


def work() -> int:
    """Everything between a journaled packet and a page: ingest, roll up, evaluate, alert, import, seal.

    Gives way to the gateway: in a flood acknowledging comes first, working off can wait.
    """
    _begin("work")
    os.nice(NICE_WORK)
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
