"""Rows as the columns of a file: values as scaled integers, revisions of one interval numbered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from qingyuan.readings.archive import layout
from qingyuan.readings.precedence import Found

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    Column = np.ndarray[Any, np.dtype[Any]]

_MOST_DIGITS = 9
_EXACT = 2**53


def scaled(values: Column, decimals: Column) -> tuple[Column, Column, Column]:
    """Split doubles into (scaled, scale, is_scaled) so that scaled / 10^scale is the very same double.

    values: float64, NaN where there is none. decimals: digits as printed, -1 where unknown; tried first, then the
    fewest digits that do. Where none of 0 to 9 does, is_scaled is False and the double is to be kept as it is.
    """
    import numpy as np

    whole = np.zeros(len(values), np.int64)
    scale = np.zeros(len(values), np.int32)
    done = np.zeros(len(values), bool)
    waiting = np.flatnonzero(np.isfinite(values) & ~((values == 0) & np.signbit(values)))

    def attempt(at: Column, digits: Column) -> None:
        power = 10.0 ** digits.astype(np.float64)
        with np.errstate(over="ignore"):
            product = values[at] * power
        at, digits, product, power = (a[np.abs(product) < _EXACT] for a in (at, digits, product, power))
        candidate = np.rint(product)
        fits = candidate / power == values[at]
        whole[at[fits]], scale[at[fits]], done[at[fits]] = candidate[fits].astype(np.int64), digits[fits], True

    printed = waiting[(decimals[waiting] >= 0) & (decimals[waiting] <= _MOST_DIGITS)]
    attempt(printed, decimals[printed].astype(np.int32))
    for digits in range(_MOST_DIGITS + 1):
        waiting = waiting[~done[waiting]]
        if not len(waiting):
            break
        attempt(waiting, np.full(len(waiting), digits, np.int32))
    return whole, scale, done


def from_rows(rows: Sequence[Found]) -> pa.Table:
    """The stored columns (`layout.STORED`) of rows."""
    import numpy as np
    import pyarrow as pa

    by_name = dict(zip(Found._fields, zip(*rows, strict=True), strict=True))
    values = np.array([np.nan if v is None else v for v in by_name["value"]], np.float64)
    absent = np.array([v is None for v in by_name["value"]])
    decimals = np.array(by_name["decimals"], np.int32)
    whole, scale, done = scaled(values, decimals)
    made = {
        "scaled": pa.array(whole, mask=~done),
        "scale": pa.array(scale),
        "real": pa.array(values, mask=done | absent, from_pandas=False),
        "decimals": pa.array(decimals),
    }
    types = layout.schema()
    columns = [made[c] if c in made else pa.array(by_name[c], types.field(c).type) for c in layout.STORED]
    return pa.table(columns, list(layout.STORED))


def numbered(table: pa.Table) -> pa.Table:
    """A sorted table of stored columns, doubles dropped, with `peers` and `place`; columns as in `layout.COLUMNS`."""
    import numpy as np
    import pyarrow as pa

    columns = {c: table[c].to_numpy() for c in layout.SORTED_BY}

    def steps(names: Sequence[str]) -> Column:
        changed = np.ones(len(table), bool)
        if len(table):
            changed[1:] = np.logical_or.reduce([columns[c][1:] != columns[c][:-1] for c in names])
        return changed

    fresh = steps(layout.SORTED_BY)
    if not fresh.all():
        table = table.filter(pa.array(fresh))
        columns = {c: v[fresh] for c, v in columns.items()}
    begins = np.flatnonzero(steps(layout.SORTED_BY[:3]))
    counts = np.diff(np.append(begins, len(table)))
    peers = np.repeat(counts, counts)
    place = np.repeat(begins + counts, counts) - np.arange(len(table))
    return (
        table.append_column("peers", pa.array(peers.astype(np.int32)))
        .append_column("place", pa.array(place.astype(np.int32)))
        .cast(layout.schema())
    )
