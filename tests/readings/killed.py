"""A process that appends, flushes and compacts, and kills itself at its n-th step: `python killed.py FOLDER N`.

A step is a statement of the tail's database, a named step of a move or rewrite, a file safe on disk, or the moment
before and after a commit of the archive. N beyond the last step runs to the end and prints how many there were.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

from qingyuan.readings import NewReading, Rank, SeriesKey, TieredStore, open_store
from qingyuan.readings.archive.log import Log

BATCHES = 6
T0 = 1_772_294_400  # 2026-03-01 00:00 in Beijing: the batches fall on both sides of a month
HOUR = 3600


def batch(number: int) -> list[NewReading]:
    """Three series over four hours, one revision of an hour that came with the batch before, one late row."""
    rows = []
    for name in ("A", "B", "C"):
        key = SeriesKey(name, "SO2", "Avg", "hour")
        hours = [number * 4 - 8 + h for h in range(4)]
        rows += [_row(key, h, 10 * number + h / 10, Rank.REPORTED, number) for h in hours]
        if number:
            rows.append(_row(key, hours[0] - 2, 99.5, Rank.RESENT, number))
    rows.append(_row(SeriesKey("A", "SO2", "Avg", "hour"), -100 - number, 1.0, Rank.REPORTED, number))
    return rows


def _row(key: SeriesKey, hour: int, value: float, rank: int, batch: int) -> NewReading:
    start = T0 + hour * HOUR
    return NewReading(
        key, start, start + HOUR, value, 1, "mg/m3", "N", rank=rank, origin=100 * batch + 1, received_at=start
    )


def work(store: TieredStore, reached: Callable[[str], None] = lambda step: None) -> None:
    """All batches, each once: the offset tells where to go on."""
    while (done := store.offset()) < BATCHES:
        store.append(batch(done), offset=(done, done + 1))
        if done % 2:
            store.compact(reached=reached)
    store.compact(fully=True, reached=reached)


class Killer:
    """Counts steps; the one that was asked for is the last."""

    def __init__(self, at: int) -> None:
        self.at, self.steps = at, 0

    def step(self, *_: object) -> None:
        self.steps += 1
        if self.steps == self.at:
            os.kill(os.getpid(), signal.SIGKILL)


def main(folder: Path, at: int) -> None:
    killer = Killer(at)
    store = open_store(folder)
    connection = store._tail.database.connection  # type: ignore[attr-defined]
    assert isinstance(connection, sqlite3.Connection)
    connection.set_trace_callback(killer.step)
    fsync, commit = os.fsync, Log.commit

    def synced(handle: int) -> None:
        killer.step()
        fsync(handle)

    def committed(*args: object, **more: object) -> None:
        killer.step()
        commit(*args, **more)  # type: ignore[arg-type]
        killer.step()

    os.fsync = synced
    Log.commit = committed  # type: ignore[method-assign,assignment]
    work(store, killer.step)
    print(killer.steps)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
