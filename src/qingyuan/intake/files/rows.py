"""A file as rows of text with their numbers in the file, for lists whose header may stand below titles."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime, time
from pathlib import Path

from qingyuan.formulas import unguarded
from qingyuan.intake.apart.bounds import MOST_COLUMNS
from qingyuan.intake.apart.documents import kind_of
from qingyuan.intake.apart.opening import opened
from qingyuan.intake.apart.packed import Refused
from qingyuan.intake.files.errors import NotATableError
from qingyuan.intake.files.table import PACKED, is_parquet, read_table
from qingyuan.intake.files.texts import LARGEST, content_of, decoded, separator_of
from qingyuan.intake.files.workbook import cell_text


def read_rows(path: Path, *, sheet: str | None = None, largest: int = LARGEST) -> list[list[str]]:
    """Every row of the file, blank ones too, so that row n of the file is at place n - 1; cells as text, stripped.

    A merged cell of Excel stands in every cell that it covers. Of a workbook the sheet asked for, else the first that is
    not empty. Raises NotATableError as `read_table`.
    """
    name = path.name
    if is_parquet(path, largest):
        frame = read_table(path, largest=largest)
        return [frame.columns, *([cell_text(cell) or "" for cell in row] for row in frame.iter_rows())]
    with path.open("rb") as file:
        start = file.read(512)
    if start[:4] in PACKED or kind_of(start):
        return _of_sheet(path, sheet)
    return _text(name, decoded(name, content_of(path, largest)))


def _text(name: str, text: str) -> list[list[str]]:
    try:
        rows = [
            [unguarded(cell.strip()) for cell in row]
            for row in csv.reader(io.StringIO(text), delimiter=separator_of(text))
        ]
    except csv.Error as error:
        raise NotATableError(name, f"读不懂的文本（{error}）", "逗号、制表符或分号分隔的表格") from error
    widest = max((len(row) for row in rows), default=0)
    if widest > MOST_COLUMNS:
        raise NotATableError(name, f"有 {widest} 列的表格", f"不超过 {MOST_COLUMNS} 列的表格")
    return rows


def _of_sheet(path: Path, sheet: str | None) -> list[list[str]]:
    try:
        with opened(path) as sheets:
            if sheet is not None and sheet not in [one.name for one in sheets]:
                raise NotATableError(path.name, f"没有工作表“{sheet}”", "、".join(one.name for one in sheets))
            for one in sheets:
                if one.count and sheet in (None, one.name):
                    return [[text_of(cell) for cell in row] for row in one.rows()]
    except Refused as refused:
        raise NotATableError(path.name, refused.got, refused.expected) from refused
    raise NotATableError(path.name, "空工作簿", "带表头的工作表")


def text_of(cell: object) -> str:
    """A cell of a workbook as text; a day without a time as the day."""
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    return cell_text(cell) or ""


def is_blank(row: Sequence[str]) -> bool:
    """Whether no cell holds anything."""
    return not any(row)
