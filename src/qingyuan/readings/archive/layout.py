"""How the archive lies on disk: columns, encodings, folders. What other tools need to know is in docs/readings.md.

One Delta table, partitioned by grain and by the Beijing month in which the interval begins; each file sorted by
series, start, end and precedence. Times are seconds since 1970-01-01 UTC. A value is `scaled / 10^scale` where that
gives the very same double, else it stands in `real`; both empty: reported without a value.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

PARTITIONS = ("grain", "month")
SORTED_BY = ("series", "start", "end", "status", "rank", "stamp", "origin")
# In the order of the file. The last two are about the file alone: how many revisions of the interval it holds, and
# the place of this one among them, 1 for the one in force.
INTEGERS = {
    "series": 32, "start": 64, "end": 64, "status": 32, "rank": 32, "stamp": 64, "origin": 64, "scaled": 64,
    "scale": 32, "decimals": 32, "received_at": 64, "peers": 32, "place": 32,
}  # fmt: skip
REALS = ("real", "capture")
TEXTS = ("flag", "qualifier")
STORED = (
    "series",
    "start",
    "end",
    "status",
    "rank",
    "stamp",
    "origin",
    "scaled",
    "scale",
    "real",
    "decimals",
    "flag",
    "qualifier",
    "received_at",
    "capture",
)
COLUMNS = (*STORED, "peers", "place")
# Regular or slowly growing numbers shrink to a few bits as differences; the rest has few distinct values.
DIFFERENCES = ("start", "end", "stamp", "origin", "scaled", "received_at")
DICTIONARIES = ("series", "status", "rank", "scale", "decimals", "flag", "qualifier", "capture", "peers", "place")
STATISTICS = ("series", "start", "origin", "received_at")
ROW_GROUP = 32_768
COMPRESSION = ("zstd", 3)
# A compacted partition is cut by time into files of about this many rows, so that one day of all series is in one.
ROWS_A_FILE = 2_000_000

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - Beijing wall time, for counting only
_BEIJING = timedelta(hours=8)
_FIRST, _LAST = -62_135_596_800 - 28_800, 253_402_300_799 - 28_800  # the years 1 and 9999, which devices do send
FOR_EVER = 2**62
DAY = 86_400


def schema(*, with_partitions: bool = False) -> pa.Schema:
    """The columns of a file; with the two that only the folders name, those of the table."""
    import pyarrow as pa

    widths = {32: pa.int32(), 64: pa.int64()}
    fields = [
        pa.field(c, widths[INTEGERS[c]] if c in INTEGERS else pa.float64() if c in REALS else pa.string())
        for c in COLUMNS
    ]
    return pa.schema(fields + [pa.field(c, pa.string()) for c in PARTITIONS] * with_partitions)


def month_of(second: int) -> str:
    """The Beijing month of an instant, as in the folder name: 2026-03."""
    wall = _EPOCH + timedelta(seconds=min(max(second, _FIRST), _LAST)) + _BEIJING
    return f"{wall.year:04d}-{wall.month:02d}"


def month_begin(month: str) -> int:
    """The first second of a Beijing month."""
    year, number = map(int, month.split("-"))
    return int((datetime(year, number, 1) - _EPOCH - _BEIJING).total_seconds())  # noqa: DTZ001


def month_after(month: str) -> int:
    """The first second after a Beijing month."""
    year, number = map(int, month.split("-"))
    if (year, number) == (9999, 12):
        return FOR_EVER
    return month_begin(f"{year + number // 12:04d}-{number % 12 + 1:02d}")


def day_begin(second: int) -> int:
    """The first second of the Beijing day of an instant."""
    return second - (second + 28_800) % DAY


def folder_of(grain: str, month: str) -> str:
    """Where the files of a partition lie, relative to the table."""
    return f"grain={grain}/month={month}"
