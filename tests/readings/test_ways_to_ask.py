"""The archive ranks everything, only what is contested, or nothing: three ways to one answer."""

from __future__ import annotations

import tempfile
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan.readings import NewReading, Rank, SeriesKey, open_store
from qingyuan.readings.archive import asking, compacting
from readings.samples import HOUR, T0, reading

WAYS = {
    "everything-ranked": {"FEW_SERIES": 10**9},
    "contested-ranked": {"FEW_SERIES": 0, "MUCH": 0},
    "as-it-comes": {"FEW_SERIES": 2},
}
KEYS = [SeriesKey(f"P{n}", "SO2", "Avg", "hour") for n in range(3)]
ROWS = st.lists(
    st.builds(
        lambda k, hour, value, rank, origin, received: reading(
            hour, value, key=KEYS[k], rank=rank, origin=origin, received_at=T0 + received
        ),
        st.integers(0, 2),
        st.integers(0, 9),
        st.one_of(st.none(), st.integers(0, 99).map(float)),
        st.sampled_from(list(Rank)),
        st.integers(1, 9),
        st.integers(0, 9),
    ),
    max_size=25,
)


@pytest.mark.parametrize("then", [None, 4], ids=["now", "as-of"])
@given(batches=st.lists(ROWS, min_size=1, max_size=5), rewritten=st.sampled_from([None, 0, 1]))
@settings(max_examples=30, deadline=None, derandomize=True)
def test_all_ways_say_the_same(then: int | None, batches: list[list[NewReading]], rewritten: int | None) -> None:
    """The last batch stays in the tail; the others are files of their own, the first of them perhaps rewritten."""
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Path(folder))
        for n, batch in enumerate(batches):
            store.append(batch)
            if n < len(batches) - 1:
                store.compact(fully=n == rewritten)
        numbers = [s.id for s in store.series()]
        as_of = None if then is None else T0 + then
        answers = []
        for constants in WAYS.values():
            with mock.patch.multiple(asking, **constants):
                rows = store.window(numbers, T0, T0 + 10 * HOUR, as_of=as_of)
                gathered = store.buckets(numbers, T0, T0 + 10 * HOUR, 2 * HOUR, as_of=as_of)
                counted = store.coverage(numbers, T0, T0 + 10 * HOUR, as_of=as_of)
                means = [(b[:4], b.low, b.high, pytest.approx(b.capture), b[8:]) for b in gathered]
                answers.append((rows, means, counted))
        assert answers[0] == answers[1] == answers[2]
        assert sum(b[4][0] for b in answers[0][1]) == len(answers[0][0])
        store.close()


def test_contested_way_is_taken_for_many_series() -> None:
    piece = compacting.Piece("p", "hour", "2026-03", 1000, 1, 1, 99, 0, 99, 0, 0, 0, 0)
    late = piece._replace(path="late", rows=9, first_start=5, last_start=7)
    asked = asking.Asked(range(1, 50), 0, 100)
    assert "touched" in asking.in_force("f", [piece, late], asked)
    assert "touched" not in asking.in_force("f", [piece, late._replace(rows=999)], asked), "there is much of it"
    assert "touched" not in asking.in_force("f", [piece, late], asked._replace(series=[3])), "there is little in all"
    assert "OVER" not in asking.in_force("f", [piece, late._replace(first_start=200, last_start=300)], asked)
