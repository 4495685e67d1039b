"""One keeper at a time: a lease in the tail's database, by the database's own clock."""

from __future__ import annotations

import os
import socket
import uuid
from pathlib import Path
from types import TracebackType

from qingyuan.readings.errors import LeaseHeld, LeaseLost
from qingyuan.readings.tail.database import Database

SECONDS = 300


class Lease:
    """Held from `with` to its end, or until not renewed for some minutes.

    A holder on this host whose process is gone (killed, power cut) does not have to be waited for.
    """

    def __init__(self, database: Database, name: str = "keeper", seconds: int = SECONDS) -> None:
        self._database, self._name, self._seconds = database, name, seconds
        self._holder = f"{socket.gethostname()}/{os.getpid()}/{uuid.uuid4().hex[:8]}"

    def __enter__(self) -> Lease:
        """Raises LeaseHeld."""
        with self._database.transaction():
            moment = self._database.moment()
            rows = self._database.rows("SELECT holder, until FROM lease WHERE name=?", (self._name,))
            left = rows[0][1] - moment if rows else 0
            if 0 < left <= max(self._seconds, SECONDS) and not _is_gone(
                rows[0][0]
            ):  # longer: by a clock that was ahead
                raise LeaseHeld(self._name, rows[0][0])
            self._database.run("DELETE FROM lease WHERE name=?", (self._name,))
            self._database.run(
                "INSERT INTO lease (name, holder, until) VALUES (?,?,?)",
                (self._name, self._holder, moment + self._seconds),
            )
        return self

    def renew(self) -> None:
        """Hold it for the full time again. Raises LeaseLost; then nothing more may be written."""
        with self._database.transaction():
            until = self._database.moment() + self._seconds
            if not self._database.run(
                "UPDATE lease SET until=? WHERE name=? AND holder=?", (until, self._name, self._holder)
            ):
                rows = self._database.rows("SELECT holder FROM lease WHERE name=?", (self._name,))
                raise LeaseLost(self._name, rows[0][0] if rows else "nobody")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._database.transaction():
            self._database.run("DELETE FROM lease WHERE name=? AND holder=?", (self._name, self._holder))


def _is_gone(holder: str) -> bool:
    host, pid, _ = holder.rsplit("/", 2)
    return host == socket.gethostname() and Path("/proc").is_dir() and not Path("/proc", pid).exists()
