"""Rounding by GB/T 8170 on scaled integers: exact, half to even, vectorised.

A concentration is held as an int64 count of 10**-SCALE_DECIMALS of its unit. That is exact for every printed
value of up to eight decimals and below a thousand million; no float ever decides a tie.
"""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qingyuan.science.errors import BadArgumentError

SCALE_DECIMALS = 8
SCALE = 10**SCALE_DECIMALS
LARGEST = 10**9
SURE = 2**24
"""A quotient below it is rounded alike in floats: its error is below 2**-29, and by a step of at most 10**8 what is no tie
is at least 2**-28 from one."""

Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]


def scaled(value: Decimal) -> int:
    """A limit or node of the rule book as a scaled integer. BadArgumentError beyond eight decimals."""
    exact = value * SCALE
    if exact != exact.to_integral_value():
        raise BadArgumentError("value", value, f"at most {SCALE_DECIMALS} decimals")
    return int(exact)


def scaled_column(column: pl.Series) -> tuple[Integers, Mask]:
    """A numeric column as scaled integers, with a mask of the usable values.

    Null, NaN, infinite and absurdly large (1e9 and more) values are not usable; their integer is 0. A Float32
    column is read as the shortest decimal that gives the same Float32, so 26.94 stays 26.94. Text is read as
    a number where it is one.
    """
    if column.dtype in (pl.String, pl.Null):
        column = column.cast(pl.Float64, strict=False)
    single = column.dtype == pl.Float32
    values: NDArray[np.float64] = column.cast(pl.Float64).to_numpy()  # null becomes NaN
    usable: Mask = np.abs(values) < LARGEST  # false for NaN and infinity too
    safe = values if usable.all() else np.where(usable, values, 0.0)
    if single:
        return _shortest(safe), usable
    large = safe * SCALE
    return np.rint(large, out=large).astype(np.int64), usable


def unreadable_cells(column: pl.Series, usable: Mask) -> Mask:
    """Cells that hold something, yet no usable number: text, infinity, absurdly large. NaN is missing."""
    if usable.all():
        return np.zeros(len(column), dtype=np.bool_)
    if column.dtype == pl.String:
        filled = column.str.strip_chars().str.len_chars() > 0
    elif column.dtype.is_float():
        filled = column.is_not_null() & column.is_not_nan()
    else:
        filled = column.is_not_null()
    found: Mask = ~usable & filled.fill_null(False).to_numpy()
    return found


def _shortest(values: NDArray[np.float64]) -> Integers:
    found: Integers = np.rint(values * SCALE).astype(np.int64)
    target = values.astype(np.float32)
    open_rows = np.arange(len(values))
    for decimals in range(SCALE_DECIMALS):
        if not len(open_rows):
            break
        power = 10**decimals
        digits = np.rint(values[open_rows] * power)
        hit = (digits / power).astype(np.float32) == target[open_rows]
        found[open_rows[hit]] = digits[hit].astype(np.int64) * 10 ** (SCALE_DECIMALS - decimals)
        open_rows = open_rows[~hit]
    return found


def divide_half_even(numerator: Integers, denominator: Integers | int) -> Integers:
    """numerator / denominator to a whole number, ties to even. The denominator must be positive."""
    quotient: Integers = numerator // denominator
    twice = numerator - quotient * denominator
    twice *= 2
    up = twice > denominator
    if (tie := twice == denominator).any():
        up |= tie & (quotient & 1 == 1)
    quotient += up
    return quotient


def divide_up(numerator: Integers, denominator: Integers | int) -> Integers:
    """numerator / denominator rounded up to a whole number. The denominator must be positive."""
    quotient: Integers = -(-numerator // denominator)
    return quotient


def round_scaled(values: Integers, decimals: int) -> Integers:
    """Scaled integers rounded half to even at `decimals`, still scaled.

    References
    ----------
    GB/T 8170-2008, 3.2.
    """
    step = 10 ** (SCALE_DECIMALS - _checked(decimals))
    rounded: Integers
    if len(values) and -SURE * step < int(values.min()) and int(values.max()) < SURE * step:
        whole = values / step  # a tie is exact here, and what is none is further from it than the error of the division
        rounded = np.rint(whole, out=whole).astype(np.int64)
    else:
        rounded = divide_half_even(values, step)
    rounded *= step
    return rounded


def round_scaled_keep_digit(values: Integers, decimals: int) -> Integers:
    """As `round_scaled`, but what would become 0 keeps one significant digit, half to even.

    References
    ----------
    Rule seen in the national real-time water publication: 0.00025 at three decimals is 0.0002, not 0.
    """
    rounded = round_scaled(values, decimals)
    lost = np.flatnonzero((rounded == 0) & (values != 0))
    for finer in range(decimals + 1, SCALE_DECIMALS + 1):
        if not len(lost):
            break
        rounded[lost] = round_scaled(values[lost], finer)
        lost = lost[rounded[lost] == 0]
    return rounded


def _checked(decimals: int) -> int:
    if not 0 <= decimals <= SCALE_DECIMALS:
        raise BadArgumentError("decimals", decimals, f"0 to {SCALE_DECIMALS}")
    return decimals


def round_values(column: pl.Series, decimals: int, keep_digit: bool = False) -> pl.Series:
    """A numeric column rounded half to even at `decimals`, as Float64; unusable values become null.

    >>> round_values(pl.Series([0.125, 0.775, 35.5]), 2).to_list()
    [0.12, 0.78, 35.5]
    """
    values, usable = scaled_column(column)
    rounded = (round_scaled_keep_digit if keep_digit else round_scaled)(values, decimals)
    return unscaled(column.name, rounded, usable)


def unscaled(name: str, values: Integers, usable: Mask) -> pl.Series:
    """Scaled integers as a Float64 column, null where not usable."""
    return pl.Series(name, np.where(usable, values / SCALE, np.nan), dtype=pl.Float64, nan_to_null=True)
