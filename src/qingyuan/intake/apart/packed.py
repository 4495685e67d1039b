"""What a workbook would become when unpacked, asked of its parts before anybody unpacks it."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from qingyuan.intake.apart.bounds import MOST_CELLS, MOST_PARTS, MOST_UNPACKED, SPARSE_CELLS, SPARSE_TIMES

_CELL = re.compile(rb'<c\s(?:[^>]*?\s)?r="([A-Z]{1,3})(\d{1,7})"[^>]*?(/?)>')
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_CHUNK = 1024**2
_OVERLAP = 200
_TWENTY_SIX = 26


class Refused(Exception):
    """A file that is not read: what was found, and what would be read."""

    def __init__(self, got: str, expected: str) -> None:
        self.got, self.expected = got, expected
        super().__init__(f"{got}；{expected}")


def check_packed(path: Path) -> None:
    """Raise Refused for a zip that unpacks to too much, or a sheet that is wide and empty."""
    try:
        with zipfile.ZipFile(path) as book:
            parts = book.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise Refused(
                    f"解压后有 {sum(part.file_size for part in parts) / 1024**2:.0f} MB、{len(parts)} 个部分的文件",
                    f"解压后不超过 {MOST_UNPACKED // 1024**2} MB 的工作簿，或分成几个文件",
                )
            for part in parts:
                if _SHEET.fullmatch(part.filename):
                    _check_sheet(book, part)
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, EOFError) as error:
        raise Refused(f"打不开的 Excel（{error}）", "未加密的 xlsx 或 xls 文件") from error


def _check_sheet(book: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Cells that hold something, and the rectangle around them."""
    filled, read = 0, 0
    top = left = 1 << 30
    bottom = right = 0
    rest = b""
    with book.open(part) as file:
        while chunk := file.read(_CHUNK):
            read += len(chunk)
            if read > MOST_UNPACKED:  # the size that the zip tells may be a lie
                raise Refused("解压后没有尽头的文件", f"解压后不超过 {MOST_UNPACKED // 1024**2} MB 的工作簿")
            text = rest + chunk
            end = 0
            for found in _CELL.finditer(text):
                end = found.end()
                if found.group(3):
                    continue
                row, column = int(found.group(2)), _number(found.group(1))
                filled += 1
                top, bottom, left, right = min(top, row), max(bottom, row), min(left, column), max(right, column)
            rest = text[max(end, len(text) - _OVERLAP) :]
    if not filled:
        return
    area = (bottom - top + 1) * (right - left + 1)
    if area > MOST_CELLS or (area > SPARSE_CELLS and area > filled * SPARSE_TIMES):
        raise Refused(
            f"从第 {top} 行到第 {bottom} 行、共 {right - left + 1} 列而只有 {filled} 格有内容的工作表",
            "删去远处多余的格（Ctrl+End 可找到）再保存的工作簿，或分成几个文件",
        )


def _number(letters: bytes) -> int:
    place = 0
    for letter in letters:
        place = place * _TWENTY_SIX + letter - ord("A") + 1
    return place
