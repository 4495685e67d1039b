"""Reading cells as numbers: missing markers, qualifiers, printed decimals."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

_NUMBER = r"^([<>≤≥]?=?|L)\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(\(?[Ll]\)?|ND|\(ND\))?$"
_BELOW = ("<", "≤", "<=", "L")
_ABOVE = (">", "≥", ">=")
NOT_FOUND = (
    "未检出",
    "ND",
    "N.D.",
    "N.D",
    "nd",
    "Nd",
    "<DL",
    "<LOD",
    "<MDL",
    "低于检出限",
    "小于检出限",
    "BDL",
    "未检出(ND)",
    "检出限以下",
)
"""What laboratories write for "below the detection limit" without saying the limit."""
_ODD = r"[^\x00-\x7f]"


@dataclass(frozen=True)
class Cells:
    """A column read cell by cell. `bad` marks cells that are neither number nor missing."""

    value: pl.Series
    decimals: pl.Series
    qualifier: pl.Series
    empty: pl.Series
    bad: pl.Series


def read_cells(column: pl.Series, missing: tuple[str, ...], words: Mapping[str, float], decimals: int | None) -> Cells:
    """Numbers of a column.

    A text may be a number, one of `words`, a missing marker, or a number with a qualifier: <0.01, or 0.01L
    (below the detection limit, as laboratories write it). Full-width digits and signs are read. A non-detect that does not
    say its limit (未检出, ND) is 0 with the qualifier `<`. Decimals are counted in texts, else `decimals`, else -1 (not
    known).
    """
    if column.dtype.is_numeric():
        return _numeric(column, missing, decimals)
    column = _half_width(column.cast(pl.String).str.strip_chars())
    text = pl.col("cell")
    not_found = text.is_in(list(NOT_FOUND))
    parts = text.str.extract_groups(_NUMBER).struct
    sign, digits, tail = (parts.field(str(place)) for place in (1, 2, 3))
    words = {**words, **{unicodedata.normalize("NFKC", word): number for word, number in words.items()}}
    known = text.replace_strict(words, default=None, return_dtype=pl.Float64) if words else pl.lit(None)
    point = digits.str.extract(r"\.(\d*)", 1).str.len_chars()
    frame = (
        column.alias("cell")
        .to_frame()
        .with_columns(
            pl.coalesce(
                known.cast(pl.Float64), digits.cast(pl.Float64, strict=False), pl.when(not_found).then(pl.lit(0.0))
            ).alias("value"),
            (text.is_null() | text.is_in(list(missing))).alias("empty"),
            pl.when(digits.is_null() | digits.str.contains("[eE]"))
            .then(pl.lit(-1 if decimals is None else decimals))
            .otherwise(point.fill_null(0))
            .cast(pl.Int16)
            .alias("decimals"),
            pl.when(sign.is_in(_BELOW) | (tail.is_not_null() & (tail != "")) | not_found)
            .then(pl.lit("<"))
            .when(sign.is_in(_ABOVE))
            .then(pl.lit(">"))
            .otherwise(pl.lit(""))
            .alias("qualifier"),
        )
    )
    empty = frame["empty"]
    value = frame.select(pl.when(pl.col("empty")).then(None).otherwise(pl.col("value")).alias("value"))["value"]
    return Cells(value, frame["decimals"], frame["qualifier"].fill_null(""), empty, ~empty & value.is_null())


def _half_width(column: pl.Series) -> pl.Series:
    """Texts with full-width digits and signs as half-width ones; the few that have any are folded one by one."""
    odd = column.str.contains(_ODD).fill_null(False)
    if not odd.any():
        return column
    texts = column.filter(odd).unique().to_list()
    folded = {text: unicodedata.normalize("NFKC", text).strip() for text in texts}
    return column.replace({text: bare for text, bare in folded.items() if bare.isascii()})


def _numeric(column: pl.Series, missing: tuple[str, ...], decimals: int | None) -> Cells:
    markers = [float(text) for text in missing if _is_number(text)]
    # a Float32 is read through its text, so that 0.3 does not become 0.30000001
    exact = column.cast(pl.String).cast(pl.Float64) if column.dtype == pl.Float32 else column.cast(pl.Float64)
    empty = (exact.is_null() | exact.is_nan() | exact.is_in(markers)).fill_null(True)
    frame = exact.alias("value").to_frame().with_columns(empty.alias("empty"))
    value = frame.select(pl.when(~pl.col("empty")).then(pl.col("value")).alias("value"))["value"]
    count = len(column)
    digits = pl.Series("decimals", [-1 if decimals is None else decimals], dtype=pl.Int16).new_from_index(0, count)
    nothing = pl.Series("qualifier", [""]).new_from_index(0, count)
    return Cells(value, digits, nothing, empty, ~empty & ~value.is_finite().fill_null(False))


def _is_number(text: str) -> bool:
    try:
        number = float(text)
    except ValueError:
        return False
    return number == number  # noqa: PLR0124 -- NaN is not a number
