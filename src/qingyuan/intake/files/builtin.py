"""Built-in profiles for public exports."""

from __future__ import annotations

from qingyuan.intake.files.errors import ProfileError
from qingyuan.intake.files.profile import ColumnMap, FlagMap, Profile
from qingyuan.rules import DataFolder
from qingyuan.rules.water import water_classes

_GASES = ("SO2", "NO2", "O3", "PM10", "PM2_5")
_WINDS = ("N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW")
_WIND_DEG = {name: place * 360 / len(_WINDS) for place, name in enumerate(_WINDS)}
_CLASSES = {known.name_zh: float(known.rank) for known in water_classes(DataFolder.shipped())}

AIR_HOURLY = Profile(
    name="air-hourly",
    kind="air",
    time_columns=("time",),
    stamps="closes",
    grain="hour",
    point_columns=("station_code",),
    columns=(
        *(ColumnMap(item, item, "ug/m3", decimals=0) for item in _GASES),
        ColumnMap("CO", "CO", "mg/m3"),
        ColumnMap("AQI", "AQI", "1", status="issued", decimals=0),
    ),
    attributes=("city", "prefecture"),
)
"""National hourly air: stamps close the hour (Beijing time); the published AQI is an issued value."""

WATER = Profile(
    name="water",
    kind="water",
    time_columns=("time",),
    stamps="instant",
    grain="raw",
    point_columns=("province", "section"),
    name_column="section",
    columns=(
        ColumnMap("temp_C", "water_temperature", "degC", "Rtd"),
        ColumnMap("pH", "pH", "1", "Rtd"),
        ColumnMap("DO_mgL", "DO", "mg/L", "Rtd"),
        ColumnMap("cond_uScm", "conductivity", "uS/cm", "Rtd"),
        ColumnMap("turb_NTU", "turbidity", "NTU", "Rtd"),
        ColumnMap("CODMn_mgL", "CODMn", "mg/L", "Rtd"),
        ColumnMap("NH3N_mgL", "NH3N", "mg/L", "Rtd"),
        ColumnMap("TP_mgL", "TP", "mg/L", "Rtd"),
        ColumnMap("TN_mgL", "TN", "mg/L", "Rtd"),
        ColumnMap("chla_mgL", "chl_a", "mg/L", "Rtd"),
        ColumnMap("algae_cellsL", "algae", "cells/L", "Rtd"),
        ColumnMap("wq_class", "water_class", "1", "Rtd", status="issued", decimals=0, words=_CLASSES),
    ),
    flag=FlagMap("status", {"正常": "N", "维护": "M", "停站": "F"}, other="D"),
    attributes=("province", "basin", "city", "river"),
)
"""National automatic water stations: one sample at the stamp; the published class is issued (rank 1-6)."""

BEIJING_PRSA = Profile(
    name="beijing-prsa",
    kind="air",
    time_columns=("time",),
    stamps="closes",
    grain="hour",
    point_columns=("station",),
    columns=(
        *(ColumnMap(item, item, "ug/m3", decimals=0) for item in _GASES),
        ColumnMap("CO", "CO", "ug/m3", decimals=0),
        ColumnMap("TEMP", "air_temperature", "degC"),
        ColumnMap("PRES", "pressure", "hPa"),
        ColumnMap("DEWP", "dew_point", "degC"),
        ColumnMap("RAIN", "rain", "mm"),
        ColumnMap(
            "wd",
            "wind_direction",
            "deg",
            words=_WIND_DEG,
        ),
        ColumnMap("WSPM", "wind_speed", "m/s"),
    ),
)
"""Beijing multi-site air and weather 2013-2017; CO is in ug/m3 there.

The file does not say what its stamps mean. They close the hour: the mean diurnal curves turn at labels 15
(least NO2) and 16 (most O3), an hour later than the national network of Jiangsu with its closing labels (14
and 15). Beijing lies 2.4 degrees further west, which explains ten minutes; opening labels would come an hour
earlier, not later.
"""

_BUILT_IN = {profile.name: profile for profile in (AIR_HOURLY, WATER, BEIJING_PRSA)}
BUILT_IN_NAMES = tuple(_BUILT_IN)


def built_in(name: str) -> Profile:
    """A built-in profile by name: air-hourly, water, beijing-prsa."""
    if name not in _BUILT_IN:
        raise ProfileError("name", name, "、".join(_BUILT_IN))
    return _BUILT_IN[name]
