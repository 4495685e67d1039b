"""Cells of a table of figures: which of them are numbers that can be used, and what is odd about the others."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence

import polars as pl

from qingyuan.science.rounding import LARGEST

Bounds = tuple[float | None, float | None]
SEPARATOR = "；"
_LABEL = re.compile(
    r"(^|_)(id|no|code|lon|lat|longitude|latitude|x|y|year|month|day|hour|week|quarter|n|count|rank|index|level|order)($|_)"
    r"|aqi|composite|class|经度|纬度|序号|编号|代码|年|月|日|时|排名|等级",
    re.IGNORECASE,
)
NOTHING = ("", "-", "--", "—", "——", "/", "*", "NaN", "nan", "NA", "N/A", "null")


def sound_figures(
    frame: pl.DataFrame,
    bounds: Mapping[str, Bounds],
    parse: Callable[[pl.Series], pl.Series] | None = None,
) -> tuple[pl.DataFrame, pl.Series]:
    """The frame with usable numbers only, and what is to be said about each row's other cells.

    Parameters
    ----------
    frame
        Any table. Columns that are not there are passed over.
    bounds
        Column to its smallest and largest plausible value, both included, in the column's unit; None: no bound.
    parse
        Turns a column of text into numbers where it can; plain numbers where not given.

    Returns
    -------
    The frame in which the named columns are Float64, null where a cell is empty, no number, infinite, absurdly
    large (1e9 and more) or out of its bounds; and the words for each row, empty where nothing is to be said.
    An empty cell, a dash and NaN are missing, which is for the caller to name.

    >>> sound_figures(pl.DataFrame({"a": ["1", "x", "-2", "--"]}), {"a": (0, None)})[1].to_list()
    ['', 'a不是数值，按缺测', 'a为负值，按缺测', '']
    """
    columns: list[pl.Series] = []
    said: list[pl.Series] = []
    for name, (least, most) in bounds.items():
        if name not in frame.columns:
            continue
        numbers, filled = _numbers(frame[name], parse)
        value = pl.col("value")
        finite = value.is_finite() & (value.abs() < LARGEST)
        low = pl.lit(False) if least is None else value < least
        high = pl.lit(False) if most is None else value > most
        negative = f"{name}为负值，按缺测" if least == 0 else f"{name}低于合理范围，按缺测"
        judged = pl.DataFrame([numbers.alias("value"), filled.alias("filled")]).select(
            pl.when(finite & ~low & ~high).then(value).alias(name),
            pl.when(pl.col("filled") & ~finite.fill_null(False))
            .then(pl.lit(f"{name}不是数值，按缺测"))
            .when(low & finite)
            .then(pl.lit(negative))
            .when(high & finite)
            .then(pl.lit(f"{name}超出合理范围，按缺测，请核对单位"))
            .alias("said"),
        )
        columns.append(judged[name])
        said.append(judged["said"].alias(name))
    return frame.with_columns(columns), joined_reasons(said, len(frame))


def unknown_columns(
    frame: pl.DataFrame, known: Collection[str], parse: Callable[[pl.Series], pl.Series] | None = None
) -> list[str]:
    """Columns that hold numbers only and whose name says that they are measured, yet are not `known`.

    Columns of codes, ordinals, coordinates, dates, counts and of results (AQI, IAQI, indices, ranks) are passed over.

    >>> unknown_columns(pl.DataFrame({"NO3": [1.0], "code": [7], "note": ["x"], "SO2": [3]}), {"SO2"})
    ['NO3']
    """
    names = [name for name in frame.columns if name not in known and not _LABEL.search(name)]
    return [name for name in names if _all_numbers(frame[name], parse)]


def _all_numbers(column: pl.Series, parse: Callable[[pl.Series], pl.Series] | None) -> bool:
    if column.dtype.is_temporal() or column.dtype in (pl.Boolean, pl.Null):
        return False
    if column.dtype.is_numeric():
        return column.null_count() < len(column)
    if column.dtype != pl.String:
        return False
    numbers, filled = _numbers(column, parse)
    return bool(filled.any()) and not (filled & numbers.is_null()).any()


def plain_cells(frame: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """The frame whose named columns of text have no blanks around and null for the marks of nothing (NOTHING).

    >>> plain_cells(pl.DataFrame({"a": [" 5 ", "--", "x"]}), ["a"])["a"].to_list()
    ['5', None, 'x']
    """
    text = [
        pl.col(name).str.strip_chars() for name in columns if name in frame.columns and frame[name].dtype == pl.String
    ]
    return frame.with_columns(pl.when(~one.is_in(NOTHING)).then(one) for one in text)


def doubled_rows(frame: pl.DataFrame, keys: Sequence[str], words: str) -> pl.Series:
    """`words` at the rows that share all of `keys` with another, empty elsewhere; rows without a key are not alike."""
    alike = pl.struct(keys).is_duplicated() & pl.all_horizontal(pl.col(name).is_not_null() for name in keys)
    return frame.select(pl.when(alike).then(pl.lit(words)).otherwise(pl.lit("")).alias("doubled"))["doubled"]


def joined_reasons(parts: Sequence[pl.Series], rows: int) -> pl.Series:
    """Texts of several columns as one column `reason`, empty where none says anything."""
    if not parts:
        return pl.Series("reason", [""] * rows, dtype=pl.String)
    frame = pl.DataFrame([part.cast(pl.String).alias(str(place)) for place, part in enumerate(parts)])
    text = pl.concat_str(pl.all().replace("", None), separator=SEPARATOR, ignore_nulls=True).fill_null("")
    return frame.select(text.alias("reason"))["reason"]


def _numbers(column: pl.Series, parse: Callable[[pl.Series], pl.Series] | None) -> tuple[pl.Series, pl.Series]:
    """Numbers, null where there is none, and whether the cell holds anything."""
    if column.dtype in (pl.String, pl.Null):
        text = column.cast(pl.String).str.strip_chars()
        filled = text.is_not_null() & ~text.is_in(NOTHING)
        return (parse(column) if parse is not None else text).cast(pl.Float64, strict=False), filled.fill_null(False)
    if not (column.dtype.is_numeric() or column.dtype == pl.Boolean):
        return pl.Series(column.name, [None] * len(column), dtype=pl.Float64), column.is_not_null()
    numbers = column.cast(pl.Float64).fill_nan(None)
    return numbers, numbers.is_not_null()
