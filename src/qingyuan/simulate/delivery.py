"""One connection of a device, or of a forwarding platform, to a gateway: send, wait for 9014, send again.

A frame counts as delivered only when its acknowledgement has come. What was not acknowledged is sent again after a
time-out (at most three times, HJ 212-2017 6.2), then over a new connection. Reconnects with growing pauses.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from qingyuan.hj212 import Frame, Framer
from qingyuan.simulate.answering import Logger, answers
from qingyuan.simulate.frames import Sending

_RESENDS = 3
_LONGEST_PAUSE = 8.0
_ACKNOWLEDGEMENTS = frozenset({"9014", "9013"})


@dataclass(frozen=True)
class Address:
    """Where the gateway listens; `port` is asked again at every connection, because it may have moved."""

    host: str
    port: Callable[[], int]


@dataclass
class _Waiting:
    sending: Sending
    sent_at: float
    times: int


class Line:
    """A connection with its unacknowledged frames. Use from one event loop; `close` when done.

    is_resending: False for a load that must count what was never acknowledged; each frame then goes out once. logger:
    answers what the platform asks; without it nothing is answered. keys: open encrypted requests.
    """

    def __init__(
        self,
        address: Address,
        *,
        window: int = 64,
        timeout_s: float = 10.0,
        is_resending: bool = True,
        on_acknowledged: Callable[[Sending], None] | None = None,
        logger: Logger | None = None,
        keys: Sequence[bytes] = (),
    ) -> None:
        self._address = address
        self._window = window
        self._timeout = timeout_s
        self._is_resending = is_resending
        self._on_acknowledged = on_acknowledged or (lambda sending: None)
        self._logger, self._keys = logger, tuple(keys)
        self._waiting: OrderedDict[tuple[str, str], _Waiting] = OrderedDict()
        self._changed = asyncio.Event()
        self._writer: asyncio.StreamWriter | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def is_connected(self) -> bool:
        """Whether the connection stands."""
        return self._writer is not None

    @property
    def unacknowledged(self) -> int:
        """Frames sent or queued whose acknowledgement has not come."""
        return len(self._waiting)

    @property
    def oldest_unacknowledged(self) -> int | None:
        """Planned sending time of the oldest unacknowledged frame, seconds UTC."""
        return next(iter(self._waiting.values())).sending.at if self._waiting else None

    async def send(self, sending: Sending) -> None:
        """Send a frame, waiting while the window is full."""
        self._ensure_running()
        while len(self._waiting) >= self._window:
            await self._wait_for_change()
        self.offer(sending)

    def offer(self, sending: Sending) -> None:
        """Send a frame without ever waiting: the window may be passed, nothing is dropped."""
        self._ensure_running()
        waiting = _Waiting(sending, asyncio.get_running_loop().time(), 0)
        self._waiting[sending.mn, sending.qn] = waiting
        if self._writer is not None:
            waiting.times = 1
            self._writer.write(sending.raw)

    def mutter(self, data: bytes) -> bool:
        """Write bytes for which no acknowledgement is expected and which are never sent again; False if the line is down."""
        self._ensure_running()
        if self._writer is None:
            return False
        self._writer.write(data)
        return True

    def wake(self) -> None:
        """Connect again, if the line was cut."""
        self._ensure_running()

    async def drain(self) -> None:
        """Wait until every frame is acknowledged."""
        while self._waiting:
            await self._wait_for_change()

    def hang_up(self) -> None:
        """Cut the connection as a device does that loses its network; a later frame connects again."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def close(self) -> None:
        """Cut the connection and wait for its end."""
        task = self._task
        self.hang_up()
        if task is not None:
            await asyncio.gather(task, return_exceptions=True)

    def _ensure_running(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def _wait_for_change(self) -> None:
        self._changed.clear()
        await self._changed.wait()

    async def _run(self) -> None:
        pause = 0.2
        while True:
            try:
                reader, writer = await asyncio.open_connection(self._address.host, self._address.port())
            except OSError:
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
                continue
            pause = 0.2
            try:
                await self._converse(reader, writer)
            except OSError:
                await asyncio.sleep(pause)
            finally:
                self._writer = None
                writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Speak over one connection until it ends or three resends have brought no answer."""
        loop = asyncio.get_running_loop()
        framer = Framer(keys=self._keys)
        if not self._is_resending:  # what went into the old connection is lost for good
            for lost in [name for name, waiting in self._waiting.items() if waiting.times]:
                del self._waiting[lost]
        for waiting in self._waiting.values():
            waiting.sent_at, waiting.times = loop.time(), 1
            writer.write(waiting.sending.raw)
        self._writer = writer
        while True:
            try:
                data = await asyncio.wait_for(reader.read(65536), self._timeout / 2)
            except TimeoutError:
                data = None
            if data == b"":
                return
            for piece in framer.feed(data or b""):
                if isinstance(piece, Frame) and piece.cn in _ACKNOWLEDGEMENTS:
                    self._acknowledged(piece.mn, piece.qn)
                elif isinstance(piece, Frame) and self._logger is not None:
                    self._answer(piece, self._logger)
            if not self._resend_late(loop.time()):
                return
            await writer.drain()

    def _answer(self, asked: Frame, logger: Logger) -> None:
        for one in answers(asked, logger):
            if isinstance(one, Sending):
                self.offer(one)
            elif self._writer is not None:
                self._writer.write(one)

    def _acknowledged(self, mn: str, qn: str) -> None:
        waiting = self._waiting.pop((mn, qn), None)
        if waiting is not None:
            self._changed.set()
            self._on_acknowledged(waiting.sending)

    def _resend_late(self, now: float) -> bool:
        """Send again what is overdue; False once a frame has had all its tries."""
        if not self._is_resending:
            return True
        for waiting in self._waiting.values():
            if now - waiting.sent_at <= self._timeout:
                break
            if waiting.times > _RESENDS:
                return False
            waiting.sent_at, waiting.times = now, waiting.times + 1
            if self._writer is not None:
                self._writer.write(waiting.sending.raw)
        return True
