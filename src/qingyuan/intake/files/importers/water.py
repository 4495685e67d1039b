"""National automatic water stations: one sample at the stamp; the published class is issued (rank 1-6)."""

from __future__ import annotations

import polars as pl

from qingyuan.intake.files.class_words import CLASS_WORDS
from qingyuan.intake.files.importer import Importer, spelt
from qingyuan.intake.files.importers.water_station import PROFILE as AS_PUBLISHED
from qingyuan.intake.files.profile import ColumnMap, FlagMap, Profile

PROFILE = Profile(
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


def fits(frame: pl.DataFrame, above: tuple[str, ...]) -> Profile:
    """The official headers of the platform's table are read too."""
    return spelt(AS_PUBLISHED if {"断面名称", "监测时间"} <= set(frame.columns) else PROFILE, frame)


IMPORTER = Importer(profile=PROFILE, title="国家地表水自动站数据", order=50, fits=fits)
