"""The same rules as an independent implementation of the QARTOD tests sees them."""

from __future__ import annotations

import numpy as np
import pytest

from qingyuan.science.quality import Range, Rate, Spike, Stuck, judge, track

qartod = pytest.importorskip("ioos_qc.qartod", reason="ioos_qc is not installed: no second opinion")

GOOD, SUSPECT, FAIL = 1, 3, 4
STEP = 600


@pytest.fixture(scope="module")
def course() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(20260301)
    values = np.round(20 + 5 * np.sin(np.arange(3000) / 40) + rng.normal(0, 1, 3000), 1)
    values[rng.integers(0, 3000, 60)] += rng.normal(0, 30, 60).round(1)
    for start in rng.integers(0, 2900, 12):
        values[start : start + int(rng.integers(3, 30))] = values[start]
    return np.arange(3000) * STEP, values


def test_range(course: tuple[np.ndarray, np.ndarray]) -> None:
    time, values = course
    theirs = np.asarray(qartod.gross_range_test(values, (0, 40))) == FAIL
    ours = judge(track(time, values), [Range(low=0, high=40)]).hits[0]
    assert theirs.any()
    assert np.array_equal(ours, theirs)


def test_spike_by_differences(course: tuple[np.ndarray, np.ndarray]) -> None:
    time, values = course
    theirs = np.asarray(qartod.spike_test(values, suspect_threshold=8, method="differential")) == SUSPECT
    ours = judge(track(time, values), [Spike(tolerance=8, minutes=10)]).hits[0]
    assert theirs.any()
    assert np.array_equal(ours, theirs)


def test_rate_of_change(course: tuple[np.ndarray, np.ndarray]) -> None:
    time, values = course
    theirs = (
        np.asarray(qartod.rate_of_change_test(values, time.astype("datetime64[s]"), threshold=8.01 / STEP)) == SUSPECT
    )
    ours = judge(track(time, values), [Rate(tolerance=8.01 * 6, minutes=10)]).hits[0]
    assert theirs.any()
    assert np.array_equal(ours, theirs)


def test_flat_line_ends_agree_and_ours_flags_the_whole_run(course: tuple[np.ndarray, np.ndarray]) -> None:
    """Theirs flags a reading once the time before it was flat, ours every reading of the flat time."""
    time, values = course
    stamps = time.astype("datetime64[s]")
    theirs = np.asarray(qartod.flat_line_test(values, stamps, 6 * STEP, 10**9, tolerance=0.01)) == SUSPECT
    ours = judge(track(time, values), [Stuck(tolerance=0, minutes=60, points=7)]).hits[0]
    assert theirs.any()
    assert not (theirs & ~ours).any()
    late = np.zeros_like(ours)
    for place in np.flatnonzero(theirs):
        late[place - 6 : place + 1] = True
    assert np.array_equal(ours, late)
