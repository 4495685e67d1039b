"""The TCP gateway: bytes into the fsynced journal, then the acknowledgement. Nothing is parsed beyond the head.

Many frames share one fsync (group commit): while one batch is being written the next gathers. When the journal
cannot take more, nothing is acknowledged, so devices keep and re-send; connections stay open. What it knows of stations
is a copy of the register that is read anew every few seconds; while the register cannot be read the last copy holds.
"""

from __future__ import annotations

import asyncio
import errno
import ssl
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from qingyuan.hj212 import Frame, Head, Known, Rejected, UnencodableError, acknowledge
from qingyuan.intake import ledger as kinds
from qingyuan.intake.connection import Connection
from qingyuan.intake.errors import GatewayPortInUse, IntakeError, JournalFull, NotSendable
from qingyuan.intake.journal import Journal, Mark, NewRecord, RecordKind
from qingyuan.intake.known import KnownStation, Network, Register, is_in
from qingyuan.intake.ledger import Ledger, Page
from qingyuan.intake.limits import Bucket, Limits
from qingyuan.intake.requests import REPLIES, Wish, Wishes, request_frame

MAX_WAITING = 20_000
_NOTHING = Known()


@dataclass(frozen=True)
class GatewaySettings:
    """How the gateway listens. networks empty = every network; only_known: frames of unregistered stations are neither
    kept nor acknowledged, only counted; register_seconds, wishes_seconds: how often the register and the requests to send
    are looked at.
    """

    host: str = "127.0.0.1"
    port: int = 0
    networks: tuple[Network, ...] = ()
    max_connections: int = 10_000
    limits: Limits = field(default_factory=Limits)
    adopt_unknown: bool = False
    only_known: bool = False
    register_seconds: float = 5.0
    wishes_seconds: float = 1.0
    tls: ssl.SSLContext | None = None


@dataclass
class GatewayState:
    """What the gateway has seen since it started; counts by reason."""

    port: int = 0
    connections: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    last_packet_at: datetime | None = None
    journal_error: str = ""
    register_error: str = ""
    wishes_error: str = ""


@dataclass
class _Waiting:
    """A record on its way into the journal, and what is to be written to the peer then."""

    record: NewRecord
    connection: Connection
    page: Page
    reply: bytes
    counted: str = kinds.ACKNOWLEDGED


class _Speaker(NamedTuple):
    """On which connection a registered station last spoke, and how."""

    connection: Connection
    head: Head
    is_encrypted: bool


