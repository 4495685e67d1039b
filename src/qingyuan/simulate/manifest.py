"""What a load sent and what came back of it, frame by frame.

Columns of text and numbers, no object a frame: a hundred thousand small objects halt a process for some tenths of a
second at each garbage collection, and the halt would be measured as the gateway's.
"""

from __future__ import annotations

import json
import math
from array import array
from collections import Counter
from pathlib import Path

from qingyuan.simulate.devices import Spoken

_NAMES = ("mn", "qn", "cn", "st", "edition", "data_time", "pnum", "pno")


class Manifest:
    """Frames in the order of sending. Instants and waits are seconds of one monotonic clock; nan: no acknowledgement."""

    def __init__(self) -> None:
        self._rows: list[str] = []  # lines of the file but for their end
        self._faults: list[str] = []
        self._sent_at, self._waited = array("d"), array("d")
        self._expected = bytearray()
        self._numbers: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def acknowledged(self) -> int:
        """Frames whose acknowledgement came."""
        return sum(not math.isnan(one) for one in self._waited)

    @property
    def faults(self) -> dict[str, int]:
        """How many frames bore which fault, by name."""
        return dict(sorted(Counter(filter(None, self._faults)).items()))

    def put(self, spoken: Spoken, fault: str, at: float, *, is_expected: bool) -> None:
        """A frame goes out. is_expected: whether an acknowledgement is, at once; only such are timed."""
        self._numbers[f"{spoken.mn} {spoken.qn}"] = len(self._rows)
        self._expected.append(is_expected)
        row: dict[str, object] = {name: getattr(spoken, name) for name in _NAMES}
        self._rows.append(json.dumps(row | {"fault": fault, "values": spoken.values})[:-1])
        self._faults.append(fault)
        self._sent_at.append(at)
        self._waited.append(math.nan)

    def acknowledge(self, mn: str, qn: str, at: float) -> None:
        """Its acknowledgement came; KeyError for a frame that was never put."""
        number = self._numbers[f"{mn} {qn}"]
        self._waited[number] = at - self._sent_at[number]

    def waits_ms(self, *shares: float) -> list[float]:
        """The wait [ms] that a share of the frames acknowledged as expected did not pass; nan if there are none."""
        pairs = zip(self._waited, self._expected, strict=True)
        waits = sorted(one for one, is_expected in pairs if is_expected and not math.isnan(one)) or [math.nan]
        return [round(waits[min(int(len(waits) * share), len(waits) - 1)] * 1000, 2) for share in shares]

    def write(self, path: Path) -> None:
        """One JSON line a frame."""
        with path.open("w", encoding="utf-8") as file:
            for row, waited in zip(self._rows, self._waited, strict=True):
                file.write(f'{row}, "acknowledged": {json.dumps(not math.isnan(waited))}}}\n')
