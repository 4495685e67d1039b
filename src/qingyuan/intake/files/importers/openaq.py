"""OpenAQ, editions 2 and 3 of its CSV and JSON; the point is the location. A unit that is a share (ppm) is refused."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace

import polars as pl

from qingyuan.intake.files.importer import Importer, namer
from qingyuan.intake.files.profile import ColumnMap, Profile

PROFILE = Profile(
    name="openaq",
    kind="air",
    time_columns=("datetime",),
    stamps="closes",
    grain="hour",
    columns=(
        *(ColumnMap(word, item, "ug/m3") for word, item in
          (("pm25", "PM2_5"), ("pm10", "PM10"), ("so2", "SO2"), ("no2", "NO2"), ("no", "NO"), ("nox", "NOx"), ("o3", "O3"))),
        ColumnMap("co", "CO", "ug/m3"),
        ColumnMap("temperature", "air_temperature", "degC"),
        ColumnMap("relativehumidity", "humidity", "%"),
    ),
    point_columns=("location_id",),
    name_column="location",
    layout="long",
    item_column="parameter",
    value_column="value",
    unit_column="units",
)  # fmt: skip


def recognises(names: Set[str], frame: pl.DataFrame) -> bool:
    """Whether the table has this form beyond doubt."""
    return (
        {"parameter", "value"} <= names
        and bool({"location", "locationid", "location_id"} & names)
        and bool({"unit", "units"} & names)
    )


def fits(frame: pl.DataFrame, above: tuple[str, ...]) -> Profile:
    """Its editions name the columns otherwise."""
    of = namer(frame)
    return replace(
        PROFILE,
        time_columns=(of("datetime", "local", "datetime_local", "date.local", "period.datetimeFrom.local", "utc"),),
        point_columns=(of("location_id", "locationId", "location"),),
        name_column=of("location", "location_name", "location_id", "locationId"),
        item_column=of("parameter", "parameter.name"),
        unit_column=of("units", "unit", "parameter.units"),
        value_column=of("value"),
    )


IMPORTER = Importer(profile=PROFILE, title="OpenAQ（CSV、JSON）", order=100, recognises=recognises, fits=fits)
