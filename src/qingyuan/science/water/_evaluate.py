"""Sections and lakes over months, quarters and years: average first, classify second."""

from __future__ import annotations

from datetime import date
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qingyuan.rules import NoRuleError, RuleBook, rule_book
from qingyuan.science.errors import BadArgumentError, MissingColumnError
from qingyuan.science.rounding import Mask
from qingyuan.science.water._change import with_changes
from qingyuan.science.water._classify import classify, item_classes
from qingyuan.science.water._means import columns_of, items_of, mean_values, read_values
from qingyuan.science.water._periods import Period, with_period
from qingyuan.science.water._shares import basins
from qingyuan.science.water._targets import with_targets
from qingyuan.science.water._warning import with_warning

By = Literal["section", "basin", "lake"]
BESIDE = ("TN", "faecal_coliform")
"""Items with limits that never enter the class."""


def evaluate(
    frame: pl.DataFrame,
    period: Period = "month",
    by: By = "section",
    *,
    targets: pl.DataFrame | None = None,
    partial: bool = False,
    book: RuleBook | None = None,
) -> pl.DataFrame:
    """The quality of sections, lakes or basins over periods.

    Parameters
    ----------
    frame
        Columns `section`, `time`, `body` (river, lake) and items as in `classify`; `lake` (its name; the
        sections are its points) for by="lake", `basin` for by="basin".
    period
        month (2026-01), quarter (2026-Q1), year (2026) or all.
    targets
        As `with_targets` takes them; adds compliance by kind of target, and with months the deterioration
        warning. Sections only.

    Returns
    -------
    By section or lake, sorted: section or lake, period, body, samples (times with a value), months, items
    (means rounded as in evaluation), class_TN (lakes) and class_faecal_coliform where these are given (they
    never enter the class), class, deciding, main_pollutants, standard, reason, quality (words),
    until (date of the last sample), class_before and change (against the period before), class_last_year
    and change_last_year; with targets those columns and, for months, class_cumulative and warning.
    By basin: as `basins`.

    Notes
    -----
    Months weigh alike: samples are averaged to months, months to the longer period (held to eight decimals
    between, rounded once at the end); pH by hydrogen ions throughout. A non-detect is half its limit. Lakes:
    the mean over time of each point first, then over the points. A basin of few sections averages their
    values as reported. Unusable cells (text, negative) are left out and counted in the reason; rows without
    a readable time stand in a row of their own without period. Doubled rows count twice and are named by
    `row_doubts`. A quarter of one sample and a year of fewer than twelve months are judged and named
    (settings).

    References
    ----------
    环办〔2011〕22号; 环办监测函〔2020〕82号, clause 7.
    """
    book = rule_book() if book is None else book
    if by not in ("section", "basin", "lake"):
        raise BadArgumentError("by", by, "section, basin or lake")
    needed = ["section", "time", "body", *([by] if by != "section" else [])]
    missing = [name for name in needed if name not in frame.columns]
    if missing:
        raise MissingColumnError(missing, frame.columns)
    kept = ["basin"] if by == "basin" else []
    timed = with_period(frame, period)
    judged = _judge(timed, period, "lake" if by == "lake" else "section", kept, book, partial=partial)
    if by == "basin":
        return basins(judged, book=book)
    if targets is not None and by == "section":
        judged = with_targets(judged, targets, book=book)
    judged = with_changes(judged, by, book=book)
    if targets is not None and by == "section" and period == "month":
        judged = with_warning(judged, _cumulative(timed, book), book=book)
    return judged.rename({"_until": "until"})


