"""Station-days of a table that need not fit into memory at once."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from qingyuan.rules import RuleBook
from qingyuan.science.air._columns import Stamps, require
from qingyuan.science.air._day import MEASURED, day_values

BATCH_ROWS = 1_000_000


def stream_days(hourly: pl.LazyFrame, *, stamps: Stamps, book: RuleBook) -> pl.DataFrame:
    """As `day_values`, reading some stations at a time where the rows of a station stand together.

    A table whose stations are mixed is read whole instead; the answer is the same.
    """
    names = hourly.collect_schema().names()
    require(pl.DataFrame(schema=dict.fromkeys(names, pl.Null)), "site", "time")
    wanted = hourly.select([name for name in ("site", "time", *MEASURED) if name in names])
    seen: set[object] = set()
    parts: list[pl.DataFrame] = []
    for part in _whole_stations(wanted):
        sites = set(part["site"].unique())
        if seen & sites:
            return day_values(wanted.collect(), stamps=stamps, book=book)
        seen |= sites
        parts.append(day_values(part, stamps=stamps, book=book))
    if not parts:
        return day_values(wanted.collect(), stamps=stamps, book=book)
    days = pl.concat(parts)
    return days if days["site"].is_sorted() else days.sort("site", "time", nulls_last=False)


def _whole_stations(hourly: pl.LazyFrame) -> Iterator[pl.DataFrame]:
    """Batches cut where a station ends; the tail waits for the next batch."""
    tail: pl.DataFrame | None = None
    for batch in hourly.collect_batches(chunk_size=BATCH_ROWS, maintain_order=True):
        rows = batch if tail is None else pl.concat([tail, batch])
        if rows.is_empty():
            continue
        last = rows["site"].ne_missing(rows["site"][-1]).arg_true()
        cut = int(last[-1]) + 1 if len(last) else 0
        tail = rows.slice(cut)
        if cut:
            yield rows.head(cut)
    if tail is not None and len(tail):
        yield tail
