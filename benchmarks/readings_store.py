"""The readings store as it grows: 1, 10 and 100 million rows of 400 series, one in a hundred superseded.

    python benchmarks/readings_store.py [--rows 1000000,10000000,100000000] [--folder DIR] [--keep]

Minute values of 40 stations with ten factors each, with journal position, device flag, device stamp and time of
receipt; made with NumPy, written as the store's own moves are (half a million rows each, late revisions in files of
their own), then rewritten as the store's own `compact` does. For each size prints bytes a row and a table of every
verb: seconds (median of five, and of a store opened afresh), and for the questions the ratio to the same
newest-revision query written by hand in DuckDB over the files of the same month, in the same run with the same
threads and memory. Answers are compared with the generated values first. Exit code 1 when a limit is missed.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qingyuan.readings import Limits, NewFlag, NewReading, Rank, SeriesKey, TieredStore, open_store
from qingyuan.readings.archive import layout, packing
from qingyuan.readings.archive.piece import Piece, PieceWriter

SERIES, STATIONS, MANY = 400, 40, 5000
A_MOVE = 500_000
BEGIN = layout.month_begin("2025-06")
DAY, HOUR, MINUTE = 86400, 3600, 60
ROUNDS = 5
LIMITS = Limits()
MOST = {"bytes a row": 16.0, "window": 0.1, "buckets": 0.4, "latest": 0.05, "ratio": 1.5}


class Line(NamedTuple):
    """A verb: what was asked, seconds of a fresh store, median seconds, median seconds by hand."""

    verb: str
    asked: str
    fresh: float
    ours: float
    hand: float | None


def key(number: int) -> SeriesKey:
    """Series 1 to 400 are minutes; the others only have a newest value."""
    grain = "minute" if number <= SERIES else "hour"
    return SeriesKey(f"P{(number - 1) // 10:04d}", f"F{(number - 1) % 10}", "Avg", grain)


def slices(minutes: int) -> Iterator[tuple[int, int]]:
    """Stretches of minutes as the store would move them, none across a month."""
    step = A_MOVE // SERIES
    first = 0
    while first < minutes:
        month_end = (layout.month_after(layout.month_of(BEGIN + first * MINUTE)) - BEGIN) // MINUTE
        last = min(first + step, minutes, month_end)
        yield first, last
        first = last


def generate(first: int, last: int) -> tuple[pa.Table, pa.Table]:
    """Stored columns of first reports, and of the one in a hundred that was sent again three days later."""
    rng = np.random.default_rng(first)
    span = last - first
    series = np.repeat(np.arange(1, SERIES + 1, dtype=np.int32), span)
    at = np.tile(np.arange(first, last, dtype=np.int64), SERIES)
    rows = len(series)
    start = BEGIN + at * MINUTE
    swing = np.round(40 + 25 * np.sin(at / 700 + series) + np.cumsum(rng.normal(0, 0.3, rows)) % 20, 1)
    values = np.rint(swing * 10).astype(np.int64)
    message = (at - first) * STATIONS + (series - 1) // 10
    position = first * STATIONS * 750 + np.cumsum(rng.integers(600, 900, span * STATIONS))
    lag = rng.integers(1, 20, span * STATIONS)
    jitter = rng.integers(0, 20_000, span * STATIONS)
    received = start + MINUTE + lag[message]
    flags = np.array(["N", "C", "D"])[np.searchsorted([0.97, 0.99], rng.random(rows))]
    reported = _table(series, start, values, position[message], _stamp(start, jitter[message]), received, flags, 1)
    again = np.flatnonzero(rng.random(rows) < 0.01)
    later = _table(
        series[again], start[again], values[again] + 1, position[message][again] + 4320 * STATIONS * 750,
        _stamp(start[again] + 3 * DAY, jitter[message][again]), received[again] + 3 * DAY, flags[again], 2,
    )  # fmt: skip
    return reported, later


def _stamp(start: Any, jitter: Any) -> Any:
    """QN as devices send it: Beijing time as yyyymmddhhmmss and milliseconds, in one number."""
    local = (start + MINUTE + 8 * HOUR).astype("M8[s]")
    months = local.astype("M8[M]").astype(np.int64)
    day = (local.astype("M8[D]") - local.astype("M8[M]")).astype(np.int64) + 1
    second = local.astype(np.int64) % DAY
    date = ((1970 + months // 12) * 100 + months % 12 + 1) * 100 + day
    return ((date * 100 + second // HOUR) * 100 + second // MINUTE % 60) * 100_000 + jitter


def _table(series: Any, start: Any, values: Any, origin: Any, stamp: Any, received: Any, flags: Any, rank: int) -> Any:
    rows = len(series)
    same = {
        "status": 0, "rank": rank, "scale": 1, "decimals": 1,
    }  # fmt: skip
    columns: dict[str, Any] = {c: pa.array(np.full(rows, v, np.int32)) for c, v in same.items()}
    columns |= {
        "series": series, "start": start, "end": start + MINUTE, "stamp": stamp, "origin": origin, "scaled": values,
        "received_at": received, "flag": flags, "qualifier": pa.array([""] * rows, pa.string()),
        "real": pa.nulls(rows, pa.float64()), "capture": pa.nulls(rows, pa.float64()),
    }  # fmt: skip
    return pa.table({c: columns[c] for c in layout.STORED})


def fill(store: TieredStore, rows: int) -> int:
    """Write about that many rows in the store's own way; returns the minutes of each series."""
    fresh = [
        NewReading(key(n), BEGIN - HOUR, BEGIN, float(n), 1, "mg/m3", "N", origin=1, received_at=BEGIN)
        for n in range(1, MANY + 1)
    ]
    store.append(fresh)
    numbers = store.series_of([key(n) for n in range(1, MANY + 1)])
    assert all(numbers[key(n)].id == n for n in (1, SERIES, MANY))
    store.settle(store.dirty_since(MANY))
    minutes = int(rows / SERIES / 1.01)
    archive = store._archive
    for first, last in slices(minutes):
        month = layout.month_of(BEGIN + first * MINUTE)
        pieces: list[Piece] = []
        for table in generate(first, last):
            writer = PieceWriter(archive.folder, "minute", month)
            writer.write(packing.numbered(table))
            pieces.append(writer.finish())
        archive.log.commit(pieces)
    return minutes


