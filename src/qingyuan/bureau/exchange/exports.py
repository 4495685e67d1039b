"""A book as a file: its template's headings, so that it comes in again unchanged, or the layout of an upper platform."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.base.errors import Invalid
from qingyuan.bureau.base.media import TABLES
from qingyuan.bureau.book.declaration import Book
from qingyuan.bureau.book.queries import listed, shown_columns
from qingyuan.bureau.book.registry import word
from qingyuan.bureau.book.versions import standing
from qingyuan.bureau.kinds.columns import Column
from qingyuan.bureau.kinds.links import Links
from qingyuan.formulas import guarded_row


def template(book: Book, user: User | None = None) -> bytes:
    """An empty workbook: the headings, with what goes below them as comments."""
    columns = [c for c in shown_columns(book, user) if c.is_written]
    return _xlsx(book.name, [c.label for c in columns], [], [meaning(book, c) for c in columns])


def meaning(book: Book, column: Column) -> str:
    """What goes into a column, in words."""
    kinds = {
        "date": _("日期，如 2026-01-31"),
        "datetime": _("时间，如 2026-01-31 08:00"),
        "boolean": _("是、否"),
        "integer": _("整数"),
        "number": _("数字"),
        "decimal": _("数字"),
        "link": _("已登记的名称或代码"),
        "sealed": _("封存，只有有权的人可看"),
    }
    words = [
        "、".join(word(book, label) for _code, label in column.choices) or kinds.get(column.kind, ""),
        _("必填") if column.required else "",
        _("也认：%(names)s") % {"names": "、".join(column.headers[2:])} if column.headers[2:] else "",
        str(getattr(column.field, "help_text", "") or ""),
    ]
    return "；".join(said for said in words if said)


def export(
    book: Book,
    user: User | None,
    form: str,
    rows: QuerySet[Any] | None = None,
    *,
    layout: str = "",
    on: date | None = None,
    known: datetime | None = None,
) -> bytes:
    """The rows that the person may see, as CSV or Excel. Raises Invalid for an unknown form or layout."""
    if form.removeprefix(".") not in TABLES:
        raise Invalid(f"得到格式“{form}”，应为：{'、'.join(f'.{each}' for each in TABLES)}", "form")
    if layout and layout not in book.layouts:
        raise Invalid(f"没有导出版式“{layout}”；有：{'、'.join(book.layouts) or '无'}", "layout")
    columns = {column.name: column for column in shown_columns(book, user)}
    named = dict(book.layouts[layout]) if layout else {c.label: name for name, c in columns.items()}
    chosen = [columns[name] for name in named.values()]
    rows = listed(book, user, {}) if rows is None else rows
    links = Links(whole=True)
    if on is None and known is None:
        cells: Iterable[list[Any]] = ([c.text(c.of(row), links) for c in chosen] for row in rows.iterator(2000))
    else:
        cells = _as_of(book, rows, chosen, links, on, known)
    return _csv(list(named), cells) if form == ".csv" else _xlsx(book.name, list(named), cells)


def _as_of(
    book: Book, rows: QuerySet[Any], columns: Sequence[Column], links: Links, on: date | None, known: datetime | None
) -> Iterator[list[Any]]:
    """The cells of the versions that held then; a link that is no more stands by its code."""
    for made in standing(book, rows, on, known):
        cells = []
        for column in columns:
            plain = made.values.get(column.name)
            pks = links.find(column.field.related_model, plain) if column.kind == "link" and plain else []
            cells.append(column.text(pks[0] if pks else plain, links) if column.kind != "link" or pks else plain or "")
        yield cells


def _csv(heads: list[str], rows: Iterable[list[Any]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(guarded_row(heads))
    writer.writerows(guarded_row(row) for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _xlsx(name: str, heads: list[str], rows: Iterable[list[Any]], comments: Sequence[str] = ()) -> bytes:
    import xlsxwriter

    out = io.BytesIO()
    options = {
        "in_memory": True,
        "constant_memory": not comments,
        "strings_to_formulas": False,
        "strings_to_urls": False,
    }
    with xlsxwriter.Workbook(out, options) as workbook:
        sheet = workbook.add_worksheet(name[:31])
        sheet.write_row(0, 0, guarded_row(heads), workbook.add_format({"bold": True}))
        for place, words in enumerate(comments):
            if words:
                sheet.write_comment(0, place, words)
        sheet.freeze_panes(1, 0)
        for n, row in enumerate(rows, 1):
            sheet.write_row(n, 0, guarded_row(row))
    return out.getvalue()
