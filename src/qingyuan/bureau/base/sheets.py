"""A list as a file: CSV that a Chinese Excel opens rightly, or Excel itself. Times are Beijing time."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.utils.functional import Promise

from qingyuan import clock
from qingyuan.bureau.base.downloads import named
from qingyuan.bureau.base.errors import Invalid
from qingyuan.bureau.base.media import TABLES
from qingyuan.formulas import guarded_row

MOST_ROWS = 50_000


@dataclass(frozen=True)
class Column:
    """A column: its head, and what a row shows there."""

    word: str | Promise
    value: Callable[[Any], Any]


def file_of(name: str, form: str, columns: Sequence[Column], rows: Iterable[Any]) -> HttpResponse:
    """The rows as a file to keep. Raises Invalid for an unknown form or too many rows."""
    if form not in TABLES:
        raise Invalid(f"得到格式“{form}”，应为：{'、'.join(TABLES)}", "form")
    cells: list[list[Any]] = []
    for row in rows:
        if len(cells) == MOST_ROWS:
            raise Invalid(f"超过 {MOST_ROWS} 行，不能一次导出；请先筛选时段或企业", "form")
        cells.append([_plain(column.value(row)) for column in columns])
    heads = [str(column.word) for column in columns]
    content = _csv(heads, cells) if form == "csv" else _xlsx(heads, cells)
    return named(HttpResponse(content, content_type=TABLES[form]), f"{name}.{form}")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return clock.beijing(value).strftime("%Y-%m-%d %H:%M:%S")
    return value if isinstance(value, (int, float)) else "" if value is None else str(value)


def _csv(heads: list[str], cells: list[list[Any]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(guarded_row(heads))
    writer.writerows(guarded_row(row) for row in cells)
    return out.getvalue().encode("utf-8-sig")


def _xlsx(heads: list[str], cells: list[list[Any]]) -> bytes:
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, heads, book.add_format({"bold": True}))
        sheet.freeze_panes(1, 0)
        for n, row in enumerate(cells, 1):
            sheet.write_row(n, 0, guarded_row(row))
    return out.getvalue()
