"""The table of the national platform of automatic water stations, as it is copied from its page."""

from __future__ import annotations

from collections.abc import Set

import polars as pl

from qingyuan.intake.files.class_words import CLASS_WORDS
from qingyuan.intake.files.importer import Importer
from qingyuan.intake.files.profile import ColumnMap, FlagMap, Profile

PROFILE = Profile(
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


def recognises(names: Set[str], frame: pl.DataFrame) -> bool:
    """Whether the table has this form beyond doubt."""
    return {"省份", "断面名称", "监测时间", "站点情况"} <= names


IMPORTER = Importer(profile=PROFILE, title="国家水质自动站平台表", order=60, recognises=recognises)
