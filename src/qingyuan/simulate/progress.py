"""What the player tells and remembers: the progress that `/healthz` shows, and where to go on after a restart."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Replace a file in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    os.replace(part, path)


def iso(seconds: int) -> str:
    """Seconds UTC as ISO text."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()


@dataclass
class Progress:
    """How far the demonstration is. Counts are frames; `first` and `last` bound the history being filled."""

    state: Literal["backfilling", "live", "stopped"]
    sent: int
    total: int
    acknowledged: int
    first: int
    last: int
    since: str
    at: str = ""
    speed: float = 1.0

    def write(self, path: Path) -> None:
        """Publish atomically: `{"state", "sent", "total", "acknowledged", "from", "to", "since", "at", "speed"}`."""
        content = asdict(self)
        content["from"], content["to"] = iso(content.pop("first")), iso(content.pop("last"))
        write_json(path, content)


@dataclass
class Memory:
    """What must survive a restart. Times in seconds UTC; every frame due before `acknowledged_to` is delivered.

    anchor: when the demonstration first went live. clock_start, real_start: the demo clock's two origins.
    """

    seed: int
    days: int
    anchor: int
    acknowledged_to: int
    speed: float
    clock_start: int
    real_start: int

    @staticmethod
    def read(path: Path) -> Memory | None:
        """The memory of an earlier run; None if there was none. A file of another form is an error."""
        if not path.is_file():
            return None
        return Memory(**json.loads(path.read_text(encoding="utf-8")))

    def write(self, path: Path) -> None:
        """Store atomically."""
        write_json(path, asdict(self))
