"""Trend of a few yearly figures by rank correlation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from qingyuan.science.errors import BadArgumentError

FEWEST = 5
Direction = Literal["rising", "falling", "none"]


@dataclass(frozen=True)
class Trend:
    """Rank correlation with time [-1 to 1], years used, critical value, and what follows."""

    r: float
    n: int
    critical: float
    direction: Direction


def spearman(values: Sequence[float], critical: Sequence[tuple[int, float]], least: int = FEWEST) -> Trend:
    """Spearman's rank correlation of equally spaced values with time, held to a critical value.

    Parameters
    ----------
    values
        One value a year, oldest first.
    critical
        (n, critical value) in rising order; for an n between two the stricter (smaller n) holds.
    least
        Fewest years.

    Notes
    -----
    r = 1 - 6 sum(d²) / (n³ - n); ties share the mean of their ranks. "rising" or "falling" where |r| reaches
    the critical value, else "none". Missing years are not allowed: leave them out beforehand and say so.

    References
    ----------
    HJ 663-2013, annex B (fewest years and critical values from memory, hence settings).

    >>> spearman([40, 38, 39, 35, 33], [(5, 0.9)]).direction
    'falling'
    """
    n = len(values)
    if n < max(2, least):
        raise BadArgumentError("values", n, f"at least {max(2, least)} years")
    known = [value for size, value in critical if size <= n]
    if not known:
        raise BadArgumentError("critical", critical[:1], f"a critical value for {n} years or fewer")
    squares = sum((rank - place) ** 2 for place, rank in enumerate(_ranks(values), start=1))
    r = float(1 - 6 * squares / (n**3 - n))
    direction: Direction = "none" if abs(r) < known[-1] else "rising" if r > 0 else "falling"
    return Trend(r, n, known[-1], direction)


def _ranks(values: Sequence[float]) -> list[Fraction]:
    """Ranks from 1, ties sharing their mean."""
    ordered = sorted(values)
    return [Fraction(2 * ordered.index(value) + ordered.count(value) + 1, 2) for value in values]
