"""Quality flags: named ranges of series with who or what judged them, each of which can be taken back.

Nothing is deleted: taking back is a row of its own that names what it undoes.
"""

from __future__ import annotations

from collections.abc import Sequence

from qingyuan.readings.model import Flag, NewFlag
from qingyuan.readings.tail import read, write
from qingyuan.readings.tail.database import Database

_COLUMNS = 'series, start, "end", code, rule, version, parameters, actor, made_at'
_FIND = """SELECT f.id, f.series, f.start, f."end", f.code, f.rule, f.version, f.parameters, f.actor, f.made_at,
        coalesce(u.id, 0), coalesce(u.made_at, 0)
    FROM flag AS f LEFT JOIN flag AS u ON u.undoes = f.id {known_then}
    WHERE f.undoes IS NULL AND f.series IN ({marks}) AND f.start < ? AND f."end" > ? {made_then} ORDER BY f.id"""


def put(database: Database, new: Sequence[NewFlag], quiet: bool) -> list[int]:
    """See `Store.flag`."""
    ids = []
    with database.transaction():
        for flag in new:
            rows = database.rows(f"INSERT INTO flag ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?) RETURNING id", flag)
            ids.append(int(rows[0][0]))
        if not quiet:
            write.put_marks(database, {h for f in new for h in _hours(f)})
    return ids


def take_back(database: Database, ids: Sequence[int], actor: str, at: int, quiet: bool) -> int:
    """See `Store.unflag`."""
    done = 0
    with database.transaction():
        for number in ids:
            found = database.rows(f"SELECT {_COLUMNS} FROM flag WHERE id=? AND undoes IS NULL", (number,))
            for row in found:
                old = NewFlag._make(row)
                values = (*old._replace(actor=actor, made_at=at), number)
                kept = database.run(
                    f"INSERT INTO flag ({_COLUMNS}, undoes) VALUES (?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING", values
                )
                done += kept
                if kept and not quiet:
                    write.put_marks(database, set(_hours(old)))
    return done


def find(database: Database, series: Sequence[int], start: int, end: int, as_of: int | None) -> list[Flag]:
    """See `Store.flags`."""
    out: list[Flag] = []
    for part in read.chunks(sorted(set(series))):
        words = {
            "marks": read.marks(part),
            "known_then": "" if as_of is None else "AND u.made_at <= ?",
            "made_then": "" if as_of is None else "AND f.made_at <= ?",
        }
        known = () if as_of is None else (as_of,)
        rows = database.rows(_FIND.format(**words), (*known, *part, end, start, *known))
        out.extend(map(Flag._make, rows))
    return sorted(out)


def _hours(flag: NewFlag) -> list[tuple[int, int]]:
    first = flag.start - flag.start % write.HOUR
    return [(flag.series, hour) for hour in range(first, flag.end, write.HOUR)]
