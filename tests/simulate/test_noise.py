"""Noise hangs on key and time alone."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan.simulate.noise import bounded, key, smooth, white

START = 1_790_000_000


@settings(deadline=None, derandomize=True)
@given(st.lists(st.integers(0, 30 * 86400), min_size=1, max_size=40), st.sampled_from([60, 3600, 86400]))
def test_a_value_does_not_depend_on_what_is_asked_with_it(offsets: list[int], period: int):
    times = np.array(offsets, dtype=np.int64) + START
    together = smooth(key("a"), times, period)
    alone = np.concatenate([smooth(key("a"), times[i : i + 1], period) for i in range(len(times))])
    assert np.array_equal(together, alone)


def test_white_noise_has_mean_zero_and_variance_one():
    values = white(key("w"), np.arange(200_000, dtype=np.int64))
    assert abs(values.mean()) < 0.01
    assert abs(values.var() - 1) < 0.02
    assert abs(np.corrcoef(values[:-1], values[1:])[0, 1]) < 0.01


def test_other_keys_give_other_noise():
    index = np.arange(10_000, dtype=np.int64)
    assert abs(np.corrcoef(white(key("a"), index), white(key("b"), index))[0, 1]) < 0.03


def test_smooth_noise_is_continuous_and_bounded_noise_stays_within_one():
    times = np.arange(START, START + 86400, 10, dtype=np.int64)
    assert np.abs(np.diff(smooth(key("s"), times, 3600))).max() < 0.03
    assert np.abs(bounded(key("s"), times, 600)).max() <= 1
