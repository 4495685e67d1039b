"""How much an installation grows by the day, by part, and for how many days its disk lasts.

`work` notes once a day how large each part is, in `sizes.json` of the data folder; a file that is taken away costs no more
than waiting for new notes.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from qingyuan import clock, config, process

KEPT_DAYS = 60
SPAN = timedelta(days=7)
"""Growth is looked at over so many days, or as many as there are."""
NAME = "sizes.json"
PARTS = {
    "原始日志": ("journal",),
    "读数": ("readings",),
    "主数据库": ("main.sqlite", "main.sqlite-wal"),
    "证据与导入": ("evidence", "imports"),
}
OTHER = "其他"
Sizes = Mapping[str, int]


class Growth(NamedTuple):
    """Bytes a day by part, over how many days that was seen, and how many days the free space lasts (None: for ever)."""

    by_part: dict[str, float]
    days: int
    left: int | None


def sizes(data: Path) -> dict[str, int]:
    """Bytes of every part of a data folder now."""
    found = {part: sum(_size(data / name) for name in names) for part, names in PARTS.items()}
    return found | {OTHER: max(0, _size(data) - sum(found.values()))}


def _size(path: Path) -> int:
    """Bytes on the disk of a file or of all files below a folder; what goes away meanwhile is nothing."""
    total = 0
    for one in (path, *path.rglob("*")) if path.is_dir() else (path,):
        try:
            facts = one.lstat()
        except FileNotFoundError:
            continue
        total += facts.st_blocks * 512 if one.is_file() else 0
    return total


def grown(notes: Sequence[tuple[date, Sizes]], free: int) -> Growth | None:
    """From notes of several days, oldest first; None where there are not two."""
    if not notes or notes[0][0] == notes[-1][0]:
        return None
    last, newest = notes[-1]
    first, oldest = next((day, found) for day, found in notes if day >= last - SPAN)
    if first == last:
        first, oldest = notes[-2]
    days = (last - first).days
    by_part = {part: (newest[part] - oldest.get(part, 0)) / days for part in newest}
    whole = sum(by_part.values())
    return Growth(by_part, days, int(free / whole) if whole > 0 else None)


def note_today() -> bool:
    """Note the sizes of today, once; whether that was done."""
    today = clock.beijing(clock.SystemClock().now()).date()
    notes = noted()
    if notes and notes[-1][0] >= today:
        return False
    kept = [*notes, (today, sizes(config.data_dir()))][-KEPT_DAYS:]
    content = {"days": [{"day": day.isoformat(), "bytes": dict(found)} for day, found in kept]}
    process.write_json(config.data_dir() / NAME, content)
    return True


def noted() -> list[tuple[date, Sizes]]:
    """What was noted, oldest first."""
    content = process.read_json(config.data_dir() / NAME) or {}
    return [(date.fromisoformat(row["day"]), row["bytes"]) for row in content.get("days", [])]


def growth() -> Growth | None:
    """How this installation grows; None before there are notes of two days."""
    return grown(noted(), shutil.disk_usage(config.data_dir()).free)
