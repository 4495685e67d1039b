"""Station-day values from hours: means, daily maximum 8 h ozone, validity."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qingyuan.rules import RuleBook, rule_book
from qingyuan.science.air._columns import Stamps, require
from qingyuan.science.air._day_reasons import DOUBTFUL, NEGATIVE, SHORT, UNREADABLE, day_reasons
from qingyuan.science.air._grid import Block, HourGrid, odd_cells
from qingyuan.science.air._validity import DayRules, day_rules
from qingyuan.science.rounding import SCALE_DECIMALS, Integers, Mask, divide_half_even, unscaled

MEASURED = ("SO2", "NO2", "CO", "O3", "PM10", "PM2_5")

CACHED_DAYS = 1024
"""Days whose ozone windows are worked out together: their arrays stay in the processor's cache."""

Judged = tuple[Integers, Integers, Mask]


def day_values(hourly: pl.DataFrame, *, stamps: Stamps = "opens", book: RuleBook | None = None) -> pl.DataFrame:
    """Values of each station and Beijing day, with their counts of valid hours.

    Parameters
    ----------
    hourly
        Columns `site`, `time` (see `aqi`) and any of SO2, NO2, O3, PM10, PM2_5 [ug/m3], CO [mg/m3]; any
        order.
    stamps
        Whether `time` opens or closes its hour; 00:00 closes the last hour of the day before.

    Returns
    -------
    site, time (date), SO2, NO2, CO, O3 (largest hour), O3_8h (largest 8 h mean), PM10, PM2_5, n_<item> (valid
    hours; for O3_8h valid windows), reason; sorted by site and date. An invalid value is null.

    Notes
    -----
    Null, NaN, negative and implausibly large hours are not valid. A mean (and the largest hour) needs 20 valid
    hours. An 8 h mean needs 6 valid hours; the daily maximum needs 14 of the 17 windows that end at 08:00 to 24:00, or is
    above the grade II limit. Values are rounded once, half to even, to the decimals of daily values. The
    first of several rows of one hour is taken, and said. Rows without a readable time come back under a null
    date.

    References
    ----------
    GB 3095-2012, table 4; HJ 663-2013, 6.1.2; GB/T 8170.
    """
    book = rule_book() if book is None else book
    require(hourly, "site", "time")
    grid = HourGrid.build(hourly["site"], hourly["time"], stamps)
    rules = day_rules(grid.dates, book)
    values: list[pl.Series] = []
    counts: list[pl.Series] = []
    flags: dict[str, dict[str, Mask]] = {word: {} for word in (SHORT, NEGATIVE, UNREADABLE, DOUBTFUL)}
    for item in MEASURED:
        names = (item, "O3_8h") if item == "O3" else (item,)
        if item not in hourly.columns:
            values += [pl.Series(name, [None] * len(grid), dtype=pl.Float64) for name in names]
            counts += [pl.Series(f"n_{name}", np.zeros(len(grid), dtype=np.int64)) for name in names]
            continue
        plausible = float(book.item(item).plausible_high)
        judged, sound = _of_item(item, grid, hourly[item], plausible, rules)
        for name, (count, value, enough) in judged.items():
            values.append(unscaled(name, value, enough))
            counts.append(pl.Series(f"n_{name}", count))
            flags[SHORT][name] = ~enough
        if sound and grid.order is None and hourly[item].dtype == pl.Float64:
            continue  # every cell was seen
        odd = odd_cells(hourly[item], plausible)
        for word, rows in zip((NEGATIVE, UNREADABLE, DOUBTFUL), odd, strict=True):
            if rows.any():
                flags[word][item] = grid.days_of(rows)
    reason = day_reasons(flags, grid.doubled, grid.dates.is_null().to_numpy(), grid.rows)
    return pl.DataFrame([grid.sites.alias("site"), grid.dates, *values, *counts, reason])


def _of_item(
    item: str, grid: HourGrid, column: pl.Series, plausible: float, rules: DayRules
) -> tuple[dict[str, Judged], bool]:
    """Count of valid hours or windows, scaled value and validity of each day, and whether all blocks are sound.

    Ozone gives two values.
    """
    count = np.empty(len(grid), dtype=np.int64)
    value = np.empty(len(grid), dtype=np.int64)
    windows, largest = np.zeros((2, len(grid)), dtype=np.int64)
    step = 10 ** (SCALE_DECIMALS - rules.decimals[item])
    sound = True
    for block in grid.blocks(column, plausible):
        sound &= block.sound
        count[block.days] = block.counts()
        if item == "O3":
            value[block.days], windows[block.days], largest[block.days] = _ozone(block, rules)
        else:
            value[block.days] = np.einsum("dh->d", block.values)
    if item != "O3":
        mean = divide_half_even(value, np.maximum(count, 1) * step) * step
        return {item: (count, mean, count >= rules.hours)}, sound
    over = (windows > 0) & (largest > rules.ozone_limit)
    return {
        item: (count, value, count >= rules.hours),
        "O3_8h": (windows, largest, (windows >= rules.windows) | over),
    }, sound


def _ozone(block: Block, rules: DayRules) -> tuple[Integers, Integers, Integers]:
    """Largest hour, valid windows and largest 8 h mean, compared as exact fractions over a common denominator.

    Hours lie along the first axis here: sums of neighbours are then sums of whole rows.
    """
    length, least = rules.window_hours, rules.least_window_hours
    common = math.lcm(*range(least, length + 1))
    share = np.array([0, *(common // n if n >= least else 0 for n in range(1, length + 1))], dtype=block.values.dtype)
    first = rules.first_window_end - length
    peak, windows, largest = np.empty((3, len(block.values)), dtype=np.int64)
    for start in range(0, len(block.values), CACHED_DAYS):
        days = slice(start, start + CACHED_DAYS)
        hours = np.ascontiguousarray(block.values[days].T)
        count = _windows(np.ascontiguousarray(block.valid[days].view(np.uint8).T), length)[first:]
        total = _windows(hours, length)[first:]
        total *= share.take(count)
        peak[days] = hours.max(axis=0)
        windows[days] = (count >= least).sum(axis=0)
        largest[days] = total.max(axis=0)
    step = 10 ** (SCALE_DECIMALS - rules.decimals["O3_8h"])
    return peak, windows, divide_half_even(largest, common * step) * step


def _windows(table: NDArray[Any], length: int) -> NDArray[Any]:
    """Sums of every `length` neighbours in a column, put together from sums of 1, 2, 4, … neighbours."""
    rows = table.shape[0] - length + 1
    sums, width, done = table, 1, 0
    found: NDArray[Any] | None = None
    while done < length:
        if length & width:
            part = sums[done : done + rows]
            found = part if found is None else found + part
            done += width
        if done < length:
            sums = sums[:-width] + sums[width:]
            width *= 2
    assert found is not None
    return found
