"""A gateway in a few lines: acknowledges every frame, remembers it, can be stopped and started again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from qingyuan.hj212 import Frame, Framer, acknowledge


class SmallGateway:
    """Listens on a loopback port; `silent_for` frames are taken without an answer first."""

    def __init__(self, silent_for: int = 0) -> None:
        self.frames: list[Frame] = []
        self.rejected: list[bytes] = []
        self.connections = 0
        self.silent_for = silent_for
        self.port = 0
        self.asks: Callable[[Frame], bytes] | None = None
        """Makes a request, sent once on each line after so many frames."""
        self.asks_after = 1
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def start(self, port_file: Path | None = None) -> None:
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        if port_file is not None:
            port_file.parent.mkdir(parents=True, exist_ok=True)
            port_file.write_text(str(self.port), encoding="ascii")

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        await self._server.wait_closed()

    def keys(self) -> set[tuple[str, str]]:
        return {(frame.mn, frame.qn) for frame in self.frames}

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.add(writer)
        framer = Framer()
        heard = 0
        try:
            while data := await reader.read(65536):
                for piece in framer.feed(data):
                    if not isinstance(piece, Frame):
                        self.rejected.append(piece.raw)
                    elif self.silent_for > 0:
                        self.silent_for -= 1
                    else:
                        self.frames.append(piece)
                        writer.write(acknowledge(piece))
                        heard += 1
                        if self.asks is not None and heard == self.asks_after:
                            writer.write(self.asks(piece))
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            self._writers.discard(writer)
            writer.close()