def clocked(*jobs: Callable[[], object]) -> list[float]:
    """Median seconds of five of each job, taken in turn so that a busy machine slows all alike, after one uncounted."""
    times: list[list[float]] = [[] for _ in jobs]
    for number in range(ROUNDS + 1):
        for job, mine in zip(jobs, times, strict=True):
            taken = once(job)
            if number:
                mine.append(taken)
    return [statistics.median(mine) for mine in times]


def once(job: Callable[[], object]) -> float:
    """Seconds of one."""
    begin = time.perf_counter()
    job()
    return time.perf_counter() - begin


def by_hand(files: list[Path]) -> Callable[[str], list[Any]]:
    """A DuckDB with the same threads and memory, asked in plain SQL over the same files."""
    instance = duckdb.connect(":memory:", config={"memory_limit": f"{LIMITS.memory_mb}MB", "threads": LIMITS.threads})
    instance.execute("SET parquet_metadata_cache = true")
    source = "read_parquet([" + ",".join(f"'{f}'" for f in files) + "], hive_partitioning = false)"
    return lambda sql: instance.execute(sql.replace("FILES", source)).fetchall()


NEWEST = (
    'QUALIFY row_number() OVER (PARTITION BY series, start, "end" '
    "ORDER BY status DESC, rank DESC, stamp DESC, origin DESC) = 1"
)
VALUE = "coalesce(real, scaled / pow(10, scale))"


