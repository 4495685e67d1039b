"""Two years under one named set of rules: both sides are worked out anew, then compared."""

from __future__ import annotations

import polars as pl

from qingyuan.rules import NoRuleError, RuleBook, rule_book
from qingyuan.science.air._change import change_rate
from qingyuan.science.air._columns import Stamps
from qingyuan.science.air._composite import composite
from qingyuan.science.air._evaluate import By, evaluate
from qingyuan.science.air._index import Standard
from qingyuan.science.air._period import PeriodName
from qingyuan.science.errors import BadArgumentError
from qingyuan.science.figures import joined_reasons
from qingyuan.science.rounding import round_values

FIGURES = (
    "SO2_mean",
    "NO2_mean",
    "PM10_mean",
    "PM2_5_mean",
    "CO_P95",
    "O3_8h_P90",
    "composite",
    "good_day_ratio",
)
POINTS = ("good_day_ratio",)
"""Shares: their change is a difference in percentage points, not a rate."""


def compare_years(
    hourly: pl.DataFrame,
    before: pl.DataFrame | None,
    by: By,
    period: PeriodName,
    standard: Standard,
    roster: pl.DataFrame | None = None,
    *,
    stamps: Stamps = "closes",
    grade: int = 2,
    keep_invalid: bool = False,
    book: RuleBook | None = None,
) -> pl.DataFrame:
    """Figures of periods beside those of the same periods a year before, all under one named edition.

    Parameters
    ----------
    hourly, before
        Hours as `evaluate` takes them; `before` None: the earlier year stands in `hourly` too.
    by, roster, stamps, grade, keep_invalid
        As in `evaluate`.
    period
        "month", "quarter", "year"; "all" compares one span with the other and needs `before`.
    standard
        The edition that both sides are judged by; its limits and its composite index are those in force on its
        first day. "auto" is refused: two years could then be judged by two rules.

    Returns
    -------
    site or city, period, <figure>, <figure>_before, <figure>_change ([%] of the earlier value; for the good-day
    ratio percentage points), compliant, compliant_before, standard, limits, scheme, reason. A period whose earlier
    one is not there has null beside it, and says so; so do figures without value.

    References
    ----------
    环办监测〔2018〕19号 (year-on-year); that both sides must stand under one rule set is the rule of this system.
    """
    book = rule_book() if book is None else book
    if standard == "auto":
        raise BadArgumentError("standard", standard, "the name of one edition, HJ633-2012 or HJ633-2026")
    if period == "day" or (period == "all" and before is None):
        raise BadArgumentError("period", period, "month, quarter or year; all only with a table of its own for before")
    sides = []
    for side in (hourly, hourly if before is None else before):
        found = evaluate(
            side, by, period, standard, roster, stamps=stamps, grade=grade, keep_invalid=keep_invalid, book=book
        )
        sides.append(composite(found.rename({"reason": "said"}), _scheme(standard, book), book=book))
    now, then = (_told(side) for side in sides)
    shift = pl.col("period") if period == "all" else _next_year(pl.col("period"))
    kept = [by, "period", *FIGURES, "compliant", "reason"]
    earlier = then.select(kept).filter(pl.col("period").is_not_null()).with_columns(shift.alias("period"))
    joined = now.join(
        earlier.with_columns(there=True), on=[by, "period"], how="left", suffix="_before", maintain_order="left"
    )
    columns: list[pl.Series] = []
    for name in FIGURES:
        new, old = joined[name], joined[f"{name}_before"]
        change = change_rate(new, old, book=book)
        if name in POINTS:
            change = round_values(new - old, book.decimals("rate", "*", book.decimal_rows.turning_days[-1]))
        columns += [new, old, change.alias(f"{name}_change")]
    words = joined.select(
        pl.when(pl.col("there").is_null()).then(pl.lit("没有上年同期")).alias("lacking"),
        pl.when(pl.col("reason_before") != "").then(pl.format("上年：{}", "reason_before")).alias("past"),
    )
    return pl.DataFrame(
        [
            joined[by],
            joined["period"],
            *columns,
            joined["compliant"],
            joined["compliant_before"],
            joined["standard"],
            joined["limits"],
            joined["scheme"],
            joined_reasons([joined["reason"], words["past"], words["lacking"]], len(joined)),
        ]
    )


def _scheme(standard: str, book: RuleBook) -> str:
    """The composite index that goes with an edition: the one in force when it ends, or since it began."""
    period = book.aqi_edition(standard).origin.period
    for day in (period.until, period.since):
        try:
            if day is not None:
                return book.air_evaluation.scheme_on(day).name
        except NoRuleError:
            continue
    raise NoRuleError(f"a composite index under {standard}", period.since)


def _told(side: pl.DataFrame) -> pl.DataFrame:
    """Reasons of the evaluation; those of the composite index only repeat what is missing."""
    return side.with_columns(side["said"].alias("reason"))


def _next_year(label: pl.Expr) -> pl.Expr:
    """The label of the same period a year later: 2025-09, 2025Q3 and 2025 become 2026-09, 2026Q3 and 2026."""
    return pl.concat_str((label.str.head(4).cast(pl.Int64) + 1).cast(pl.String), label.str.slice(4))
