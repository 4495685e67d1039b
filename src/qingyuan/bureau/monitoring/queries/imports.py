from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from qingyuan.bureau.base.choice_words import in_words
from qingyuan.bureau.monitoring.models import ImportJob, ImportProfile
from qingyuan.intake.files import (
    FileError,
    Profile,
    ProfileError,
    Table,
    built_in,
    fitted,
    importers,
    open_table,
    propose,
    recognise,
    settled,
    unmapped_columns,
)

PREVIEW_ROWS = 20
PLACES = {"geojson": "GeoJSON", "kml": "KML", "shapefile": "shapefile"}


def profiles() -> list[dict[str, Any]]:
    """Built-in and saved profiles (newest version of each name)."""
    found = [{"name": n, "title": in_words(i.title), "version": 0, "built_in": True} for n, i in importers().items()]
    saved: dict[str, ImportProfile] = {}
    for row in ImportProfile.objects.order_by("name", "version"):
        saved[row.name] = row
    return found + [
        {"name": p.name, "title": p.name, "version": p.version, "built_in": False, "mapping": p.mapping}
        for p in saved.values()
    ]


def saved_mapping(name: str) -> dict[str, Any] | None:
    """The newest mapping saved under a name; None where there is none."""
    found = ImportProfile.objects.filter(name=name).order_by("-version").first() if name else None
    return None if found is None else dict(found.mapping)


def needs_point(name: str) -> bool:
    """Whether a saved profile has no column of points: each file has to be told its point."""
    found = saved_mapping(name)
    return found is not None and not Profile.from_json(json.dumps(found)).names_its_points


def table_of(path: Path, given: Mapping[str, Any]) -> Table:
    """The table of a file of readings. Raises NotATableError; ProfileError for a map, which holds none."""
    found = open_table(path, sheet=given.get("sheet") or None, header_row=given.get("header_row") or None)
    if found.form in PLACES:
        raise ProfileError(
            "文件",
            f"{PLACES[found.form]} 地图数据",
            "读数表；边界用“places import”（设置页），点位用“points import”导入",
        )
    return found


def profile_of(job: ImportJob, path: Path) -> tuple[Table, Profile]:
    """The table of a job and the profile to read it by: named, given, or known or proposed from its headers."""
    given = dict(job.given)
    if job.mapping:
        profile = Profile.from_json(json.dumps(job.mapping))
        given = {"sheet": profile.sheet, "header_row": profile.header_row} | given
        table = table_of(path, given)
    else:
        table = table_of(path, given)
        if job.profile_name in importers():
            profile = fitted(built_in(job.profile_name), table.frame, table.above)
        else:
            profile = guess(table)
    profile = told(profile, given)
    return table, settled(profile, table.frame)


def guess(table: Table) -> Profile:
    """The profile of a known form, else what the headers say."""
    return recognise(table.frame, table.above) or propose(table.frame)


def told(profile: Profile, given: Mapping[str, Any]) -> Profile:
    """The profile with what somebody said of this file: its point, the order of its dates, what its stamps mean."""
    changes: dict[str, Any] = {}
    if point := given.get("point"):
        if profile.point_columns or profile.layout == "stations":
            columns = "、".join(profile.point_columns) or "站点作列"
            raise ProfileError("点位", f"指定了点位 {point}，而文件有点位列（{columns}）", "二者之一")
        changes["fixed_point"] = point
    if given.get("dates"):
        changes["date_order"] = given["dates"]
    if given.get("stamps") and profile.grain != "raw":
        changes["stamps"] = given["stamps"]
    return replace(profile, **changes) if changes else profile


def preview(path: Path, given: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What the mapping screen shows of a file: columns, first rows, the proposed mapping, columns it leaves out.

    `problem` says why nothing could be guessed; the sheets and rows that could hold the header are there to choose from.
    """
    table = table_of(path, given or {})
    problem, proposal = "", None
    try:
        proposal = settled(guess(table), table.frame)
        proposal = replace(
            proposal, **{name: value for name, value in (given or {}).items() if name in ("sheet", "header_row")}
        )
        proposal.need_point()
    except FileError as error:
        problem = str(error)
    return {
        "columns": table.frame.columns,
        "rows": [[_shown(v) for v in row] for row in _as_written(table.frame.head(PREVIEW_ROWS)).iter_rows()],
        "row_count": table.frame.height,
        "proposal": json.loads(proposal.to_json()) if proposal else None,
        "unmapped": unused(proposal, table) if proposal else [],
        "problem": problem,
        "sheet": table.sheet,
        "sheets": list(table.sheets),
        "header_row": table.header_row,
        "header_rows": list(table.header_rows),
        "above": list(table.above),
    }


def unused(profile: Profile, table: Table) -> list[str]:
    """Columns of the file that no value, time or point comes from, and items that are left out on purpose."""
    found = [*unmapped_columns(profile, table.frame), *table.unused]
    if profile.unused_items and profile.item_column in table.frame.columns:
        there = set(table.frame[profile.item_column].cast(str).drop_nulls().unique())
        found += [f"{profile.item_column}={text}" for text in profile.unused_items if text in there]
    return found


def _as_written(frame: pl.DataFrame) -> pl.DataFrame:
    """Numbers of half the usual length as they were meant: 0.4, not 0.4000000059604645."""
    short = [name for name, kind in frame.schema.items() if kind == pl.Float32]
    return frame.with_columns(pl.col(short).cast(pl.String)) if short else frame


def _shown(value: Any) -> str:
    return "" if value is None else str(value)
