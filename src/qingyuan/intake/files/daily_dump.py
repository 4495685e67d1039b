"""Items of the daily files, and which column of names says so; the rolling means beside them are worked out anew here."""

from __future__ import annotations

import polars as pl

from qingyuan.intake.files.profile import ColumnMap
from qingyuan.intake.files.synonyms import item_of, plain, roles_of

DUMP_ITEMS = (
    *(ColumnMap(word, item, "ug/m3", decimals=0) for word, item in
      (("PM2.5", "PM2_5"), ("PM10", "PM10"), ("SO2", "SO2"), ("NO2", "NO2"), ("O3", "O3"))),
    ColumnMap("O3_8h", "O3_8h", "ug/m3", decimals=0),
    ColumnMap("CO", "CO", "mg/m3"),
    ColumnMap("AQI", "AQI", "1", status="issued", decimals=0),
)  # fmt: skip
ROLLING = ("PM2.5_24h", "PM10_24h", "SO2_24h", "NO2_24h", "O3_24h", "O3_8h_24h", "CO_24h")


def is_dump(names: frozenset[str], frame: pl.DataFrame) -> bool:
    """Whether the table is a daily file: date, hour and a column of items."""
    return {"date", "hour", "type"} <= names and not {"pm2.5", "pm10"} & names and _are_items(frame, "type")


def has_points(frame: pl.DataFrame) -> bool:
    """Whether a column names points."""
    return any("point" in roles_of(name) for name in frame.columns)


def _are_items(frame: pl.DataFrame, column: str) -> bool:
    name = next(own for own in frame.columns if plain(own) == column)
    texts = frame[name].head(500).cast(pl.String).drop_nulls().str.strip_chars().unique()
    known = {known.column for known in DUMP_ITEMS} | set(ROLLING)
    return bool(len(texts)) and sum(text in known or bool(item_of(text)) for text in texts) * 2 >= len(texts)
