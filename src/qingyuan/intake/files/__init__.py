"""Files people bring: read, mapped to canonical rows, with an error for every cell not taken."""

from __future__ import annotations

from qingyuan.intake.files.applying import apply
from qingyuan.intake.files.builtin import built_in, fitted, importers, recognise
from qingyuan.intake.files.canonical import SCHEMA, ParsedFile, PointInfo, RowError
from qingyuan.intake.files.columns import Recognised, Wanted, recognise_columns
from qingyuan.intake.files.errors import DoubledColumnError, FileError, NotATableError, PointNeededError, ProfileError
from qingyuan.intake.files.mending import errors_as_table
from qingyuan.intake.files.points import read_points
from qingyuan.intake.files.profile import ColumnMap, FlagMap, Profile
from qingyuan.intake.files.proposing import propose, unmapped_columns
from qingyuan.intake.files.rows import is_blank, read_rows
from qingyuan.intake.files.stamps import settled
from qingyuan.intake.files.table import Table, open_table, read_table

__all__ = [
    "SCHEMA",
    "ColumnMap",
    "DoubledColumnError",
    "FileError",
    "FlagMap",
    "NotATableError",
    "ParsedFile",
    "PointInfo",
    "PointNeededError",
    "Profile",
    "ProfileError",
    "Recognised",
    "RowError",
    "Table",
    "Wanted",
    "apply",
    "built_in",
    "errors_as_table",
    "fitted",
    "importers",
    "is_blank",
    "open_table",
    "propose",
    "read_points",
    "read_rows",
    "read_table",
    "recognise",
    "recognise_columns",
    "settled",
    "unmapped_columns",
]
