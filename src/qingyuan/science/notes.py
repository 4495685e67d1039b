"""What was odd about the rows behind a figure, counted and told beside the figure."""

from __future__ import annotations

import polars as pl

from qingyuan.science.figures import SEPARATOR, joined_reasons


def split_doubts(keyed: pl.DataFrame) -> pl.DataFrame:
    """`_key`, `_period` and part: a row for each single doubt of each row; `keyed` has _key, _period, _doubts."""
    filled = keyed.filter(pl.col("_doubts") != "")
    return filled.select("_key", "_period", pl.col("_doubts").str.split(SEPARATOR).alias("part")).explode("part")


def noted(result: pl.DataFrame, key: str, parts: pl.DataFrame) -> pl.DataFrame:
    """A result with `key`, `period` and `reason` whose reasons also count the doubts of the rows behind.

    `parts` as `split_doubts` gives them. Doubts that belong to no row of the result stand in rows of their own at the
    end, with nothing but key, period and reason.
    """
    if parts.is_empty():
        return result
    each = parts.group_by("_key", "_period", "part", maintain_order=True).len()
    counted = each.group_by("_key", "_period", maintain_order=True).agg(
        pl.format("{}行：{}", "len", "part").str.join(SEPARATOR).alias("_note")
    )
    placed = result.with_columns(pl.col(key).cast(pl.String).alias("_key"), pl.col("period").alias("_period"))
    on = ["_key", "_period"]
    joined = placed.join(counted, on=on, how="left", nulls_equal=True, maintain_order="left")
    alone = counted.join(placed, on=on, how="anti", nulls_equal=True, maintain_order="left")
    if len(alone):
        named = pl.col("_key").cast(result[key].dtype, strict=False).alias(key)
        joined = pl.concat([joined, alone.with_columns(named, period=pl.col("_period"))], how="diagonal_relaxed")
    return joined.select(result.columns).with_columns(joined_reasons([joined["reason"], joined["_note"]], len(joined)))
