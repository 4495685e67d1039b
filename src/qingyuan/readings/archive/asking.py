"""The SQL of the archive: revisions in force over a set of files, and what is made of them.

Files whose spans of time do not overlap cannot hold revisions of the same interval. There the number that each row
bears in its file says at once which is in force; only where files overlap, or where a date is asked for, revisions are
ranked. The rows of the tail, where given, are ranked with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from qingyuan.readings.archive.piece import Piece

VALUE = "coalesce(real, scaled / pow(10, scale))"
# As in `precedence.Found`, but for the number of revisions.
FOUND = f'series, start, "end", {VALUE} AS value, decimals, flag, qualifier, status, rank, origin, received_at, capture'
FEW_SERIES = 16
_RANKED = 'PARTITION BY series, start, "end" ORDER BY status, rank, stamp, origin'


class Asked(NamedTuple):
    """Series (sorted numbers of one grain) and the half-open window their intervals begin in; as_of: see the port."""

    series: Sequence[int]
    start: int
    end: int
    as_of: int | None = None

    def picks(self, piece: Piece) -> bool:
        """Whether a file may hold any of it."""
        known_then = self.as_of is None or piece.first_received <= self.as_of
        return known_then and piece.touches(self.series[0], self.series[-1], self.start, self.end)

    def condition(self) -> str:
        """The rows asked for; the numbers are ours, not a user's."""
        first, last = self.series[0], self.series[-1]
        parts = [f"series BETWEEN {first} AND {last}", f"start >= {self.start}", f"start < {self.end}"]
        if len(self.series) < last - first + 1:
            parts.append(f"series IN ({','.join(map(str, self.series))})")
        if self.as_of is not None:
            parts.append(f"received_at <= {self.as_of}")
        return " AND ".join(parts)


def overlapping(pieces: Iterable[Piece]) -> list[list[Piece]]:
    """Groups of files whose spans of time overlap."""
    groups: list[list[Piece]] = []
    reach = 0
    for piece in sorted(pieces, key=lambda p: p.first_start):
        if groups and piece.first_start <= reach:
            groups[-1].append(piece)
            reach = max(reach, piece.last_start)
        else:
            groups.append([piece])
            reach = piece.last_start
    return groups


def source(folder: str, pieces: Iterable[Piece]) -> str:
    """The files as a table."""
    paths = ",".join("'" + f"{folder}/{p.path}".replace("'", "''") + "'" for p in pieces)
    return f"read_parquet([{paths}], hive_partitioning=false)"


class Tail(NamedTuple):
    """More revisions: a relation with the columns of `FOUND` and stamp, and the first and last start in it."""

    relation: str
    first: int
    last: int

    def meets(self, group: Sequence[Piece]) -> bool:
        """Whether files of a group may hold revisions of the same intervals."""
        return min(p.first_start for p in group) <= self.last and self.first <= max(p.last_start for p in group)


class Shape(NamedTuple):
    """Buckets: width [s]; anchor: where one begins; step [s]: what an instant stands for, 0 for nothing; flags that
    make a value void."""

    width: int
    anchor: int
    step: int
    without: Sequence[str]


def in_force(folder: str, pieces: Sequence[Piece], asked: Asked, tail: Tail | None = None) -> str:
    """SQL for the revisions in force: `FOUND`, n (how many revisions) and stamp, unsorted."""
    alone, several = [], []
    # of few series with a date, one pass over all rows costs less than two over some
    at_once = asked.as_of is not None and len(asked.series) < FEW_SERIES
    for group in overlapping(pieces):
        if len(group) == 1 and not at_once and not (tail and tail.meets(group)):
            alone += group
        else:
            several += group
    where = asked.condition()
    parts = []
    if alone:
        files = source(folder, alone)
        if asked.as_of is None:
            parts.append(f"SELECT {FOUND}, peers AS n, stamp FROM {files} WHERE {where} AND place = 1")
        else:
            parts.append(f"SELECT {FOUND}, 1 AS n, stamp FROM {files} WHERE {where} AND peers = 1")
            parts.append(_ranked(f"SELECT {FOUND}, stamp FROM {files} WHERE {where} AND peers > 1"))
    rows = []
    if several:
        rows.append(f"SELECT {FOUND}, stamp FROM {source(folder, several)} WHERE {where}")
    if tail:
        rows.append(f"SELECT * FROM {tail.relation}")
    if rows:
        parts.append(_ranked(" UNION ALL ".join(rows)))
    return " UNION ALL ".join(parts)


def _ranked(rows: str) -> str:
    """The last of each interval in order; its dense rank counts the distinct revisions, doubles left out."""
    return (
        "SELECT * EXCLUDE (stamp, later), stamp FROM (SELECT *, "
        "dense_rank() OVER ranked AS n, lead(origin) OVER ranked AS later "
        f"FROM ({rows}) WINDOW ranked AS ({_RANKED})) WHERE later IS NULL"
    )


def revisions(folder: str, pieces: Iterable[Piece], asked: Asked) -> str:
    """SQL for every revision, doubles included; columns as in `precedence.Found`."""
    return f"SELECT {FOUND}, 1 AS n, stamp FROM {source(folder, pieces)} WHERE {asked.condition()}"


def buckets(rows: str, shape: Shape, valid: str) -> str:
    """SQL for rows in force gathered in buckets; columns as in `Bucket` but for its end."""
    covered = f'("end" - start) * coalesce(capture, 1) / {float(shape.width)}'
    if shape.step:
        covered = f'CASE WHEN "end" = start THEN {shape.step / shape.width} ELSE {covered} END'
    at = f"start - ((start - {shape.anchor}) % {shape.width} + {shape.width}) % {shape.width}"
    return (
        f"SELECT series, {at} AS bucket, count(*) FILTER (WHERE {valid}), avg(value) FILTER (WHERE {valid}), "
        f"min(value) FILTER (WHERE {valid}), max(value) FILTER (WHERE {valid}), "
        f"least(1.0, coalesce(sum({covered}) FILTER (WHERE {valid}), 0.0)), count(*), max(origin), max(received_at) "
        f"FROM ({rows}) GROUP BY ALL ORDER BY series, bucket"
    )
