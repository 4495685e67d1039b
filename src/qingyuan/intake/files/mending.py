"""Giving the bad rows back, so that they can be mended and imported again."""

from __future__ import annotations

from collections import defaultdict

import polars as pl

from qingyuan.intake.files.applying import FIRST_ROW
from qingyuan.intake.files.canonical import ParsedFile

ROW_COLUMN = "原行号"
REASON_COLUMN = "未导入原因"


def errors_as_table(parsed: ParsedFile, frame: pl.DataFrame, *, first_row: int = FIRST_ROW) -> pl.DataFrame:
    """The rows of `frame` that have an error, in order, with source row number and reasons in front.

    `frame` and `first_row` are those given to `apply`. The two added columns are ignored at re-import, since
    no profile names them. Rows already taken in part are given back whole: taking a value twice changes
    nothing.
    """
    reasons: dict[int, list[str]] = defaultdict(list)
    for error in parsed.errors:
        reasons[error.row].append(f"“{error.column}”得到{error.got}，需要{error.expected}")
    rows = sorted(reasons)
    bad = frame.drop(ROW_COLUMN, REASON_COLUMN, strict=False)[[row - first_row for row in rows]]
    return bad.select(
        pl.Series(ROW_COLUMN, rows, dtype=pl.Int64),
        pl.Series(REASON_COLUMN, ["；".join(reasons[row]) for row in rows], dtype=pl.String),
        pl.all(),
    )
