"""From the journal to the readings: decode, resolve, append, in batches, exactly once.

The position reached is kept in the same transaction as the readings, so that a crash at any point repeats or
continues, and the message keys make a repeat harmless. Which series a factor belongs to is asked of a resolver that
the bureau hands in.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from qingyuan.hj212 import (
    Head,
    Joined,
    Message,
    decode,
    interpret,
    is_fatal,
    judge,
)
from qingyuan.intake.ahead import Ahead
from qingyuan.intake.batch import Decoded, decoded_of, drift_of, own_key, rejected_of
from qingyuan.intake.journal import Journal, Mark, Record, RecordKind
from qingyuan.intake.ledger import is_code, is_name
from qingyuan.intake.message_readings import DeviceMap, readings_of
from qingyuan.intake.parts import PART, PART_ALONE, PART_JOINED, Gathering, Parts, received_at
from qingyuan.intake.requests import REPLIES
from qingyuan.intake.resolving import Met, Resolver
from qingyuan.intake.sentinels import Sentinels
from qingyuan.intake.steps import Steps
from qingyuan.intake.talk import Said, heard, sent
from qingyuan.readings import Message as MessageKey
from qingyuan.readings import NewReading, Store
from qingyuan.rules import rule_book

MINUTE_CN = "2051"
GRAINS = {"2011": "raw", MINUTE_CN: "minute", "2061": "hour", "2031": "day"}
MANY = 100_000
# What a message came to; everything else is the id of the deviation that spoiled it.
STORED, NO_DATA, UNKNOWN_STATION, NO_TIME = "stored", "no_data", "unknown_station", "no_time"
WRONG_NETWORK, CLOCK_OFF = "wrong_network", "clock_off"


@dataclass
class Progress:
    """What one step did."""

    records: int = 0
    readings: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    newest_received_us: int = 0


def message_key(head: Head, body: bytes) -> bytes:
    """The idempotency key of a frame: MN, QN, CN and the digest of its data segment (16 bytes)."""
    content = hashlib.sha256(body).digest()
    return hashlib.sha256(f"{head.mn}|{head.qn}|{head.cn}|".encode() + content).digest()[:16]


class Ingester:
    """Works the journal off into a store."""

    def __init__(
        self,
        journal: Journal,
        store: Store,
        resolver: Resolver,
        *,
        clock_off: timedelta = timedelta(days=366),
        parts_wait: timedelta = timedelta(minutes=5),
        gathering: Gathering | None = None,
    ) -> None:
        """clock_off: a request number so far from receipt says that the device's clock is wrong, and with it its data's
        time: nothing of the frame is used, it stays in the journal. parts_wait: how long a part of a split message waits
        for the others. gathering: where parts are looked for while reading again; by default among those that wait.
        """
        self._journal, self._store, self._resolver = journal, store, resolver
        self._clock_off = clock_off.total_seconds()
        self._met: dict[str, Met] = {}
        self._parts = Parts(journal, store, resolver.known, parts_wait)
        self._gathering: Gathering = gathering or self._parts
        self._ahead = Ahead(journal, store)
        self._joined: set[int] = set()
        self._said: list[Said] | None = None
        self._sentinels = Sentinels(rule_book())
        self._steps = Steps()

    def step(self, limit: int = 500) -> Progress:
        """Take up to `limit` records after the position reached. Raises StoreFull; then nothing moved."""
        since = self._store.offset()
        records = list(self._journal.read(since, limit, skips_damage=True))
        if not records:
            return Progress()
        progress = self._take(self._ahead.without(records, since), (since, records[-1].next_position))
        progress.records = len(records)
        progress.newest_received_us = max(record.received_us for record in records)
        return progress

    def step_ahead(self, now: datetime, most: int = 100_000, limit: int = 4000) -> Progress:
        """Look through up to `most` records beyond the position reached, and take the live ones among them (`ahead`), at
        most `limit`.

        records: the live ones; newest_received_us: of all that were looked at. Raises StoreFull; then nothing moved.
        """
        before = self._ahead.looked
        live, received = self._ahead.look(self._store.offset(), now.timestamp(), most, limit)
        try:
            progress = self._take(live, None, is_first=True) if live else Progress()
        except BaseException:
            self._ahead.looked = before
            raise
        self._ahead.keep(live)
        progress.newest_received_us = received
        return progress

    @property
    def looked_to(self) -> int:
        """The position up to which everything live is read."""
        return self._ahead.looked

    def replay(self, positions: Iterable[int]) -> Progress:
        """Parse single records again, for instance after their station was adopted; a crash changes nothing."""
        records = [r for p in positions if (r := self._journal.read_at(p)) is not None]
        return self._take(records, None, [r.position for r in records])

    def _take(
        self,
        records: list[Record],
        offset: tuple[int, int] | None,
        anew: Sequence[int] = (),
        *,
        is_first: bool = False,
    ) -> Progress:
        """is_first: these records are read for the first time, also where the position does not move."""
        is_first = is_first or offset is not None
        progress = Progress(records=len(records))
        self._met, self._joined = {}, set()
        self._said = [] if is_first else None  # what is read once more was told long ago
        self._parts.begin()
        readings: list[NewReading] = []
        keys: list[MessageKey] = []
        for key, made in self.read(records):
            keys.append(key)
            readings.extend(made)
            progress.outcomes[key.outcome] += 1
        own = {key.origin for key in keys}
        keys = [key._replace(outcome=PART_JOINED) if key.origin in self._joined else key for key in keys]
        older = sorted(self._joined - own)
        if older:
            kept = {m.origin: m for m in self._store.messages(outcome=PART, limit=MANY)}
            keys += [kept[origin]._replace(outcome=PART_JOINED) for origin in older if origin in kept]
            anew = [*anew, *older]
        for record in records:
            progress.newest_received_us = max(progress.newest_received_us, record.received_us)
        if self._said:
            self._resolver.said(self._said)  # before the position moves on: told twice rather than never
        if offset is not None:
            self._journal.reach(offset[1])  # first: whoever writes next must not come before it
        if keys or offset is not None:
            receipt = self._store.append(readings, messages=keys, offset=offset, anew=anew)
            progress.readings = receipt.added
            if receipt.duplicates:
                progress.outcomes["duplicate"] += receipt.duplicates
        if is_first and self._met:
            self._resolver.met(self._met)
        return progress

    def give_up_parts(self, now: datetime) -> int:
        """Use split messages that stayed incomplete as far as they came; returns how many. Call when all is read."""
        overdue = self._parts.overdue(now)
        for joined, kept in overdue:
            last = self._journal.read_at(kept[-1].origin)
            if last is None:
                continue
            self._met = {}
            readings = self.read_joined(joined, last)
            told = [m._replace(outcome=PART_ALONE) for m in kept]
            self._store.append(readings, messages=told, anew=[m.origin for m in kept])
            self._resolver.met(self._met)
        return len(overdue)

    def read_joined(self, joined: Joined, record: Record) -> list[NewReading]:
        """The readings of a split message as far as it came, as given by the record of one of its parts."""
        message = decode(joined.frame, received_at(record))
        self._note(message.head.mn, [d.value for d in message.deviations], record, "")
        return self._interpret(message, record, record.received_us // 1_000_000, received_at(record))[1]

    def read(self, records: Sequence[Record]) -> Iterator[tuple[MessageKey, list[NewReading]]]:
        """What the frames among some records come to now: message and readings of each; nothing is kept."""
        decoded = decoded_of([r for r in records if r.kind is RecordKind.FRAME], self._resolver.known)
        messages = [one.message for one in decoded.values() if one.message is not None]
        self._resolver.begin({message.head.mn for message in messages})
        self._note_steps(messages)
        for record in records:
            if record.kind in {RecordKind.FRAME, RecordKind.REJECTED}:
                yield self._read(record, decoded.get(record.position))
            elif record.kind is RecordKind.REQUEST:
                self._tell(sent(record, self._resolver.known))
        self._resolver.finish()

    def _note_steps(self, messages: Iterable[Message]) -> None:
        """Learn from the times of a whole batch before any of it is read."""
        stamps: dict[str, list[int]] = {}
        for message in messages:
            if message.head.cn == MINUTE_CN and message.data_time is not None:
                stamps.setdefault(message.head.mn, []).append(int(message.data_time.timestamp()))
        for mn, starts in stamps.items():
            self._steps.note(mn, starts)

    def _stepped(self, device: DeviceMap) -> DeviceMap:
        """The device with the step of its minute data as far as it was learnt; a registered one stands, and is doubted."""
        known = device.minute_seen or device.minute_seconds
        step = self._steps.of(device.mn, known)
        if step == known:
            return device
        self._resolver.stepped(device.mn, step)
        return self._resolver.device(device.mn) or device

    def _read(self, record: Record, decoded: Decoded | None) -> tuple[MessageKey, list[NewReading]]:
        received = record.received_us // 1_000_000
        if decoded is None or decoded.message is None:
            piece = (decoded.rejected if decoded is not None else None) or rejected_of(record, self._resolver.known)
            reason = piece.reason.value if piece is not None else "rejected"
            mn = piece.head.mn if piece is not None else ""
            self._note(mn, [d.value for d in piece.deviations] if piece is not None else [], record, "")
            return MessageKey(record.position, own_key(record), received, _name(mn), "", reason), []
        message = decoded.message
        head = message.head
        if self._is_stranger(message, record):
            return self._put_aside(message, decoded.body, record, received), []
        deviations = [d.value for d in (*message.deviations, *judge(message, interpret(message)))]
        drift = self._note(head.mn, deviations, record, "" if head.cn in REPLIES else head.qn)  # there it is our own
        if record.marks & Mark.WRONG_NETWORK:  # its own key: it must not stand in the way of the true station's frame
            return MessageKey(
                record.position, own_key(record), received, _name(head.mn), _code(head.cn), WRONG_NETWORK
            ), []
        if drift is not None and abs(drift) > self._clock_off and message.is_usable:
            if self._resolver.device(head.mn) is None:
                self._resolver.wait(head.mn, head.st, received_at(record))
            self._note(head.mn, [CLOCK_OFF], record, "")
            return MessageKey(record.position, own_key(record), received, _name(head.mn), _code(head.cn), CLOCK_OFF), []
        if message.is_usable:
            self._tell(heard(message, received_at(record)))
        if head.is_split and not is_fatal(head.deviations) and self._taken(message, record) is not None:
            found = self._gathering.complete(record, head.mn)
            if found is None:
                key = message_key(head, decoded.body)
                return MessageKey(record.position, key, received, _name(head.mn), _code(head.cn), PART), []
            message = decode(found[0].frame, received_at(record))
            self._joined.update(found[1])
        outcome, readings = self._interpret(message, record, received, received_at(record))
        key = message_key(head, decoded.body)
        return MessageKey(record.position, key, received, _name(head.mn), _code(head.cn), outcome), readings

    def _is_stranger(self, message: Message, record: Record) -> bool:
        """A station that nobody knows and that is not taken into use now: it costs as little as it can."""
        head = message.head
        if record.marks & Mark.WRONG_NETWORK or not message.is_usable or head.cn in REPLIES:
            return False
        if self._resolver.device(head.mn) is not None:
            return False
        drift = drift_of(record, head.qn)
        is_clock_off = drift is not None and abs(drift) > self._clock_off
        return is_clock_off or self._taken(message, record) is None

    def _put_aside(self, message: Message, body: bytes, record: Record, received: int) -> MessageKey:
        """The key of a stranger's message: what it says is looked at when its station is adopted."""
        head = message.head
        drift = self._note(head.mn, [d.value for d in message.deviations], record, head.qn)
        self._resolver.wait(head.mn, head.st, received_at(record))
        if drift is not None and abs(drift) > self._clock_off:
            self._note(head.mn, [CLOCK_OFF], record, "")
            return MessageKey(record.position, own_key(record), received, _name(head.mn), _code(head.cn), CLOCK_OFF)
        self._tell(heard(message, received_at(record)))
        key = message_key(head, body)
        return MessageKey(record.position, key, received, _name(head.mn), _code(head.cn), UNKNOWN_STATION)

    def _tell(self, said: Said | None) -> None:
        if said is not None and self._said is not None:
            self._said.append(said)

    def _note(self, mn: str, kinds: Sequence[str], record: Record, qn: str) -> float | None:
        """Count; returns how far the request number is from receipt [s], None if it is no time."""
        met = self._met.setdefault(mn, Met())
        met.kinds.update(kinds)
        met.at = received_at(record)
        drift = drift_of(record, qn)
        if drift is not None:
            met.drift_s = drift
        return drift

    def _interpret(self, message: Message, record: Record, received: int, at: datetime) -> tuple[str, list[NewReading]]:
        head = message.head
        if not message.is_usable:
            return next(d.value for d in message.deviations if is_fatal((d,))), []
        device = self._taken(message, record)
        if device is None:
            self._resolver.wait(head.mn, head.st, at)
            return UNKNOWN_STATION, []
        grain = GRAINS.get(head.cn)
        if grain is None or not message.has_items:
            return NO_DATA, []
        if message.data_time is None:
            return NO_TIME, []
        if grain == "minute":
            device = self._stepped(device)
        left: Counter[str] = Counter()
        made = list(
            readings_of(
                message, device, grain, record.position, received, self._sentinels, lambda kind: left.update([kind])
            )
        )
        if left:
            self._note(head.mn, list(left.elements()), record, "")
        return STORED, made

    def _taken(self, message: Message, record: Record) -> DeviceMap | None:
        """The device that spoke; an unknown one is taken into use first where that is wanted."""
        head = message.head
        device = self._resolver.device(head.mn)
        if device is None and record.marks & Mark.ADOPT and message.is_usable:
            device = self._resolver.adopt(head.mn, head.st, received_at(record))
        return device


def _name(mn: str) -> str:
    """A station's name as it is kept; what cannot be one is not repeated."""
    return mn if is_name(mn) else ""


def _code(cn: str) -> str:
    return cn if is_code(cn) else ""
