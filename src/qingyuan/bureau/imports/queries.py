from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl

from qingyuan.bureau.imports.models import ImportJob, ImportProfile
from qingyuan.intake.files import BUILT_IN_NAMES, Profile, built_in, propose, read_table, unmapped_columns

BUILT_IN = {"air-hourly": "国家空气质量小时数据", "water": "国家地表水自动站数据", "beijing-prsa": "北京空气与气象数据"}
assert set(BUILT_IN) == set(BUILT_IN_NAMES)
PREVIEW_ROWS = 20


def profiles() -> list[dict[str, Any]]:
    """Built-in and saved profiles (newest version of each name)."""
    found = [{"name": n, "title": t, "version": 0, "built_in": True} for n, t in BUILT_IN.items()]
    saved: dict[str, ImportProfile] = {}
    for row in ImportProfile.objects.order_by("name", "version"):
        saved[row.name] = row
    return found + [
        {"name": p.name, "title": p.name, "version": p.version, "built_in": False, "mapping": p.mapping}
        for p in saved.values()
    ]


def profile_of(job: ImportJob, path: Path) -> tuple[pl.DataFrame, Profile]:
    """The table of a job and the profile to read it by: named, given, or proposed from its headers."""
    frame = read_table(path)
    if job.mapping:
        return frame, Profile.from_json(json.dumps(job.mapping))
    if job.profile_name in BUILT_IN:
        return frame, built_in(job.profile_name)
    return frame, propose(frame)


def preview(path: Path) -> dict[str, Any]:
    """What the mapping screen shows of a file: columns, first rows, the proposed mapping, columns it leaves out."""
    frame = read_table(path)
    proposal = propose(frame)
    return {
        "columns": frame.columns,
        "rows": [[_shown(v) for v in row] for row in frame.head(PREVIEW_ROWS).iter_rows()],
        "row_count": frame.height,
        "proposal": json.loads(proposal.to_json()),
        "unmapped": list(unmapped_columns(proposal, frame)),
    }


def _shown(value: Any) -> str:
    return "" if value is None else str(value)
