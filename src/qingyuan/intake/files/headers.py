"""Which row of a sheet is its header: titles stand above it, a second line or a line of units below."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from qingyuan.intake.files.synonyms import is_unit, item_of, plain, read_header

LOOKED_AT = 20
_SHORT_TITLE = 4
_NUMBER = re.compile(r"[-+<>]?\d[\d.,:/ \-eE]*[LA-Z%]?|[-+]?\.\d+|-+|—+|\*|/", re.IGNORECASE)
_VALUE_WORDS = frozenset(
    ("浓度", "监测值", "实测值", "数值", "值", "结果", "测定值", "均值", "小时均值", "小时值", "value")
)
_UNNAMED = re.compile(r"第\d+列")


@dataclass(frozen=True)
class HeaderRows:
    """Where the header lies: `first` row (counted from 1), `height` rows of titles and units; the titles by column.

    titles_above: what single cells above it say (a heading of the sheet). guesses: rows that could be the header.
    """

    first: int
    height: int
    titles: tuple[str, ...]
    above: tuple[str, ...] = ()
    guesses: tuple[int, ...] = ()

    @property
    def last(self) -> int:
        """The last row of titles or units, counted from 1."""
        return self.first + self.height - 1


def find_header(rows: Sequence[Sequence[str]], chosen: int | None = None) -> HeaderRows | None:
    """The header among the first rows of a sheet (cells as text); None where there is none.

    It is the row in which most cells are known names (the first of equals); with no known name, the first row that is as
    wide as what follows. `chosen` (counted from 1) says it instead.
    """
    top = [place for place, row in enumerate(rows[:LOOKED_AT]) if any(row)]
    if not top:
        return None
    scores = {place: _score(rows[place]) for place in top}
    place = _best(rows, top, scores) if chosen is None else chosen - 1
    if not 0 <= place < len(rows) or not any(rows[place]):
        return None
    first, height, titles = place, 1, _spread(rows[place])
    before = max((p for p in top if p < place), default=None)
    if before is not None and chosen is None and _completes(rows[before], titles):
        first, height = before, place - before + 1
        titles = _joined(_filled_right(rows[before]), titles)
    below = place + 1
    if below < len(rows) and _completes(rows[below], titles, is_below=True):
        titles, height, below = _joined(_filled_right(titles), rows[below]), height + 1, below + 1
    if below < len(rows) and _is_units(rows[below], titles):
        titles, height = _with_units(titles, rows[below]), height + 1
    above = tuple(dict.fromkeys(cell for p in top if p < first for cell in rows[p] if cell))
    guesses = tuple(p + 1 for p in top if scores[p] > 0 or p == place or (p < place and _filled(rows[p]) > 1))
    return HeaderRows(first + 1, height, tuple(titles), above, guesses)


def _best(rows: Sequence[Sequence[str]], top: Sequence[int], scores: dict[int, int]) -> int:
    most = max(scores.values())
    if most > max(1, scores[top[0]]) or (most == 1 and scores[top[0]] == 0 and _filled(rows[top[0]]) == 1):
        return next(place for place in top if scores[place] == most)
    if scores[top[0]]:
        return top[0]
    widths = [_filled(rows[place]) for place in top]
    if widths[0] == 1 and len(top) > 1 and max(widths[1:]) > 1 and not most:
        return next(place for place, width in zip(top, widths, strict=True) if width > 1)
    return top[0]


def _score(row: Sequence[str]) -> int:
    """How many different known names a row holds; a row with numbers is no header."""
    filled = [cell for cell in row if cell]
    known = set()
    for cell in dict.fromkeys(filled):
        header = read_header(cell)
        if header.role or header.item:
            known.add(header.role or header.item)
        elif _NUMBER.fullmatch(cell):
            return 0
    return len(known)


def _filled(row: Sequence[str]) -> int:
    """How many cells are filled; a title that a merged cell repeats counts once."""
    cells = [cell for cell in row if cell]
    return 1 if len(set(cells)) == 1 and len(cells[0]) > _SHORT_TITLE else len(cells)


def _spread(row: Sequence[str]) -> list[str]:
    return [cell.strip() for cell in row]


def _filled_right(row: Sequence[str]) -> list[str]:
    """A group heading stands over the blank cells to its right."""
    found, last = [], ""
    for cell in row:
        last = cell.strip() or last
        found.append(last)
    return found


def _completes(row: Sequence[str], titles: Sequence[str], *, is_below: bool = False) -> bool:
    """Whether a row of words names columns that the titles leave blank, or repeat because a merged cell covers them."""
    filled = [cell for cell in row if cell]
    if not filled or any(_NUMBER.fullmatch(cell) for cell in filled) or _is_units(row, titles):
        return False
    blank = [n for n, cell in enumerate(row) if cell and (n >= len(titles) or not titles[n])]
    if is_below and all(_is_value_word(cell) for cell in filled):
        return True
    known = sum(
        bool(read_header(cell).role or read_header(cell).item or plain(cell) in _VALUE_WORDS) for cell in filled
    )
    if not is_below:
        return any(titles[n] == "" for n in range(min(len(row), len(titles))) if row[n]) and known > 0
    doubled = [n for n, cell in enumerate(row) if cell and n < len(titles) and list(titles).count(titles[n]) > 1]
    return known > 0 and known * 2 >= len(filled) and (bool(blank) or len(doubled) > 1)


def _joined(top: Sequence[str], sub: Sequence[str]) -> list[str]:
    """One title a column of two: the one that names an item or a role, both where neither does."""
    found = []
    for n in range(max(len(top), len(sub))):
        over = top[n].strip() if n < len(top) else ""
        under = sub[n].strip() if n < len(sub) else ""
        if not over or not under or over == under:
            found.append(under or over)
        elif read_header(over).item and (_is_value_word(under) or is_unit(under)):
            unit = _unit_in(under)
            found.append(f"{over}({unit})" if unit else over)
        elif read_header(under).item or read_header(under).role:
            group = read_header(over).item
            found.append(f"{over} {under}" if group and group != read_header(under).item else under)
        else:
            found.append(f"{over} {under}")
    return found


def _is_value_word(text: str) -> bool:
    """Whether a text says that a column holds values, perhaps with their unit: 浓度(μg/m³)."""
    bare = plain(text)
    return bare in _VALUE_WORDS or (bool(_unit_in(text)) and bare.partition("(")[0] in _VALUE_WORDS)


def _unit_in(text: str) -> str:
    if is_unit(text):
        return text
    inner = plain(text).partition("(")[2].removesuffix(")")
    return inner if inner and is_unit(inner) else ""


def _is_units(row: Sequence[str], titles: Sequence[str]) -> bool:
    """Whether a row holds nothing but units, below at least one item."""
    filled = [(n, cell) for n, cell in enumerate(row) if cell and n < len(titles)]
    told = [n for n, cell in filled if is_unit(cell)]
    odd = [cell for n, cell in filled if n not in told and plain(cell) not in ("单位", "unit", "units", "-", "/", "—")]
    over = [n for n in told if titles[n] and (read_header(titles[n]).item or item_of(titles[n]))]
    return bool(over) and not odd


def _with_units(titles: Sequence[str], units: Sequence[str]) -> list[str]:
    return [
        f"{title}({units[n]})" if n < len(units) and is_unit(units[n]) and not read_header(title).unit else title
        for n, title in enumerate(titles)
    ]


def named(titles: Sequence[str]) -> list[str]:
    """The titles, columns without one by their place."""
    return [title or f"第{place}列" for place, title in enumerate(titles, start=1)]


def is_unnamed(title: str) -> bool:
    """Whether a title is one that this system gave for want of another."""
    return bool(_UNNAMED.fullmatch(title))
