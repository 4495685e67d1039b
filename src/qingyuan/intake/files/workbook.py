"""Reading a sheet of an Excel workbook."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, datetime, time

import polars as pl
from python_calamine import CalamineError, CalamineWorkbook

from qingyuan.intake.files.errors import DoubledColumnError, NotATableError

Cell = object


def read_workbook(name: str, content: bytes, sheet: str | None) -> pl.DataFrame:
    """The first sheet that holds a table, or the one named; its first filled row is the header."""
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = workbook.sheet_names if sheet is None else [sheet]
        if sheet is not None and sheet not in workbook.sheet_names:
            raise NotATableError(name, f"没有工作表“{sheet}”", "、".join(workbook.sheet_names))
        for known in names:
            rows = workbook.get_sheet_by_name(known).to_python(skip_empty_area=True)
            if rows:
                return _frame(name, rows)
    except CalamineError as error:
        raise NotATableError(name, f"打不开的 Excel（{error}）", "未加密的 xlsx 或 xls 文件") from error
    raise NotATableError(name, "空工作簿", "带表头的工作表")


def _frame(name: str, rows: Sequence[Sequence[Cell]]) -> pl.DataFrame:
    header = [cell_text(cell) or "" for cell in rows[0]]
    width = max((place + 1 for place, title in enumerate(header) if title), default=0)
    if not width:
        raise NotATableError(name, "没有表头", "第一行是列名的工作表")
    titles = [title or f"第{place}列" for place, title in enumerate(header[:width], start=1)]
    if len(set(titles)) < len(titles):
        twice = next(title for title in titles if titles.count(title) > 1)
        raise DoubledColumnError(name, twice)
    columns = [_column(title, [row[place] for row in rows[1:]]) for place, title in enumerate(titles)]
    return pl.DataFrame(columns)


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
    return cell if isinstance(cell, datetime) else None


def cell_text(cell: Cell) -> str | None:
    """A cell as text, whole numbers without a point; None where it is empty."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()
