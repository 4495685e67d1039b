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
MUCH = 4  # when a quarter as many rows lie beside the others
_KEY = 'series, start, "end"'
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


class Shape(NamedTuple):
    """Buckets: width [s]; anchor: where one begins; step [s]: what an instant stands for, 0 for nothing; flags that
    make a value void."""

    width: int
    anchor: int
    step: int
    without: Sequence[str]


def in_force(folder: str, pieces: Sequence[Piece], asked: Asked, tail: str = "") -> str:
    """SQL for the revisions in force: `FOUND`, n (how many revisions) and stamp, unsorted.

    tail: a relation of more revisions, with the columns of `FOUND` and stamp.
    Most rows lie in files that do not overlap; what is beside them (late rows, the tail) contests a few intervals.
    Only those are ranked, unless there is so much of it, or so little in all, that one ranking of everything is less.
    """
    main, beside = _apart(pieces)
    contested = bool(beside or tail)
    if contested or asked.as_of is not None:
        much = MUCH * sum(p.rows for p in beside) > sum(p.rows for p in main)
        if not main or much or len(asked.series) < FEW_SERIES:
            return _ranked(" UNION ALL ".join(_everything(folder, pieces, asked, tail)))
    if not contested:
        return _numbered(folder, main, asked, "")
    return (
        f"WITH beside AS MATERIALIZED ({' UNION ALL '.join(_everything(folder, beside, asked, tail))}), "
        f"touched AS MATERIALIZED (SELECT DISTINCT {_KEY} FROM beside) "
        f"{_numbered(folder, main, asked, f'ANTI JOIN touched USING ({_KEY})')} UNION ALL "
        + _ranked(
            f"SELECT {FOUND}, stamp FROM {source(folder, main)} SEMI JOIN touched USING ({_KEY}) "
            f"WHERE {asked.condition()} UNION ALL SELECT * FROM beside"
        )
    )


def _apart(pieces: Sequence[Piece]) -> tuple[list[Piece], list[Piece]]:
    """Files that do not overlap each other, large ones first, and those beside them."""
    main: list[Piece] = []
    beside: list[Piece] = []
    for piece in sorted(pieces, key=lambda p: -p.rows):
        free = all(piece.last_start < p.first_start or p.last_start < piece.first_start for p in main)
        (main if free else beside).append(piece)
    return main, beside


def _everything(folder: str, pieces: Sequence[Piece], asked: Asked, tail: str) -> list[str]:
    """SQL for all revisions of files and tail."""
    rows = [f"SELECT {FOUND}, stamp FROM {source(folder, pieces)} WHERE {asked.condition()}"] if pieces else []
    return [*rows, f"SELECT * FROM {tail}"] if tail else rows


def _numbered(folder: str, pieces: Sequence[Piece], asked: Asked, join: str) -> str:
    """SQL for what is in force by the numbers that rows bear in files that do not overlap."""
    files, where = source(folder, pieces), asked.condition()
    if asked.as_of is None:
        return f"SELECT {FOUND}, peers AS n, stamp FROM {files} {join} WHERE {where} AND place = 1"
    alone = f"SELECT {FOUND}, 1 AS n, stamp FROM {files} {join} WHERE {where} AND peers = 1"
    return f"{alone} UNION ALL " + _ranked(f"SELECT {FOUND}, stamp FROM {files} {join} WHERE {where} AND peers > 1")


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
