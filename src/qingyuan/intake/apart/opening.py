"""Opening a workbook or a document in a process of its own, and taking over its sheets."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from qingyuan.intake.apart.bounds import WALL_SECONDS
from qingyuan.intake.apart.packed import Refused

Cell = None | bool | int | float | str | date
HEAD = 60


@dataclass(frozen=True)
class OpenedSheet:
    """A sheet: its name, the form it came from (workbook, json, geojson, kml), and its rows on disk."""

    name: str
    form: str
    count: int
    merged: tuple[tuple[int, int, int, int], ...]
    path: Path

    def rows(self, most: int | None = None) -> list[list[Cell]]:
        """Its rows, all or the first ones; a merged cell stands in every cell that it covers."""
        with self.path.open(encoding="utf-8") as lines:
            rows = [[_cell(cell) for cell in json.loads(line)] for line in islice(lines, most)]
        for top, left, bottom, right in self.merged:
            if top < len(rows) and left < len(rows[top]):
                for row in rows[top : bottom + 1]:
                    row[left : right + 1] = [rows[top][left]] * len(row[left : right + 1])
        return rows


@contextmanager
def opened(path: Path) -> Iterator[list[OpenedSheet]]:
    """The sheets of a workbook, a JSON, GeoJSON or KML file. Raises Refused with what it is, or would take."""
    with tempfile.TemporaryDirectory(prefix="qingyuan-") as folder:
        command = [sys.executable, "-m", "qingyuan.intake.apart.child", str(path.resolve()), folder]
        source = str(Path(__file__).resolve().parents[3])
        paths = os.pathsep.join(part for part in (source, os.environ.get("PYTHONPATH", "")) if part)
        try:
            done = subprocess.run(
                command,
                capture_output=True,
                timeout=WALL_SECONDS,
                check=False,
                stdin=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": paths},
            )
        except subprocess.TimeoutExpired as error:
            raise Refused(f"{WALL_SECONDS} 秒还没有读完的文件", "较小的文件，或分成几个文件") from error
        told = _told(done)
        if "got" in told:
            raise Refused(told["got"], told["expected"])
        yield [
            OpenedSheet(
                sheet["name"],
                sheet["form"],
                sheet["rows"],
                tuple(tuple(part) for part in sheet["merged"]),
                Path(folder) / f"{n}.jsonl",
            )
            for n, sheet in enumerate(told["sheets"])
        ]


def _told(done: subprocess.CompletedProcess[bytes]) -> dict[str, Any]:
    """What the child said; one that was killed or fell over said that the file is too much."""
    try:
        found = json.loads(done.stdout.decode("ascii").strip().splitlines()[-1])
    except (ValueError, IndexError) as error:
        raise Refused("读它要的内存或时间超过所许可的文件", "较小的文件，或分成几个文件") from error
    return dict(found)


def _cell(cell: Any) -> Cell:
    if isinstance(cell, dict):
        return datetime.fromisoformat(cell["at"])
    return cell  # type: ignore[no-any-return]
