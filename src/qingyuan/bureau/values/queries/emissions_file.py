"""Emitted mass as a file: one row a figure, CSV or Excel."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from qingyuan.bureau.base.display import item_name
from qingyuan.bureau.values.queries.emissions import Emission
from qingyuan.formulas import guarded_row

COLUMNS = (
    "排放口编号",
    "排放口",
    "企业",
    "项目",
    "项目名称",
    "起",
    "止",
    "排放量kg",
    "其中实测kg",
    "其中替代kg",
    "实测小时",
    "不排放小时",
    "停运小时",
    "替代小时",
    "缺失小时",
    "不在用小时",
    "完整",
)


def rows_of(found: Iterable[Emission]) -> Iterator[tuple[str | float | int | None, ...]]:
    """The rows of the file; mass in kg, not rounded."""
    for e in found:
        firm = e.outlet.enterprise.name if e.outlet.enterprise else ""
        counts = (e.hours[name] for name in ("measured", "no_flow", "stopped", "substituted", "open", "outside"))
        yield (
            e.outlet.point.code,
            e.outlet.point.name,
            firm,
            e.item,
            item_name(e.item),
            e.first.isoformat(),
            e.last.isoformat(),
            e.mass,
            e.measured,
            e.substituted,
            *counts,
            "是" if e.is_whole else "否",
        )


def as_file(found: Iterable[Emission], form: str) -> bytes:
    """The file's content; a cell that could be read as a formula is kept as text."""
    if form == "csv":
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(COLUMNS)
        writer.writerows(guarded_row(row) for row in rows_of(found))
        return text.getvalue().encode("utf-8-sig")
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet, bold = book.add_worksheet("排放量"), book.add_format({"bold": True})
        sheet.write_row(0, 0, COLUMNS, bold)
        for number, row in enumerate(rows_of(found), start=1):
            sheet.write_row(number, 0, guarded_row(row))
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(COLUMNS) - 1, 14)
    return out.getvalue()
