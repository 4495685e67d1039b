"""A flat file of UK-AIR: the station's name above the header, dd/mm/yyyy, hours that end at the stamp (01:00 to 24:00),
in GMT; each item with its state and its unit in the two columns on its right. The columns are those of the file."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace

import polars as pl

from qingyuan.intake.files.importer import Importer
from qingyuan.intake.files.profile import ColumnMap, Profile
from qingyuan.intake.files.synonyms import plain, read_header

PROFILE = Profile(
    name="uk-air",
    kind="air",
    time_columns=("Date", "time"),
    stamps="closes",
    grain="hour",
    columns=(ColumnMap("", "PM10", "ug/m3"),),
    zone="UTC",
    date_order="dmy",
)


def recognises(names: Set[str], frame: pl.DataFrame) -> bool:
    """Whether the table has this form beyond doubt."""
    return {"date", "time"} <= names and any(
        plain(name).endswith("measured)(ugm-3)") or "(ugm-3" in plain(name) for name in frame.columns
    )


def fits(frame: pl.DataFrame, above: tuple[str, ...]) -> Profile:
    """The items are those of the file, the station stands above the header."""
    headers = [read_header(name) for name in frame.columns]
    columns = tuple(
        ColumnMap(header.title, header.item, header.unit or "ug/m3")
        for header in headers
        if header.item and not header.role
    )
    days = next((name for name in frame.columns if plain(name) == "date"), "Date")
    clock = next((name for name in frame.columns if plain(name) == "time"), "time")
    return replace(
        PROFILE, time_columns=(days, clock), columns=columns or PROFILE.columns, fixed_point=above[0] if above else ""
    )


IMPORTER = Importer(profile=PROFILE, title="英国 UK-AIR 平面文件", order=90, recognises=recognises, fits=fits)
