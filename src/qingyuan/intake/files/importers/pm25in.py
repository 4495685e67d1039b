"""pm25.in, CSV or JSON. 0 stands for a missing value there; its stamps end in Z and are Beijing time all the same."""

from __future__ import annotations

from collections.abc import Set

import polars as pl

from qingyuan.intake.files.importer import Importer
from qingyuan.intake.files.profile import MISSING, ColumnMap, Profile

_ZERO_IS_NOTHING = (*MISSING, "0", "0.0", "0.00", "0.000", "_")

PROFILE = Profile(
    name="pm25in",
    kind="air",
    time_columns=("time_point",),
    stamps="closes",
    grain="hour",
    point_columns=("station_code",),
    name_column="position_name",
    columns=(
        *(ColumnMap(word, item, "ug/m3", decimals=0) for word, item in
          (("pm2_5", "PM2_5"), ("pm10", "PM10"), ("so2", "SO2"), ("no2", "NO2"), ("o3", "O3"), ("o3_8h", "O3_8h"))),
        ColumnMap("co", "CO", "mg/m3"),
        ColumnMap("aqi", "AQI", "1", status="issued", decimals=0),
    ),
    attributes=("area",),
    missing=_ZERO_IS_NOTHING,
    zone="ignore",
)  # fmt: skip


def recognises(names: Set[str], frame: pl.DataFrame) -> bool:
    """Whether the table has this form beyond doubt."""
    return {"time_point", "pm2_5"} <= names and bool({"pm2_5_24h", "primary_pollutant", "area"} & names)


IMPORTER = Importer(profile=PROFILE, title="pm25.in（CSV、JSON；0 作缺测）", order=40, recognises=recognises)