def measure(folder: Path, rows: int) -> tuple[list[Line], dict[str, float]]:
    """Fill, check, ask; returns the table and the figures with a limit."""
    begin = time.perf_counter()
    store = open_store(folder / "readings", limits=LIMITS)
    minutes = fill(store, rows)
    filled = time.perf_counter() - begin
    rewrite = once(lambda: keeper(folder).compact(fully=True))
    state = store.state()
    print(f"\n{state.rows:,} rows in {state.files} files, {state.size / state.rows:.2f} bytes a row "
          f"(generated and moved in {filled:.0f} s, rewritten in {rewrite:.0f} s)", flush=True)  # fmt: skip
    day = BEGIN + max(0, minutes // 1440 // 2) * DAY
    end = day + DAY
    month = layout.month_of(day)
    partition = folder / "readings" / "archive" / layout.folder_of("minute", month)
    named = {str(p) for p in store.files()}
    hand = by_hand([p for p in sorted(partition.glob("*.parquet")) if str(p) in named])
    check(store, day, minutes)
    all_series, one = list(range(1, SERIES + 1)), [77]
    window = f"start >= {day} AND start < {end}"
    columns = f'series, start, "end", {VALUE}, decimals, flag, qualifier, status, rank, origin, received_at, capture'
    counted = 'count(*) OVER (PARTITION BY series, start, "end")'

    def fresh(job: Callable[[TieredStore], object]) -> float:
        return statistics.median(once(lambda: job(open_store(folder / "readings", limits=LIMITS))) for _ in range(3))

    def line(verb: str, asked: str, job: Callable[[TieredStore], object], sql: str = "") -> Line:
        ours, *hands = clocked(lambda: job(store), *([lambda: hand(sql)] if sql else []))
        return Line(verb, asked, fresh(job), ours, hands[0] if hands else None)

    late = [
        NewReading(key(n), day + m * MINUTE, day + (m + 1) * MINUTE, 1.5, 1, "mg/m3", "N", rank=Rank.RESENT)
        for n in range(1, 101) for m in range(50)
    ]  # fmt: skip
    ranges = [NewFlag(n, day, end, "x", "x", "1", "{}", "x", day) for n in range(1, 101)]
    second_month = layout.month_after(layout.month_of(BEGIN))
    turn = iter(range(10**15, 2 * 10**15))
    lines = [
        line("window", "one series, one day", lambda s: s.window(one, day, end),
             f"SELECT {columns}, {counted} FROM FILES WHERE series = 77 AND {window} {NEWEST} ORDER BY series, start"),
        line("as_of", "the same, as of two days later", lambda s: s.as_of(end + DAY).window(one, day, end),
             f"SELECT {columns}, {counted} FROM FILES WHERE series = 77 AND {window} AND received_at <= {end + DAY} {NEWEST} "
             "ORDER BY series, start"),
        line("revisions", "the same, all of them", lambda s: s.revisions(77, day, end),
             f"SELECT {columns} FROM FILES WHERE series = 77 AND {window} ORDER BY start, received_at, origin"),
        line("buckets", "hourly means and capture, all series, one day",
             lambda s: s.buckets(all_series, day, end, HOUR, without=("C", "D")),
             "SELECT series, start // 3600 AS hour, count(v), avg(v), min(v), max(v), sum(w) FILTER (WHERE v IS NOT NULL), "
             "count(*), max(origin), max(received_at) FROM (SELECT series, start, origin, received_at, "
             f"CASE WHEN flag NOT IN ('C', 'D') THEN {VALUE} END AS v, "
             f'("end" - start) * coalesce(capture, 1) / 3600.0 AS w FROM FILES WHERE {window} {NEWEST}) '
             "GROUP BY ALL ORDER BY series, hour"),
        line("coverage", "all series, one day", lambda s: s.coverage(all_series, day, end),
             f"SELECT series, count(*) FROM (SELECT series, {VALUE} AS v FROM FILES WHERE {window} {NEWEST}) "
             "WHERE v IS NOT NULL GROUP BY series"),
        line("latest", "5,000 series", lambda s: s.latest(range(1, MANY + 1))),
        line("dirty_since", "the oldest 500", lambda s: s.dirty_since(500)),
        line("flags", "all series, one day", lambda s: s.flags(all_series, day, end)),
        Line("flag", "100 ranges", once(lambda: store.flag(ranges)), 0, None),
        line("append", "5,000 late revisions",
             lambda s: s.append([r._replace(origin=next(turn), received_at=end) for r in late])),
        Line("append", "50,000 next minutes", once(lambda: store.append(_next(minutes, 125))), 0, None),
        line("export", "one series, one month, Parquet",
             lambda s: s.export(one, layout.month_begin(month), layout.month_after(month), folder / "out.parquet")),
    ]  # fmt: skip
    waiting = store.waiting()
    lines += [
        line("window", f"with {waiting:,} late rows in the tail", lambda s: s.window(one, day, end)),
        line("buckets", f"with {waiting:,} late rows in the tail", lambda s: s.buckets(all_series, day, end, HOUR)),
        Line("compact", f"{waiting:,} rows to the archive", once(lambda: keeper(folder).compact()), 0, None),
        line("buckets", "with those in files of their own", lambda s: s.buckets(all_series, day, end, HOUR)),
        Line("drop_before", "the first month", once(lambda: store.drop_before("minute", second_month)), 0, None),
    ]  # fmt: skip
    figures = {"bytes a row": state.size / state.rows}
    figures |= {n: next(max(x.fresh, x.ours) for x in lines if x.verb == n) for n in ("window", "buckets", "latest")}
    figures["ratio"] = max(x.ours / x.hand for x in lines if x.hand)
    return lines, figures


def keeper(folder: Path) -> TieredStore:
    """The store as the work role's own process opens it."""
    return open_store(folder / "readings", limits=Limits(memory_mb=1024))


def _next(minutes: int, more: int) -> list[NewReading]:
    start = BEGIN + minutes * MINUTE
    return [
        NewReading(
            key(n), start + m * MINUTE, start + (m + 1) * MINUTE, 2.5, 1, "mg/m3", "N", origin=10**14 + m,
            received_at=start + m * MINUTE + 65,
        )
        for m in range(more) for n in range(1, SERIES + 1)
    ]  # fmt: skip


def check(store: TieredStore, day: int, minutes: int) -> None:
    """One series-day against what was generated."""
    wanted: dict[int, float] = {}
    first, last = (day - BEGIN) // MINUTE, (day + DAY - BEGIN) // MINUTE
    for a, b in slices(minutes):
        if a < last and b > first:
            for table in generate(a, b):
                mine = table.filter(pc.equal(table["series"], 77))
                wanted.update(zip(mine["start"].to_pylist(), (v / 10 for v in mine["scaled"].to_pylist()), strict=True))
    found = {r.start: r.value for r in store.window([77], day, day + DAY)}
    expected = {s: v for s, v in wanted.items() if day <= s < day + DAY}
    assert found == expected, "the store does not say what was put in"
    assert len(found) == DAY // MINUTE, len(found)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", default="1000000,10000000,100000000")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--keep", action="store_true")
    a = parser.parse_args()
    missed = []
    for rows in map(int, a.rows.split(",")):
        folder = Path(tempfile.mkdtemp(prefix="readings-", dir=a.folder))
        try:
            lines, figures = measure(folder, rows)
            for verb, asked, fresh, ours, hand in lines:
                numbers = f"{fresh * 1000:9.1f}" + (f" {ours * 1000:9.1f}" if ours else " " * 10)
                ratio = f" {hand * 1000:9.1f} {ours / hand:7.2f}" if hand else ""
                print(f"  {verb:<12} {asked:<48} {numbers}{ratio}")
            for name, most in MOST.items():
                word = "ok" if figures[name] <= most else "MISSED"
                print(f"  {name:<12} {figures[name]:.3f} (at most {most}) {word}", flush=True)
                missed += [name] * (word != "ok")
        finally:
            if not a.keep:
                shutil.rmtree(folder)
    print("columns: verb, asked, ms of a fresh store, ms, ms by hand in DuckDB, ratio to it")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
