"""Cells that a spreadsheet would run as a formula are shown as text. Every writer of a table comes through here."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Any

SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
MARK = "'"
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?%?")
_NOTHING = re.compile(r"[-－]+")


def guarded(cell: Any) -> Any:
    """The cell; text that begins like a formula, and is neither a number nor a dash, with an apostrophe before it.

    >>> guarded("=1+1"), guarded("-3.5"), guarded("--"), guarded(-2), guarded("@SUM(A1)")
    ("'=1+1", '-3.5', '--', -2, "'@SUM(A1)")
    """
    if not isinstance(cell, str) or not cell.startswith(SIGNS):
        return cell
    if _NOTHING.fullmatch(cell) or (_NUMBER.fullmatch(cell) and math.isfinite(float(cell.rstrip("%")))):
        return cell
    return MARK + cell


def guarded_row(cells: Iterable[Any]) -> list[Any]:
    """Each cell of a row, guarded."""
    return [guarded(cell) for cell in cells]


def guarded_frame(frame: Any) -> Any:
    """A frame of polars with its text cells and its column names guarded."""
    import polars as pl

    pattern = "^[" + "".join(re.escape(sign) for sign in SIGNS) + "]"
    texts = [name for name, kind in frame.schema.items() if kind == pl.String]
    changed = frame.with_columns(
        pl.when(
            pl.col(name).str.contains(pattern)
            & ~pl.col(name).str.contains(rf"^(?:{_NUMBER.pattern}|{_NOTHING.pattern})$")
        )
        .then(pl.lit(MARK) + pl.col(name))
        .otherwise(pl.col(name))
        .alias(name)
        for name in texts
    )
    heads = {name: guarded(name) for name in frame.columns if guarded(name) != name}
    return changed.rename(heads) if heads else changed


def unguarded(cell: str) -> str:
    """A cell of a file that came through the guard, as it was."""
    return cell[1:] if cell.startswith(MARK) and cell[1:].startswith(SIGNS) else cell


def unguarded_frame(frame: Any) -> Any:
    """A frame whose text cells lose the apostrophe that the guard put there."""
    import polars as pl

    pattern = f"^{MARK}[" + "".join(re.escape(sign) for sign in SIGNS) + "]"
    odd = [name for name, kind in frame.schema.items() if kind == pl.String and frame[name].str.contains(pattern).any()]
    return frame.with_columns(
        pl.when(pl.col(name).str.contains(pattern)).then(pl.col(name).str.slice(1)).otherwise(pl.col(name)).alias(name)
        for name in odd
    )