def _judge(
    timed: pl.DataFrame, period: Period, unit: str, kept: list[str], book: RuleBook, *, partial: bool = False
) -> pl.DataFrame:
    items = items_of(timed)
    values, bad = read_values(timed, items, book)
    keys = timed.select(*dict.fromkeys((unit, "section", "period", "_month")), "_time", "body", *kept)
    # samples -> months of a point -> the period of a point -> (lakes) the period of the lake
    month_keys, month_of = _groups(keys, list(dict.fromkeys((unit, "section", "period", "_month"))))
    means = mean_values(month_of, len(month_keys), values)
    point_keys, point_of = _groups(month_keys, list(dict.fromkeys((unit, "section", "period"))))
    means = mean_values(point_of, len(point_keys), means)
    top_keys = point_keys
    if unit != "section":
        top_keys, top_of = _groups(point_keys, [unit, "period"])
        means = mean_values(top_of, len(top_keys), means)
    facts = keys.group_by(unit, "period").agg(
        pl.col("body").drop_nulls().first(),
        *(pl.col(name).drop_nulls().first() for name in kept),
        pl.len().alias("samples"),
        pl.col("_month").n_unique().alias("months"),
        pl.col("section").n_unique().alias("points"),
        pl.col("_time").max().alias("time"),
    )
    result = top_keys.select(unit, "period").with_columns(*columns_of(means, book))
    result = facts.join(result, on=[unit, "period"], how="left", nulls_equal=True).sort(unit, "period")
    counted = _bad_cells(keys, bad, unit)
    beside = [item for item in BESIDE if item in items]
    result = result.with_columns(item_classes(result, item, book=book) for item in beside)
    result = classify(result, "evaluation", partial=partial, book=book)
    result = result.join(counted, on=[unit, "period"], how="left", nulls_equal=True)
    result = result.with_columns(_reasons(period, result["time"].dt.date(), book)).drop("_bad")
    words = {known.name: known.quality_zh for known in book.water_classes}
    first = [unit, "period", "body", *kept, "samples", "months", *(["points"] if unit != "section" else [])]
    last = [*(f"class_{item}" for item in beside), "class", "deciding", "main_pollutants", "standard", "reason"]
    return result.select(
        *first,
        *items,
        *last,
        pl.col("class").replace_strict(words, default=None, return_dtype=pl.String).alias("quality"),
        pl.col("time").dt.date().alias("_until"),
    )


def _groups(keys: pl.DataFrame, names: list[str]) -> tuple[pl.DataFrame, NDArray[np.int64]]:
    """Distinct keys, and for each row the place of its key."""
    distinct = keys.select(names).unique(maintain_order=True).with_row_index("_place")
    place: NDArray[np.int64] = (
        keys.select(names)
        .join(distinct, on=names, how="left", nulls_equal=True, maintain_order="left")["_place"]
        .cast(pl.Int64)
        .to_numpy()
    )
    return distinct.drop("_place"), place


def _bad_cells(keys: pl.DataFrame, bad: dict[str, Mask], unit: str) -> pl.DataFrame:
    marks = keys.select(unit, "period").with_columns(pl.Series(item, mask) for item, mask in bad.items())
    sums = marks.group_by(unit, "period").agg(pl.col(item).sum() for item in bad)
    parts = [pl.when(pl.col(item) > 0).then(pl.format(f"{item}有{{}}个值不可用", pl.col(item))) for item in bad]
    return sums.select(unit, "period", pl.concat_str(parts, separator="、", ignore_nulls=True).alias("_bad"))


def _reasons(period: Period, ends: pl.Series, book: RuleBook) -> pl.Expr:
    """What is to be said, by the settings in force on the last day of each row's samples (`ends`)."""
    parts = [pl.col("reason").replace("", None), pl.col("_bad").replace("", None)]

    def setting(key: str) -> pl.Expr:
        numbers = {day: _number(key, day, book) for day in ends.unique()}
        return pl.lit(pl.Series([numbers[day] for day in ends], dtype=pl.Int64))

    if period == "quarter":
        least = setting("quarter.samples")
        parts.append(pl.when(pl.col("samples") < least).then(pl.format("季度采样少于{}次", least)))
    if period == "year":
        whole, least = setting("year.months"), setting("year.months.least")
        few = pl.format("只有{}个月的值", pl.col("months"))
        parts.append(
            pl.when(pl.col("months") < least)
            .then(pl.concat_str([few, pl.format("，少于{}个月，不足以代表全年", least)]))
            .when(pl.col("months") < whole)
            .then(few)
        )
    return pl.concat_str(parts, separator="；", ignore_nulls=True).alias("reason")


def _number(key: str, day: date | None, book: RuleBook) -> int | None:
    """A setting on a day; None before the first (the class then says that no rule is that old)."""
    try:
        return int(book.water_tables.on(day).number(key))
    except NoRuleError:
        return None


def _cumulative(timed: pl.DataFrame, book: RuleBook) -> pl.DataFrame:
    """Class of the year so far, for each section and month of `timed`: section, period (the month), class."""
    placed = timed.filter(pl.col("_month").is_not_null())
    grown = [
        placed.filter((pl.col("_month") <= month) & (pl.col("_month") >= month[:4]))
        .join(placed.filter(pl.col("_month") == month), on="section", how="semi")
        .with_columns(pl.lit(month).alias("period"))
        for month in sorted(placed["_month"].unique())
    ]
    if not grown:
        return pl.DataFrame(schema={"section": pl.String, "period": pl.String, "class": pl.String})
    return _judge(pl.concat(grown), "all", "section", [], book).select("section", "period", "class")