class Gateway:
    """Listens, gathers, journals, acknowledges, and sends what `wishes` hold: without them it never begins to speak.

    `now` gives the instant of receipt; ledger: counts to go on from.
    """

    def __init__(
        self,
        journal: Journal,
        settings: GatewaySettings,
        now: Callable[[], datetime],
        *,
        register: Register | None = None,
        ledger: Ledger | None = None,
        wishes: Wishes | None = None,
    ) -> None:
        self.settings, self.limits = settings, settings.limits
        self.state = GatewayState()
        self.ledger = ledger or Ledger()
        self._journal = journal
        self._now = now
        self._register = register
        self._wishes = wishes
        self._asked: set[tuple[str, str]] = set()
        self._speakers: dict[str, _Speaker] = {}
        self._known: Mapping[str, KnownStation] = {}
        self._rates: dict[str, Bucket] = {}
        self._waiting: list[_Waiting] = []
        self._is_writing = False
        self._arrived = asyncio.Event()
        self._connections: set[Connection] = set()
        self._server: asyncio.Server | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="journal")

    async def start(self) -> int:
        """Read the register and listen; returns the port. Raises GatewayPortInUse."""
        loop = asyncio.get_running_loop()
        if self._register is not None:
            await self._read_register(self._register)
        try:
            self._server = await loop.create_server(
                lambda: Connection(self),
                self.settings.host,
                self.settings.port,
                ssl=self.settings.tls,
                backlog=2048,
                reuse_address=True,
            )
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise GatewayPortInUse(self.settings.host, self.settings.port) from error
            raise
        self._tasks = [loop.create_task(self._write_batches())]
        if self._register is not None:
            self._tasks.append(loop.create_task(self._follow_register(self._register)))
        if self._wishes is not None:
            self._tasks.append(loop.create_task(self._follow_wishes(self._wishes)))
        self.state.port = self._server.sockets[0].getsockname()[1]
        return self.state.port

    async def stop(self) -> None:
        """Stop listening, write and acknowledge what is waiting, close the connections."""
        if self._server:
            self._server.close()
        while (self._waiting or self._is_writing) and not self.state.journal_error:
            self._arrived.set()
            await asyncio.sleep(0.01)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for connection in list(self._connections):
            connection.abort()
        self._pool.shutdown()

    def known_of(self, mn: str) -> Known:
        """Dialects and keys of a station; nothing for one that is not registered."""
        station = self._known.get(mn)
        return station.how if station else _NOTHING

    def admit(self, connection: Connection, address: str) -> bool:
        """Whether a new connection may stay."""
        if len(self._connections) >= self.settings.max_connections:
            self.state.counts["refused_too_many"] += 1
            return False
        if self.settings.networks and not is_in(address, self.settings.networks):
            self.state.counts["refused_network"] += 1
            self.ledger.page("", connection.peer).counts["refused_network"] += 1
            return False
        self._connections.add(connection)
        self.state.connections = len(self._connections)
        return True

    def leave(self, connection: Connection) -> None:
        """A connection ended."""
        self._connections.discard(connection)
        for mn in connection.stations:
            if (speaker := self._speakers.get(mn)) is not None and speaker.connection is connection:
                del self._speakers[mn]
        self.state.connections = len(self._connections)

    def connected(self) -> set[str]:
        """Stations that spoke on a connection that is open; of those not registered only who spoke last on it."""
        return {c.station for c in self._connections if c.station} | set(self._speakers)

    def note(self, connection: Connection, kind: str) -> None:
        """Count what is wrong with a connection, under its station if it has named one."""
        self._count(self.ledger.page(connection.station, connection.peer), kind)

    def submit(self, connection: Connection, piece: Frame | Rejected) -> None:
        """Put a frame or a rejected piece in line for the journal."""
        at = self._now()
        self.state.last_packet_at = at
        mn = piece.head.mn
        known = self._known.get(mn)
        page = self.ledger.page(mn, connection.peer, is_registered=known is not None)
        page.at, page.peer = at, connection.peer
        connection.station = mn or connection.station
        self._slow_down(connection, mn, page)
        reply, marks, kind = b"", 0, RecordKind.REJECTED
        if isinstance(piece, Frame):
            self._count(page, "frames")
            for deviation in piece.deviations:
                page.counts[deviation.value] += 1
            if known is None and self.settings.only_known:
                self._count(page, kinds.REFUSED_UNKNOWN)
                return
            kind, marks = RecordKind.FRAME, int(Mark.ADOPT) if self.settings.adopt_unknown else 0
            if known is not None and known.networks and not is_in(connection.address, known.networks):
                self._count(page, kinds.WRONG_NETWORK)
                marks |= Mark.WRONG_NETWORK  # kept raw; whoever it is does not get an answer
            else:
                if known is not None:
                    self._speakers[mn] = _Speaker(connection, piece.head, piece.is_encrypted)
                    connection.stations.add(mn)
                if piece.wants_answer and piece.is_usable and piece.cn not in REPLIES:
                    reply = acknowledge(piece)
        else:
            self.state.counts[f"rejected_{piece.reason.value}"] += 1
            for deviation in piece.deviations or (piece.reason,):
                page.counts[deviation.value] += 1
        record = NewRecord(kind, piece.raw, connection.peer, int(at.timestamp() * 1_000_000), marks)
        self._put(_Waiting(record, connection, page, reply))

    def _put(self, waiting: _Waiting) -> None:
        self._waiting.append(waiting)
        if len(self._waiting) >= MAX_WAITING:
            waiting.connection.hold("queue")
        self._arrived.set()

    def _count(self, page: Page, kind: str) -> None:
        page.counts[kind] += 1
        self.state.counts[kind] += 1

    def _slow_down(self, connection: Connection, mn: str, page: Page) -> None:
        now = asyncio.get_running_loop().time()
        limits = self.limits
        wait = connection.rate.take(now)
        if mn:
            rate = self._rates.get(mn)
            if rate is None:
                if len(self._rates) > MAX_WAITING:
                    self._rates.clear()  # only made-up names come this far
                rate = self._rates[mn] = Bucket(limits.station_rate, limits.station_rate * limits.burst_seconds, now)
            wait = max(wait, rate.take(now))
        if wait > 0:
            self._count(page, kinds.SLOWED)
            connection.slow_down(wait)

    async def _follow_register(self, register: Register) -> None:
        while True:
            await asyncio.sleep(self.settings.register_seconds)
            await self._read_register(register)

    async def _read_register(self, register: Register) -> None:
        try:
            self._known = await asyncio.get_running_loop().run_in_executor(None, register)
        except Exception as error:  # whatever a database can raise: shown, the last copy holds
            self.state.register_error = f"{type(error).__name__}: {error}"
        else:
            self.state.register_error = ""

    async def _follow_wishes(self, wishes: Wishes) -> None:
        while True:
            try:
                standing = await asyncio.get_running_loop().run_in_executor(None, wishes)
            except IntakeError as error:
                self.state.wishes_error = str(error)
            else:
                self.state.wishes_error = ""
                self._asked &= {(wish.mn, wish.qn) for wish in standing}
                for wish in standing:
                    self._ask(wish)
            await asyncio.sleep(self.settings.wishes_seconds)

    def _ask(self, wish: Wish) -> None:
        """Send a request once, on the line of its registered station, after it stands in the journal."""
        speaker, now = self._speakers.get(wish.mn), self._now()
        if (wish.mn, wish.qn) in self._asked or speaker is None or wish.mn not in self._known or now > wish.until:
            return
        keys = self._known[wish.mn].how.keys
        page = self.ledger.page(wish.mn, speaker.connection.peer, is_registered=True)
        self._asked.add((wish.mn, wish.qn))
        try:
            frame = request_frame(wish, speaker.head, now, keys[0] if speaker.is_encrypted and keys else None)
        except (NotSendable, UnencodableError):
            self._count(page, kinds.NOT_SENDABLE)
            return
        us = int(now.timestamp() * 1_000_000)
        record = NewRecord(RecordKind.REQUEST, frame, speaker.connection.peer, us)
        self._put(_Waiting(record, speaker.connection, page, frame, kinds.ASKED))

    async def _write_batches(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            batch, self._waiting = self._waiting, []
            if not batch:
                continue
            records = [w.record for w in batch]
            self._is_writing = True
            try:
                await loop.run_in_executor(self._pool, self._journal.append, records)
            except JournalFull as error:
                self.state.journal_error = str(error)
                self.state.counts["not_acknowledged_journal_full"] += len(batch)
            else:
                self.state.journal_error = ""
                for waiting in batch:
                    if waiting.reply:
                        waiting.connection.send(waiting.reply)
                        self._count(waiting.page, waiting.counted)
            finally:
                self._is_writing = False
            for connection in {w.connection for w in batch}:
                connection.release("queue")
