"""Days taken out of the statistics: sand and dust, exceptional events. The measured values stay."""

from __future__ import annotations

import polars as pl

from qingyuan.science.air._columns import ITEMS, require
from qingyuan.science.civil import civil_time

SAND_ITEMS = ("PM10", "PM2_5")


def deduct(days: pl.DataFrame, key: str, events: pl.DataFrame) -> pl.DataFrame:
    """Daily values with those of the events blanked, and `excused_<item>` true there.

    `events`: `key`, date, and optionally items (joined by ","; without it PM10 and PM2_5, as for sand). An
    excused day still counts as a day with valid data where it had any.

    References
    ----------
    环办监测〔2016〕120号 (sand and dust: PM10 and PM2.5 of the days that the national centre decides); HJ
    663-2026 speaks of exceptional events, whose definition was not found: they are given, never guessed.
    """
    require(events, key, "date")
    told = events.with_columns(civil_time(events["date"]).dt.date().alias("time"), pl.col(key).cast(days[key].dtype))
    if "items" not in events.columns:
        told = told.with_columns(items=pl.lit(",".join(SAND_ITEMS)))
    keyed = days.with_row_index("row")
    for item in [name for name in ITEMS if name in days.columns]:
        named = (
            told.filter(
                pl.col("items")
                .fill_null("")
                .str.replace_all("PM2.5", "PM2_5", literal=True)
                .str.split(",")
                .list.contains(item)
            )
            .select(key, "time")
            .unique()
            .with_columns(hit=pl.lit(True))
        )
        joined = keyed.select("row", key, "time", item).join(named, on=[key, "time"], how="left").sort("row")
        hit = joined["hit"].fill_null(False) & joined[item].is_not_null()
        days = days.with_columns(
            pl.when(~hit).then(pl.col(item)).alias(item),
            hit.alias(f"excused_{item}"),
        )
    return days
