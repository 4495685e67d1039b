"""A list of things under headings that its reader knows: found below titles, in two lines, on any sheet; rows as text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from qingyuan.formulas import unguarded
from qingyuan.intake.apart.documents import kind_of
from qingyuan.intake.apart.opening import HEAD, opened
from qingyuan.intake.apart.packed import Refused
from qingyuan.intake.files.errors import NotATableError
from qingyuan.intake.files.rows import read_rows, text_of
from qingyuan.intake.files.synonyms import is_unit, plain
from qingyuan.intake.files.table import PACKED

_BRACKETS = re.compile(r"[(（\[【].*?[)）\]】]")
_UNITS = re.compile(
    r"[-/—°度口座台套个家人元吨亩米天年月日]|k?m|h?m2|k?g|t(/a)?|千米|公里|平方米|公顷|万?吨(/年)?|千克|公斤|万元|小时|单位"
)
_FOOTER = re.compile(
    r"\s*(合\s*计|总\s*计|小\s*计|注\s*[:：]|说明\s*[:：]|备注\s*[:：]|填表|制表|审核人|负责人\s*[:：]|单位\s*[(（]盖章)"
)


@dataclass(frozen=True)
class HeadedList:
    """Rows with their number in the file (from 1) and their cells by key; `titles` by key; `unused` titles of the file."""

    rows: tuple[tuple[int, dict[str, str]], ...]
    titles: Mapping[str, str]
    unused: tuple[str, ...]
    header_row: int


def read_headed(path: Path, headings: Mapping[str, str]) -> HeadedList:
    """The list in a CSV, Excel or other table file. `headings`: every heading that may stand over a column, with its key.

    The header is the row among the first with most known headings, on the sheet with most of them; a line below it that
    completes merged headings, and a line of units, belong to it. Footers (totals, notes, signatures) and repeated headers
    are no rows. Raises NotATableError: not readable, or no heading known.
    """
    known = {plain(word): key for word, key in reversed(list(headings.items()))}
    ranks = {plain(word): rank for rank, word in reversed(list(enumerate(headings)))}
    score, place, rows = _best(path, known)
    if not score:
        expected = "、".join(dict.fromkeys(word for word in headings if not word.isascii()))
        raise NotATableError(path.name, "没有认得的列名", f"有一行列名的表格，列名如：{expected[:200]}")
    titles, height = _header(rows, place, known)
    columns: dict[int, str] = {}
    for at, title in enumerate(titles):
        key, rank = _key(title, known), ranks.get(_word(title, known), 0)
        before = next((n for n, other in columns.items() if other == key), None)
        if before is not None and rank < ranks.get(_word(titles[before], known), 0):
            del columns[before]  # of two titles for one column that which its reader names first
            before = None
        if key and before is None:
            columns[at] = key
    unused = tuple(dict.fromkeys(t for at, t in enumerate(titles) if t and at not in columns))
    body = enumerate(rows[place + height :], start=place + height + 1)
    found = tuple((n, _cells(row, columns)) for n, row in body if _is_data(row, titles))
    return HeadedList(found, {key: titles[at] for at, key in columns.items()}, unused, place + 1)


def _best(path: Path, known: Mapping[str, str]) -> tuple[int, int, list[list[str]]]:
    """How many headings are known in the header, its place, and all rows of that sheet."""
    if not _is_workbook(path):
        rows = read_rows(path)
        return (*_found(rows, known), rows)
    try:
        with opened(path) as sheets:
            scored = [(*_found([_texts(row) for row in one.rows(HEAD)], known), one) for one in sheets]
            score, place, best = max(scored, key=lambda found: found[0], default=(0, 0, None))
            return score, place, [_texts(row) for row in best.rows()] if best and score else []
    except Refused as refused:
        raise NotATableError(path.name, refused.got, refused.expected) from refused


def _texts(row: Sequence[object]) -> list[str]:
    return [unguarded(text_of(cell)) for cell in row]


def _is_workbook(path: Path) -> bool:
    if not path.is_file():
        return False  # said by who reads it
    with path.open("rb") as file:
        start = file.read(512)
    return start[:4] in PACKED or bool(kind_of(start))


def _found(rows: Sequence[Sequence[str]], known: Mapping[str, str]) -> tuple[int, int]:
    scores = [len({key for cell in row if (key := _key(cell, known))}) for row in rows[:HEAD]]
    score = max(scores, default=0)
    return score, scores.index(score) if score else 0


def _key(title: str, known: Mapping[str, str]) -> str:
    return known.get(_word(title, known), "")


def _word(title: str, known: Mapping[str, str]) -> str:
    """The known heading that a title is; empty if none."""
    words = (plain(title).strip("*＊"), plain(_BRACKETS.sub("", title)).strip("*＊"))
    return next((word for word in words if known.get(word)), "")


def _header(rows: Sequence[Sequence[str]], place: int, known: Mapping[str, str]) -> tuple[list[str], int]:
    """The titles by column and how many lines they take."""
    titles, height = [cell.strip() for cell in rows[place]], 1
    below = rows[place + 1] if place + 1 < len(rows) else []
    merged = [n for n, title in enumerate(titles) if title and titles.count(title) > 1]
    named = [
        n for n, cell in enumerate(below) if _key(cell, known) and (n >= len(titles) or n in merged or not titles[n])
    ]
    if named:
        titles += [""] * (len(below) - len(titles))
        titles = [below[n].strip() if n < len(below) and n in named else title for n, title in enumerate(titles)]
        height, below = 2, rows[place + 2] if place + 2 < len(rows) else []
    filled = [cell for cell in below if cell]
    if filled and all(_is_unit(cell) for cell in filled):
        height += 1
    return titles, height


def _is_unit(cell: str) -> bool:
    bare = _BRACKETS.sub(lambda found: found[0][1:-1], cell).strip()
    return is_unit(bare) or bool(_UNITS.fullmatch(bare))


def _is_data(row: Sequence[str], titles: Sequence[str]) -> bool:
    filled = [cell for cell in row if cell]
    if not filled or list(row[: len(titles)]) == list(titles[: len(row)]):
        return False
    distinct = set(filled)
    if len(filled) > 1 and len(distinct) == 1 and len(filled) > len(titles) // 2:
        return False  # one merged cell over the whole width: a note
    return not (_FOOTER.match(filled[0]) and len(distinct) <= max(2, len(titles) // 2))


def _cells(row: Sequence[str], columns: Mapping[int, str]) -> dict[str, str]:
    return {key: row[at].strip() if at < len(row) else "" for at, key in columns.items()}
