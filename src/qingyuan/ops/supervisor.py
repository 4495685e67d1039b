"""`qingyuan up`: start the roles as processes of their own, watch them, start a fallen one again, stop them all.

The supervisor itself loads neither Django nor an engine: it only execs.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from types import FrameType

from qingyuan import config, process
from qingyuan.ops import folder, ports
from qingyuan.ops.leftovers import sweep_leftovers
from qingyuan.ops.private import make_private
from qingyuan.ops.set_up_apart import set_up_apart

STOP_SECONDS = 12.0
CALM_SECONDS = 10.0
BACK_OFF = (0.1, 0.3, 1.0, 2.0)


@dataclass(frozen=True)
class UpOptions:
    """What `up` was asked for."""

    host: str
    port: int
    gateway_port: int
    demo: bool = False
    seed: int = 20260815
    days: int = 30
    speed: float = 1.0
    adopt_unknown: bool = False


@dataclass
class _Role:
    name: str
    arguments: list[str]
    child: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    falls: int = 0
    start_again_at: float = 0.0
    environment: dict[str, str] = field(default_factory=dict)


class Supervisor:
    """Runs until told to stop. Exit code 0 after a clean stop."""

    def __init__(self, options: UpOptions) -> None:
        self._options = options
        self._stopping = False
        self._stuck = float(config.STUCK_SECONDS.get())  # longer than any turn of work
        self._roles: list[_Role] = []

    def run(self) -> int:
        """Set up, start, watch. Raises OpsError before anything has started."""
        signal.signal(signal.SIGTERM, self._on_signal)
        signal.signal(signal.SIGINT, self._on_signal)
        data = folder.prepare()
        make_private(data)
        sweep_leftovers(data / "backups")
        lock = folder.FolderLock(data)
        lock.take()
        try:
            for old in (data / "run").glob("*"):
                old.unlink()
            port = ports.choose(self._options.host, self._options.port, "网页")
            gateway_port = ports.choose(self._options.host, self._options.gateway_port, "数采网关")
            told = self._set_up()
            self._roles = self._plan(port, gateway_port)
            for role in self._roles:
                self._start(role)
            self._tell(port, gateway_port, told)
            self._watch()
        finally:
            self._stop_all()
            lock.release()
        return 0

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._stopping = True

    def _set_up(self) -> dict[str, str]:
        return set_up_apart("--demo", *self._demo_options()) if self._options.demo else set_up_apart()

    def _demo_options(self) -> list[str]:
        o = self._options
        return ["--seed", str(o.seed), "--speed", str(o.speed), "--days", str(o.days)]

    def _plan(self, port: int, gateway_port: int) -> list[_Role]:
        o = self._options
        adopt = ["--adopt-unknown"] if o.adopt_unknown else []
        roles = [
            _Role("serve", ["serve", "--host", o.host, "--port", str(port)]),
            _Role("work", ["work"]),
            _Role("gateway", ["gateway", "--host", o.host, "--port", str(gateway_port), *adopt]),
        ]
        if o.demo:
            gateway = ["--host", "127.0.0.1" if o.host == "0.0.0.0" else o.host, "--port", str(gateway_port)]  # noqa: S104
            roles.append(_Role("demo", ["demo", *gateway, *self._demo_options()]))
        return roles

    def _start(self, role: _Role) -> None:
        environment = {**os.environ, "QINGYUAN_SUPERVISED": "1", **role.environment}
        role.child = subprocess.Popen(
            [sys.executable, "-m", "qingyuan", *role.arguments], env=environment, start_new_session=True
        )
        role.started_at = time.monotonic()

    def _tell(self, port: int, gateway_port: int, told: dict[str, str]) -> None:
        scheme = "https" if _has_tls() else "http"
        shown = "127.0.0.1" if self._options.host in {"0.0.0.0", "::"} else self._options.host  # noqa: S104
        lines = [f"清源已启动：{scheme}://{shown}:{port}/    数采网关：{self._options.host}:{gateway_port}"]
        if password := told.get("password"):
            lines.append(f"管理员账号：admin    一次性密码：{password}    （只显示这一次，首次登录须修改）")
        if users := told.get("demo_users"):
            lines.append(users)
        if not self._options.demo:
            lines.append(f"第一步（县名和边界、站点、设备、人员等）：{scheme}://{shown}:{port}/settings/first-steps/")
        lines.append("按 Ctrl-C 停止。")
        print("\n".join(lines), flush=True)

    def _watch(self) -> None:
        while not self._stopping:
            now = time.monotonic()
            for role in self._roles:
                self._look_after(role, now)
            self._nap(0.2)

    def _look_after(self, role: _Role, now: float) -> None:
        if role.child is not None:
            code = role.child.poll()
            if code is None:
                if now - role.started_at > CALM_SECONDS:
                    role.falls = 0
                if self._is_stuck(role, now):
                    print(f"{role.name} 已 {self._stuck:.0f} 秒没有心跳，结束后重新启动", file=sys.stderr, flush=True)
                    self._end_group(role.child)
                return
            self._end_group(role.child)  # a role killed outright may leave children that still hold its port
            role.child = None
            if role.name == "demo" and code == 0:
                role.start_again_at = float("inf")
                return
            wait = BACK_OFF[min(role.falls, len(BACK_OFF) - 1)]
            role.falls += 1
            role.start_again_at = now + wait
            print(f"{role.name} 意外退出（{code}），{wait:g} 秒后重新启动", file=sys.stderr, flush=True)
        elif now >= role.start_again_at:
            self._start(role)

    def _is_stuck(self, role: _Role, now: float) -> bool:
        """Whether a role lives without a sign of life: it hangs, and only an end helps."""
        if role.name not in process.ROLES or now - role.started_at < self._stuck:
            return False
        last = process.last_beat(role.name)
        return last is None or time.time() - float(last["at"]) > self._stuck

    @staticmethod
    def _nap(seconds: float) -> None:
        time.sleep(seconds)

    def _stop_all(self) -> None:
        """Devices first, then intake, then the rest, each by its own process group."""
        running = [r for r in reversed(self._roles) if r.child is not None and r.child.poll() is None]
        for role in running:
            assert role.child is not None
            role.child.terminate()
        end = time.monotonic() + STOP_SECONDS
        for role in running:
            assert role.child is not None
            try:
                role.child.wait(max(0.1, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                print(f"{role.name} 没有按时停止，强制结束", file=sys.stderr, flush=True)
            self._end_group(role.child)

    @staticmethod
    def _end_group(child: subprocess.Popen[bytes]) -> None:
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        child.wait()


def _has_tls() -> bool:
    return bool(config.TLS_CERTIFICATE.get())
