"""The observation store: one port, engines behind it. No Django, no protocol, no rule of law in here."""

from qingyuan.readings.archive import Limits
from qingyuan.readings.as_of import AsOf
from qingyuan.readings.errors import (
    ArchiveBusy,
    LeaseHeld,
    LeaseLost,
    ReadingsError,
    StoreFull,
    StoreTooNew,
    UnknownSeries,
)
from qingyuan.readings.model import (
    AIR_STATES,
    STANDARD,
    Bucket,
    DirtyMark,
    Flag,
    Kept,
    Message,
    Newest,
    NewFlag,
    NewReading,
    Rank,
    Reading,
    Receipt,
    Series,
    SeriesKey,
    State,
    Status,
)
from qingyuan.readings.port import Store
from qingyuan.readings.store import TieredStore, open_store

__all__ = [
    "AIR_STATES",
    "STANDARD",
    "ArchiveBusy",
    "AsOf",
    "Bucket",
    "DirtyMark",
    "Flag",
    "Kept",
    "LeaseHeld",
    "LeaseLost",
    "Limits",
    "Message",
    "NewFlag",
    "NewReading",
    "Newest",
    "Rank",
    "Reading",
    "ReadingsError",
    "Receipt",
    "Series",
    "SeriesKey",
    "State",
    "Status",
    "Store",
    "StoreFull",
    "StoreTooNew",
    "TieredStore",
    "UnknownSeries",
    "open_store",
]
