"""The process that opens one file: `python -m qingyuan.intake.apart.child FILE FOLDER`.

It limits itself first, then writes each sheet as lines of JSON into FOLDER and says on its output what they are.
"""

from __future__ import annotations

import json
import resource
import sys
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from qingyuan.intake.apart.bounds import CPU_SECONDS, MEMORY_BYTES, MOST_COLUMNS, MOST_SHEETS
from qingyuan.intake.apart.packed import Refused, check_packed

ZIP = b"PK\x03\x04"
MOST_MERGED = 100_000
_NO_TABLE = "带表头的工作表"


def main(path: Path, folder: Path) -> int:
    """Open the file; 0 when the sheets lie in the folder. What is refused is told too, in one line of JSON."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        told: dict[str, Any] = {"sheets": _sheets(path, folder)}
    except Refused as refused:
        told = {"got": refused.got, "expected": refused.expected}
    except (MemoryError, RecursionError):
        told = {"got": "读它要的内存超过所许可的文件", "expected": "较小的文件，或分成几个文件"}
    print(json.dumps(told, ensure_ascii=True))
    return 0


def _sheets(path: Path, folder: Path) -> list[dict[str, Any]]:
    from qingyuan.intake.apart import documents

    with path.open("rb") as file:
        start = file.read(64)
    kind = documents.kind_of(start)
    if kind == "json":
        return [_put(folder, 0, sheet.name, sheet.rows, [], sheet.form) for sheet in documents.of_json(path)]
    if kind == "xml":
        return [_put(folder, 0, sheet.name, sheet.rows, [], sheet.form) for sheet in documents.of_xml(path)]
    from qingyuan.intake.apart import shapefiles

    if start.startswith(shapefiles.MAGIC):
        raise Refused("单独的 .shp", shapefiles.EXPECTED)
    if start.startswith(ZIP) and shapefiles.holds_shapefile(path):
        return [_put(folder, 0, sheet.name, sheet.rows, [], sheet.form) for sheet in shapefiles.of_shapefile(path)]
    return _workbook(path, folder, start)


def _workbook(path: Path, folder: Path, start: bytes) -> list[dict[str, Any]]:
    from python_calamine import CalamineError, CalamineWorkbook

    if start.startswith(ZIP):
        check_packed(path)
    try:
        book = CalamineWorkbook.from_path(str(path))
        names = book.sheet_names
        if len(names) > MOST_SHEETS:
            raise Refused(f"有 {len(names)} 个工作表的工作簿", f"不超过 {MOST_SHEETS} 个工作表")
        found = []
        for place, name in enumerate(names):
            sheet = book.get_sheet_by_name(name)
            width = sheet.width
            if width > MOST_COLUMNS:
                raise Refused(f"有 {width} 列的工作表“{name}”", f"不超过 {MOST_COLUMNS} 列的表格")
            merged = [
                [*first, *last]
                for first, last in sheet.merged_cell_ranges or ()
                if (last[0] - first[0] + 1) * (last[1] - first[1] + 1) <= MOST_MERGED
            ]
            found.append(_put(folder, place, name, sheet.to_python(skip_empty_area=False), merged, "workbook"))
        return found
    except CalamineError as error:
        raise Refused(f"打不开的 Excel（{error}）", "未加密的 xlsx 或 xls 文件") from error


def _put(folder: Path, place: int, name: str, rows: Any, merged: list[list[int]], form: str) -> dict[str, Any]:
    count = 0
    with (folder / f"{place}.jsonl").open("w", encoding="utf-8") as out:
        for row in rows:
            count += 1
            out.write(json.dumps([_plain(cell) for cell in row], ensure_ascii=False))
            out.write("\n")
    return {"name": name, "rows": count, "merged": merged, "form": form}


def _plain(cell: Any) -> Any:
    """A cell as JSON: dates and clocks as one-key objects, an empty cell as nothing."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, (datetime, date)):
        return {"at": cell.isoformat()}
    if isinstance(cell, timedelta):
        seconds = round(cell.total_seconds())
        return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    if isinstance(cell, time):
        return cell.strftime("%H:%M:%S")
    if isinstance(cell, float) and (cell != cell or cell in (float("inf"), float("-inf"))):  # noqa: PLR0124 -- NaN
        return str(cell)
    return cell if isinstance(cell, (bool, int, float, str)) else str(cell)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
