"""DuckDB as a stateless engine over the files: imported on first use, bounded in memory, never a database file."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import duckdb


class Limits(NamedTuple):
    """What the engine may take of the machine."""

    memory_mb: int = 384
    threads: int = 2


class Engine:
    """One in-memory instance a process, a cursor a question; what does not fit in memory spills to a folder."""

    def __init__(self, spill: Path, limits: Limits) -> None:
        self._spill, self._limits = spill, limits  # a folder for each process: DuckDB's names would meet in one
        self._lock = threading.Lock()
        self._instance: duckdb.DuckDBPyConnection | None = None

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection of one's own, for one question."""
        cursor = self._started().cursor()
        try:
            yield cursor
        finally:
            cursor.close()

    def sweep(self) -> None:
        """Take away what processes that are gone have spilled."""
        for folder in self._spill.glob("*"):
            if Path("/proc").is_dir() and not Path("/proc", folder.name).exists():
                shutil.rmtree(folder, ignore_errors=True)

    def _started(self) -> duckdb.DuckDBPyConnection:
        with self._lock:
            if self._instance is None:
                import duckdb

                self._instance = duckdb.connect(
                    ":memory:",
                    config={
                        "memory_limit": f"{self._limits.memory_mb}MB",
                        "threads": self._limits.threads,
                        "temp_directory": str(self._spill / str(os.getpid())),
                        "autoinstall_known_extensions": False,
                        "autoload_known_extensions": False,
                        "enable_external_file_cache": False,
                    },
                )
                self._instance.execute("SET GLOBAL parquet_metadata_cache = true")  # files never change
            return self._instance
