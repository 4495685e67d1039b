"""The TCP gateway: bytes into the fsynced journal, then the acknowledgement. Nothing is parsed beyond the head.

Many frames share one fsync (group commit): while one batch is being written the next gathers. When the journal
cannot take more, nothing is acknowledged, so devices keep and re-send; connections stay open.
"""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import ssl
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

from qingyuan.hj212 import Frame, Framer, Rejected, acknowledge
from qingyuan.intake.errors import GatewayPortInUse, JournalFull
from qingyuan.intake.journal import Journal, Mark, NewRecord, RecordKind

REPLIES = frozenset({"9011", "9012", "9013", "9014"})
QUIET_SECONDS = 2.0
MAX_WAITING = 20_000
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True)
class GatewaySettings:
    """How the gateway listens. networks empty = every network; idle_seconds closes a silent connection."""

    host: str = "127.0.0.1"
    port: int = 0
    networks: tuple[Network, ...] = ()
    max_connections: int = 10_000
    idle_seconds: float = 1800.0
    adopt_unknown: bool = False
    tls: ssl.SSLContext | None = None


@dataclass
class GatewayState:
    """What the gateway has seen since it started; counts by reason."""

    port: int = 0
    connections: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    last_packet_at: datetime | None = None
    journal_error: str = ""


@dataclass
class _Waiting:
    record: NewRecord
    connection: Connection
    reply: bytes


class Connection(asyncio.Protocol):
    """One TCP connection: it may carry one device, or many forwarded by an upper platform."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._framer = Framer()
        self._transport: asyncio.Transport | None = None
        self._quiet: asyncio.TimerHandle | None = None
        self._idle: asyncio.TimerHandle | None = None
        self.peer = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection if its network is allowed and there is room."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        name = transport.get_extra_info("peername")
        self.peer = f"{name[0]}:{name[1]}" if name else "?"
        if not self._gateway.admit(self, name[0] if name else ""):
            transport.abort()
            self._transport = None
            return
        self._restart_idle()

    def data_received(self, data: bytes) -> None:
        """Frame what came and hand it to the journal."""
        self._restart_idle()
        self._take(self._framer.feed(data))
        if self._quiet:
            self._quiet.cancel()
            self._quiet = None
        if self._framer.pending:
            loop = asyncio.get_running_loop()
            self._quiet = loop.call_later(QUIET_SECONDS, lambda: self._take(self._framer.settle()))

    def eof_received(self) -> bool:
        """Half-open: judge what is left and close."""
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Keep what was held back; stop the timers."""
        self._take(self._framer.close())
        for timer in (self._quiet, self._idle):
            if timer:
                timer.cancel()
        self._gateway.leave(self)
        self._transport = None

    def pause_writing(self) -> None:
        """A peer that does not read its acknowledgements is not read from either."""
        self.pause()

    def resume_writing(self) -> None:
        """The peer reads again."""
        self.resume()

    def pause(self) -> None:
        """Stop reading for now."""
        if self._transport and not self._transport.is_closing():
            self._transport.pause_reading()

    def resume(self) -> None:
        """Read on."""
        if self._transport and not self._transport.is_closing():
            self._transport.resume_reading()

    def send(self, data: bytes) -> None:
        """Write an answer, if the peer is still there."""
        if self._transport and not self._transport.is_closing():
            self._transport.write(data)

    def abort(self) -> None:
        """Close at once."""
        if self._transport:
            self._transport.abort()

    def _take(self, pieces: list[Frame | Rejected]) -> None:
        for piece in pieces:
            self._gateway.submit(self, piece)

    def _restart_idle(self) -> None:
        if self._idle:
            self._idle.cancel()
        loop = asyncio.get_running_loop()
        self._idle = loop.call_later(self._gateway.settings.idle_seconds, self.abort)


class Gateway:
    """Listens, gathers, journals, acknowledges. `now` gives the instant of receipt."""

    def __init__(self, journal: Journal, settings: GatewaySettings, now: Callable[[], datetime]) -> None:
        self.settings = settings
        self.state = GatewayState()
        self._journal = journal
        self._now = now
        self._waiting: list[_Waiting] = []
        self._is_writing = False
        self._arrived = asyncio.Event()
        self._connections: set[Connection] = set()
        self._server: asyncio.Server | None = None
        self._writer: asyncio.Task[None] | None = None
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="journal")

    async def start(self) -> int:
        """Listen; returns the port. Raises GatewayPortInUse."""
        loop = asyncio.get_running_loop()
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
        self._writer = loop.create_task(self._write_batches())
        self.state.port = self._server.sockets[0].getsockname()[1]
        return self.state.port

    async def stop(self) -> None:
        """Stop listening, write and acknowledge what is waiting, close the connections."""
        if self._server:
            self._server.close()
        while (self._waiting or self._is_writing) and not self.state.journal_error:
            self._arrived.set()
            await asyncio.sleep(0.01)
        if self._writer:
            self._writer.cancel()
            await asyncio.gather(self._writer, return_exceptions=True)
        for connection in list(self._connections):
            connection.abort()
        self._pool.shutdown()

    def admit(self, connection: Connection, address: str) -> bool:
        """Whether a new connection may stay."""
        if len(self._connections) >= self.settings.max_connections:
            self.state.counts["refused_too_many"] += 1
            return False
        if self.settings.networks and not self._is_allowed(address):
            self.state.counts["refused_network"] += 1
            return False
        self._connections.add(connection)
        self.state.connections = len(self._connections)
        return True

    def _is_allowed(self, address: str) -> bool:
        try:
            ip = ipaddress.ip_address(address)
        except ValueError:
            return False
        ip = getattr(ip, "ipv4_mapped", None) or ip  # an IPv4 peer of a socket that listens on both
        return any(ip in network for network in self.settings.networks)

    def leave(self, connection: Connection) -> None:
        """A connection ended."""
        self._connections.discard(connection)
        self.state.connections = len(self._connections)

    def submit(self, connection: Connection, piece: Frame | Rejected) -> None:
        """Put a frame or a rejected piece in line for the journal."""
        at = self._now()
        self.state.last_packet_at = at
        microseconds = int(at.timestamp() * 1_000_000)
        reply = b""
        if isinstance(piece, Frame):
            self.state.counts["frames"] += 1
            marks = int(Mark.ADOPT) if self.settings.adopt_unknown else 0
            record = NewRecord(RecordKind.FRAME, piece.raw, connection.peer, microseconds, marks)
            if piece.wants_answer and piece.is_usable and piece.cn not in REPLIES:
                reply = acknowledge(piece)
        else:
            self.state.counts[f"rejected_{piece.reason.value}"] += 1
            record = NewRecord(RecordKind.REJECTED, piece.raw, connection.peer, microseconds)
        self._waiting.append(_Waiting(record, connection, reply))
        if len(self._waiting) >= MAX_WAITING:
            connection.pause()
        self._arrived.set()

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
                        self.state.counts["acknowledged"] += 1
            finally:
                self._is_writing = False
            for connection in {w.connection for w in batch}:
                connection.resume()
