"""A whole installation in a folder of its own, for tests that need the processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import migrated
from qingyuan.config import REPOSITORY

PATIENCE = 90.0


def eventually(look: Callable[[], Any], what: str, patience: float = PATIENCE) -> Any:
    """Look until something true is seen; fails with what was waited for."""
    end = time.monotonic() + patience
    pause = threading.Event()
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"waited {patience:g} s in vain for {what}")
        pause.wait(0.1)


def environment(data: Path) -> dict[str, str]:
    """An environment that knows only this data folder."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("QINGYUAN_") or k == "QINGYUAN_SHARED"}
    return kept | {"QINGYUAN_DATA_DIR": str(data), "PYTHONPATH": str(REPOSITORY / "src"), "PYTHONUNBUFFERED": "1"}


def command(
    data: Path, *words: str, check: bool = True, timeout: float = 120, url: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run one `qingyuan` command to its end; `url` names another main database.

    A folder that is not there yet gets a migrated database, unless the command wants to find it missing.
    """
    if not (words[0] in ("restore", "up") or url or data.exists()):
        migrated.lay_down(data)
    done = subprocess.run(
        [sys.executable, "-m", "qingyuan", *words],
        env=environment(data) | ({"QINGYUAN_DATABASE_URL": url} if url else {}),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    if check and done.returncode:
        raise AssertionError(f"{words} ended with {done.returncode}: {done.stderr[-2000:]}")
    return done


class Installation:
    """`up` running in `data`; a folder that is not there yet gets a migrated database, unless it begins with nothing."""

    def __init__(
        self, data: Path, *options: str, more: dict[str, str] | None = None, from_nothing: bool = False
    ) -> None:
        self.data = data
        if not from_nothing and not data.exists() and "QINGYUAN_DATABASE_URL" not in (more or {}):
            migrated.lay_down(data)
        self._log = (data.parent / f"{data.name}.log").open("a+")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "qingyuan", "up", "--port", "0", "--gateway-port", "0", *options],
            env=environment(data) | (more or {}),
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    @property
    def output(self) -> str:
        """All that was printed so far."""
        self._log.flush()
        return Path(self._log.name).read_text()

    def port(self, role: str) -> int | None:
        """The port a role listens on."""
        path = self.data / "run" / f"{role}.port"
        return int(path.read_text()) if path.exists() else None

    def get(self, path: str, token: str = "", expect: int = 200) -> Any:
        """A JSON answer of the running pages; None while nobody answers."""
        port = self.port("serve")
        if port is None:
            return None
        request = urllib.request.Request(f"http://127.0.0.1:{port}{path}")
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                assert answer.status == expect
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code != expect:
                return None
            return json.load(error)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return None

    def healthy(self) -> Any:
        """`/healthz` once it says ok; fails at once when `up` has ended."""

        def look() -> Any:
            assert self.process.poll() is None, self.output[-3000:]
            return self.get("/healthz")

        return eventually(look, "a healthy installation")

    def pid(self, role: str) -> int:
        """The process of a role by its heartbeat."""
        found: int = json.loads((self.data / "run" / f"{role}.json").read_text())["pid"]
        return found

    def descendants(self) -> list[int]:
        """Every process below the supervisor."""
        found, waiting = [], [self.process.pid]
        while waiting:
            parent = waiting.pop()
            for task in Path(f"/proc/{parent}/task").glob("*/children"):
                children = [int(c) for c in task.read_text().split()]
                found += children
                waiting += children
        return found

    def stop(self) -> int:
        """SIGTERM to the supervisor alone; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(40)
        finally:
            if self.process.poll() is None:
                os.killpg(self.process.pid, signal.SIGKILL)
            self._log.close()


def is_running(pid: int) -> bool:
    """Whether a process exists and is no zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"
