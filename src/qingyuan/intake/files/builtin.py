"""The importers that are built in, and which of them a table is for."""

from __future__ import annotations

from functools import cache

import polars as pl

from qingyuan.declared import declared
from qingyuan.intake.files.errors import ProfileError
from qingyuan.intake.files.importer import Importer, spelt
from qingyuan.intake.files.profile import Profile
from qingyuan.intake.files.synonyms import plain


@cache
def importers() -> dict[str, Importer]:
    """All importers by name, in their order. Raises ValueError where two have one name."""
    found = sorted(declared("qingyuan.intake.files.importers", "IMPORTER"), key=lambda one: (one.order, one.name))
    if len({one.name for one in found}) != len(found):
        raise ValueError(f"importers: two with one name among {[one.name for one in found]}")
    return {one.name: one for one in found}


def built_in(name: str) -> Profile:
    """A built-in profile by name: air-hourly, water, beijing-prsa, air-dump, pm25in, openaq and so on."""
    if name not in importers():
        raise ProfileError("name", name, "、".join(importers()))
    return importers()[name].profile


def fitted(profile: Profile, frame: pl.DataFrame, above: tuple[str, ...] = ()) -> Profile:
    """A built-in profile with the names of this file's columns, however they are spelt; `above`: titles over the header.

    What does not fit stays as it is: applying it says what is lacking.
    """
    one = importers().get(profile.name)
    if one is None or profile != one.profile:
        return profile
    return one.fits(frame, above) if one.fits is not None else spelt(profile, frame)


def recognise(frame: pl.DataFrame, above: tuple[str, ...] = ()) -> Profile | None:
    """The built-in profile whose form a table has beyond doubt; None for any other table.

    ProfileError for data of aqicn.org: its numbers are sub-indices of the American standard and no concentrations.
    """
    names = {plain(name) for name in frame.columns}
    if {"specie", "median"} <= names or "iaqi.pm25.v" in names or {"idx", "iaqi.pm10.v"} <= names:
        raise ProfileError(
            "aqicn", "aqicn.org 的数据", "浓度；那里的数是美国标准的分指数，不是浓度，不能作为监测值导入"
        )
    for one in importers().values():
        if one.recognises is not None and one.recognises(names, frame):
            return fitted(one.profile, frame, above)
    return None
