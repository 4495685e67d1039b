"""How much one connection and one station may send. Too fast is slowed down, never thrown away."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What is allowed; every figure is a setting of the installation.

    station_rate, connection_rate: frames a second in the long run (a back-fill after an outage is a burst: as many
    seconds' worth as `burst_seconds` pass at once). segment_bytes: longest data segment. garbage_bytes: bytes that are
    no frame, in a row, before the connection is closed. frame_seconds: longest time one frame may take to arrive.
    idle_seconds: longest silence. keepalive_seconds: silence after which the system asks whether the peer is there.
    """

    station_rate: float = 50.0
    connection_rate: float = 2000.0
    burst_seconds: float = 20.0
    segment_bytes: int = 4096
    garbage_bytes: int = 65_536
    frame_seconds: float = 60.0
    idle_seconds: float = 1800.0
    keepalive_seconds: float = 60.0


class Bucket:
    """Counts frames against a rate. rate: a second; burst: how many at once."""

    __slots__ = ("_at", "_burst", "_left", "_rate")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate, self._burst, self._left, self._at = rate, burst, burst, now

    def is_spent(self, now: float) -> bool:
        """Whether one more would be too many."""
        return min(self._burst, self._left + (now - self._at) * self._rate) < 1.0

    def take(self, now: float) -> float:
        """Take one; returns for how many seconds nothing more should be taken (0: go on)."""
        self._left = min(self._burst, self._left + (now - self._at) * self._rate) - 1.0
        self._at = now
        return 0.0 if self._left >= 0 else -self._left / self._rate
