"""Cells of a workbook as columns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

import polars as pl

Cell = object
HALF = timedelta(microseconds=500_000)  # a stamp filled down in a sheet drifts by parts of a second


def frame_of(titles: Sequence[str], rows: Sequence[Sequence[Cell]]) -> pl.DataFrame:
    """The columns of rows of cells; a column is numeric or a time only where all its cells are."""
    return pl.DataFrame(
        [
            _column(title, [row[place] if place < len(row) else None for row in rows])
            for place, title in enumerate(titles)
        ]
    )


def _column(title: str, cells: Sequence[Cell]) -> pl.Series:
    filled = [cell for cell in cells if cell not in ("", None)]
    kinds = {type(cell) for cell in filled}
    values = [None if cell == "" else cell for cell in cells]
    if kinds and kinds <= {int, float}:
        return pl.Series(title, values, dtype=pl.Float64, strict=False)
    if kinds and kinds <= {datetime, date}:
        times = [_moment(cell) for cell in values]
        return pl.Series(title, times, dtype=pl.Datetime("us"))
    return pl.Series(title, [cell_text(cell) for cell in values], dtype=pl.String)


def _moment(cell: Cell) -> datetime | None:
    if isinstance(cell, date) and not isinstance(cell, datetime):
        return datetime.combine(cell, time())
    return (cell + HALF).replace(microsecond=0) if isinstance(cell, datetime) else None


def cell_text(cell: Cell) -> str | None:
    """A cell as text, whole numbers without a point; None where it is empty."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()
