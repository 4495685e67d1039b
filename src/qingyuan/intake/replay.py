"""Frames of the journal read again, after the parser or the register was mended: what comes out otherwise is a revision.

Nothing is rewritten. For each frame that now says something else a statement is put into the journal, and its position
is the origin of the new revisions: the frame, who had it read again and why can be found from every value. A value that
the frame no longer gives is followed by a revision without a value.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from qingyuan.intake.ingest import STORED, Ingester
from qingyuan.intake.journal import Journal, NewRecord, Record, RecordKind
from qingyuan.intake.parts import PART_ALONE, received_at
from qingyuan.intake.parts_again import PartsAgain
from qingyuan.intake.resolving import Resolver
from qingyuan.readings import Message, NewReading, Reading, Store
from qingyuan.rules import RulesError, rule_book

BATCH = 500
DAY = 86400
MANY = 2**40
PEER = "replay"
VOID = "replayed"
"""Qualifier of a revision that says: the frame gives no such value any more."""

_Spot = tuple[int, int, int]


@dataclass
class Replayed:
    """What a replay did, or would do."""

    frames: int = 0
    changed: int = 0
    readings: int = 0
    voided: int = 0


@dataclass(frozen=True)
class Scope:
    """Which frames: received in [since, until) seconds, from these stations (none given: all)."""

    since: int = 0
    until: int = 2**40
    stations: frozenset[str] = frozenset()

    def holds(self, record: Record) -> bool:
        """Whether a record was received in the time."""
        return self.since * 1_000_000 <= record.received_us < self.until * 1_000_000


class Replay:
    """Reads frames again. points_of: the points that a station's values may have gone to, by MN."""

    def __init__(
        self, journal: Journal, store: Store, resolver: Resolver, points_of: Callable[[str], Sequence[str]]
    ) -> None:
        self._journal, self._store, self._points_of = journal, store, points_of
        self._parts = PartsAgain(resolver.known, self._outcomes)
        self._ingester = Ingester(journal, store, resolver, gathering=self._parts)
        self._outcomes_of: dict[str, dict[int, str]] = {}
        self._stated: dict[int, int] = {}

    def run(
        self,
        scope: Scope,
        by: str,
        reason: str,
        now_us: int,
        *,
        dry_run: bool = False,
        progress: Callable[[Replayed], None] | None = None,
    ) -> Replayed:
        """All frames of the scope, oldest first. A second run changes nothing. Raises JournalFull, StoreFull."""
        done = Replayed()
        end, position = self._store.offset(), 0
        while position < end:
            records = [r for r in self._journal.read(position, BATCH, skips_damage=True) if r.position < end]
            if not records:
                break
            position = records[-1].next_position
            self._take(records, scope, (by, reason, now_us, dry_run), done)
            if progress:
                progress(done)
        self._keep(self._left(scope), (by, reason, now_us, dry_run), done)
        return done

    def _take(self, records: Sequence[Record], scope: Scope, why: tuple[str, str, int, bool], done: Replayed) -> None:
        frames = []
        sent = [r for r in records if r.kind is RecordKind.FRAME]
        for record in sent:
            if record.received_us < scope.since * 1_000_000:
                self._parts.note(record, scope.stations)
        for message, made in self._ingester.read([r for r in sent if scope.holds(r)]):
            if scope.stations and message.station not in scope.stations:
                continue
            done.frames += 1
            places = self._parts.parts_of.pop(message.origin, [message.origin])
            kept = self._outcomes(message.station).get(message.origin, "")
            if message.outcome == STORED and kept and (kept == STORED or len(places) > 1):
                frames.append(_Frame(message, made, frozenset(places)))
        for record in sent:
            if record.received_us >= scope.until * 1_000_000:
                self._parts.note(record, scope.stations)
        if sent:
            frames += self._left(scope, received_at(sent[-1]))
        self._keep(frames, why, done)

    def _left(self, scope: Scope, now: datetime | None = None) -> list[_Frame]:
        """Split messages that stayed incomplete, as far as they came: given by the part of the highest number."""
        frames = []
        for joined, places in self._parts.given_up(now):
            record, head = self._journal.read_at(places[-1]), joined.frame.head
            if record is None or not scope.holds(record) or (scope.stations and head.mn not in scope.stations):
                continue
            received = record.received_us // 1_000_000
            message = Message(record.position, b"", received, head.mn, head.cn, PART_ALONE)
            frames.append(_Frame(message, self._ingester.read_joined(joined, record), frozenset(places)))
        return frames

    def _keep(self, frames: Sequence[_Frame], why: tuple[str, str, int, bool], done: Replayed) -> None:
        """State each frame that now says something else, and append what it says."""
        by, reason, now_us, dry_run = why
        in_force = self._in_force(frames)
        changed = [(frame, rows) for frame in frames if (rows := self._differing(frame, in_force, done))]
        done.changed += len(changed)
        if dry_run or not changed:
            return
        statements = [
            NewRecord(
                RecordKind.STATEMENT,
                json.dumps({"replay": f.message.origin, "by": by, "reason": reason}, ensure_ascii=False).encode(),
                PEER,
                now_us,
            )
            for f, _ in changed
        ]
        origins = self._journal.append(statements)
        received = now_us // 1_000_000
        self._store.append(
            reading._replace(origin=origin, received_at=received)
            for origin, (_, rows) in zip(origins, changed, strict=True)
            for reading in rows
        )

    def _outcomes(self, station: str) -> dict[int, str]:
        """What became of the station's frames that were kept, by position; the others were sent again word for word."""
        if station not in self._outcomes_of:
            found = self._store.messages(station=station, limit=MANY)
            self._outcomes_of[station] = {m.origin: m.outcome for m in found}
        return self._outcomes_of[station]

    def _in_force(self, frames: Sequence[_Frame]) -> dict[int, dict[_Spot, Reading]]:
        """By frame position: what stands in the intervals it speaks of, at the points its values may have gone to."""
        by_day: dict[int, set[str]] = defaultdict(set)
        for frame in frames:
            for start in frame.starts:
                by_day[start // DAY] |= self._points(frame)
        standing: dict[tuple[str, int], dict[_Spot, Reading]] = defaultdict(dict)
        for day, points in by_day.items():
            series = {s.id: s for s in self._store.series_of_points(sorted(points))}
            for r in self._store.window(list(series), day * DAY, (day + 1) * DAY):
                standing[series[r.series].key.point, r.start][r.series, r.start, r.end] = r
        found: dict[int, dict[_Spot, Reading]] = {}
        for frame in frames:
            spots: dict[_Spot, Reading] = {}
            for point in self._points(frame):
                for start in frame.starts:
                    spots |= standing.get((point, start), {})
            found[frame.message.origin] = spots
        return found

    def _points(self, frame: _Frame) -> set[str]:
        return {*self._points_of(frame.message.station), *(r.key.point for r in frame.made)}

    def _differing(self, frame: _Frame, in_force: dict[int, dict[_Spot, Reading]], done: Replayed) -> list[NewReading]:
        """The readings that the frame's own last revision does not give alike, and those it gives no more."""
        places = frame.places
        standing = in_force[frame.message.origin]
        series = self._store.series_of([r.key for r in frame.made])
        differing = []
        spots: set[_Spot] = set()
        for reading in frame.made:
            known = series.get(reading.key)
            spot = (known.id, reading.start, reading.end) if known else (0, 0, 0)
            spots.add(spot)
            if known is None or not _same(self._own(spot, standing, places), reading, known.unit):
                differing.append(reading)
        done.readings += len(differing)
        gone = [
            old
            for spot, old in standing.items()
            if spot not in spots and old.qualifier != VOID and self._comes_from(old.origin, places)
        ]
        keys = self._store.series_by_number(sorted({old.series for old in gone}))
        for old in gone:
            found = keys[old.series]
            differing.append(
                NewReading(
                    found.key, old.start, old.end, None, -1, found.unit, "", VOID, old.status, old.rank, frame.stamp
                )
            )
        done.voided += len(gone)
        return differing

    def _own(self, spot: _Spot, standing: dict[_Spot, Reading], places: frozenset[int]) -> Reading | None:
        """The newest revision of an interval that this frame, or a replay of it, gave."""
        here = standing.get(spot)
        if here is None or self._comes_from(here.origin, places):
            return here
        rows = [r for r in self._store.revisions(spot[0], spot[1], spot[1] + 1) if r.end == spot[2]]
        return max((r for r in rows if self._comes_from(r.origin, places)), key=lambda r: r.origin, default=None)

    def _comes_from(self, origin: int, places: frozenset[int]) -> bool:
        """Whether a reading of that origin was given by the frame, one of its parts, or a replay of it."""
        if origin in places or origin < min(places):
            return origin in places
        if origin not in self._stated:
            record = self._journal.read_at(origin)
            states = record is not None and record.kind is RecordKind.STATEMENT
            self._stated[origin] = int(json.loads(record.payload).get("replay", -1)) if record and states else -1
        return self._stated[origin] in places


@dataclass(frozen=True)
class _Frame:
    """A kept frame and what it gives now. places: its position, and those of the parts it was put together from."""

    message: Message
    made: list[NewReading]
    places: frozenset[int]

    @property
    def starts(self) -> set[int]:
        """When the intervals it speaks of begin."""
        return {r.start for r in self.made}

    @property
    def stamp(self) -> int:
        """The device's own order of its messages."""
        return max((r.stamp for r in self.made), default=0)


def _same(before: Reading | None, now: NewReading, unit: str) -> bool:
    if before is None or before.qualifier == VOID:
        return False
    if now.unit and unit and now.unit != unit:
        now = now._replace(value=_converted(now, unit))
    return (before.value, before.flag, before.decimals) == (now.value, now.flag, now.decimals)


def _converted(reading: NewReading, into: str) -> float | None:
    if reading.value is None:
        return None
    try:
        return rule_book().convert(reading.value, reading.unit, into)
    except RulesError:
        return None
