"""Built-in profiles for public exports, and which of them a table is."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from qingyuan.intake.files.class_words import CLASS_WORDS
from qingyuan.intake.files.errors import ProfileError
from qingyuan.intake.files.profile import MISSING, ColumnMap, FlagMap, Profile
from qingyuan.intake.files.synonyms import item_of, plain, read_header, roles_of

_GASES = ("SO2", "NO2", "O3", "PM10", "PM2_5")
_WINDS = ("N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW")
_WIND_DEG = {name: place * 360 / len(_WINDS) for place, name in enumerate(_WINDS)}

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
        ColumnMap("wq_class", "water_class", "1", "Rtd", status="issued", decimals=0, words=CLASS_WORDS),
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

_DUMP_ITEMS = (
    *(ColumnMap(word, item, "ug/m3", decimals=0) for word, item in
      (("PM2.5", "PM2_5"), ("PM10", "PM10"), ("SO2", "SO2"), ("NO2", "NO2"), ("O3", "O3"))),
    ColumnMap("O3_8h", "O3_8h", "ug/m3", decimals=0),
    ColumnMap("CO", "CO", "mg/m3"),
    ColumnMap("AQI", "AQI", "1", status="issued", decimals=0),
)  # fmt: skip
_ROLLING = ("PM2.5_24h", "PM10_24h", "SO2_24h", "NO2_24h", "O3_24h", "O3_8h_24h", "CO_24h")

AIR_DUMP = Profile(
    name="air-dump",
    kind="air",
    time_columns=("date", "hour"),
    stamps="closes",
    grain="hour",
    columns=_DUMP_ITEMS,
    layout="stations",
    item_column="type",
    unused_items=_ROLLING,
)
"""The daily files of the national network as they are kept in public: date, hour, type and one column per station."""

AIR_MELTED = Profile(
    name="air-melted",
    kind="air",
    time_columns=("date", "hour"),
    stamps="closes",
    grain="hour",
    columns=_DUMP_ITEMS,
    point_columns=("site",),
    layout="long",
    item_column="type",
    value_column="value",
    unused_items=_ROLLING,
)
"""The same, one value a row."""

_ZERO_IS_NOTHING = (*MISSING, "0", "0.0", "0.00", "0.000", "_")

PM25_IN = Profile(
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
"""pm25.in, CSV or JSON. 0 stands for a missing value there; its stamps end in Z and are Beijing time all the same."""

WATER_STATION = Profile(
    name="water-station",
    kind="water",
    time_columns=("监测时间",),
    stamps="instant",
    grain="raw",
    point_columns=("省份", "断面名称"),
    name_column="断面名称",
    columns=(
        ColumnMap("水温(℃)", "water_temperature", "degC", "Rtd"),
        ColumnMap("pH(无量纲)", "pH", "1", "Rtd"),
        ColumnMap("溶解氧(mg/L)", "DO", "mg/L", "Rtd"),
        ColumnMap("电导率(μS/cm)", "conductivity", "uS/cm", "Rtd"),
        ColumnMap("浊度(NTU)", "turbidity", "NTU", "Rtd"),
        ColumnMap("高锰酸盐指数(mg/L)", "CODMn", "mg/L", "Rtd"),
        ColumnMap("氨氮(mg/L)", "NH3N", "mg/L", "Rtd"),
        ColumnMap("总磷(mg/L)", "TP", "mg/L", "Rtd"),
        ColumnMap("总氮(mg/L)", "TN", "mg/L", "Rtd"),
        ColumnMap("叶绿素α(mg/L)", "chl_a", "mg/L", "Rtd"),
        ColumnMap("藻密度(cells/L)", "algae", "cells/L", "Rtd"),
        ColumnMap("水质类别", "water_class", "1", "Rtd", status="issued", decimals=0, words=CLASS_WORDS),
    ),
    flag=FlagMap("站点情况", {"正常": "N", "维护": "M", "停站": "F"}, other="D"),
    attributes=("省份", "流域"),
)
"""The table of the national platform of automatic water stations, as it is copied from its page."""

AURN = Profile(
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
"""The British network as openair's importAURN gives it: stamps open the hour, in GMT; oxides of nitrogen in ug/m3."""

UK_AIR = Profile(
    name="uk-air",
    kind="air",
    time_columns=("Date", "time"),
    stamps="closes",
    grain="hour",
    columns=(ColumnMap("", "PM10", "ug/m3"),),
    zone="UTC",
    date_order="dmy",
)
"""A flat file of UK-AIR: the station's name above the header, dd/mm/yyyy, hours that end at the stamp (01:00 to 24:00),
in GMT; each item with its state and its unit in the two columns on its right. The columns are those of the file."""

