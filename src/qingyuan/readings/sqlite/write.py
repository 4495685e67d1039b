"""Appending: readings, dirty marks, message keys and the journal offset in one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from itertools import count

from qingyuan.readings.model import Message, NewReading, Rank, Receipt, Series, SeriesKey
from qingyuan.rules import RulesError, rule_book

HOUR = 3600

_INSERT = """INSERT OR IGNORE INTO reading
    (series, start, "end", status, rank, stamp, origin, value, decimals, flag, qualifier, received_at, capture)
    VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)"""
# What is in force for the newest interval of the batch, not what was written last.
_LATEST = """INSERT INTO latest (series, start, "end", value, decimals, flag, origin, received_at)
    SELECT * FROM (
        SELECT series, start, "end", value, decimals, flag, origin, received_at FROM reading
        WHERE series=? AND start=? AND "end"=? ORDER BY status DESC, rank DESC, stamp DESC, origin DESC LIMIT 1
    ) WHERE true
    ON CONFLICT (series) DO UPDATE SET start=excluded.start, "end"=excluded."end", value=excluded.value,
        decimals=excluded.decimals, flag=excluded.flag, origin=excluded.origin, received_at=excluded.received_at
    WHERE excluded."end" >= latest."end" """
_DIRTY = """INSERT INTO dirty (series, hour, seq) VALUES (?,?,?)
    ON CONFLICT (series, hour) DO UPDATE SET seq=excluded.seq"""
_KNOWN = """SELECT value, flag, qualifier, capture, rank, stamp, origin FROM reading
    WHERE series=? AND start=? AND "end"=? AND status=? ORDER BY rank DESC, stamp DESC, origin DESC"""
_TALLY = """INSERT INTO tally (station, outcome, count, last_at) VALUES (?,?,1,?)
    ON CONFLICT (station, outcome) DO UPDATE SET count = count + 1, last_at = max(last_at, excluded.last_at)"""


def series_of(connection: sqlite3.Connection, cache: dict[SeriesKey, Series], key: SeriesKey, unit: str) -> Series:
    """The series of a key, made on first use. Its unit is the first one given, and then stays."""
    known = cache.get(key)
    if known is not None and (known.unit or not unit):
        return known
    row = connection.execute(
        "SELECT id, unit FROM series WHERE point=? AND item=? AND statistic=? AND grain=?", key
    ).fetchone()
    if row is None:
        cursor = connection.execute(
            "INSERT INTO series (point, item, statistic, grain, unit) VALUES (?,?,?,?,?)", (*key, unit)
        )
        row = (cursor.lastrowid, unit)
    elif not row[1] and unit:
        connection.execute("UPDATE series SET unit=? WHERE id=?", (unit, row[0]))
        row = (row[0], unit)
    cache[key] = Series(row[0], key, row[1])
    return cache[key]


def _in_unit(reading: NewReading, into: str) -> NewReading:
    """The reading in the unit of its series; what cannot be converted has no value and says in words what came."""
    if reading.value is None:
        return reading
    try:
        value = rule_book().convert(reading.value, reading.unit, into)
    except RulesError:
        return reading._replace(value=None, qualifier=f"{reading.value:g} {reading.unit}")
    return reading._replace(value=value)


def record_messages(connection: sqlite3.Connection, messages: Sequence[Message]) -> set[int]:
    """Keep message keys and count outcomes; returns the origins of messages that had been seen before."""
    doubles: set[int] = set()
    for message in messages:
        cursor = connection.execute(
            "INSERT OR IGNORE INTO message (origin, key, received_at, station, command, outcome) VALUES (?,?,?,?,?,?)",
            message,
        )
        outcome = message.outcome
        if cursor.rowcount == 0:
            doubles.add(message.origin)
            outcome = "duplicate"
        connection.execute(_TALLY, (message.station, outcome, message.received_at))
    return doubles


def forget_messages(connection: sqlite3.Connection, origins: Sequence[int]) -> None:
    """Messages that come again: out of the keys and out of the count of what they came to."""
    for origin in origins:
        row = connection.execute("DELETE FROM message WHERE origin=? RETURNING station, outcome", (origin,)).fetchone()
        if row is not None:
            connection.execute("UPDATE tally SET count = count - 1 WHERE station=? AND outcome=?", row)
    connection.execute("DELETE FROM tally WHERE count <= 0")


def append_rows(
    connection: sqlite3.Connection,
    cache: dict[SeriesKey, Series],
    readings: Iterable[NewReading],
    doubles: set[int],
    skip_unchanged: bool,
) -> Receipt:
    """Insert revisions and mark their hours. The caller holds the transaction."""
    rows: list[tuple[object, ...]] = []
    newest: dict[int, tuple[int, int, int]] = {}
    hours: set[tuple[int, int]] = set()
    unchanged = 0
    for r in readings:
        if r.origin in doubles:
            continue
        found = series_of(connection, cache, r.key, r.unit)
        series = found.id
        if r.unit and r.unit != found.unit:
            r = _in_unit(r, found.unit)  # noqa: PLW2901
        stamp = r.stamp
        if skip_unchanged:
            known = connection.execute(_KNOWN, (series, r.start, r.end, r.status)).fetchall()
            same_rank = next((k for k in known if k[4] <= r.rank), None)
            if (r.value, r.flag, r.qualifier, r.capture) in {k[:4] for k in (*known[:1], same_rank) if k}:
                unchanged += 1
                continue
            if r.rank == Rank.DERIVED and same_rank and (stamp, r.origin) <= same_rank[5:7]:
                stamp = same_rank[5] + 1  # worked out again: it takes the place of the derived value before it
        rows.append(
            (series, r.start, r.end, r.status, r.rank, stamp, r.origin, r.value, r.decimals, r.flag,
             r.qualifier, r.received_at, r.capture)
        )  # fmt: skip
        last = newest.get(series)
        if last is None or (r.end, r.start) >= (last[2], last[1]):
            newest[series] = (series, r.start, r.end)
        hours.add((series, r.start - r.start % HOUR))
    before = connection.total_changes
    connection.executemany(_INSERT, rows)
    added = connection.total_changes - before
    if added:
        connection.executemany(_LATEST, list(newest.values()))
        put_marks(connection, hours)
    return Receipt(added, unchanged + len(rows) - added, 0)


def put_marks(connection: sqlite3.Connection, hours: set[tuple[int, int]]) -> None:
    """Mark (series, hour) pairs; by hour first, so that what is judged together is worked off together."""
    if not hours:
        return
    seq = count(int(connection.execute("SELECT value FROM meta WHERE name='seq'").fetchone()[0]) + 1)
    marks = [(series, hour, next(seq)) for hour, series in sorted((h, s) for s, h in hours)]
    connection.executemany(_DIRTY, marks)
    connection.execute("UPDATE meta SET value=? WHERE name='seq'", (marks[-1][2],))


def mark_hours(connection: sqlite3.Connection, series: Sequence[int], start: int, end: int) -> int:
    """Mark the hours in [start, end) that hold readings of these series."""
    hours: set[tuple[int, int]] = set()
    for number in series:
        rows = connection.execute(
            "SELECT DISTINCT start - start % 3600 FROM reading WHERE series=? AND start>=? AND start<?",
            (number, start, end),
        )
        hours.update((number, row[0]) for row in rows)
    put_marks(connection, hours)
    return len(hours)
