"""Files people bring: read, mapped to canonical rows, with an error for every cell not taken."""

from __future__ import annotations

from qingyuan.intake.files.canonical import SCHEMA, ParsedFile, PointInfo, RowError
from qingyuan.intake.files.errors import FileError, NotATableError, ProfileError
from qingyuan.intake.files.table import read_table

__all__ = [
    "SCHEMA",
    "FileError",
    "NotATableError",
    "ParsedFile",
    "PointInfo",
    "ProfileError",
    "RowError",
    "read_table",
]
