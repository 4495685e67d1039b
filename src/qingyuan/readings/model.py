"""The words of the store. Times are whole seconds since 1970-01-01 UTC; intervals are half-open [start, end)."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from qingyuan.readings.errors import ReadingsError


class Status(IntEnum):
    """How far a value has come. A higher one is shown before a lower one; none overwrites another."""

    REALTIME = 0
    AUDITED = 1
    ISSUED = 2


class Rank(IntEnum):
    """Where a revision comes from. For one key the higher rank wins, then the later device stamp, then the origin."""

    DERIVED = 0
    REPORTED = 1
    RESENT = 2
    REVIEWED = 3


AIR_STATES = ("actual", "standard")
STANDARD = "@standard"


class SeriesKey(NamedTuple):
    """What makes a series: natural key, exported as `point/item/statistic/grain`.

    grain is one of `raw` (instant), `minute`, `hour`, `day`; statistic is the protocol's word
    (Rtd Avg Min Max Cou ZsRtd ZsAvg ...). Air is in its actual state; a series in the standard state is another one,
    and says so after its statistic: `Avg@standard`.
    """

    point: str
    item: str
    statistic: str
    grain: str

    def __str__(self) -> str:
        return "/".join(self)

    @property
    def air_state(self) -> str:
        """ "actual" or "standard" (GB 3095, its notes on states; platforms keep both of a station)."""
        return "standard" if self.statistic.endswith(STANDARD) else "actual"

    def in_state(self, state: str) -> SeriesKey:
        """The key of the same thing in the other state. ReadingsError for an unknown one."""
        if state not in AIR_STATES:
            raise ReadingsError(f"air state {state!r}; expected {' or '.join(AIR_STATES)}")
        bare = self.statistic.removesuffix(STANDARD)
        return self._replace(statistic=bare + (STANDARD if state == "standard" else ""))


class Series(NamedTuple):
    """A series with its number (never reused) and the unit of its values."""

    id: int
    key: SeriesKey
    unit: str


class NewReading(NamedTuple):
    """A revision on its way in.

    value None means "reported without a value". decimals: digits after the point as printed, -1 if not printed.
    capture: share of the interval that valid data cover, 0..1, None if not known.
    """

    key: SeriesKey
    start: int
    end: int
    value: float | None
    decimals: int = -1
    unit: str = ""
    flag: str = ""
    qualifier: str = ""
    status: int = 0
    rank: int = 1
    stamp: int = 0
    origin: int = 0
    received_at: int = 0
    capture: float | None = None


class Reading(NamedTuple):
    """The revision in force for one interval of a series. revisions: how many there are of it."""

    series: int
    start: int
    end: int
    value: float | None
    decimals: int
    flag: str
    qualifier: str
    status: int
    rank: int
    origin: int
    received_at: int
    capture: float | None
    revisions: int


class Message(NamedTuple):
    """A raw message of the journal as it was dealt with: its idempotency key, and what became of it."""

    origin: int
    key: bytes
    received_at: int
    station: str
    command: str
    outcome: str


class DirtyMark(NamedTuple):
    """Readings of a series changed in the hour that starts at `hour`; `seq` grows with every change."""

    series: int
    hour: int
    seq: int


class Newest(NamedTuple):
    """How far the readings of a point go. end: of the newest interval; received: the last receipt of a series' newest;
    delay: the least time from the end of a series' newest interval to its receipt. Epoch seconds, seconds.
    """

    end: int
    received: int
    delay: int


class Receipt(NamedTuple):
    """What an append did: rows new, rows that said nothing new, messages seen before."""

    added: int
    unchanged: int
    duplicates: int


class Bucket(NamedTuple):
    """Values in force gathered over [start, end). The figures are of valid values only.

    valid: how many they are; capture: share of the bucket they cover, 0..1; intervals: readings in force, valid or not;
    origin, received_at: the newest among them.
    """

    series: int
    start: int
    end: int
    valid: int
    mean: float | None
    low: float | None
    high: float | None
    capture: float
    intervals: int
    origin: int
    received_at: int


class NewFlag(NamedTuple):
    """A judgement on the quality of a named range [start, end) of a series; the readings are not touched.

    rule, version, parameters (JSON): what judged; actor: who or what acted; made_at: second.
    """

    series: int
    start: int
    end: int
    code: str
    rule: str
    version: str
    parameters: str
    actor: str
    made_at: int


class Flag(NamedTuple):
    """A flag as kept. undone_by and undone_at: the operation that took it back, 0 while it stands."""

    id: int
    series: int
    start: int
    end: int
    code: str
    rule: str
    version: str
    parameters: str
    actor: str
    made_at: int
    undone_by: int
    undone_at: int


class State(NamedTuple):
    """How the store lies: files, rows and bytes in final order, rows that wait, files missing or of the wrong size."""

    files: int
    rows: int
    size: int
    waiting: int
    broken: list[str]


class Kept(NamedTuple):
    """What putting the store in order did: rows moved to the archive, files rewritten into fewer, rows in them."""

    moved: int
    rewritten: int
    rows: int
