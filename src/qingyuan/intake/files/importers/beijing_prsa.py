"""Beijing multi-site air and weather 2013-2017; CO is in ug/m3 there.

The file does not say what its stamps mean. They close the hour: the mean diurnal curves turn at labels 15
(least NO2) and 16 (most O3), an hour later than the national network of Jiangsu with its closing labels (14
and 15). Beijing lies 2.4 degrees further west, which explains ten minutes; opening labels would come an hour
earlier, not later.
"""

from __future__ import annotations

from qingyuan.intake.files.importer import Importer
from qingyuan.intake.files.profile import ColumnMap, Profile

_GASES = ("SO2", "NO2", "O3", "PM10", "PM2_5")
_WINDS = ("N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW")
_WIND_DEG = {name: place * 360 / len(_WINDS) for place, name in enumerate(_WINDS)}

PROFILE = Profile(
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


IMPORTER = Importer(profile=PROFILE, title="北京空气与气象数据", order=70)
