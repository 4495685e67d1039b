"""Questions to the embedded engine."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence

from qingyuan.readings.errors import UnknownSeries
from qingyuan.readings.model import Reading, Series, SeriesKey

_CHUNK = 500

_WINDOW = """
SELECT series, start, "end", value, decimals, flag, qualifier, status, rank, origin, received_at, capture, n FROM (
    SELECT *, row_number() OVER (PARTITION BY series, start, "end"
                                 ORDER BY status DESC, rank DESC, stamp DESC, origin DESC) AS place,
              count(*) OVER (PARTITION BY series, start, "end") AS n
    FROM reading WHERE series IN ({marks}) AND start >= ? AND start < ? {as_of}
) WHERE place = 1 ORDER BY series, start
"""


def chunks(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    """Parts small enough for one statement."""
    for i in range(0, len(numbers), _CHUNK):
        yield numbers[i : i + _CHUNK]


def marks(numbers: Sequence[int]) -> str:
    """Question marks for an IN list."""
    return ",".join("?" * len(numbers))


def window(
    connection: sqlite3.Connection, series: Sequence[int], start: int, end: int, as_of: int | None
) -> list[Reading]:
    """See `Store.window`."""
    out: list[Reading] = []
    for part in chunks(sorted(set(series))):
        sql = _WINDOW.format(marks=marks(part), as_of="" if as_of is None else "AND received_at <= ?")
        tail = (start, end) if as_of is None else (start, end, as_of)
        out.extend(Reading._make(row) for row in connection.execute(sql, (*part, *tail)))
    return out


def find_series(connection: sqlite3.Connection, pattern: str) -> list[Series]:
    """See `Store.series`. Raises UnknownSeries when nothing answers to a pattern other than `*`."""
    if pattern.isdigit():
        where, values = "id = ?", (pattern,)
    else:
        glob = pattern if "*" in pattern or pattern.count("/") == 3 else pattern.rstrip("/") + "/*"
        where, values = "point || '/' || item || '/' || statistic || '/' || grain GLOB ?", (_escaped(glob),)
    rows = connection.execute(
        f"SELECT id, point, item, statistic, grain, unit FROM series WHERE {where} ORDER BY id",
        values,
    ).fetchall()
    if not rows and pattern != "*":
        raise UnknownSeries(pattern)
    return [Series(r[0], SeriesKey(*r[1:5]), r[5]) for r in rows]


def _escaped(glob: str) -> str:
    """Only `*` is special in our patterns; `[` and `?` stand for themselves."""
    return glob.replace("[", "[[]").replace("?", "[?]")
