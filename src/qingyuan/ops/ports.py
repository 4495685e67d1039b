"""Ports, checked before anything starts, so that a clash is one clear line."""

from __future__ import annotations

import errno
import socket

from qingyuan.ops.errors import OpsError


def choose(host: str, port: int, purpose: str) -> int:
    """The port itself if it is free, a free one for 0. Raises OpsError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            return int(probe.getsockname()[1])
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise OpsError(
                    f"{purpose}端口 {host}:{port} 已被占用；请换一个端口（0 = 任选），或停止占用它的程序"
                ) from error
            raise OpsError(f"{purpose}无法在 {host}:{port} 监听（{error.strerror}）；请检查 --host") from error
