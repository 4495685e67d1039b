"""The embedded engine: one SQLite database of its own."""

from qingyuan.readings.sqlite.store import SqliteStore, open_store

__all__ = ["SqliteStore", "open_store"]
