"""Appending: readings, dirty marks, message keys and the journal offset in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import count
from typing import Any, NamedTuple

from qingyuan.readings.model import Message, NewReading, Rank, Receipt, Series, SeriesKey
from qingyuan.readings.precedence import Found
from qingyuan.readings.tail.database import Database
from qingyuan.rules import RulesError, rule_book

HOUR = 3600


class Past(NamedTuple):
    """What has left the tail: the newest origin in it, and all revisions of given intervals (series, start, end).

    It is asked only of intervals that may be there: a row from further on in the journal is none of its revisions.
    """

    last_origin: Callable[[], int]
    of: Callable[[Sequence[tuple[int, int, int]]], Iterable[Found]]


class Given(NamedTuple):
    """What comes in: readings, the origins of messages that had been seen before, and of those seen for the first time,
    of which nothing can be kept yet.
    """

    readings: Iterable[NewReading]
    doubles: set[int]
    first: set[int]


_INSERT = """INSERT INTO reading
    (series, start, "end", status, rank, stamp, origin, value, decimals, flag, qualifier, received_at, capture, batch)
    VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING"""
# By the whole order, so that the newest interval's revision in force stands here whatever the order of arrival.
_LATEST = """INSERT INTO latest (series, start, "end", status, rank, stamp, origin, value, decimals, flag, qualifier,
        received_at, capture) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)
    ON CONFLICT (series) DO UPDATE SET start=excluded.start, "end"=excluded."end", status=excluded.status,
        rank=excluded.rank, stamp=excluded.stamp, origin=excluded.origin, value=excluded.value,
        decimals=excluded.decimals, flag=excluded.flag, qualifier=excluded.qualifier,
        received_at=excluded.received_at, capture=excluded.capture
    WHERE (excluded."end", excluded.start, excluded.status, excluded.rank, excluded.stamp, excluded.origin)
        > (latest."end", latest.start, latest.status, latest.rank, latest.stamp, latest.origin)"""
_DIRTY = """INSERT INTO dirty (series, hour, seq) VALUES (?,?,?)
    ON CONFLICT (series, hour) DO UPDATE SET seq=excluded.seq"""
_SERIES = """INSERT INTO series (point, item, statistic, grain, unit) VALUES (?,?,?,?,?)
    ON CONFLICT (point, item, statistic, grain) DO UPDATE SET
        unit = CASE WHEN series.unit = '' THEN excluded.unit ELSE series.unit END
    RETURNING id, unit"""
_KNOWN = """SELECT value, flag, qualifier, capture, rank, stamp, origin FROM reading
    WHERE series=? AND start=? AND "end"=? AND status=?"""
_MESSAGE = """INSERT INTO message (origin, key, received_at, station, command, outcome) VALUES {}
    ON CONFLICT DO NOTHING RETURNING origin"""
_AT_ONCE = 150  # six values each, and SQLite takes 999
_TALLY = """INSERT INTO tally (station, outcome, count, last_at) VALUES (?,?,?,?)
    ON CONFLICT (station, outcome) DO UPDATE SET count = tally.count + excluded.count,
        last_at = CASE WHEN excluded.last_at > tally.last_at THEN excluded.last_at ELSE tally.last_at END"""

_Known = tuple[float | None, str, str, float | None, int, int, int]
_New = tuple[int, NewReading]


def series_for(database: Database, cache: dict[SeriesKey, Series], key: SeriesKey, unit: str) -> Series:
    """The series of a key, made on first use. Its unit is the first one given, and then stays."""
    known = cache.get(key)
    if known is not None and (known.unit or not unit):
        return known
    ((number, present),) = database.rows(_SERIES, (*key, unit))
    cache[key] = Series(number, key, present)
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


def record_messages(database: Database, messages: Sequence[Message]) -> set[int]:
    """Keep message keys and count outcomes; returns the origins of messages that had been seen before."""
    kept: set[int] = set()
    for at in range(0, len(messages), _AT_ONCE):
        part = messages[at : at + _AT_ONCE]
        sql = _MESSAGE.format(", ".join(["(?,?,?,?,?,?)"] * len(part)))
        kept.update(row[0] for row in database.rows(sql, [value for message in part for value in message]))
    doubles = {message.origin for message in messages} - kept
    counted: Counter[tuple[str, str]] = Counter()
    last: dict[tuple[str, str], int] = {}
    for message in messages:
        place = message.station, "duplicate" if message.origin in doubles else message.outcome
        counted[place] += 1
        last[place] = max(last.get(place, message.received_at), message.received_at)
    database.run_many(_TALLY, [(*place, number, last[place]) for place, number in counted.items()])
    return doubles


def forget_messages(database: Database, origins: Sequence[int]) -> None:
    """Messages that come again: out of the keys and out of the count of what they came to."""
    for origin in origins:
        for row in database.rows("DELETE FROM message WHERE origin=? RETURNING station, outcome", (origin,)):
            database.run("UPDATE tally SET count = count - 1 WHERE station=? AND outcome=?", row)
    if origins:
        database.run("DELETE FROM tally WHERE count <= 0")


def append_rows(
    database: Database,
    cache: dict[SeriesKey, Series],
    what: Given,
    past: Past,
    skip_unchanged: bool,
) -> Receipt:
    """Insert revisions and mark their hours; the caller holds the transaction."""
    given: list[_New] = []
    for r in what.readings:
        if r.origin in what.doubles:
            continue
        found = cache.get(r.key)
        if found is None or (r.unit and not found.unit):
            found = series_for(database, cache, r.key, r.unit)
        if r.unit and r.unit != found.unit:
            r = _in_unit(r, found.unit)  # noqa: PLW2901
        given.append((found.id, r))
    kept = _news(database, given, past) if skip_unchanged else _not_repeated(given, past, what.first)
    if not kept:
        return Receipt(0, len(given), 0)
    batch = _next(database, "batch", 1)
    rows: list[tuple[Any, ...]] = []
    newest: dict[int, tuple[Any, ...]] = {}
    hours: set[tuple[int, int]] = set()
    instants: set[tuple[int, int]] = set()
    for series, r in kept:
        key, start, end, value, decimals, _, flag, qualifier, status, rank, stamp, origin, received_at, capture = r
        row = (
            series, start, end, status, rank, stamp, origin, value, decimals, flag, qualifier, received_at, capture, batch
        )  # fmt: skip
        rows.append(row)
        last = newest.get(series)
        if last is None or (end, start, status, rank, stamp, origin) > (last[2], last[1], *last[3:7]):
            newest[series] = row
        (instants if key.grain == "raw" else hours).add((series, start - start % HOUR))
    added = database.run_many(_INSERT, rows)
    if added:
        database.run_many(_LATEST, [row[:-1] for row in newest.values()])
        put_marks(database, hours)
        put_marks(database, instants, -1)
    return Receipt(added, len(given) - added, 0)


def _not_repeated(given: list[_New], past: Past, first: set[int]) -> list[_New]:
    """Without the rows that have left the tail already; those still in it are told by its key."""
    last = past.last_origin()
    doubtful = [(series, r.start, r.end) for series, r in given if r.origin <= last and r.origin not in first]
    if not doubtful:
        return given
    there = {f.key + f.order for f in past.of(doubtful)}
    return [
        (series, r) for series, r in given if (series, r.start, r.end, r.status, r.rank, r.stamp, r.origin) not in there
    ]


def _news(database: Database, given: list[_New], past: Past) -> list[_New]:
    """Only what says something else than the revision in force and than the newest of its own rank.

    A derived value worked out again takes the place of the derived value before it: its stamp is one more.
    """
    old: dict[tuple[int, int, int, int], dict[tuple[int, int, int], _Known]] = {}
    for f in past.of([(series, r.start, r.end) for series, r in given]):
        known: _Known = (f.value, f.flag, f.qualifier, f.capture, f.rank, f.stamp, f.origin)
        old.setdefault((*f.key, f.status), {})[known[4:7]] = known
    news: list[_New] = []
    for series, r in given:
        place = (series, r.start, r.end, r.status)
        rows: dict[tuple[int, int, int], _Known] = {row[4:7]: row for row in database.rows(_KNOWN, place)}
        all_known = sorted((old.get(place, {}) | rows).values(), key=lambda k: k[4:7], reverse=True)
        same_rank = next((k for k in all_known if k[4] <= r.rank), None)
        said = {k[:4] for k in (*all_known[:1], same_rank) if k}
        if (r.value, r.flag, r.qualifier, r.capture) in said:
            continue
        stamp = r.stamp
        if r.rank == Rank.DERIVED and same_rank and (stamp, r.origin) <= same_rank[5:7]:
            stamp = same_rank[5] + 1
        news.append((series, r._replace(stamp=stamp)))
    return news


def _next(database: Database, name: str, by: int) -> int:
    """Count a number of `meta` up; returns its new value."""
    database.run("UPDATE meta SET value=value+? WHERE name=?", (by, name))
    return int(database.rows("SELECT value FROM meta WHERE name=?", (name,))[0][0])


def put_marks(database: Database, hours: set[tuple[int, int]], sign: int = 1) -> None:
    """Mark (series, hour) pairs; by hour first, so that what is judged together is worked off together.

    sign: -1 for readings of instants, whose numbers count down: nothing is judged by them, they are worked off apart.
    """
    if not hours:
        return
    seq = count(_next(database, "seq", len(hours)) - len(hours) + 1)
    rows = [(series, hour, sign * next(seq)) for hour, series in sorted((h, s) for s, h in hours)]
    database.run_many(_DIRTY, rows)
