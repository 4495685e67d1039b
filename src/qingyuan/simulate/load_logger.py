"""The memory of one device of a load: what it measured, sent or withheld, and how its clock stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from operator import itemgetter

from qingyuan.hj212.contents import time_text
from qingyuan.intake.requests import HISTORY
from qingyuan.simulate.devices import Spoken
from qingyuan.simulate.frames import Sending


class LoadLogger:
    """See `answering.Logger`. now: the true time of the device's last turn; clock_off: how far its clock is ahead."""

    def __init__(self, clock_off: timedelta = timedelta()) -> None:
        self.clock_off = clock_off
        self.now = datetime.min.replace(tzinfo=UTC)
        self._kept: dict[str, list[tuple[str, str, str, bytes]]] = defaultdict(list)  # data time, MN, QN, frame

    def keep(self, spoken: Spoken) -> None:
        """Remember an upload of a period."""
        if spoken.cn in HISTORY:
            self._kept[spoken.cn].append((spoken.data_time, spoken.mn, spoken.qn, spoken.raw))

    def stored(self, mn: str, cn: str, begin: datetime, end: datetime) -> Sequence[Sending]:
        """See `answering.Logger`: the frames as they were made; one that had arrived is a duplicate."""
        first, last = time_text(begin), time_text(end)
        kept = sorted(self._kept[cn], key=itemgetter(0))
        return [Sending(0, own, cn, qn, raw) for data_time, own, qn, raw in kept if first <= data_time <= last]

    def set_clock(self, mn: str, to: datetime) -> None:
        """See `answering.Logger`."""
        self.clock_off = to - self.now
