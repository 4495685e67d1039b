"""Trends of many objects at once: one row of figures a period, one verdict an object."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import polars as pl

from qingyuan.science.errors import BadArgumentError, MissingColumnError
from qingyuan.science.stats import Trend

WORDS = {"rising": "上升", "falling": "下降", "none": "无显著趋势"}
_YEAR = r"^(\d{4})(?:\.0)?年?$"


def trend_table(
    figures: pl.DataFrame,
    key: str,
    when: str,
    column: str,
    judge: Callable[[Sequence[float]], Trend],
    doubts: pl.Series,
    least: int,
) -> pl.DataFrame:
    """A row for each object: key, n, r, critical, trend (上升, 下降, 无显著趋势), reason.

    Parameters
    ----------
    figures
        `key`, `when` (sorts as text: 2021, 2021-03, 2021Q1) and `column` as Float64, null where there is no value.
    judge
        The rank correlation with its critical values; raises BadArgumentError for fewer than `least` values.
    doubts
        What is to be said about the cells of each row; counted in the object's reason.

    Notes
    -----
    Objects stand as they first appear. A period without value is left out and counted; years that are not
    consecutive and periods that stand twice are named, and twice the same period is not judged.
    """
    missing = [name for name in (key, when, column) if name not in figures.columns]
    if missing:
        raise MissingColumnError(missing, figures.columns)
    told = figures.select(pl.col(key), pl.col(when).cast(pl.String).alias("when"), pl.col(column).alias("value"))
    told = told.with_columns(doubts.alias("doubt"))
    rows = [_object(name, part, key, judge, least) for (name,), part in told.group_by(key, maintain_order=True)]
    judged: dict[str, type[pl.DataType]] = {"n": pl.Int64, "r": pl.Float64, "critical": pl.Float64}
    words = dict.fromkeys(("trend", "reason"), pl.String)
    return pl.DataFrame(rows, schema={key: figures[key].dtype, **judged, **words})


def _object(
    name: object, part: pl.DataFrame, key: str, judge: Callable[[Sequence[float]], Trend], least: int
) -> dict[str, Any]:
    dated = part.filter(pl.col("when").fill_null("").str.strip_chars() != "").sort("when", maintain_order=True)
    values = dated["value"].drop_nulls().to_list()
    row: dict[str, Any] = {key: name, "n": len(values), "r": None, "critical": None, "trend": None}
    said = [f"{len(part) - len(dated)}行没有时段，未计入"] if len(dated) < len(part) else []
    said += [f"{times}行：{text}" for text, times in part["doubt"].value_counts(sort=True).iter_rows() if text]
    empty = dated.filter(pl.col("value").is_null() & (pl.col("doubt") == ""))
    said += [f"缺{len(empty)}个时段的值"] if len(empty) else []
    years = dated["when"].str.strip_chars().str.extract(_YEAR, 1).cast(pl.Int64)
    if len(years) and not years.null_count() and years[-1] - years[0] + 1 > years.n_unique():
        said.append("年份不连续")
    if dated["when"].is_duplicated().any():
        return row | {"reason": "；".join([*said, "同一时段有多行，不能判断"])}
    try:
        found = judge(values)
    except BadArgumentError:
        said.append(f"少于{least}个时段，不能判断")
    else:
        row |= {"r": round(found.r, 4), "critical": found.critical, "trend": WORDS[found.direction]}
    return row | {"reason": "；".join(said)}
