"""The watchdog that looks for silence is itself watched: when it last looked, and whether that is too long ago."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from qingyuan import clock, process

SWEEP_SECONDS = 20.0
MISSED_SWEEPS = 6
"""So many sweeps may be missed, each of 20 real seconds, before the watchdog itself counts as silent."""


@dataclass(frozen=True)
class Watchdog:
    """looked_at: the sweep's last turn; swept_at: the last in which it judged (it holds back while we are behind)."""

    looked_at: datetime | None
    swept_at: datetime | None
    state: str

    @property
    def is_bad(self) -> bool:
        """Whether silence could now go unseen."""
        return self.state in {"late", "held", "never"}

    @property
    def word(self) -> str:
        """The state in words."""
        return WORDS[self.state]


WORDS = {
    "ok": "断数巡查正常",
    "held": "积压的报文没有处理完，断数巡查暂停",
    "late": "断数巡查没有按时运行",
    "never": "断数巡查没有运行过",
}


def watchdog() -> Watchdog:
    """By the heartbeat of the work process, in real time whatever the clock of a demo says."""
    beat = process.last_beat("work") or {}
    looked, swept = _instant(beat.get("silence_looked_at")), _instant(beat.get("silence_swept_at"))
    longest = timedelta(seconds=SWEEP_SECONDS * MISSED_SWEEPS)
    now = clock.SystemClock().now()
    if looked is None:
        state = "never"
    elif now - looked > longest:
        state = "late"
    elif swept is not None and now - swept > longest:
        state = "held"
    else:
        state = "ok"
    return Watchdog(looked, swept, state)


def _instant(second: object) -> datetime | None:
    return datetime.fromtimestamp(float(str(second)), UTC) if second else None
