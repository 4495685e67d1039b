"""Questions to the tail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from qingyuan.readings.errors import UnknownSeries
from qingyuan.readings.model import Message, Newest, Reading, Series, SeriesKey
from qingyuan.readings.precedence import Found
from qingyuan.readings.tail.database import Database

T = TypeVar("T")
_CHUNK = 500
COLUMNS = 'series, start, "end", value, decimals, flag, qualifier, status, rank, origin, received_at, capture'

_IN_FORCE = """
SELECT {columns}, n, stamp FROM (
    SELECT *, row_number() OVER (PARTITION BY series, start, "end"
                                 ORDER BY status DESC, rank DESC, stamp DESC, origin DESC) AS place,
              count(*) OVER (PARTITION BY series, start, "end") AS n
    FROM reading WHERE series IN ({marks}) AND start >= ? AND start < ? {as_of}
) AS ranked WHERE place = 1 ORDER BY series, start
"""


def chunks(numbers: Sequence[T]) -> Iterator[Sequence[T]]:
    """Parts small enough for one statement."""
    for i in range(0, len(numbers), _CHUNK):
        yield numbers[i : i + _CHUNK]


def marks(values: Sequence[object]) -> str:
    """Question marks for an IN list."""
    return ",".join("?" * len(values))


def in_force(database: Database, series: Sequence[int], start: int, end: int, as_of: int | None) -> list[Found]:
    """What the tail alone would answer to `Store.window`."""
    out: list[Found] = []
    for part in chunks(sorted(set(series))):
        sql = _IN_FORCE.format(
            columns=COLUMNS, marks=marks(part), as_of="" if as_of is None else "AND received_at <= ?"
        )
        window = (start, end) if as_of is None else (start, end, as_of)
        out.extend(map(Found._make, database.rows(sql, (*part, *window))))
    return out


def revisions(database: Database, series: Sequence[int], start: int, end: int) -> list[Found]:
    """Every revision in the tail of the intervals that begin in [start, end)."""
    out: list[Found] = []
    for part in chunks(sorted(set(series))):
        sql = f"SELECT {COLUMNS}, 1, stamp FROM reading WHERE series IN ({marks(part)}) AND start>=? AND start<?"
        out.extend(map(Found._make, database.rows(sql, (*part, start, end))))
    return out


def latest(database: Database, series: Sequence[int]) -> dict[int, Reading]:
    """See `Store.latest`."""
    found = {}
    for part in chunks(list(series)):
        sql = f"SELECT {COLUMNS} FROM latest WHERE series IN ({marks(part)})"
        found.update({row[0]: Reading._make((*row, 1)) for row in database.rows(sql, part)})
    return found


def newest(database: Database, points: Sequence[str]) -> dict[str, Newest]:
    """See `Store.newest`."""
    found = {}
    for part in chunks(sorted(set(points))):
        sql = f"""SELECT s.point, MAX(l."end"), MAX(l.received_at), MIN(l.received_at - l."end")
            FROM series s JOIN latest l ON l.series = s.id WHERE s.point IN ({marks(part)}) GROUP BY s.point"""
        found.update({row[0]: Newest(row[1], row[2], row[3]) for row in database.rows(sql, part)})
    return found


def find_series(database: Database, pattern: str) -> list[Series]:
    """See `Store.series`. Raises UnknownSeries when nothing answers to a pattern other than `*`."""
    if pattern.isdigit():
        where, value = "id = ?", int(pattern) if len(pattern) < 19 else -1
    else:
        text = pattern if "*" in pattern or pattern.count("/") == 3 else pattern.rstrip("/") + "/*"
        where, value = database.like("point || '/' || item || '/' || statistic || '/' || grain"), database.pattern(text)  # type: ignore[assignment]
    rows = database.rows(
        f"SELECT id, point, item, statistic, grain, unit FROM series WHERE {where} ORDER BY id", (value,)
    )
    if not rows and pattern != "*":
        raise UnknownSeries(pattern)
    return [Series(r[0], SeriesKey(*r[1:5]), r[5]) for r in rows]


def series_of(database: Database, keys: Sequence[SeriesKey]) -> dict[SeriesKey, Series]:
    """See `Store.series_of`."""
    found = {}
    for key in keys:
        sql = "SELECT id, unit FROM series WHERE point=? AND item=? AND statistic=? AND grain=?"
        for number, unit in database.rows(sql, key):
            found[key] = Series(number, key, unit)
    return found


def series_where(database: Database, column: str, values: Sequence[object]) -> list[Series]:
    """Series by number (`id`) or point."""
    found: list[Series] = []
    for i in range(0, len(values), _CHUNK):
        part = values[i : i + _CHUNK]
        rows = database.rows(
            f"SELECT id, point, item, statistic, grain, unit FROM series WHERE {column} IN ({marks(part)})", part
        )
        found.extend(Series(r[0], SeriesKey(*r[1:5]), r[5]) for r in rows)
    return found


def messages(database: Database, station: str, outcome: str, limit: int) -> list[Message]:
    """See `Store.messages`."""
    where, values = ["1=1"], []
    for column, value in (("station", station), ("outcome", outcome)):
        if value:
            where.append(f"{column}=?")
            values.append(value)
    rows = database.rows(
        "SELECT origin, key, received_at, station, command, outcome FROM message "
        f"WHERE {' AND '.join(where)} ORDER BY origin DESC LIMIT ?",
        (*values, limit),
    )
    return [Message._make(row) for row in rows]
