"""Cells of laboratory sheets: numbers, non-detects, marks for nothing measured."""

from __future__ import annotations

import unicodedata

import numpy as np
import polars as pl

from qingyuan.science.civil import civil_time
from qingyuan.science.rounding import Integers, Mask, scaled_column, unreadable_cells

NOTHING = ("", "-", "--", "—", "——", "－", "/", "*", "NaN", "nan", "NA", "N/A", "null", "未测", "缺测", "停测")
NOT_FOUND = (
    "未检出",
    "nd",
    "n.d.",
    "n.d",
    "<dl",
    "<lod",
    "<mdl",
    "低于检出限",
    "小于检出限",
    "bdl",
    "未检出(nd)",
    "检出限以下",
)
_MONTH = r"^(\d{4})[-/年.](\d{1,2})月?$"
_WEEK = r"^(\d{4})-?W(\d{1,2})$"
_NUMERAL = r"(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)"
_BELOW = rf"^(?:<=?|L)\s*{_NUMERAL}$"
_BELOW_LETTER = rf"^{_NUMERAL}\s*(?:\(?[Ll]\)?|\(?ND\)?)$"
_ODD = r"[^\x00-\x7f]"


def numbers_of(column: pl.Series) -> pl.Series:
    """A column as numbers; text is read as laboratories write it.

    Notes
    -----
    `<0.01`, `＜0.01`, `L0.01`, `4E-05L` and `0.01L` are non-detects and give half of the limit; 未检出 and ND, which do not
    say it, give 0. Full-width digits and signs are read. Marks for nothing measured
    (`--`, `*`, `/`, …) and text that is no number become null. Columns of numbers come back as they are.

    References
    ----------
    环办监测函〔2020〕82号, clause 7 (half the detection limit).

    >>> numbers_of(pl.Series(["0.5", "<0.01", "0.004L", "--"])).to_list()
    [0.5, 0.005, 0.002, None]
    """
    if column.dtype not in (pl.String, pl.Null):
        return column
    column = _half_width(column)
    text = pl.col(column.name).cast(pl.String).str.strip_chars()
    limit = pl.coalesce(text.str.extract(_BELOW, 1), text.str.extract(_BELOW_LETTER, 1)).cast(pl.Float64, strict=False)
    plain = pl.when(~text.is_in(NOTHING)).then(text).cast(pl.Float64, strict=False)
    found = pl.when(text.str.to_lowercase().is_in(NOT_FOUND)).then(pl.lit(0.0))
    return column.to_frame().select(pl.coalesce(plain, limit / 2, found).alias(column.name))[column.name]


def _half_width(column: pl.Series) -> pl.Series:
    """Full-width digits and signs as half-width ones; the few texts that have any are folded one by one."""
    if column.dtype != pl.String:
        return column
    odd = column.filter(column.str.contains(_ODD).fill_null(False)).unique()
    folded = {text: unicodedata.normalize("NFKC", text) for text in odd}
    return column.replace({text: bare for text, bare in folded.items() if bare != text}) if folded else column


def unlimited(column: pl.Series) -> Mask:
    """Rows whose cell is a non-detect that does not say its limit."""
    if column.dtype != pl.String:
        return np.zeros(len(column), dtype=np.bool_)
    text = _half_width(column).str.strip_chars().str.to_lowercase()
    found: Mask = text.is_in(NOT_FOUND).fill_null(False).to_numpy()
    return found


def read_cells(column: pl.Series) -> tuple[Integers, Mask, Mask]:
    """Scaled integers, the mask of usable values, and the mask of cells that hold text that is no number."""
    values, usable = scaled_column(numbers_of(column))
    filled = column
    if column.dtype == pl.String:
        filled = column.to_frame().select(
            pl.when(~pl.col(column.name).str.strip_chars().is_in(NOTHING)).then(pl.col(column.name))
        )[column.name]
    return values, usable, unreadable_cells(filled, usable)


def sampling_time(times: pl.Series) -> pl.Series:
    """As `civil_time`; a month alone (2025-01, 2025/1, 2025年1月) is its first day."""
    return civil_time(whole_dates(times))


def whole_dates(times: pl.Series) -> pl.Series:
    """Text of months alone (2025-01, 2025/1, 2025年1月) or weeks (2025-W02) as that of their first days; else as it is."""
    if times.dtype != pl.String:
        return times
    text = pl.col(times.name).str.strip_chars()
    year, month = text.str.extract(_MONTH, 1), text.str.extract(_MONTH, 2).str.zfill(2)
    first = pl.concat_str([year, month, pl.lit("01")], separator="-")
    week = pl.concat_str(
        [text.str.extract(_WEEK, 1), text.str.extract(_WEEK, 2).str.zfill(2), pl.lit("1")], separator="-"
    )
    monday = week.str.to_date("%G-%V-%u", strict=False).dt.to_string("%Y-%m-%d")
    return times.to_frame().select(
        pl.when(text.str.contains(_MONTH))
        .then(first)
        .when(text.str.contains(_WEEK))
        .then(monday)
        .otherwise(times.name)
        .alias(times.name)
    )[times.name]
