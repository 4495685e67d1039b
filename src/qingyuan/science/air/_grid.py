"""Hours of stations laid out as days of 24 slots, with as little copying as the rows allow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qingyuan.science.air._columns import Stamps
from qingyuan.science.civil import civil_time
from qingyuan.science.rounding import SCALE, Integers, Mask, scaled_column, unreadable_cells

HOURS = 24
BLOCK_DAYS = 4096
MICROSECONDS_PER_HOUR = 3_600_000_000
UNDATED = np.iinfo(np.int32).min
_BYTES = np.uint64(0x0101010101010101)
_TOP = np.uint64(56)
_ZERO = pl.Series([0.0])

EXACT = 50_000.0
"""No hour counts above this [unit of the item]: 8 hours x 50,000 x 1e8 x weight 140 is below 2**53."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Block:
    """Some consecutive days of one item: scaled values (0 where not valid), validity, shape (days, 24).

    The values are whole numbers at most `EXACT`, held as float64: sums and weighted windows of a day stay exact
    below 2**53. `sound`: every row is null or a plausible number.
    """

    days: slice
    values: Floats
    valid: Mask
    sound: bool

    def counts(self) -> Integers:
        """Valid hours of each day: the 24 bytes of a row added as three words."""
        words = self.valid.view(np.uint64)
        added = words[:, 0] + words[:, 1] + words[:, 2]
        return ((added * _BYTES) >> _TOP).astype(np.int64)


