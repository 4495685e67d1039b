"""National hourly air: stamps close the hour (Beijing time); the published AQI is an issued value."""

from __future__ import annotations

from qingyuan.intake.files.importer import Importer
from qingyuan.intake.files.profile import ColumnMap, Profile

_GASES = ("SO2", "NO2", "O3", "PM10", "PM2_5")

PROFILE = Profile(
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


IMPORTER = Importer(profile=PROFILE, title="国家空气质量小时数据", order=10)
