"""The observation store: one port, engines behind it. No Django, no protocol, no rule of law in here."""

from qingyuan.readings.errors import ReadingsError, StoreFull, StoreTooNew, UnknownSeries
from qingyuan.readings.model import (
    DirtyMark,
    Message,
    NewReading,
    Rank,
    Reading,
    Receipt,
    Series,
    SeriesKey,
    Status,
)
from qingyuan.readings.port import Store
from qingyuan.readings.sqlite import SqliteStore, open_store

__all__ = [
    "DirtyMark",
    "Message",
    "NewReading",
    "Rank",
    "Reading",
    "ReadingsError",
    "Receipt",
    "Series",
    "SeriesKey",
    "SqliteStore",
    "Status",
    "Store",
    "StoreFull",
    "StoreTooNew",
    "UnknownSeries",
    "open_store",
]
