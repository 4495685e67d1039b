"""Figures that a higher authority issued beside ours: both stay, the issued one is taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from qingyuan.science.civil import civil_time
from qingyuan.science.errors import BadArgumentError, MissingColumnError
from qingyuan.science.figures import Bounds, joined_reasons, sound_figures
from qingyuan.science.rounding import SCALE, scaled_column

ISSUED, COMPUTED = "issued", "computed"
SAME, DIFFERENT = "一致", "不一致"
NOTES = ("document", "issuer")
_ROW = "_row"


def beside_issued(
    result: pl.DataFrame, issued: pl.DataFrame, key: str, bounds: Mapping[str, Bounds] | None = None
) -> pl.DataFrame:
    """A result of an evaluation with issued figures beside its own.

    Parameters
    ----------
    result
        `key`, `period` (2025-06-01, 2025-06, 2025Q2 or 2025-Q2, 2025, all), figures, `reason`.
    issued
        `key`, `period` (or `time`, a date, for results of days) and any figures of the result by their names;
        `document` and `issuer` are carried along. Empty cells are not issued.
    bounds
        What a figure may be, by column.

    Returns
    -------
    The result with, for each issued figure: <figure>_issued, <figure>_difference (computed minus issued; for words
    一致 or 不一致), <figure>_taken (the issued one where there is one, else ours) and <figure>_taken_from (issued,
    computed, null where there is neither); issued_document, issued_issuer where given; reason names what differs. An
    issued row without ours stands at the end and says so.

    Notes
    -----
    Of several issued rows of one key and period the first counts, and that is said. Text in a column of numbers, and
    figures out of their bounds, are not taken. BadArgumentError where no column of `issued` is a figure of the result.

    References
    ----------
    The figures that the higher authority issues hold in reports (decision 13 of the architecture).
    """
    for frame, names in ((result, (key, "period")), (issued, (key,))):
        if missing := [name for name in names if name not in frame.columns]:
            raise MissingColumnError(missing, frame.columns)
    if not {"period", "time"} & set(issued.columns):
        raise MissingColumnError(["period"], issued.columns)
    figures = [
        name for name in issued.columns if name in result.columns and name not in (key, "period", "time", "reason")
    ]
    if not figures:
        raise BadArgumentError("issued", ", ".join(issued.columns), "a column named like a figure of the result")
    numeric = [name for name in figures if result[name].dtype.is_numeric()]
    clean, doubts = sound_figures(issued, {name: (bounds or {}).get(name, (None, None)) for name in numeric})
    ours = result.with_columns(_label(result["period"]).alias("_period"), pl.col(key).cast(pl.String).alias("_key"))
    theirs = _theirs(clean, key, figures, doubts)
    joined = ours.join(theirs, on=["_key", "_period"], how="left", nulls_equal=False, maintain_order="left")
    lone = theirs.join(ours.select("_key", "_period"), on=["_key", "_period"], how="anti", maintain_order="left")
    if len(lone):
        alone = lone.with_columns(
            pl.col("_key").cast(result[key].dtype, strict=False).alias(key),
            pl.col("_period").alias("period"),
            pl.lit("只有发布值，没有计算值").alias("reason"),
        )
        joined = pl.concat([joined, alone], how="diagonal_relaxed")
    columns: list[pl.Series] = []
    said = [joined["reason"].cast(pl.String).fill_null(""), joined["_issued_said"].fill_null("")]
    for name in figures:
        added, words = _compared(joined, name)
        columns += added
        said.append(words)
    notes = [joined[f"_{name}"].alias(f"issued_{name}") for name in NOTES if f"_{name}" in joined.columns]
    return joined.select(result.columns).with_columns(*columns, *notes, joined_reasons(said, len(joined)))


def _theirs(clean: pl.DataFrame, key: str, figures: Sequence[str], doubts: pl.Series) -> pl.DataFrame:
    """_key, _period, <figure>_issued and what is to be said, one row for each key and period."""
    when = "period" if "period" in clean.columns else "time"
    text = [
        pl.col(name).cast(pl.String).str.strip_chars().replace("", None)
        if clean[name].dtype == pl.String
        else pl.col(name)
        for name in figures
    ]
    rows = clean.select(
        pl.col(key).cast(pl.String).alias("_key"),
        _label(clean[when]).alias("_period"),
        *(value.alias(f"{name}_issued") for value, name in zip(text, figures, strict=True)),
        *(pl.col(name).cast(pl.String).alias(f"_{name}") for name in NOTES if name in clean.columns),
        doubts.str.replace_all(r"([^；]+)", "发布值：${1}").alias("_doubts"),
    )
    again = pl.struct("_key", "_period").is_duplicated()
    words = rows.select(pl.when(again).then(pl.lit("发布值有多行，取第一行")).otherwise(pl.lit("")).alias("again"))[
        "again"
    ]
    unread = rows.select(
        pl.when(pl.col("_period").is_null())
        .then(pl.lit("发布值的时段缺失或无法识别"))
        .otherwise(pl.lit(""))
        .alias("unread")
    )["unread"]
    told = rows.with_columns(joined_reasons([rows["_doubts"], words, unread], len(rows)).alias("_issued_said"))
    first = pl.col("_period").is_null() | pl.struct("_key", "_period").is_first_distinct()
    return told.filter(first).drop("_doubts")


def _compared(joined: pl.DataFrame, name: str) -> tuple[list[pl.Series], pl.Series]:
    """The four columns of a figure, and what differs in words."""
    own, other = joined[name], joined[f"{name}_issued"]
    if own.dtype.is_numeric():
        mine, has = scaled_column(own)
        given, known = scaled_column(other)
        both = has & known
        gap = pl.Series(np.where(both, (mine - given) / SCALE, np.nan)).fill_nan(None)
        differs = pl.Series(both & (mine != given))
    else:
        own, other = own.cast(pl.String), other.cast(pl.String)
        mine_text, other_text = own.fill_null(""), other.fill_null("")
        gap_frame = pl.DataFrame({"mine": mine_text, "other": other_text, "known": other.is_not_null()})
        gap = gap_frame.select(
            pl.when("known")
            .then(pl.when(pl.col("mine") == pl.col("other")).then(pl.lit(SAME)).otherwise(pl.lit(DIFFERENT)))
            .alias("gap")
        )["gap"]
        differs = (gap == DIFFERENT).fill_null(False)
    frame = pl.DataFrame([own.alias("own"), other.alias("other"), differs.alias("differs")])
    taken = frame.select(
        pl.coalesce("other", "own").alias(f"{name}_taken"),
        pl.when(pl.col("other").is_not_null())
        .then(pl.lit(ISSUED))
        .when(pl.col("own").is_not_null())
        .then(pl.lit(COMPUTED))
        .alias(f"{name}_taken_from"),
        pl.when("differs").then(pl.lit(f"{name}计算值与发布值不同，取发布值")).otherwise(pl.lit("")).alias("words"),
    )
    return (
        [
            other.alias(f"{name}_issued"),
            gap.alias(f"{name}_difference"),
            taken[f"{name}_taken"],
            taken[f"{name}_taken_from"],
        ],
        taken["words"],
    )


def _label(periods: pl.Series) -> pl.Series:
    """Labels that are written alike: 2025-Q2 is 2025Q2, a time is its date, 2025/6 is 2025-06."""
    if periods.dtype.is_temporal():
        return civil_time(periods).dt.to_string("%Y-%m-%d")
    text = periods.cast(pl.String).str.strip_chars().str.replace(r"\.0$", "").replace("", None).alias("text")
    frame = text.to_frame()
    quarter = pl.col("text").str.extract_groups(r"^(\d{4})-?[Qq](\d)$")
    month = pl.col("text").str.extract_groups(r"^(\d{4})[-/年](\d{1,2})月?$")
    day = civil_time(text).dt.to_string("%Y-%m-%d").alias("day")
    frame = frame.with_columns(day)
    return frame.select(
        pl.when(quarter.struct[0].is_not_null())
        .then(pl.concat_str(quarter.struct[0], pl.lit("Q"), quarter.struct[1]))
        .when(month.struct[0].is_not_null())
        .then(pl.concat_str(month.struct[0], pl.lit("-"), month.struct[1].str.zfill(2)))
        .otherwise(pl.coalesce("day", "text"))
        .alias("label")
    )["label"]
