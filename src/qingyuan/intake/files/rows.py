"""A file as rows of text with their numbers in the file, for lists whose header may stand below titles."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from qingyuan.intake.files.errors import NotATableError
from qingyuan.intake.files.table import EXCEL, LARGEST, SEPARATORS, decoded, is_parquet, read_table, unpacked
from qingyuan.intake.files.workbook import cell_text

MOST_MERGED = 100_000


def read_rows(path: Path, *, largest: int = LARGEST) -> list[list[str]]:
    """Every row of the file, blank ones too, so that row n of the file is at place n - 1; cells as text, stripped.

    A merged cell of Excel stands in every cell that it covers. Of a workbook the first sheet that is not empty. Raises
    NotATableError as `read_table`.
    """
    name = path.name
    if is_parquet(path, largest):
        frame = read_table(path, largest=largest)
        return [frame.columns, *([cell_text(cell) or "" for cell in row] for row in frame.iter_rows())]
    content = unpacked(name, path.read_bytes(), largest)
    if content[:4] in EXCEL:
        return _excel(name, content)
    if not content.strip():
        raise NotATableError(name, "空文件", "带表头的表格")
    return _text(name, decoded(name, content))


def _text(name: str, text: str) -> list[list[str]]:
    lines = [line for line in text.splitlines()[:20] if line.strip()]
    separator = max(SEPARATORS, key=lambda sign: max((line.count(sign) for line in lines), default=0))
    try:
        return [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text), delimiter=separator)]
    except csv.Error as error:
        raise NotATableError(name, f"读不懂的文本（{error}）", "逗号、制表符或分号分隔的表格") from error


def _excel(name: str, content: bytes) -> list[list[str]]:
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        for known in workbook.sheet_names:
            sheet = workbook.get_sheet_by_name(known)
            rows = sheet.to_python(skip_empty_area=False)
            if rows:
                return _filled([[cell_text(cell) or "" for cell in row] for row in rows], sheet)
    except CalamineError as error:
        raise NotATableError(name, f"打不开的 Excel（{error}）", "未加密的 xlsx 或 xls 文件") from error
    raise NotATableError(name, "空工作簿", "带表头的工作表")


def _filled(rows: list[list[str]], sheet: CalamineSheet) -> list[list[str]]:
    """Merged cells hold their text in the first cell only."""
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        if top >= len(rows) or left >= len(rows[top]) or (bottom - top + 1) * (right - left + 1) > MOST_MERGED:
            continue
        text = rows[top][left]
        for row in rows[top : bottom + 1]:
            row[left : right + 1] = [text] * len(row[left : right + 1])
    return rows


def is_blank(row: Sequence[str]) -> bool:
    """Whether no cell holds anything."""
    return not any(row)
