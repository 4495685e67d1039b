"""The archive as it lies: which files, how large, sorted, readable by anybody; when it is rewritten."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan.readings import Rank, SeriesKey, TieredStore, UnknownSeries, open_store
from qingyuan.readings.archive import asking, compacting, layout, packing
from qingyuan.readings.archive.piece import Piece
from readings.samples import HOUR, KEY, T0, reading

STEADY = settings(max_examples=200, deadline=None, derandomize=True)


@given(
    st.lists(
        st.tuples(
            st.one_of(st.floats(allow_nan=False), st.integers(-(10**7), 10**7).map(lambda v: v / 1000)),
            st.integers(-1, 12),
        ),
        min_size=1,
    )
)
@STEADY
def test_scaled_integers_give_the_very_same_double(pairs: list[tuple[float, int]]) -> None:
    values, decimals = np.array([p[0] for p in pairs]), np.array([p[1] for p in pairs], np.int32)
    whole, scale, done = packing.scaled(values, decimals)
    for value, number, digits, is_scaled in zip(values, whole, scale, done, strict=True):
        if is_scaled:
            assert float(number) / math.pow(10, digits) == value
            assert math.copysign(1, value) == 1 or value != 0


def test_printed_values_are_scaled_by_their_decimals() -> None:
    whole, scale, done = packing.scaled(np.array([41.5, 41.5, 0.1 + 0.2, -0.0]), np.array([1, 2, -1, 1], np.int32))
    assert list(zip(whole, scale, done, strict=True)) == [(415, 1, True), (4150, 2, True), (0, 0, False), (0, 0, False)]


def stored(store: TieredStore) -> list[Path]:
    return sorted(p for p in store.files() if p.suffix == ".parquet")


def test_any_value_comes_back_the_same(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    given = [41.5, 0.1 + 0.2, -0.0, 1e300, 5e-324, 123456789.123456789, -7.0, None, math.pi]
    store.append([reading(h, v) for h, v in enumerate(given)])
    store.compact()
    found = [r.value for r in store.window([1], 0, 2**40)]
    assert found == given


def test_partitions_are_grain_and_beijing_month(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    first_of_march = layout.month_begin("2026-03")
    hours = (first_of_march - T0) // HOUR
    store.append([reading(hours - 1), reading(hours), reading(hours, key=KEY._replace(grain="minute"))])
    store.compact()
    folders = sorted(str(p.parent.relative_to(tmp_path / "archive")) for p in stored(store))
    assert folders == ["grain=hour/month=2026-02", "grain=hour/month=2026-03", "grain=minute/month=2026-03"]


@pytest.mark.parametrize("second", [-62_135_596_800, -2_208_988_799, -1, 253_402_300_799, 2**40])
def test_clock_that_is_wild_stops_no_move(tmp_path: Path, second: int) -> None:
    """A device that sent its data of 1900 twice stopped the archive for ever: late was told from -1."""
    store = open_store(tmp_path)
    for origin in (1, 2):
        store.append([reading(0, origin, origin=origin)._replace(start=second, end=second + 60)])
        assert store.compact().moved == 1
    (found,) = store.window([1], second, second + 1)
    assert (found.value, found.revisions) == (2.0, 2)
    (bucket,) = store.buckets([1], second - 7200, second + 7200, HOUR)
    assert bucket.start == second - second % HOUR
    store.settle(store.dirty_since(10))
    assert store.mark([1], second, second + 1) == 1
    assert [m.hour for m in store.dirty_since(10)] == [second - second % HOUR]


@pytest.mark.parametrize(("month", "after"), [("2026-03", "2026-04"), ("2025-12", "2026-01")])
def test_months_follow_each_other(month: str, after: str) -> None:
    assert layout.month_after(month) == layout.month_begin(after)
    assert layout.month_of(layout.month_begin(after) - 1) == month


def test_files_are_sorted_encoded_and_open_to_other_tools(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    keys = [SeriesKey(f"P{n}", "SO2", "Avg", "hour") for n in (3, 1, 2)]
    store.append([reading(h, h / 4, key=k, origin=h) for h in (5, 1, 3) for k in keys])
    store.append([reading(3, 9.0, key=keys[0], rank=Rank.RESENT, origin=77)])
    store.compact()
    (path,) = stored(store)
    table = pq.read_table(path)
    order = list(zip(*(table[c].to_pylist() for c in layout.SORTED_BY), strict=True))
    assert order == sorted(order)
    encodings = {
        pq.read_metadata(path).row_group(0).column(i).path_in_schema: pq.read_metadata(path).row_group(0).column(i)
        for i in range(len(layout.COLUMNS))
    }
    assert all("DELTA_BINARY_PACKED" in encodings[c].encodings for c in layout.DIFFERENCES)
    assert {c.compression for c in encodings.values()} == {"ZSTD"}
    with_delta = DeltaTable(str(tmp_path / "archive")).to_pyarrow_table()
    assert with_delta.num_rows == 10
    by_hand = duckdb.sql(
        f"SELECT scaled / pow(10, scale), peers FROM read_parquet('{path}') WHERE place = 1 AND series = 1 ORDER BY start"
    ).fetchall()
    assert by_hand == [(0.25, 1), (9.0, 2), (1.25, 1)]


def test_a_row_costs_little(tmp_path: Path) -> None:
    """Sixteen bytes is what is promised of a hundred million rows; benchmarks/readings_store.py measures that."""
    store = open_store(tmp_path)
    rng = np.random.default_rng(1)
    values = np.round(np.abs(np.cumsum(rng.normal(0, 1, 20_000))), 1)
    rows = [
        reading(
            h, float(v), origin=h * 28_000 + int(rng.integers(900)), received_at=T0 + h * HOUR + int(rng.integers(9))
        )
        for h, v in enumerate(values)
    ]
    store.append(rows)
    store.compact(fully=True)
    state = store.state()
    assert state.rows == 20_000
    assert state.size / state.rows < 16


def test_late_rows_lie_apart(tmp_path: Path) -> None:
    """One straggler used to widen the span of its file over the whole month, so that every question ranked it all."""
    store = open_store(tmp_path)
    for part in range(4):
        store.append([reading(part * 10 + h, origin=part) for h in range(10)])
        store.append([reading(h, 5.0, rank=Rank.RESENT, origin=50) for h in range(1)] if part == 3 else [])
        store.compact()
    groups = asking.overlapping(store._archive.log.pieces())
    assert sorted(len(g) for g in groups) == [1, 1, 1, 2]


def piece(name: str, rows: int, first: int, last: int, month: str = "2026-03") -> Piece:
    return Piece(name, "hour", month, rows, 1, 1, 9, first, last, 0, 0, 0, 0)


BIG = layout.ROWS_A_FILE


@pytest.mark.parametrize(
    ("pieces", "fully", "expected"),
    [
        pytest.param([piece(f"p{n}", 9, n, n) for n in range(23)], False, [], id="few-small-wait"),
        pytest.param([piece(f"p{n}", 9, n, n) for n in range(24)], False, [24], id="many-small-go-together"),
        pytest.param([piece("a", 9, 0, 1), piece("b", 9, 2, 3)], True, [2], id="two-on-request"),
        pytest.param([piece("a", BIG, 0, 5), piece("b", 9, 6, 7)], True, [], id="large-alone-stays"),
        pytest.param([piece("a", BIG, 0, 5), piece("b", 9, 4, 7)], True, [2], id="large-overlapped-goes-with-it"),
        pytest.param(
            [piece("a", 9, 0, 1), piece("b", 9, 2, 3), piece("c", BIG, 4, 9), piece("d", 9, 10, 11), piece("e", 9, 12, 13)],
            True, [2, 2], id="neighbours-on-each-side-of-a-large-one",
        ),
        pytest.param([piece("a", 9, 0, 1), piece("b", 9, 2, 3, "2026-04")], True, [], id="months-stay-apart"),
    ],
)  # fmt: skip
def test_what_is_rewritten(pieces: Sequence[Piece], fully: bool, expected: list[int]) -> None:
    assert [len(g) for g in compacting.due(pieces, fully=fully)] == expected


def test_rewriting_cuts_by_time_and_keeps_intervals_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "ROWS_A_FILE", 300)
    store = open_store(tmp_path)
    keys = [SeriesKey(f"P{n}", "SO2", "Avg", "minute") for n in range(5)]
    for part in range(4):
        store.append(
            [
                reading(0, float(m), key=k, origin=part)._replace(start=T0 + m * 60, end=T0 + m * 60 + 60)
                for k in keys for m in range(200)
            ]
        )  # fmt: skip
        store.compact()
    before = store.window(range(1, 6), 0, 2**40)
    assert store.compact(fully=True).rewritten == 4
    pieces = store._archive.log.pieces()
    assert 10 <= len(pieces) <= 16
    assert all(len(group) == 1 for group in asking.overlapping(pieces))
    assert store.window(range(1, 6), 0, 2**40) == before
    assert {r.revisions for r in before} == {4}


def test_rewritten_files_are_cut_between_days(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "ROWS_A_FILE", 100)
    store = open_store(tmp_path)
    march = layout.month_begin("2026-03")
    for part in range(2):
        store.append([reading((march - T0) // HOUR + h, origin=part) for h in range(20 * 24)])
        store.compact()
    store.compact(fully=True)
    pieces = store._archive.log.pieces()
    assert 7 <= len(pieces) <= 10
    assert {(p.first_start - march) % layout.DAY for p in pieces} == {0}


def test_rewriting_drops_what_lies_there_twice(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    rows = [reading(h) for h in range(10)]
    store.append(rows)
    store.compact()
    store._tail.append(rows, (), None, _nothing_past(), False, ())
    store.compact()
    assert store.state().rows == 20
    assert [r.revisions for r in store.window([1], 0, 2**40)] == [1] * 10
    assert len(store.revisions(1, 0, 2**40)) == 10
    store.compact(fully=True)
    assert store.state().rows == 10


def _nothing_past() -> Any:
    from qingyuan.readings.tail.write import Past

    return Past(lambda: -1, lambda intervals: [])


def test_old_months_of_a_grain_are_dropped(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    march, april, may = (layout.month_begin(m) for m in ("2026-03", "2026-04", "2026-05"))
    minute = KEY._replace(grain="minute")
    for start in (march, april, may):
        hours = (start - T0) // HOUR
        store.append([reading(hours), reading(hours, key=minute)])
        if start != may:
            store.compact()
    assert store.drop_before("minute", april + 86400) == 1, "April has not ended"
    numbers = {s.key.grain: s.id for s in store.series()}
    assert [r.start for r in store.window([numbers["minute"]], 0, 2**40)] == [april, may]
    assert [r.start for r in store.window([numbers["hour"]], 0, 2**40)] == [march, april, may]
    assert store.drop_before("minute", layout.month_begin("2027-01")) == 2
    assert store.window([numbers["minute"]], 0, 2**40) == []
    assert store.latest([numbers["minute"]])[numbers["minute"]].start == may
    with pytest.raises(UnknownSeries):
        store.drop_before("second", may)


def test_files_are_a_whole_archive_while_more_is_written(tmp_path: Path) -> None:
    store = open_store(tmp_path / "a")
    store.append([reading(h) for h in range(10)])
    store.compact()
    taken = store.files()
    store.append([reading(h) for h in range(10, 20)])
    store.compact(fully=True)
    copy = tmp_path / "b" / "archive"
    for path in taken:
        target = copy / path.relative_to(tmp_path / "a" / "archive")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    assert DeltaTable(str(copy)).to_pyarrow_table().num_rows == 10


def test_missing_and_cut_files_are_told(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.append([reading(0), reading(0, key=KEY._replace(grain="minute"))])
    store.compact()
    assert store.state().broken == []
    first, second = stored(store)
    first.unlink()
    second.write_bytes(second.read_bytes()[:-1])
    assert len(store.state().broken) == 2


def test_reader_that_meets_rows_on_their_way_sees_each_once(tmp_path: Path) -> None:
    """Between the commit of the files and the end of the tail's rows, a reader meets them in both."""
    store = open_store(tmp_path)
    reader = open_store(tmp_path)
    store.append([reading(h, float(h)) for h in range(10)])
    store.append([reading(0, 7.0, rank=Rank.RESENT, origin=5)])
    seen = []

    def look(step: str) -> None:
        rows = reader.window([1], 0, 2**40)
        counted = sum(b.intervals for b in reader.buckets([1], T0, T0 + 10 * HOUR, HOUR))
        seen.append(
            (step, [r.value for r in rows], [r.revisions for r in rows], len(reader.revisions(1, 0, 2**40)), counted)
        )

    store.compact(reached=look)
    assert len(seen) >= 4
    for step, values, revisions, kept, counted in seen:
        assert (values, revisions, kept, counted) == ([7.0, *map(float, range(1, 10))], [2, *[1] * 9], 11, 10), step


def test_process_that_only_reads_does_without_the_library_of_the_log(tmp_path: Path) -> None:
    import subprocess
    import sys

    store = open_store(tmp_path)
    store.append([reading(0)])
    store.compact()
    program = (
        "import sys; from pathlib import Path; from qingyuan.readings import open_store\n"
        f"s = open_store(Path({str(tmp_path)!r})); s.latest([1]); assert 'duckdb' not in sys.modules\n"
        "assert len(s.window([1], 0, 2**40)) == 1\n"
        "assert not {'deltalake', 'pyarrow', 'numpy'} & set(sys.modules), sys.modules.keys()"
    )
    from qingyuan.config import REPOSITORY

    done = subprocess.run(
        [sys.executable, "-c", program], env={"PYTHONPATH": str(REPOSITORY / "src")}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