OPENAQ = Profile(
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
"""OpenAQ, editions 2 and 3 of its CSV and JSON; the point is the location. A unit that is a share (ppm) is refused."""

_PROFILES = (
    AIR_HOURLY, WATER, BEIJING_PRSA, AIR_DUMP, AIR_MELTED, PM25_IN, WATER_STATION, AURN, UK_AIR, OPENAQ,
)  # fmt: skip
_BUILT_IN = {profile.name: profile for profile in _PROFILES}
BUILT_IN_NAMES = tuple(_BUILT_IN)


def built_in(name: str) -> Profile:
    """A built-in profile by name: air-hourly, water, beijing-prsa, air-dump, pm25in, openaq and so on."""
    if name not in _BUILT_IN:
        raise ProfileError("name", name, "、".join(_BUILT_IN))
    return _BUILT_IN[name]


def fitted(profile: Profile, frame: pl.DataFrame, above: tuple[str, ...] = ()) -> Profile:
    """A built-in profile with the names of this file's columns, however they are spelt; `above`: titles over the header.

    The official headers of water stations are read by `water` too. What does not fit stays as it is: applying it says
    what is lacking.
    """
    if profile.name not in _BUILT_IN or profile != _BUILT_IN[profile.name]:
        return profile
    if profile is WATER and {"断面名称", "监测时间"} <= set(frame.columns):
        profile = WATER_STATION
    if profile is UK_AIR:
        return _uk_air(frame, above)
    names = {plain(name): name for name in reversed(frame.columns)}

    def of(*wanted: str) -> str:
        return next((names[plain(word)] for word in wanted if plain(word) in names), wanted[0] if wanted else "")

    if profile is OPENAQ:
        return replace(
            profile,
            time_columns=(of("datetime", "local", "datetime_local", "date.local", "period.datetimeFrom.local", "utc"),),
            point_columns=(of("location_id", "locationId", "location"),),
            name_column=of("location", "location_name", "location_id", "locationId"),
            item_column=of("parameter", "parameter.name"),
            unit_column=of("units", "unit", "parameter.units"),
            value_column=of("value"),
        )
    headers = {read_header(name).item: name for name in reversed(frame.columns) if read_header(name).item}
    columns = []
    for column in profile.columns:
        column_name = of(column.column)
        if column_name not in frame.columns and profile.layout == "wide":
            column_name = headers.get(column.item, column_name)
        columns.append(replace(column, column=column_name if profile.layout == "wide" else column.column))
    return replace(
        profile,
        time_columns=tuple(of(name) for name in profile.time_columns),
        point_columns=tuple(of(name) for name in profile.point_columns),
        name_column=of(profile.name_column) if profile.name_column else "",
        columns=tuple(columns),
        attributes=tuple(of(name) for name in profile.attributes),
        item_column=of(profile.item_column) if profile.item_column else "",
        flag=replace(profile.flag, column=of(profile.flag.column)) if profile.flag else None,
    )


def recognise(frame: pl.DataFrame, above: tuple[str, ...] = ()) -> Profile | None:
    """The built-in profile whose form a table has beyond doubt; None for any other table.

    ProfileError for data of aqicn.org: its numbers are sub-indices of the American standard and no concentrations.
    """
    names = {plain(name) for name in frame.columns}
    if {"specie", "median"} <= names or "iaqi.pm25.v" in names or {"idx", "iaqi.pm10.v"} <= names:
        raise ProfileError(
            "aqicn", "aqicn.org 的数据", "浓度；那里的数是美国标准的分指数，不是浓度，不能作为监测值导入"
        )
    found: Profile | None = None
    if {"date", "hour", "type"} <= names and not {"pm2.5", "pm10"} & names and _are_items(frame, "type"):
        if {"site", "value"} <= names:
            found = AIR_MELTED
        elif "value" not in names and not any("point" in roles_of(name) for name in frame.columns):
            found = AIR_DUMP
    elif "time_point" in names and "pm2_5" in names and {"pm2_5_24h", "primary_pollutant", "area"} & names:
        found = PM25_IN
    elif {"省份", "断面名称", "监测时间"} <= names and "站点情况" in names:
        found = WATER_STATION
    elif {"site", "code", "date"} <= names and {"nox", "no2"} & names:
        found = AURN
    elif {"date", "time"} <= names and any(
        plain(name).endswith("measured)(ugm-3)") or "(ugm-3" in plain(name) for name in frame.columns
    ):
        found = UK_AIR
    elif (
        {"parameter", "value"} <= names
        and {"location", "locationid", "location_id"} & names
        and {"unit", "units"} & names
    ):
        found = OPENAQ
    return None if found is None else fitted(found, frame, above)


def _are_items(frame: pl.DataFrame, column: str) -> bool:
    name = next(own for own in frame.columns if plain(own) == column)
    texts = frame[name].head(500).cast(pl.String).drop_nulls().str.strip_chars().unique()
    known = {known.column for known in _DUMP_ITEMS} | set(_ROLLING)
    return bool(len(texts)) and sum(text in known or bool(item_of(text)) for text in texts) * 2 >= len(texts)


def _uk_air(frame: pl.DataFrame, above: tuple[str, ...]) -> Profile:
    headers = [read_header(name) for name in frame.columns]
    columns = tuple(
        ColumnMap(header.title, header.item, header.unit or "ug/m3")
        for header in headers
        if header.item and not header.role
    )
    days = next((name for name in frame.columns if plain(name) == "date"), "Date")
    clock = next((name for name in frame.columns if plain(name) == "time"), "time")
    return replace(
        UK_AIR, time_columns=(days, clock), columns=columns or UK_AIR.columns, fixed_point=above[0] if above else ""
    )
