"""One TCP connection of the gateway: frames out of its bytes, its timers, and why it is not being read right now."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections import Counter
from typing import Protocol, cast

from qingyuan.hj212 import Frame, Framer, Known, Rejected
from qingyuan.intake.ledger import CLOSED_GARBAGE, CLOSED_IDLE, CLOSED_SLOW
from qingyuan.intake.limits import Bucket, Limits

QUIET_SECONDS = 2.0
_PROBES = 3
_BUFFER_BYTES = 64 * 1024


class Host(Protocol):
    """What a connection needs of its gateway."""

    limits: Limits

    def known_of(self, mn: str) -> Known:
        """Dialects and keys of a station."""
        ...

    def admit(self, connection: Connection, address: str) -> bool:
        """Whether a new connection may stay."""
        ...

    def leave(self, connection: Connection) -> None:
        """A connection ended."""
        ...

    def submit(self, connection: Connection, piece: Frame | Rejected) -> None:
        """A frame or a rejected piece came."""
        ...

    def note(self, connection: Connection, kind: str) -> None:
        """Something is wrong with a connection."""
        ...


class Connection(asyncio.BufferedProtocol):
    """It may carry one device, or many forwarded by an upper platform.

    What comes is read into one buffer for all connections: each reading is taken out before the next begins.
    """

    _buffer = memoryview(bytearray(_BUFFER_BYTES))

    def __init__(self, gateway: Host) -> None:
        self._gateway = gateway
        limits = gateway.limits
        self._framer = Framer(limits.segment_bytes, known_of=gateway.known_of)
        self._transport: asyncio.Transport | None = None
        self._quiet: asyncio.TimerHandle | None = None
        self._watch: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()
        self._active_at = self._loop.time()
        self._begun_at: float | None = None  # since when one frame has been under way
        self._slow_until = 0.0
        self._garbage = 0
        self._held_for: Counter[str] = Counter()
        self.rate = Bucket(limits.connection_rate, limits.connection_rate * limits.burst_seconds, self._active_at)
        self.peer = self.address = ""
        self.station = ""
        self.stations: set[str] = set()
        """Registered stations that spoke on it."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection if its network is allowed and there is room."""
        transport = cast("asyncio.Transport", transport)  # uvloop's is none of that class
        self._transport = transport
        name = transport.get_extra_info("peername")
        self.address, self.peer = (str(name[0]), f"{name[0]}:{name[1]}") if name else ("", "?")
        if not self._gateway.admit(self, self.address):
            transport.abort()
            self._transport = None
            return
        self._keep_alive(transport.get_extra_info("socket"))
        self._look()

    def get_buffer(self, sizehint: int) -> memoryview:
        """Where the next bytes go."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Frame what came and hand it to the journal."""
        self._active_at = self._loop.time()
        pieces = self._framer.feed(bytes(self._buffer[:nbytes]))
        self._take(pieces)
        if self._quiet:
            self._quiet.cancel()
            self._quiet = None
        if not self._framer.pending:
            self._begun_at = None
            return
        self._quiet = self._loop.call_later(QUIET_SECONDS, lambda: self._take(self._framer.settle()))
        if pieces or self._begun_at is None:
            self._begun_at = self._active_at
            self._look()

    def eof_received(self) -> bool:
        """Half-open: judge what is left and close."""
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Keep what was held back; stop the timers."""
        if self._transport:
            self._take(self._framer.close())
        for timer in (self._quiet, self._watch):
            if timer:
                timer.cancel()
        self._gateway.leave(self)
        self._transport = None

    def pause_writing(self) -> None:
        """A peer that does not read its acknowledgements is not read from either."""
        self.hold("peer")

    def resume_writing(self) -> None:
        """The peer reads again."""
        self.release("peer")

    def hold(self, reason: str) -> None:
        """Stop reading for a reason."""
        self._held_for[reason] += 1
        if self._transport and not self._transport.is_closing():
            self._transport.pause_reading()

    def release(self, reason: str) -> None:
        """A reason has gone; read on if it was the last."""
        self._held_for.pop(reason, None)
        if not self._held_for and self._transport and not self._transport.is_closing():
            self._transport.resume_reading()

    def slow_down(self, seconds: float) -> None:
        """Read nothing for a while; what the peer sends meanwhile waits with it."""
        self._slow_until = max(self._slow_until, self._loop.time() + seconds)
        if "rate" not in self._held_for:
            self.hold("rate")
            self._loop.call_later(seconds, self._go_on)

    def _go_on(self) -> None:
        left = self._slow_until - self._loop.time()
        if left > 0:
            self._loop.call_later(left, self._go_on)
        else:
            self.release("rate")

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
            if isinstance(piece, Frame):
                self._garbage = 0
                continue
            self._garbage += len(piece.raw)
            if self._garbage > self._gateway.limits.garbage_bytes:
                self._end(CLOSED_GARBAGE)
                return

    def _end(self, kind: str) -> None:
        if self._transport and not self._transport.is_closing():
            self._gateway.note(self, kind)
            self._transport.abort()

    def _look(self) -> None:
        """Close what is silent or never finishes a frame; else look again when that may be so."""
        limits, now = self._gateway.limits, self._loop.time()
        idle_until = self._active_at + limits.idle_seconds
        until = idle_until if self._begun_at is None else min(idle_until, self._begun_at + limits.frame_seconds)
        if self._held_for.keys() & {"rate", "queue"}:
            until = max(until, now + min(1.0, limits.idle_seconds))  # it is we who do not read
        if self._watch:
            self._watch.cancel()
        if now >= until:
            self._end(CLOSED_IDLE if now >= idle_until else CLOSED_SLOW)
        else:
            self._watch = self._loop.call_at(until, self._look)

    def _keep_alive(self, own: socket.socket | None) -> None:
        if own is None or own.family not in {socket.AF_INET, socket.AF_INET6}:
            return
        seconds = max(1, round(self._gateway.limits.keepalive_seconds))
        options = (
            ("TCP_KEEPIDLE", seconds),
            ("TCP_KEEPINTVL", max(1, seconds // _PROBES)),
            ("TCP_KEEPCNT", _PROBES),
            ("TCP_USER_TIMEOUT", seconds * 2000),
        )
        with contextlib.suppress(OSError):  # the peer may be gone already, which the read will tell
            own.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            for option, value in options:
                if hasattr(socket, option):
                    own.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
