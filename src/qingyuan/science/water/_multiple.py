"""Exceedance multiples as they are printed."""

from __future__ import annotations

from qingyuan.science.errors import BadArgumentError


def exceedance_multiple(value: int, limit: int, decimals: int) -> str:
    """(value - limit) / limit as printed: half to even at `decimals`; what would be 0 keeps one digit.

    Both are whole numbers of one scale, so that nothing is lost before rounding.

    >>> exceedance_multiple(690, 300, 1), exceedance_multiple(60, 20, 2)
    ('1.3', '2.00')
    """
    if limit <= 0:
        raise BadArgumentError("limit", limit, "above 0")
    while True:
        digits = _divided((value - limit) * 10**decimals, limit)
        if digits or value == limit:
            break
        decimals += 1
    sign = "-" if digits < 0 else ""
    whole, part = divmod(abs(digits), 10**decimals)
    return f"{sign}{whole}.{part:0{decimals}d}" if decimals else f"{sign}{whole}"


def _divided(numerator: int, denominator: int) -> int:
    quotient, rest = divmod(numerator, denominator)
    return quotient + (2 * rest > denominator or (2 * rest == denominator and quotient % 2 != 0))
