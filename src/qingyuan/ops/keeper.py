"""Has the readings store put in order now and then, by a process of its own whose memory goes with it."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time

from qingyuan import config
from qingyuan.bureau.base.store import readings

log = logging.getLogger(__name__)
MOST_ROWS = 500_000
MOST_SECONDS = 3600.0
AGAIN_SECONDS = 60.0  # after one that failed


class Keeper:
    """Looked after in the turns of the work loop; never waits for its process but at the end."""

    def __init__(self) -> None:
        self.problem = ""
        self._child: subprocess.Popen[bytes] | None = None
        self._next_at = time.monotonic() + MOST_SECONDS

    def look(self) -> None:
        """Start the process when an hour has passed or much waits; see how the last one ended."""
        if self._child is not None:
            code = self._child.poll()
            if code is None:
                return
            self._child = None
            if code:
                self._next_at = time.monotonic() + AGAIN_SECONDS
                self.problem = f"读数归档没有完成（退出码 {code}）；会再试，原因见日志；磁盘空间是否足够？"
                log.error("work: readings compact ended with code %d", code)
            else:
                self._next_at = time.monotonic() + MOST_SECONDS
                self.problem = ""
        waiting = readings().waiting()
        hurry = waiting >= MOST_ROWS and not self.problem
        if waiting and (hurry or time.monotonic() >= self._next_at):
            log.info("work: %d readings to the archive", waiting)
            self._child = subprocess.Popen(
                [sys.executable, "-m", "qingyuan", "readings", "compact", "--gently", "--json"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env={**os.environ, "QINGYUAN_DATA_DIR": str(config.data_dir())},
            )

    def stop(self, seconds: float = 5.0) -> None:
        """End the process if it runs; what it had begun is finished or forgotten the next time."""
        if self._child is None:
            return
        self._child.terminate()
        try:
            self._child.wait(seconds)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._child = None
