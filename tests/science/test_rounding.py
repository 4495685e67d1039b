"""GB/T 8170 on scaled integers."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingyuan.science.errors import BadArgumentError
from qingyuan.science.rounding import (
    SCALE_DECIMALS,
    divide_half_even,
    divide_up,
    round_scaled,
    round_values,
    scaled,
    scaled_column,
)
from science.shared_vectors import cases


def rounded(text: str, decimals: int, keep_digit: bool = False) -> float:
    return round_values(pl.Series([float(text)]), decimals, keep_digit)[0]


@pytest.mark.parametrize(
    ("text", "decimals", "expected"),
    [
        ("4.5", 0, 4),
        ("35.5", 0, 36),
        ("31.25", 1, 31.2),
        ("0.125", 2, 0.12),
        ("0.775", 2, 0.78),
        ("1.305", 2, 1.30),
    ],
)
def test_gbt8170_ties_go_to_even(text: str, decimals: int, expected: float) -> None:
    assert rounded(text, decimals) == expected


@pytest.mark.parametrize(
    ("text", "decimals", "expected"),
    [("0.00025", 3, 0.0002), ("0.0005", 3, 0.0005), ("0.05", 1, 0.05), ("0", 1, 0), ("0.06", 1, 0.1)],
)
def test_a_result_of_zero_keeps_one_digit(text: str, decimals: int, expected: float) -> None:
    assert rounded(text, decimals, keep_digit=True) == expected


@pytest.mark.parametrize("row", cases("air_vectors_rounding.csv"))
def test_air_rounding_vector(row: dict[str, str]) -> None:
    assert rounded(row["value"], int(row["decimals"])) == float(row["expected"])


@pytest.mark.parametrize("row", cases("water_vectors_rounding.csv", "vector_id"))
def test_water_rounding_vector(row: dict[str, str]) -> None:
    assert rounded(row["input"], int(row["decimals"]), keep_digit=True) == float(row["expected"])


@given(st.integers(-(10**9), 10**9), st.integers(0, 5))
def test_agrees_with_exact_decimals(units: int, decimals: int) -> None:
    exact = Decimal(units).scaleb(-6)
    expected = exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_EVEN)
    assert rounded(str(exact), decimals) == float(expected)


@given(st.lists(st.integers(-(2**24), 2**24), min_size=1), st.integers(0, 8), st.integers(-1, 1))
def test_near_ties_the_fast_way_rounds_as_the_exact_one(whole: list[int], decimals: int, beside: int) -> None:
    """Small columns go by floats, large ones by whole numbers; both are asked about ties and the nearest to them."""
    step = 10 ** (SCALE_DECIMALS - decimals)
    values = np.array([number * step + step // 2 + beside for number in whole])
    exact = divide_half_even(values, step) * step
    assert round_scaled(values, decimals).tolist() == exact.tolist()
    beyond = np.append(values, 2**26 * step)
    assert round_scaled(beyond, decimals).tolist() == [*exact.tolist(), 2**26 * step]
    expected = [int((Decimal(int(v)) / step).quantize(Decimal(1), rounding=ROUND_HALF_EVEN)) * step for v in values]
    assert exact.tolist() == expected


@given(st.integers(-(10**12), 10**12), st.integers(1, 10**6))
def test_integer_divisions_are_exact(numerator: int, denominator: int) -> None:
    values = np.array([numerator])
    exact = Decimal(numerator) / Decimal(denominator)
    assert divide_up(values, denominator)[0] == -(-numerator // denominator)
    nearest = divide_half_even(values, denominator)[0]
    assert abs(Decimal(int(nearest)) - exact) <= Decimal("0.5")


def test_a_float32_column_is_read_as_its_shortest_decimal() -> None:
    column = pl.Series([26.94, 0.0729, 2.543, 500, None], dtype=pl.Float32)
    values, usable = scaled_column(column)
    assert values.tolist() == [2694000000, 7290000, 254300000, 50000000000, 0]
    assert usable.tolist() == [True, True, True, True, False]


def test_unusable_values_are_masked() -> None:
    _, usable = scaled_column(pl.Series([float("nan"), float("inf"), 1e12, -3.0]))
    assert usable.tolist() == [False, False, False, True]


def test_a_limit_with_too_many_decimals_is_refused() -> None:
    with pytest.raises(BadArgumentError, match="decimals"):
        scaled(Decimal("0.123456789"))
