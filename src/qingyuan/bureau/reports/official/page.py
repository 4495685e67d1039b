"""A Word page after GB/T 9704-2012: paper, margins, fonts by name, page numbers. No font is shipped with it."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from typing import Any

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Emu, Mm, Pt
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from qingyuan import clock
from qingyuan.bureau.base.display import units_in

# GB/T 9704-2012, 5.2: A4 210 × 297 mm, top 37 mm, left 28 mm, text block 156 × 225 mm.
PAPER_WIDTH, PAPER_HEIGHT = Mm(210), Mm(297)
TOP, LEFT = Mm(37), Mm(28)
BLOCK_WIDTH, BLOCK_HEIGHT = Mm(156), Mm(225)
TITLE_FONT, BODY_FONT, HEAD_FONT, SUBHEAD_FONT = "方正小标宋简体", "仿宋", "黑体", "楷体"
PAGE_NUMBER_FONT = "宋体"
LATIN_FONT, CODE_FONT = "Times New Roman", "Courier New"
SIZE_2, SIZE_4 = Pt(22), Pt(14)  # 二号, 四号
# 5.2 and 7.5: the page number stands 7 mm below the text block, odd pages right, even pages left, one character in.
FOOTER_DISTANCE = Mm(19)

SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉ₓ", "0123456789x", strict=True))
SUPERSCRIPTS = {"⁶": "6", "⁺": "+"}


def official_document(title: str, made_at: datetime) -> WordDocument:
    """An empty document with the page and the default body font set; its properties carry the given instant."""
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = PAPER_WIDTH, PAPER_HEIGHT
    section.top_margin, section.left_margin = TOP, LEFT
    section.right_margin = Emu(PAPER_WIDTH - LEFT - BLOCK_WIDTH)
    section.bottom_margin = Emu(PAPER_HEIGHT - TOP - BLOCK_HEIGHT)
    section.footer_distance = FOOTER_DISTANCE
    document.settings.odd_and_even_pages_header_footer = True
    _default_font(document)
    about = document.core_properties
    about.title, about.author, about.last_modified_by, about.comments = title, "清源", "清源", ""
    about.language = "zh-CN"
    about.created = about.modified = made_at
    return document


def _default_font(document: WordDocument) -> None:
    style: Any = document.styles["Normal"]
    style.font.size = Pt(12)
    properties = style.element.get_or_add_rPr()
    _name(properties, BODY_FONT, LATIN_FONT)
    language = properties.find(qn("w:lang"))
    if language is None:
        language = OxmlElement("w:lang")
        properties.append(language)
    language.set(qn("w:val"), "en-US")  # Latin words and times break at spaces only
    language.set(qn("w:eastAsia"), "zh-CN")


def _name(properties: Any, east_asian: str, latin: str) -> None:
    fonts = properties.get_or_add_rFonts()
    for key, name in (("ascii", latin), ("hAnsi", latin), ("cs", latin), ("eastAsia", east_asian)):
        fonts.set(qn(f"w:{key}"), name)
    for key in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{key}"), None)


def write(
    paragraph: Paragraph, words: str, size: Pt, font: str = BODY_FONT, latin: str = LATIN_FONT, bold: bool = False
) -> None:
    """Add words to a paragraph in a named font; units as print writes them, Unicode sub- and superscripts real ones."""
    for chunk, script in _scripts(units_in(words)):
        run = paragraph.add_run(chunk)
        _dress(run, size, font, latin, bold)
        if script == "sub":
            run.font.subscript = True
        elif script == "sup":
            run.font.superscript = True


def _dress(run: Run, size: Pt, font: str, latin: str, bold: bool) -> None:
    run.font.size, run.font.bold = size, bold or None
    _name(run._element.get_or_add_rPr(), font, latin)


def _scripts(words: str) -> list[tuple[str, str]]:
    """Runs of equal script: ("PM", ""), ("2.5", "sub")."""
    runs: list[tuple[str, str]] = []
    for i, char in enumerate(words):
        low, high = SUBSCRIPTS.get(char), SUPERSCRIPTS.get(char)
        inside = char == "." and runs and runs[-1][1] == "sub" and words[i + 1 : i + 2] in {*SUBSCRIPTS}
        script = "sub" if low or inside else "sup" if high else ""
        plain = low or high or char
        if runs and runs[-1][1] == script:
            runs[-1] = (runs[-1][0] + plain, script)
        else:
            runs.append((plain, script))
    return runs


def space(paragraph: Paragraph, line: Pt, before: Pt | int = 0, after: Pt | int = 0) -> None:
    """Exact line spacing, so that a page holds the same lines whatever font the machine puts in place."""
    form = paragraph.paragraph_format
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, line
    form.space_before, form.space_after = before, after


def number_pages(document: WordDocument, lines: list[str], size: Pt) -> None:
    """— 1 — in four-size 宋体, odd pages to the right and even ones to the left, and 共 N 页 beside it in small type, a field
    that the reader's program counts; under it the given small lines.
    """
    section = document.sections[0]
    for footer, side in (
        (section.footer, WD_ALIGN_PARAGRAPH.RIGHT),
        (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT),
    ):
        footer.is_linked_to_previous = False
        first = footer.paragraphs[0]
        first.alignment = side
        space(first, Pt(16))
        form = first.paragraph_format
        form.left_indent = form.right_indent = SIZE_4
        _page_number(first)
        write(first, "　共 ", size)
        _field(first, "NUMPAGES", size, BODY_FONT, LATIN_FONT)
        write(first, " 页", size)
        for words in lines:
            small = footer.add_paragraph()
            space(small, Pt(9))
            write(small, words, size, BODY_FONT)


def _page_number(paragraph: Paragraph) -> None:
    write(paragraph, "— ", SIZE_4, PAGE_NUMBER_FONT, PAGE_NUMBER_FONT)
    _field(paragraph, "PAGE", SIZE_4, PAGE_NUMBER_FONT, PAGE_NUMBER_FONT)
    write(paragraph, " —", SIZE_4, PAGE_NUMBER_FONT, PAGE_NUMBER_FONT)


def _field(paragraph: Paragraph, name: str, size: Pt, font: str, latin: str) -> None:
    """A field that Word counts when it lays the page out; 1 stands in it until then."""
    for kind, words in (("begin", ""), ("", name), ("separate", ""), ("text", "1"), ("end", "")):
        run = paragraph.add_run()
        _dress(run, size, font, latin, False)
        if kind == "text":
            run.text = words
            continue
        mark = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark.text = words
        run._element.append(mark)


def packed(document: WordDocument, made_at: datetime) -> bytes:
    """The .docx file. The same document and instant always give the same bytes."""
    loose = io.BytesIO()
    document.save(loose)
    out = io.BytesIO()
    stamp = clock.beijing(made_at).timetuple()[:6]
    with zipfile.ZipFile(loose) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, stamp)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, source.read(name))
    return out.getvalue()
