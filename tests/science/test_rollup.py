"""Means with their capture rate."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingyuan.science.errors import BadArgumentError
from qingyuan.science.rollup import Rollup, roll_up, roll_up_groups

NAN = math.nan


def test_mean_and_capture() -> None:
    assert roll_up([0.1, 0.2, NAN, 0.3], 4) == Rollup(0.2, 3, 4)
    assert roll_up([0.1, 0.2, NAN, 0.3], 4).capture == 0.75


def test_nothing_valid_is_no_value() -> None:
    assert roll_up([NAN, NAN], 60) == Rollup(None, 0, 60)


def test_more_than_expected_is_full_capture() -> None:
    assert roll_up([1.0] * 70, 60).capture == 1.0


def test_ph_is_averaged_by_hydrogen_ions() -> None:
    """环办监测函〔2020〕82号; the arithmetic mean would be 7.98."""
    value = roll_up([6.5, 7.9, 8.8, 9, 6.78, 8.87], 6, "ph").value
    assert value == pytest.approx(7.08, abs=0.005)


def test_hj212_appendix_d_flow_weighting() -> None:
    assert roll_up([10, 40], 2, "flow_weighted", [3, 1]) == Rollup(17.5, 2, 2)
    assert roll_up([10, 40], 2, "flow_weighted", [0, 1]) == Rollup(40.0, 1, 2)
    with pytest.raises(BadArgumentError, match="flow"):
        roll_up([10], 1, "flow_weighted")


@pytest.mark.parametrize(
    ("degrees", "speeds", "expected"),
    [([350, 10], None, 0), ([0, 90], [1, 1], 45), ([0, 90], [1, 0], 0), ([270, 270], [2, 5], 270)],
)
def test_wind_direction_is_a_vector_mean(degrees: list[float], speeds: list[float] | None, expected: float) -> None:
    value = roll_up(degrees, 2, "vector", speeds).value
    assert value is not None
    assert (value - expected + 180) % 360 - 180 == pytest.approx(0, abs=1e-9)


def test_opposite_winds_have_no_direction() -> None:
    assert roll_up([0, 180], 2, "vector").value is None


@pytest.mark.parametrize(("method", "expected"), [("minimum", 1.5), ("maximum", 4), ("sum", 8)])
def test_other_statistics(method: str, expected: float) -> None:
    assert roll_up([2.5, 4, NAN, 1.5], 4, method).value == expected  # type: ignore[arg-type]


def test_groups_come_back_in_order_with_the_empty_ones() -> None:
    frame = roll_up_groups([2, 0, 2], 3, [4.0, 1.0, 6.0], 2)
    assert frame["value"].to_list() == [1.0, None, 5.0]
    assert frame["n_valid"].to_list() == [1, 0, 2]
    assert frame["capture"].to_list() == [0.5, 0.0, 1.0]


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=60), st.randoms(use_true_random=False))
def test_order_does_not_matter(units: list[int], random: object) -> None:
    values = [unit / 1000 for unit in units]
    shuffled = values[:]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    for method in ("mean", "ph", "sum", "vector"):
        assert roll_up(values, 60, method) == roll_up(shuffled, 60, method)  # type: ignore[arg-type]


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=60))
def test_incremental_sum_equals_batch(units: list[int]) -> None:
    values = [unit / 100 for unit in units]
    half = len(values) // 2
    whole = roll_up(values, 60, "sum").value
    parts = [roll_up(part, 60, "sum").value or 0.0 for part in (values[:half], values[half:]) if part]
    assert whole == pytest.approx(sum(parts), abs=1e-6)


def test_wrong_use_is_refused() -> None:
    with pytest.raises(BadArgumentError, match="median"):
        roll_up([1.0], 1, "median")  # type: ignore[arg-type]
    with pytest.raises(BadArgumentError, match="n_expected"):
        roll_up([1.0], 0)
