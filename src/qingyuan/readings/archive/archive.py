"""Everything that has left the tail: files that a log names, asked by SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from qingyuan.readings.archive import asking
from qingyuan.readings.archive.asking import Asked, Shape
from qingyuan.readings.archive.engine import Engine, Limits
from qingyuan.readings.archive.log import Log, Notes
from qingyuan.readings.archive.piece import Piece, fault_of, remove
from qingyuan.readings.model import Bucket
from qingyuan.readings.precedence import Found

ByGrain = Mapping[str, Sequence[int]]  # series numbers, sorted, by grain
_TAIL = [*asking.FOUND.replace(f"{asking.VALUE} AS ", "").split(", "), "stamp"]
_TYPES = {"value": "DOUBLE", "capture": "DOUBLE", "flag": "VARCHAR", "qualifier": "VARCHAR"}


class Archive:
    """Files below one folder."""

    def __init__(self, folder: Path, limits: Limits, notes: Notes) -> None:
        self.folder = folder
        self.log = Log(folder, notes)
        self.engine = Engine(folder.parent / "spill", limits)

    def last_origin(self) -> int:
        """The newest journal position that any file holds, -1 where there is none."""
        return max((p.last_origin for p in self.log.pieces()), default=-1)

    def broken(self) -> list[str]:
        """Files that the log names and that are missing, or not of the size it says."""
        paths = {p.path: self.folder / p.path for p in self.log.pieces()}
        sizes = {p.path: p.size for p in self.log.pieces()}
        return [name for name, path in paths.items() if not path.is_file() or path.stat().st_size != sizes[name]]

    def faults(self) -> dict[str, str]:
        """By the path of a file that the log names: what is wrong with its content. Reads every file."""
        found = {p.path: fault_of(self.folder, p) for p in self.log.pieces()}
        return {path: fault for path, fault in found.items() if fault}

    def files(self) -> list[Path]:
        """The files of the newest version and of the log up to it: a whole archive, whatever is written meanwhile."""
        version, pieces = self.log.snapshot()
        log = [p for p in sorted((self.folder / "_delta_log").glob("*")) if p.name[:20].isdigit()]
        return [self.folder / p.path for p in pieces] + [p for p in log if int(p.name[:20]) <= version]

    def extent(self, by_grain: ByGrain, start: int, end: int) -> tuple[int, int, int]:
        """First and last second, and the most rows, that files may hold of a window; (start, start, 0) for nothing."""
        found = [p for _, _, pieces in self._asked(by_grain, start, end, None) for p in pieces]
        if not found:
            return start, start, 0
        first, last = min(p.first_start for p in found), max(p.last_start for p in found)
        return max(start, first), min(end, last), sum(p.rows for p in found)

    def discard(self, pieces: Sequence[Piece]) -> None:
        """Take files away that were not committed after all; one that the log does name stays."""
        named = {p.path for p in self.log.pieces()}
        remove(self.folder, [p for p in pieces if p.path not in named])

    def _asked(
        self, by_grain: ByGrain, start: int, end: int, as_of: int | None
    ) -> list[tuple[str, Asked, list[Piece]]]:
        found = []
        pieces = self.log.pieces()
        for grain, series in by_grain.items():
            asked = Asked(series, start, end, as_of)
            touched = [p for p in pieces if p.grain == grain and asked.picks(p)]
            found.append((grain, asked, touched))
        return found

    def _rows(self, sql: str, values: dict[str, Any] | None = None) -> list[Any]:
        with self.engine.cursor() as cursor:
            return cursor.execute(sql, values).fetchall()

    def in_force(self, by_grain: ByGrain, start: int, end: int, as_of: int | None) -> list[Found]:
        """What the archive alone would answer to `Store.window`, sorted by series and start."""
        out: list[Found] = []
        for _, asked, pieces in self._asked(by_grain, start, end, as_of):
            if pieces:
                sql = asking.in_force(str(self.folder), pieces, asked)
                out.extend(map(Found._make, self._rows(f'{sql} ORDER BY series, start, "end"')))
        out.sort(key=lambda f: f[:3])
        return out

    def revisions(self, by_grain: ByGrain, start: int, end: int) -> list[Found]:
        """Every revision of the intervals that begin in [start, end), doubles included, unsorted."""
        out: list[Found] = []
        for _, asked, pieces in self._asked(by_grain, start, end, None):
            if pieces:
                out.extend(map(Found._make, self._rows(asking.revisions(str(self.folder), pieces, asked))))
        return out

    def of_intervals(self, grains: Mapping[int, str], intervals: Sequence[tuple[int, int, int]]) -> list[Found]:
        """Every revision of the given (series, start, end) that files hold; asked month by month."""
        if not self.log.pieces():
            return []
        groups: dict[tuple[str, int], set[tuple[int, int, int]]] = {}
        for interval in intervals:
            groups.setdefault((grains[interval[0]], interval[1] // _MONTH), set()).add(interval)
        out: list[Found] = []
        for (grain, _), wanted in groups.items():
            series = sorted({i[0] for i in wanted})
            starts = [i[1] for i in wanted]
            found = self.revisions({grain: series}, min(starts), max(starts) + 1)
            out.extend(f for f in found if f.key in wanted)
        return out

    def hours(self, by_grain: ByGrain, start: int, end: int) -> set[tuple[int, int]]:
        """The (series, hour) pairs of which files hold readings that begin in [start, end)."""
        found: set[tuple[int, int]] = set()
        for _, asked, pieces in self._asked(by_grain, start, end, None):
            if pieces:
                files = asking.source(str(self.folder), pieces)
                sql = f"SELECT DISTINCT series, start - (start % 3600 + 3600) % 3600 FROM {files} WHERE {asked.condition()}"
                found.update(self._rows(sql))
        return found

    def buckets(
        self, by_grain: ByGrain, asked: tuple[int, int, int | None], tail: Sequence[Found], shape: Shape
    ) -> list[Bucket]:
        """See `Store.buckets`; asked: start, end, as_of; tail: what the tail has in force in that window."""
        out: list[Bucket] = []
        for _, question, pieces in self._asked(by_grain, *asked):
            mine = _among(tail, question.series)
            if not pieces and not mine:
                continue
            sql, values = self._with_tail(question, pieces, mine)
            valid = "value IS NOT NULL"
            if shape.without:
                valid += " AND flag NOT IN (SELECT unnest($without::VARCHAR[]))"
                values = {**values, "without": list(shape.without)}
            rows = self._rows(asking.buckets(sql, shape, valid), values)
            out.extend(Bucket(r[0], r[1], r[1] + shape.width, *r[2:]) for r in rows)
        out.sort()
        return out

    def coverage(self, by_grain: ByGrain, asked: tuple[int, int, int | None], tail: Sequence[Found]) -> dict[int, int]:
        """See `Store.coverage`; arguments as in `buckets`."""
        found: dict[int, int] = {}
        for _, question, pieces in self._asked(by_grain, *asked):
            mine = _among(tail, question.series)
            if pieces:
                sql, values = self._with_tail(question, pieces, mine)
                counted = f"SELECT series, count(*) FROM ({sql}) WHERE value IS NOT NULL GROUP BY series"
                found.update(dict(self._rows(counted, values)))
            else:
                for f in mine:
                    if f.value is not None:
                        found[f.series] = found.get(f.series, 0) + 1
        return found

    def _with_tail(self, asked: Asked, pieces: Sequence[Piece], tail: Sequence[Found]) -> tuple[str, dict[str, Any]]:
        """SQL for what is in force of both, and its values."""
        if not tail:
            return asking.in_force(str(self.folder), pieces, asked), {}
        columns, values = [], {}
        by_name = dict(zip(Found._fields, zip(*tail, strict=True), strict=True))
        for name in _TAIL:
            plain = name.strip('"')
            columns.append(f"unnest(${plain}_::{_TYPES.get(plain, 'BIGINT')}[]) AS {name}")
            values[f"{plain}_"] = list(by_name[plain])
        return asking.in_force(str(self.folder), pieces, asked, f"(SELECT {', '.join(columns)})"), values


def _among(tail: Sequence[Found], series: Sequence[int]) -> list[Found]:
    wanted = set(series)
    return [f for f in tail if f.series in wanted]


_MONTH = 31 * 86400