@dataclass(frozen=True)
class HourGrid:
    """Station-days in order of site and date, and where each row's hour stands among them.

    `order` None: rows stand already in order. `slot` None: every day has its 24 rows. `doubled`: days with
    several rows of one hour, of which the first is kept. `rows`: hours of each day that have a row.
    """

    sites: pl.Series
    dates: pl.Series
    order: Integers | None
    slot: Integers | None
    doubled: Mask
    rows: Integers

    @classmethod
    def build(cls, site: pl.Series, time: pl.Series, stamps: Stamps) -> HourGrid:
        """Days and slots of rows with any order; rows without a readable time share a day without date."""
        starts = _changes(site)
        civil = civil_time(time)
        late = 1 if stamps == "closes" else 0
        regular = _regular_days(site, starts, civil, late)
        if regular is not None:
            first, numbers = regular
            none, full = np.zeros(len(first), dtype=np.bool_), np.full(len(first), HOURS)
            return cls(site.gather(first), pl.Series("time", numbers).cast(pl.Date), None, None, none, full)
        hours, dated = _opening_hours(civil, late)
        order: Integers | None = None
        if not _in_order(site, starts, hours):
            keys = pl.DataFrame({"site": site, "hour": hours})
            arranged = keys.with_row_index("row").sort("site", "hour", "row", nulls_last=False)
            order = arranged["row"].cast(pl.Int64).to_numpy()
            site, hours, dated = arranged["site"], hours[order], dated[order]
            starts = _changes(site)
        day = hours // HOURS
        starts[1:] |= day[1:] != day[:-1]
        first = np.flatnonzero(starts)
        slot: Integers | None = None
        doubled = np.zeros(len(first), dtype=np.bool_)
        rows = np.full(len(first), HOURS)
        if order is not None or len(hours) != HOURS * len(first):
            group = np.cumsum(starts) - 1
            slot = group * HOURS + (hours - day * HOURS)
            if order is not None:
                again = np.zeros(len(slot), dtype=np.bool_)
                again[1:] = slot[1:] == slot[:-1]
                doubled[group[again & dated]] = True
                order, slot = order[~again], slot[~again]
            rows = np.bincount(slot // HOURS, minlength=len(first))
        dates = pl.Series("time", np.where(dated[first], day[first], UNDATED).astype(np.int32))
        dates = dates.set(dates == UNDATED, None).cast(pl.Date)
        return cls(site.gather(first), dates, order, slot, doubled, rows)

    def __len__(self) -> int:
        return len(self.dates)

    def blocks(self, column: pl.Series, highest: float) -> Iterator[Block]:
        """The column in blocks small enough for the processor's cache.

        A null, NaN, negative or unreadable hour, and one above `highest`, is not valid.
        """
        highest = min(highest, EXACT)
        if self.order is None and self.slot is None and column.dtype == pl.Float64:
            known = column.is_not_null()
            for days in self._slices(column):
                rows = days.start * HOURS, (days.stop - days.start) * HOURS
                yield _block(days, *_filled(column.slice(*rows), known.slice(*rows)), highest)
            return
        floats = _as_floats(column)
        if self.order is not None:
            floats = floats[self.order]
        if self.slot is not None:
            table = np.full(len(self) * HOURS, np.nan)
            table[self.slot] = floats
            floats = table
        for days in self._slices():
            hours = floats[days.start * HOURS : days.stop * HOURS]
            valid = ~np.isnan(hours)
            yield _block(days, np.where(valid, hours, 0.0), valid, highest)

    def _slices(self, column: pl.Series | None = None) -> Iterator[slice]:
        """Days of the blocks; where the chunks of a column in memory hold whole days, no block crosses one."""
        lengths = [] if column is None else column.chunk_lengths()
        whole = all(length % HOURS == 0 for length in lengths)
        edges = [0, *np.cumsum(lengths) // HOURS] if lengths and whole else [0, len(self)]
        for first, last in pairwise(edges):
            for start in range(int(first), int(last), BLOCK_DAYS):
                yield slice(start, min(start + BLOCK_DAYS, int(last)))

    def days_of(self, rows: Mask) -> Mask:
        """Days that hold one of the marked rows of the frame."""
        found = np.zeros(len(self), dtype=np.bool_)
        if rows.any():
            marked = rows if self.order is None else rows[self.order]
            places = np.flatnonzero(marked) if self.slot is None else self.slot[marked]
            found[places // HOURS] = True
        return found


def odd_cells(column: pl.Series, highest: float) -> tuple[Mask, Mask, Mask]:
    """Rows with a negative, an unreadable and an implausibly large value (above `highest`)."""
    values, usable = scaled_column(column)
    return usable & (values < 0), unreadable_cells(column, usable), usable & (values > highest * SCALE)


def _filled(column: pl.Series, known: pl.Series) -> tuple[Floats, Mask]:
    """Values with 0 for null, and which are not null. (`fill_null` takes six times as long as this.)"""
    if not column.null_count():
        return column.to_numpy(), np.ones(len(column), dtype=np.bool_)
    return column.zip_with(known, _ZERO).to_numpy(), known.to_numpy()


def _block(days: slice, floats: Floats, valid: Mask, highest: float) -> Block:
    sound = bool(floats.min(initial=0.0) >= 0 and floats.max(initial=0.0) <= highest)  # neither holds for NaN
    if not sound:
        valid = valid & (floats >= 0) & (floats <= highest)
        floats = np.where(valid, floats, 0.0)
    scaled = floats * SCALE
    np.rint(scaled, out=scaled)
    return Block(days, scaled.reshape(-1, HOURS), valid.reshape(-1, HOURS), sound)


def _as_floats(column: pl.Series) -> Floats:
    """The column with NaN for every cell that holds no number."""
    if column.dtype == pl.Float32:
        values, usable = scaled_column(column)
        return np.where(usable, values / SCALE, np.nan)
    floats: Floats = column.cast(pl.Float64, strict=False).to_numpy()
    return floats


def _changes(column: pl.Series) -> Mask:
    """True where a row differs from the one before; the first row does."""
    if column.dtype.is_integer() and not column.null_count():
        values = column.to_numpy()
        starts: Mask = np.ones(len(values), dtype=np.bool_)
        np.not_equal(values[1:], values[:-1], out=starts[1:])
        return starts
    starts = column.ne_missing(column.shift(1)).to_numpy().copy()
    starts[:1] = True
    return starts


def _regular_days(
    site: pl.Series, starts: Mask, civil: pl.Series, late: int
) -> tuple[Integers, NDArray[np.int32]] | None:
    """First rows and numbers of the days, where every station has whole days without a hole, in order; else None."""
    if civil.null_count() or len(civil) % HOURS:
        return None
    ticks: Integers = civil.to_physical().to_numpy()
    for start in range(0, len(ticks) - 1, BLOCK_DAYS * HOURS):
        part = ticks[start : start + BLOCK_DAYS * HOURS + 1]
        even = part[1:] - part[:-1] == MICROSECONDS_PER_HOUR
        even |= starts[start + 1 : start + len(part)]
        if not even.all():
            return None
    heads = np.flatnonzero(starts)
    lengths = np.diff(np.append(heads, len(ticks)))
    hours = (ticks[heads] - late) // MICROSECONDS_PER_HOUR
    firsts = site.gather(heads)
    if (lengths % HOURS).any() or (hours % HOURS).any() or not _rising(firsts):
        return None
    first = np.arange(0, len(ticks), HOURS)
    days = lengths // HOURS
    within = np.arange(len(first)) - np.repeat(np.cumsum(days) - days, days)
    return first, (np.repeat(hours // HOURS, days) + within).astype(np.int32)


def _opening_hours(civil: pl.Series, late: int) -> tuple[NDArray[np.int32], Mask]:
    """Hours since 1970 (civil time) at which each row opens, and which rows have a time."""
    dated: Mask = civil.is_not_null().to_numpy()
    ticks = civil.to_physical().fill_null(0).to_numpy()
    return np.where(dated, (ticks - late) // MICROSECONDS_PER_HOUR, UNDATED).astype(np.int32), dated


def _rising(firsts: pl.Series) -> bool:
    return firsts.is_sorted() and firsts.n_unique() == len(firsts)


def _in_order(site: pl.Series, starts: Mask, hours: NDArray[np.int32]) -> bool:
    """True for one block of rising hours for each site, sites rising too."""
    rising = hours[1:] > hours[:-1]
    rising |= starts[1:]
    if not rising.all():
        return False
    return _rising(site.gather(np.flatnonzero(starts)))
