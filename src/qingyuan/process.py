"""What the processes of one installation tell each other through the data folder: heartbeats, ports, the demo clock."""

from __future__ import annotations

import ctypes
import json
import logging
import os
import signal
import tempfile
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from qingyuan import clock, config

log = logging.getLogger(__name__)
ROLES = ("serve", "work", "gateway")
FRESH_SECONDS = 20.0
_PR_SET_PDEATHSIG = 1


def run_dir() -> Path:
    """The folder of volatile process files."""
    path = config.data_dir() / "run"
    path.mkdir(parents=True, exist_ok=True)
    return path


def write_json(path: Path, content: Any) -> None:
    """Replace a small file whole, so that a reader never sees half of it."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(json.dumps(content, ensure_ascii=False))  # at once in C: `dump` goes piece by piece
        os.replace(temporary, path)
    except OSError:
        os.unlink(temporary)
        raise


def read_json(path: Path) -> dict[str, Any] | None:
    """The content, or None if the file is not there (or not readable as JSON)."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    return found if isinstance(found, dict) else None


def beat(role: str, **facts: Any) -> None:
    """Say that a role is alive, with what else it knows. Real time: a stalled process shows under any clock."""
    path = run_dir() / f"{role}.json"
    facts = {"pid": os.getpid(), "at": clock.SystemClock().now().timestamp(), **facts}
    try:
        write_json(path, facts)
    except OSError as error:  # a full disk must not end the role: write over the last heartbeat, which has its place
        log.warning("heartbeat of %s: cannot write %s (%s)", role, path, error.strerror)
        with suppress(OSError), path.open("r+", encoding="utf-8") as file:  # else it grows old, and shows as down
            file.write(json.dumps(facts, ensure_ascii=False))
            file.truncate()


def last_beat(role: str) -> dict[str, Any] | None:
    """The last heartbeat of a role, or None."""
    return read_json(run_dir() / f"{role}.json")


def is_alive(pid: int) -> bool:
    """Whether a process of that number exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def role_state(role: str) -> str:
    """`ok` or `down`."""
    found = last_beat(role)
    if found is None:
        return "down"
    age = clock.SystemClock().now().timestamp() - found["at"]
    return "ok" if age < FRESH_SECONDS and is_alive(found["pid"]) else "down"


def die_with_parent() -> None:
    """Ask the kernel for SIGTERM when the parent ends, so that nothing is left behind even after kill -9."""
    if hasattr(ctypes, "CDLL") and os.uname().sysname == "Linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def set_up_clock() -> None:
    """Take over the demo clock of this data folder, if there is one."""
    found = read_json(config.data_dir() / "demo" / "player.json")
    if found:
        start = datetime.fromtimestamp(found["clock_start"], UTC)
        real_start = datetime.fromtimestamp(found["real_start"], UTC)
        clock.set_clock(clock.DemoClock(start, found["speed"], real_start))


def write_port(role: str, port: int) -> None:
    """Write the port a role listens on to `run/<role>.port`."""
    path = run_dir() / f"{role}.port"
    temporary = path.with_suffix(".port.new")
    temporary.write_text(f"{port}\n")
    os.replace(temporary, path)


def read_port(role: str) -> int | None:
    """The port a role listens on, or None."""
    try:
        return int((run_dir() / f"{role}.port").read_text())
    except (FileNotFoundError, ValueError):
        return None
