"""What the reader of the journal asks of the bureau, and tells it: whose station is this, what was met of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from qingyuan.hj212 import Known
from qingyuan.intake.message_readings import DeviceMap
from qingyuan.intake.talk import Said

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass
class Met:
    """What one batch met of a station. drift_s: its request number minus receipt, of the last frame that had one."""

    kinds: Counter[str] = field(default_factory=Counter)
    drift_s: float | None = None
    at: datetime = _NEVER


class Resolver(Protocol):
    """What the bureau knows of devices."""

    def begin(self, stations: Collection[str]) -> None:
        """A batch with these stations begins: what is known of them is looked up at once."""
        ...

    def finish(self) -> None:
        """The batch is read: what was noted of unknown stations is written down at once."""
        ...

    def device(self, mn: str) -> DeviceMap | None:
        """The device of that MN if it is in use, else None (then it waits to be adopted)."""
        ...

    def adopt(self, mn: str, system_type: str, at: datetime) -> DeviceMap | None:
        """Take an unknown station into use as it is; None if it may not be (retired, an MN that cannot be one)."""
        ...

    def wait(self, mn: str, system_type: str, at: datetime) -> None:
        """Note that an unknown station spoke."""
        ...

    def known(self, mn: str) -> Known:
        """Wrong checks that the station may send, and its keys."""
        ...

    def stepped(self, mn: str, seconds: int) -> None:
        """Its minute data stand so many seconds apart, by their own times; the device map is the new one from now on."""
        ...

    def met(self, stations: Mapping[str, Met]) -> None:
        """Count what was met, by MN ("" where a piece names none). After a crash some may have been left uncounted."""
        ...

    def said(self, sayings: Sequence[Said]) -> None:
        """Take note of the conversation that the gateway began; after a crash it may be told again."""
        ...
