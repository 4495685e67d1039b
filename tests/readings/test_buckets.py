"""Conformance: buckets with capture rate, and counts, over the readings in force."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan.readings import NewReading, Rank, ReadingsError, SeriesKey, Store
from readings.conftest import ENGINES
from readings.samples import HOUR, KEY, T0, reading

MINUTE = SeriesKey("D01", "NOx", "Avg", "minute")
RAW = SeriesKey("D01", "NOx", "Rtd", "raw")
BEIJING_DAY = -8 * HOUR


def minute(n: int, value: float | None, **more: object) -> NewReading:
    start = T0 + 60 * n
    return NewReading(MINUTE, start, start + 60, value, 1, "mg/m3", "N", origin=n, received_at=start + 60)._replace(
        **more  # type: ignore[arg-type]
    )


def number(store: Store, key: SeriesKey = MINUTE) -> int:
    return store.series_of([key])[key].id


def test_hour_of_minutes_with_capture_rate(store: Store) -> None:
    store.append([minute(n, float(n)) for n in range(45)])
    store.append([minute(45, 999.0, flag="C"), minute(46, None, flag="D"), minute(60, 7.0)])
    first, second = store.buckets([number(store)], T0, T0 + 2 * HOUR, HOUR, without=("C", "D"))
    assert (first.start, first.end, first.valid, first.intervals) == (T0, T0 + HOUR, 45, 47)
    assert (first.mean, first.low, first.high) == (22.0, 0.0, 44.0)
    assert first.capture == pytest.approx(0.75)
    assert (first.origin, first.received_at) == (46, T0 + 47 * 60)
    assert (second.start, second.mean, second.capture) == (T0 + HOUR, 7.0, pytest.approx(1 / 60))


def test_only_the_revision_in_force_counts(store: Store) -> None:
    store.append([minute(0, 1.0), minute(1, 3.0)])
    store.append([minute(0, 5.0, rank=Rank.RESENT, origin=99)])
    (bucket,) = store.buckets([number(store)], T0, T0 + HOUR, HOUR)
    assert (bucket.mean, bucket.valid, bucket.intervals, bucket.origin) == (4.0, 2, 2, 99)


def test_capture_of_what_lies_below_counts_on(store: Store) -> None:
    store.append([reading(h, 1.0, capture=0.5) for h in range(24)])
    (day,) = store.buckets([number(store, KEY)], T0, T0 + 24 * HOUR, 86400, anchor=T0)
    assert (day.valid, day.capture) == (24, pytest.approx(0.5))


def test_instants_cover_their_step(store: Store) -> None:
    rows = [NewReading(RAW, T0 + 30 * n, T0 + 30 * n, 1.0, received_at=T0) for n in range(60)]
    store.append(rows)
    found = number(store, RAW)
    assert [b.capture for b in store.buckets([found], T0, T0 + HOUR, HOUR, step=30)] == [pytest.approx(0.5)]
    assert [b.capture for b in store.buckets([found], T0, T0 + HOUR, HOUR)] == [0.0]


def test_days_begin_in_beijing(store: Store) -> None:
    store.append([reading(h, float(h)) for h in range(48)])
    days = store.buckets([number(store, KEY)], T0, T0 + 48 * HOUR, 86400, anchor=BEIJING_DAY)
    assert [(d.start + 8 * HOUR) % 86400 for d in days] == [0] * len(days)
    assert sum(d.valid for d in days) == 48


def test_void_bucket_has_no_figures(store: Store) -> None:
    store.append([reading(0, None, flag="D")])
    (bucket,) = store.buckets([number(store, KEY)], T0, T0 + HOUR, HOUR)
    assert bucket[3:8] == (0, None, None, None, 0.0)


def test_width_must_be_positive(store: Store) -> None:
    with pytest.raises(ReadingsError, match="got a width of 0 s"):
        store.buckets([], T0, T0 + HOUR, 0)


def test_buckets_and_coverage_as_of(store: Store) -> None:
    store.append([reading(0, 1.0, received_at=T0 + 1, origin=1)])
    store.append([reading(0, None, rank=Rank.REVIEWED, received_at=T0 + 2, origin=2), reading(1, 5.0, origin=3)])
    found = number(store, KEY)
    then = store.as_of(T0 + 1)
    assert [b.mean for b in then.buckets([found], T0, T0 + HOUR, HOUR)] == [1.0]
    assert then.coverage([found], T0, T0 + HOUR) == {found: 1}
    assert [r.value for r in then.window([found], T0, T0 + HOUR)] == [1.0]
    assert [r.value for r in then.revisions(found, T0, T0 + HOUR)] == [1.0]
    assert store.coverage([found], T0, T0 + HOUR) == {}
    assert [b.valid for b in store.buckets([found], T0, T0 + HOUR, HOUR)] == [0]


ROWS = st.lists(
    st.builds(
        lambda n, value, rank, origin, flag: minute(n, value, rank=rank, origin=origin, flag=flag),
        st.integers(0, 150),
        st.one_of(st.none(), st.integers(-999, 9999).map(lambda v: v / 10)),
        st.sampled_from(list(Rank)),
        st.integers(1, 50),
        st.sampled_from(["N", "C"]),
    ),
    min_size=1,
    max_size=40,
)


@pytest.mark.parametrize("engine", ENGINES)
@given(batches=st.lists(ROWS, min_size=1, max_size=4))
@settings(max_examples=25, deadline=None, derandomize=True)
def test_buckets_say_what_the_window_says(engine: str, batches: list[list[NewReading]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = ENGINES[engine](Path(folder))
        for batch in batches:
            store.append(batch)
        found = number(store)
        in_force = store.window([found], T0, T0 + 3 * HOUR)
        buckets = store.buckets([found], T0, T0 + 3 * HOUR, HOUR, without=("C",))
        assert sum(b.intervals for b in buckets) == len(in_force)
        assert store.coverage([found], T0, T0 + 3 * HOUR).get(found, 0) == sum(r.value is not None for r in in_force)
        for bucket in buckets:
            mine = [r for r in in_force if bucket.start <= r.start < bucket.end]
            good = [r.value for r in mine if r.value is not None and r.flag != "C"]
            assert bucket.valid == len(good)
            assert bucket.capture == pytest.approx(len(good) / 60)
            if good:
                assert bucket.mean == pytest.approx(math.fsum(good) / len(good))
                assert (bucket.low, bucket.high) == (min(good), max(good))
        store.close()
