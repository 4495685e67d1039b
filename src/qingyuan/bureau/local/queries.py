"""What a list that somebody brings could be as a book: the kind of each column, which one is the key, where rows lie."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from qingyuan.bureau.accounts.models import Area, Organisation
from qingyuan.bureau.local.actions import Wanted
from qingyuan.bureau.local.models import Kind
from qingyuan.intake.files import open_table
from qingyuan.science.civil import civil_time

MOST_CHOICES, LEAST_ROWS = 12, 8
_ROLES = (
    ("area", ("镇", "街道", "乡", "区域", "属地")), ("firm", ("企业", "单位", "公司")), ("lon", ("经度", "东经")),
    ("lat", ("纬度", "北纬")), ("state", ("状态",)), ("key", ("编号", "编码", "代码", "证号")),
    ("name", ("名称", "姓名", "井名")),
)  # fmt: skip


def propose(path: Path) -> list[Wanted]:
    """A proposal for each column of the list, for a person to correct. Raises NotATableError."""
    frame = open_table(path).frame
    texts = {name: [_text(cell) for cell in frame[name].to_list()] for name in frame.columns}
    roles = _roles(texts)
    found = []
    for name, cells in texts.items():
        kind, choices = _kind([cell for cell in cells if cell])
        found.append(Wanted(name, kind, roles.get(name, ""), choices))
    return found


def _text(cell: object) -> str:
    return (
        "" if cell is None else str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()
    )


def _roles(texts: dict[str, list[str]]) -> dict[str, str]:
    """The typed column that each title or its cells speak of, each once; the key is a column whose cells are all different."""
    areas = set(Area.objects.values_list("name", flat=True))
    firms = set(Organisation.objects.values_list("name", flat=True))
    found: dict[str, str] = {}
    for role, words in _ROLES:
        for name, cells in texts.items():
            held = {cell for cell in cells if cell}
            known = {"area": areas, "firm": firms}.get(role)
            fits = bool(held) and (held <= known if known is not None else True)
            is_unique = role != "key" or (len(held) == len(cells) > 0)
            if (
                name not in found
                and role not in found.values()
                and any(w in name for w in words)
                and fits
                and is_unique
            ):
                found[name] = role
    if "key" not in found.values():
        unique = [n for n, cells in texts.items() if n not in found and cells and len(set(cells) - {""}) == len(cells)]
        found |= dict.fromkeys(unique[:1], "key")
    return found


def _kind(cells: list[str]) -> tuple[str, tuple[str, ...]]:
    if not cells:
        return Kind.TEXT, ()
    if set(cells) <= {"是", "否", "有", "无"}:
        return Kind.BOOLEAN, ()
    numbers = pl.Series(cells).str.replace_all(",", "").cast(pl.Float64, strict=False)
    if not numbers.null_count():
        return (Kind.INTEGER if all(float(n).is_integer() for n in numbers) else Kind.NUMBER), ()
    if not civil_time(pl.Series(cells)).null_count():
        return Kind.DATE, ()
    distinct = sorted(set(cells))
    if len(cells) >= LEAST_ROWS and len(distinct) <= MOST_CHOICES and len(distinct) * 2 <= len(cells):
        return Kind.CHOICE, tuple(distinct)
    return (Kind.LONG if max(map(len, cells)) > 60 else Kind.TEXT), ()
