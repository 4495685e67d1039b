"""The table in a file of limits: its header found, perhaps below titles, each row with its number in the file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from qingyuan.bureau.base.errors import Invalid
from qingyuan.bureau.values.actions.limit_cells import text_of
from qingyuan.bureau.values.actions.limit_rows import LIMIT_COLUMNS, REQUIRED
from qingyuan.intake.files import is_blank, read_rows

MOST_TITLES = 10
_BESIDE = re.compile(r"[(\[【].*$|\*")  # "限值(mg/m3)", "单位*"


@dataclass(frozen=True)
class Line:
    """A row of the file: its number there, its cells by column key, and filled cells beyond the header."""

    number: int
    cells: dict[str, str]
    beyond: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """The rows that are not blank. header: its row in the file; ignored: columns that mean nothing here."""

    header: int
    ignored: tuple[str, ...]
    lines: list[Line]


def read_limit_table(path: Path) -> Table:
    """The table of limits in a CSV or Excel file.

    The header is the first of the top rows in which all required columns are found, each once; titles and group headers
    above it are passed over, a merged cell counts for all that it covers. Raises Invalid where there is none, or two
    columns mean the same; read_rows' errors for a file that is no table.
    """
    rows = read_rows(path)
    top = [place for place, row in enumerate(rows) if not is_blank(row)][:MOST_TITLES]
    found = {place: _keys(rows[place]) for place in top}
    place = next((p for p in top if _is_header(found[p])), None)
    if place is None:
        raise _no_header(rows, top, found)
    keys, width = found[place], len(rows[place])
    lines = []
    for number, row in enumerate(rows[place + 1 :], start=place + 2):
        if is_blank(row):
            continue
        cells = {key: row[column] if column < len(row) else "" for column, key in enumerate(keys) if key}
        lines.append(Line(number, cells, tuple(cell for cell in row[width:] if cell)))
    ignored = tuple(cell for cell, key in zip(rows[place], keys, strict=True) if cell and not key)
    return Table(place + 1, ignored, lines)


def _keys(row: Sequence[str]) -> list[str]:
    """The column key of each cell, empty where it names none."""
    known = {_plain(name): key for key, (names, _) in LIMIT_COLUMNS.items() for name in names}
    return [known.get(_plain(cell), "") for cell in row]


def _plain(name: str) -> str:
    return _BESIDE.sub("", "".join(text_of(name).split())).casefold()


def _is_header(keys: Sequence[str]) -> bool:
    named = [key for key in keys if key]
    return set(REQUIRED) <= set(named) and len(set(named)) == len(named)


def _no_header(rows: Sequence[Sequence[str]], top: Sequence[int], found: dict[int, list[str]]) -> Invalid:
    best = max(top, key=lambda place: len(set(found[place]) - {""}), default=None)
    if best is None:
        return Invalid("没有一行有内容；可用 `qingyuan limits template` 取得样表")
    named = [key for key in found[best] if key]
    twice = next((key for key in named if named.count(key) > 1), None)
    if twice is not None:
        alike = [cell for cell, key in zip(rows[best], found[best], strict=True) if key == twice]
        return Invalid(
            f"第 {best + 1} 行的列“{'”“'.join(alike)}”都是“{LIMIT_COLUMNS[twice][0][0]}”；只留一列，或分列改名"
        )
    missing = "、".join(LIMIT_COLUMNS[key][0][0] for key in REQUIRED if key not in named)
    got = "、".join(cell for cell in rows[best] if cell)
    return Invalid(f"缺少列：{missing}；第 {best + 1} 行得到列：{got}。可用 `qingyuan limits template` 取得样表")
