"""Appending to the readings store while others read it.

    python benchmarks/readings_append.py [--rows 1000000] [--pace 25000] [--folder DIR]

A store with a week of minutes of 400 series. A writer process appends batches of 4,800 rows, one row in twenty a late
revision (another device stamp) from the last five days, with the journal offset, and has the store put in order
whenever half a million rows wait, as the work role does. A reader in this process asks for one series-day, for the
newest of 400 series and for an hour of 40 series in turn: while nothing is written, while the writer writes at a
steady pace, and while it writes as fast as it can. Prints rows a second by the writer's clock and the reader's median
and 95th percentile each time. Exit code 1 when the fast writer makes less than 20,000 rows a second, or the reader's
95th percentile beside the steady one is above twice the quiet one.
"""

from __future__ import annotations

import argparse
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from qingyuan.readings import Limits, NewReading, Rank, SeriesKey, TieredStore, open_store

SERIES, BATCH, MOST_WAITING, DAYS = 400, 4800, 500_000, 7
BEGIN, MINUTE, DAY = 1_772_294_400, 60, 86400
LEAST_ROWS_S, MOST_RATIO = 20_000, 2.0
KEYS = [SeriesKey(f"P{n // 10:03d}", f"F{n % 10}", "Avg", "minute") for n in range(SERIES)]


def timely(first: int, minutes: int, origin: int) -> list[NewReading]:
    """The next minutes of all series."""
    rng = random.Random(first)
    return [
        NewReading(
            key, BEGIN + m * MINUTE, BEGIN + (m + 1) * MINUTE, rng.randint(0, 999) / 10, 1, "mg/m3", "N",
            rank=Rank.REPORTED, stamp=m, origin=origin + m * 40 + n // 10, received_at=BEGIN + (m + 1) * MINUTE + 5,
        )
        for m in range(first, first + minutes) for n, key in enumerate(KEYS)
    ]  # fmt: skip


def batch(number: int, start: int) -> list[NewReading]:
    """5,000 rows: 4,750 in time, 250 sent again from the ten days before."""
    rng = random.Random(number)
    minutes = BATCH // SERIES
    rows = timely(start + number * minutes, minutes, 10**9)
    now = start + (number + 1) * minutes
    for n in rng.sample(range(len(rows)), BATCH // 20):
        m = now - rng.randint(1, 7_200)
        rows[n] = rows[n]._replace(
            start=BEGIN + m * MINUTE, end=BEGIN + (m + 1) * MINUTE, rank=Rank.RESENT, stamp=10**9 + number
        )
    return rows


def write(folder: Path, rows: int, start: int, pace: int) -> None:
    """The writer process: prints rows and seconds, those of putting in order included."""
    store = open_store(folder)
    keeper: subprocess.Popen[bytes] | None = None
    taken, made, begun = 0.0, 0, time.perf_counter()
    for number in range(rows // BATCH):
        given = batch(number, start)
        begin = time.perf_counter()
        offset = store.offset()
        store.append(given, offset=(offset, offset + 1))
        taken += time.perf_counter() - begin
        made += len(given)
        if pace:
            time.sleep(max(0.0, begun + made / pace - time.perf_counter()))
        if number % 20 == 19 and (keeper is None or keeper.poll() is not None) and store.waiting() >= MOST_WAITING:
            keeper = subprocess.Popen(["nice", "-n", "10", sys.executable, __file__, "--keep", str(folder)])
    print(made, made / (time.perf_counter() - begun) if pace else made / taken)


def read(store: TieredStore, seconds: float, writer: subprocess.Popen[str] | None = None) -> list[float]:
    """Seconds of each question, for so long or as long as the writer runs."""
    numbers = [s.id for s in store.series()]
    rng = random.Random(1)
    times = []
    end = time.perf_counter() + seconds
    while (writer.poll() is None) if writer else (time.perf_counter() < end):
        day = BEGIN + rng.randint(0, DAYS - 1) * DAY
        for ask in (
            lambda day=day: store.window([rng.choice(numbers)], day, day + DAY),
            lambda: store.latest(numbers),
            lambda day=day: store.window(numbers[:40], day, day + 3600),
        ):
            begin = time.perf_counter()
            ask()
            times.append(time.perf_counter() - begin)
        time.sleep(0.05)
    return times


def p95(times: list[float]) -> float:
    """The 95th percentile [s]."""
    return statistics.quantiles(times, n=20)[-1]


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--pace", type=int, default=25_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--write", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--keep", type=Path, help=argparse.SUPPRESS)
    a = parser.parse_args()
    if a.keep:
        open_store(a.keep, limits=Limits(memory_mb=1024)).compact()
        return 0
    if a.write:
        write(Path(a.write[0]), a.rows, int(a.write[1]), a.pace)
        return 0
    with tempfile.TemporaryDirectory(prefix="readings-", dir=a.folder) as name:
        folder = Path(name)
        store = open_store(folder)
        minutes = DAYS * 1440
        for first in range(0, minutes, 1440):
            store.append(timely(first, 1440, 1))
        store.settle(store.dirty_since(10**7))
        store.compact(fully=True)
        store.close()
        store = open_store(folder)
        read(store, 3)
        quiet = read(store, 10)
        found = {"quiet": (0.0, quiet)}
        for word, pace in (("steady", a.pace), ("fast", 0)):
            writer = subprocess.Popen(
                [sys.executable, __file__, "--rows", str(a.rows), "--pace", str(pace), "--write", str(folder), str(minutes)],
                stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
            times = read(store, 0, writer)
            made, speed = (float(x) for x in writer.communicate()[0].split())
            minutes += int(made) // SERIES
            found[word] = speed, times
        store.compact()
        print(f"{store.state().rows:,} rows in the end")
    for word, (speed, times) in found.items():
        middle, high = statistics.median(times) * 1000, p95(times) * 1000
        print(f"{word:<7} {speed:9,.0f} rows/s   reader: {len(times):5} questions, median {middle:6.1f} ms, "
              f"p95 {high:6.1f} ms, {high / p95(quiet) / 1000:5.2f} of quiet")  # fmt: skip
    ratio = p95(found["steady"][1]) / p95(quiet)
    return 0 if found["fast"][0] >= LEAST_ROWS_S and ratio <= MOST_RATIO else 1


if __name__ == "__main__":
    sys.exit(main())
