"""Work on the stations of a table some at a time: it need not fit into memory, and its parts fit the cache."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import polars as pl

from qingyuan.science.air._columns import require
from qingyuan.science.air._day import MEASURED

BATCH_ROWS = 1_000_000
_SETTLED_BYTES = 32_000_000
"""Below the 32 MiB up to which the threshold follows."""


def by_stations(hourly: pl.DataFrame | pl.LazyFrame, work: Callable[[pl.DataFrame], pl.DataFrame]) -> pl.DataFrame:
    """`work` done on some whole stations at a time, its answers in order of site.

    A small table, and one whose stations are mixed, is worked on whole; the answer is the same.
    """
    rows = hourly.lazy()
    names = rows.collect_schema().names()
    require(pl.DataFrame(schema=dict.fromkeys(names, pl.Null)), "site", "time")
    wanted = rows.select([name for name in ("site", "time", *MEASURED) if name in names])
    if isinstance(hourly, pl.DataFrame) and len(hourly) <= BATCH_ROWS:
        return work(wanted.collect())
    _settle_memory()
    seen: set[object] = set()
    parts: list[pl.DataFrame] = []
    for part in _whole_stations(wanted):
        sites = set(part["site"].unique())
        if seen & sites:
            return work(wanted.collect())
        seen |= sites
        parts.append(work(part))
    if not parts:
        return work(wanted.collect())
    days = pl.concat(parts)
    return days if days["site"].is_sorted() else days.sort("site", "time", nulls_last=False, maintain_order=True)


def _settle_memory() -> None:
    """Free one large block that was never touched: the C library keeps freed memory up to the largest block freed.

    Else every array of a part is paged in anew, which took a tenth of the time (glibc, M_MMAP_THRESHOLD). Where memory
    is kept otherwise this does nothing.
    """
    np.empty(_SETTLED_BYTES, dtype=np.uint8)


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
