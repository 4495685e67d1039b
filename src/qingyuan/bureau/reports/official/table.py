"""Thin-ruled tables of official papers, in a small type with exact line spacing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from docx.document import Document as WordDocument
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.table import Table, _Cell, _Row

from qingyuan.bureau.reports.official.page import BODY_FONT, HEAD_FONT, LATIN_FONT, space, write
from qingyuan.bureau.reports.papers.case_record.words import Field

BLOCK_MM = 156  # the width of the text block, GB/T 9704-2012, 5.2
CENTRE, LEFT = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.LEFT


@dataclass(frozen=True)
class Type:
    """The type a cell is set in; size and line distance in points."""

    size: float = 9
    line: float = 10
    font: str = BODY_FONT
    latin: str = LATIN_FONT
    bold: bool = False


PLAIN = Type()
HEAD = Type(font=HEAD_FONT)


def ruled_table(document: WordDocument, rows: int, widths_mm: Sequence[float]) -> Table:
    """An empty table with thin rules and fixed widths; rows do not break across pages."""
    table: Table = document.add_table(rows, len(widths_mm))
    table.style = document.styles["Table Grid"]
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    _frame(table)
    for column, width in zip(table.columns, widths_mm, strict=True):
        column.width = Mm(width)
    for row in table.rows:
        _keep_whole(row)
        for cell, width in zip(row.cells, widths_mm, strict=True):
            cell.width = Mm(width)
            cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    return table


def _frame(table: Table) -> None:
    properties = table._tbl.tblPr
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        rule = OxmlElement(f"w:{side}")
        for key, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", "404040")):
            rule.set(qn(f"w:{key}"), value)
        borders.append(rule)
    properties.append(borders)
    margins = OxmlElement("w:tblCellMar")
    for side, width in (("top", "10"), ("left", "60"), ("bottom", "10"), ("right", "60")):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), width)
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    properties.append(margins)


def _keep_whole(row: _Row) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def repeat_head(row: _Row) -> None:
    """Print this row again on each page that the table reaches."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def fill(cell: _Cell, words: str, kind: Type = PLAIN, side: WD_ALIGN_PARAGRAPH = LEFT) -> None:
    """Put words into a cell; a line break in them begins a new paragraph."""
    for i, line in enumerate(words.splitlines() or [""]):
        paragraph = cell.paragraphs[0] if i == 0 else cell.add_paragraph()
        paragraph.alignment = side
        space(paragraph, Pt(kind.line))
        write(paragraph, line, Pt(kind.size), kind.font, kind.latin, kind.bold)


def shade(cell: _Cell, colour: str = "F2F2F2") -> None:
    """A light ground under a cell."""
    ground = OxmlElement("w:shd")
    for key, value in (("val", "clear"), ("color", "auto"), ("fill", colour)):
        ground.set(qn(f"w:{key}"), value)
    cell._tc.get_or_add_tcPr().append(ground)


def field_table(document: WordDocument, fields: Sequence[Field], pairs: int = 2, label_mm: float = 17) -> Table:
    """Labels and values, `pairs` of them a line; wide fields take the whole line, the last one of a line what is left."""
    lines: list[list[Field]] = []
    for field in fields:
        if lines and not field.wide and len(lines[-1]) < pairs and not lines[-1][0].wide:
            lines[-1].append(field)
        else:
            lines.append([field])
    table = ruled_table(document, len(lines), [label_mm, BLOCK_MM / pairs - label_mm] * pairs)
    for row, line in zip(table.rows, lines, strict=True):
        cells = list(row.cells)
        for i, field in enumerate(line):
            value = cells[2 * i + 1]
            if i == len(line) - 1 and value is not cells[-1]:
                value = value.merge(cells[-1])
            fill(cells[2 * i], field.label, HEAD, CENTRE)
            shade(cells[2 * i])
            fill(value, field.value)
    return table


def list_table(
    document: WordDocument,
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    widths_mm: Sequence[float],
    centred: Sequence[int] = (),
    kind: Type = PLAIN,
) -> Table:
    """A head row, repeated on every page, and rows of words; columns in `centred` are centred."""
    table = ruled_table(document, len(rows) + 1, widths_mm)
    repeat_head(table.rows[0])
    for cell, head in zip(table.rows[0].cells, heads, strict=True):
        fill(cell, head, HEAD, CENTRE)
        shade(cell)
    for row, words in zip(table.rows[1:], rows, strict=True):
        for i, (cell, word) in enumerate(zip(row.cells, words, strict=True)):
            fill(cell, word, kind, CENTRE if i in centred else LEFT)
    return table
