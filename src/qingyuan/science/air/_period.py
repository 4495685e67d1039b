"""Calendar periods of a column of days, and the months inside them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np
import polars as pl

from qingyuan.science.errors import BadArgumentError
from qingyuan.science.rounding import Integers, Mask

PeriodName = Literal["day", "month", "quarter", "year", "all"]
PERIODS: tuple[PeriodName, ...] = ("day", "month", "quarter", "year", "all")
MONTHS = 12
_LENGTH = {"month": 1, "quarter": 3, "year": MONTHS}
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Periods:
    """Consecutive rows of one object and one period.

    `first`: row at which each starts; `group`: the period of each row; `label`, `since`, `until` (dates, both
    included): one a period; `months`: calendar months it holds, 0 where any span is allowed. `until` is null
    in a period of rows without date.
    """

    first: Integers
    group: Integers
    label: pl.Series
    since: pl.Series
    until: pl.Series
    months: int

    def __len__(self) -> int:
        return len(self.first)


def cut(keys: pl.Series, days: pl.Series, period: PeriodName) -> Periods:
    """Periods of rows that are sorted by key and day. BadArgumentError for an unknown name of a period."""
    if period not in PERIODS:
        raise BadArgumentError("period", period, ", ".join(PERIODS))
    number = days.to_physical().fill_null(np.iinfo(np.int32).min).cast(pl.Int64).to_numpy()
    dated: Mask = days.is_not_null().to_numpy()
    month = np.where(dated, month_numbers(days), -1)
    serial = {"day": number, "all": dated.astype(np.int64)}.get(period)
    if serial is None:
        serial = np.where(dated, month // _LENGTH[period], -1)
    starts = keys.ne_missing(keys.shift(1)).to_numpy().copy()
    starts[:1] = True
    starts[1:] |= serial[1:] != serial[:-1]
    first = np.flatnonzero(starts)
    last = np.append(first, len(days))[1:] - 1
    months = _LENGTH.get(period, 0)
    labels, since, until = [], [], []
    known: dict[int, tuple[str | None, date | None, date | None]] = {}
    for head, tail in zip(first.tolist(), last.tolist(), strict=True):
        if period in ("day", "all"):
            entry = _NONE
            if dated[head]:
                bounds = (EPOCH + timedelta(days=int(number[head])), EPOCH + timedelta(days=int(number[tail])))
                entry = (bounds[0].isoformat() if period == "day" else "all", *bounds)
        else:
            place = int(serial[head])
            entry = known.setdefault(place, _calendar(place, period) if dated[head] else _NONE)
        labels.append(entry[0])
        since.append(entry[1])
        until.append(entry[2])
    return Periods(
        first,
        np.cumsum(starts) - 1,
        pl.Series("period", labels, dtype=pl.String),
        pl.Series("from", since, dtype=pl.Date),
        pl.Series("to", until, dtype=pl.Date),
        months,
    )


_NONE: tuple[str | None, date | None, date | None] = (None, None, None)


def month_numbers(days: pl.Series) -> Integers:
    """Months since year 0, 0 for a null date."""
    frame = days.to_frame("day").select(
        (pl.col("day").dt.year().cast(pl.Int64) * MONTHS + pl.col("day").dt.month() - 1).fill_null(0).alias("month")
    )
    return frame["month"].to_numpy()


def _calendar(place: int, period: PeriodName) -> tuple[str | None, date | None, date | None]:
    length = _LENGTH[period]
    start = place * length
    year, month = divmod(start, MONTHS)
    end_year, end_month = divmod(start + length, MONTHS)
    label = {"month": f"{year:04d}-{month + 1:02d}", "quarter": f"{year:04d}Q{month // 3 + 1}"}.get(
        period, f"{year:04d}"
    )
    return label, date(year, month + 1, 1), date(end_year, end_month + 1, 1) - timedelta(days=1)
