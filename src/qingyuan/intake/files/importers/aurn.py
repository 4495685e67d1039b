"""The British network as openair's importAURN gives it: stamps open the hour, in GMT; oxides of nitrogen in ug/m3."""

from __future__ import annotations

from collections.abc import Set

import polars as pl

from qingyuan.intake.files.importer import Importer
from qingyuan.intake.files.profile import ColumnMap, Profile

PROFILE = Profile(
    name="aurn",
    kind="air",
    time_columns=("date",),
    stamps="opens",
    grain="hour",
    point_columns=("code",),
    name_column="site",
    columns=(
        *(ColumnMap(word, item, "ug/m3") for word, item in
          (("no2", "NO2"), ("no", "NO"), ("nox", "NOx"), ("o3", "O3"), ("so2", "SO2"), ("pm10", "PM10"), ("pm2.5", "PM2_5"))),
        ColumnMap("co", "CO", "mg/m3"),
        ColumnMap("ws", "wind_speed", "m/s"),
        ColumnMap("wd", "wind_direction", "deg"),
        ColumnMap("air_temp", "air_temperature", "degC"),
    ),
    zone="UTC",
)  # fmt: skip


def recognises(names: Set[str], frame: pl.DataFrame) -> bool:
    """Whether the table has this form beyond doubt."""
    return {"site", "code", "date"} <= names and bool({"nox", "no2"} & names)


IMPORTER = Importer(profile=PROFILE, title="英国 AURN（openair）", order=80, recognises=recognises)
